import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from "lucide-react";

import { cn } from "@/lib/cn";

import type { Preview } from "../model";

/** What keeps it from being saved. Before anything was typed it is not wrong, only missing. */
export function Problems({ lines, untouched }: { lines: readonly string[]; untouched: boolean }) {
  return untouched ? (
    <Lines icon={Info} title="Still missing" lines={lines} className="bg-info-soft text-info" />
  ) : (
    <Lines icon={CircleAlert} title="It cannot be saved as it is" lines={lines} className="bg-negative-soft text-negative" />
  );
}

/** What keeps it from being saved, what rounding did, and what is worth knowing. */
export function Findings({ preview: { problems, rounding, at_market, no_market }, untouched }: { preview: Preview; untouched: boolean }) {
  return (
    <section aria-label="Findings" className="space-y-2">
      {problems.length > 0 ? (
        <Problems lines={problems} untouched={untouched} />
      ) : (
        <Lines icon={CircleCheck} title="It can be saved" lines={[]} className="bg-positive-soft text-positive" />
      )}
      {at_market && at_market.warnings.length > 0 && <Lines icon={TriangleAlert} title="Warnings" lines={at_market.warnings} className="bg-warning-soft text-warning" />}
      {no_market !== null && <Lines icon={TriangleAlert} title="No prices" lines={[no_market]} className="bg-warning-soft text-warning" />}
      {rounding.length > 0 && <Lines icon={Info} title="Rounding to whole lots" lines={rounding} className="bg-info-soft text-info" />}
    </section>
  );
}

function Lines({ icon: Icon, title, lines, className }: { icon: LucideIcon; title: string; lines: readonly string[]; className: string }) {
  return (
    <div className={cn("flex gap-2.5 rounded-md px-3 py-2", className)}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        {lines.length > 0 && (
          <ul className="wrap-break-word">
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
