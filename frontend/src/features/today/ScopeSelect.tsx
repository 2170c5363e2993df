import type { FieldParts } from "@/components/ui/field";
import { NativeSelect } from "@/components/ui/native-select";

import { keyOf, type Names } from "./scopes";

type Chosen<Kind extends string> = { kind: Kind; id: string | null };
type Group<Kind extends string> = { label: string; scopes: readonly (Chosen<Kind> & { name: string })[] };

/** A choice among everything, accounts, strategies and, where they are given, runs. */
export function ScopeSelect<Kind extends string>({
  parts,
  scope,
  everything,
  groups,
  onChosen,
}: {
  parts: FieldParts;
  scope: Chosen<Kind>;
  everything: Chosen<Kind>;
  groups: readonly Group<Kind>[];
  onChosen: (scope: Chosen<Kind>) => void;
}) {
  const all = [everything, ...groups.flatMap(({ scopes }) => scopes)];
  const choose = (key: string) => {
    const found = all.find((one) => keyOf(one) === key);
    if (found) onChosen({ kind: found.kind, id: found.id });
  };
  return (
    <NativeSelect {...parts} value={keyOf(scope)} onChange={(event) => choose(event.target.value)}>
      <option value={keyOf(everything)}>Everything of yours</option>
      {groups.map(({ label, scopes }) => scopes.length > 0 && (
        <optgroup key={label} label={label}>
          {scopes.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {one.name}
            </option>
          ))}
        </optgroup>
      ))}
    </NativeSelect>
  );
}

export const accountGroup = ({ accounts }: Names) => ({ label: "One account", scopes: [...accounts].map(([id, name]) => ({ kind: "account" as const, id, name })) });
export const strategyGroup = ({ strategies }: Names) => ({ label: "One strategy", scopes: [...strategies].map(([id, name]) => ({ kind: "strategy" as const, id, name })) });
