import { TriangleAlert } from "lucide-react";

import { Button } from "@/components/ui/button";
import { HeadCell, Table, TableBody, TableCell, TableHead, TableRow } from "@/components/ui/table";

import { FIELDS, type Difference } from "./limits";

type Props = {
  version: number;
  found: readonly Difference[];
  busy: boolean;
  labelOf: (account_id: string) => string;
  onTakeStored: () => void;
  onSaveMine: () => void;
};

/** Another version was stored while this one was typed: both are shown, and nothing is lost before one has chosen. */
export function ChangedElsewhere({ version, found, busy, labelOf, onTakeStored, onSaveMine }: Props) {
  return (
    <section role="alert" aria-label="Changed elsewhere" className="space-y-3 rounded-lg border bg-warning-soft p-4">
      <p className="flex gap-2 font-medium text-warning">
        <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        The limits were changed elsewhere while you typed: version {version} is stored now. What you typed is kept here and not stored.
      </p>
      {found.length === 0 ? (
        <p>What is stored now is what you typed.</p>
      ) : (
        <Table label="What differs">
          <TableHead>
            <tr>
              <HeadCell>Limit</HeadCell>
              <HeadCell number>Stored now</HeadCell>
              <HeadCell number>Yours</HeadCell>
            </tr>
          </TableHead>
          <TableBody>
            {found.map(({ place, name, stored, mine }) => (
              <TableRow key={`${place} ${name ?? ""}`}>
                <TableCell>
                  {place === "user" ? "All accounts" : labelOf(place.replace(/^accounts\./, ""))}
                  {name && `: ${FIELDS[name].label}`}
                </TableCell>
                <TableCell number>{stored}</TableCell>
                <TableCell number>{mine}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
      <div className="flex flex-wrap gap-2">
        <Button variant="secondary" onClick={onTakeStored}>
          Take what is stored
        </Button>
        {found.length > 0 && (
          <Button busy={busy} onClick={onSaveMine}>
            Save mine in its place
          </Button>
        )}
      </div>
    </section>
  );
}
