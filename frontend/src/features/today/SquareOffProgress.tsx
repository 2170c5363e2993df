import { useQuery } from "@tanstack/react-query";
import { CircleCheck, LoaderCircle, X } from "lucide-react";

import { useApi } from "@/api/client";
import { StatusBadge } from "@/components/StatusBadge";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader } from "@/components/ui/card";
import { integer } from "@/lib/format";

import { keyOf, scopeWords, type Names, type Scope } from "./scopes";
import { isClosed, type SquareOff } from "./shapes";
import { isDone, progressQuery, useUnwatch, useWatched } from "./stops";

type Props = { names: Names; onAgain: (scope: Scope) => void };

/** How far each closing is that was begun here, until everything in it is closed. */
export function SquareOffs(props: Props) {
  const watched = useWatched();
  return watched.map((scope) => <Progress key={keyOf(scope)} scope={scope} {...props} />);
}

function Progress({ scope, names, onAgain }: Props & { scope: Scope }) {
  const api = useApi();
  const unwatch = useUnwatch();
  const { data, error, isError } = useQuery(progressQuery(api, scope));
  const words = scopeWords(scope, names);
  const done = data !== undefined && isDone(data);
  const Icon = done ? CircleCheck : LoaderCircle;
  return (
    <Card aria-label={`Square-off of ${words}`}>
      <CardHeader>
        <p role="status" className="flex min-w-0 items-center gap-2 font-semibold">
          <Icon className={done ? "size-4.5 shrink-0 text-positive" : "size-4.5 shrink-0 animate-spin"} aria-hidden />
          <span className="min-w-0 wrap-break-word">{done ? `Squared off: ${words}. Nothing of it is open.` : `Squaring off ${words}…`}</span>
        </p>
        <span className="flex gap-2">
          {!done && (
            <Button variant="secondary" size="small" onClick={() => onAgain(scope)}>
              Ask again
            </Button>
          )}
          <Button variant="ghost" size="icon" aria-label={`Close the square-off of ${words}`} onClick={() => unwatch(scope)}>
            <X aria-hidden />
          </Button>
        </span>
      </CardHeader>
      {isError && (
        <CardContent>
          <Problem error={error} />
        </CardContent>
      )}
      {data && !done && (
        <CardContent className="space-y-3">
          <ul className="space-y-2">
            {data.runs
              .filter((run) => !isClosed(run))
              .map((run) => (
                <Left key={run.run_id} run={run} />
              ))}
          </ul>
          <p className="text-muted-foreground">
            A run that stays incomplete or unresolved for minutes names what is in the way. Mend that and ask again: nothing is closed twice. What cannot be mended is closed by
            hand at the broker.
          </p>
        </CardContent>
      )}
    </Card>
  );
}

function Left({ run }: { run: SquareOff["runs"][number] }) {
  return (
    <li className="wrap-break-word">
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{run.name}</span>
        <StatusBadge of="run" status={run.status} />
        <span className="tabular-nums">
          Open positions: {integer(run.open_positions)}. Entries pending: {integer(run.entries_pending)}. Closing orders: {integer(run.exits_filled)} filled, {integer(run.exits_pending)}{" "}
          pending, {integer(run.exits_failed)} failed
        </span>
      </span>
      {run.reason && <span className="block">{run.reason}</span>}
    </li>
  );
}
