import { CircleCheck, TriangleAlert } from "lucide-react";

import { Money } from "@/components/Money";
import { Problem } from "@/components/States";
import { integer } from "@/lib/format";

import type { useTest } from "./queries";

/** What the broker said when it was asked just now. */
export function TestFindings({ test }: { test: ReturnType<typeof useTest> }) {
  return (
    <div role="status" className="empty:hidden">
      {test.isPending && <p className="text-muted-foreground">The broker is being asked…</p>}
      {test.isError && <Problem error={test.error} />}
      {test.isSuccess && <Found found={test.data} />}
    </div>
  );
}

function Found({ found }: { found: NonNullable<ReturnType<typeof useTest>["data"]> }) {
  const fits = found.problems.length === 0;
  return (
    <div className="space-y-2 rounded-md bg-muted px-3 py-2.5">
      <p className={fits ? "flex gap-2 font-medium text-positive" : "flex gap-2 font-medium text-warning"}>
        {fits ? <CircleCheck className="mt-0.5 size-4 shrink-0" aria-hidden /> : <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />}
        {fits ? "The broker answers, and the account fits." : "The broker answers, but something does not fit:"}
      </p>
      {found.problems.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted-foreground">Client</dt>
        <dd className="wrap-break-word">
          {found.name} ({found.client_id})
        </dd>
        <dt className="text-muted-foreground">Available</dt>
        <dd>
          <Money value={found.available} />
        </dd>
        <dt className="text-muted-foreground">Used</dt>
        <dd>
          <Money value={found.used} />
        </dd>
        <dt className="text-muted-foreground">Took</dt>
        <dd>{integer(found.milliseconds)} ms</dd>
      </dl>
    </div>
  );
}
