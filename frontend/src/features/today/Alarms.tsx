import { Link } from "@tanstack/react-router";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { memo, useState } from "react";

import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

import type { Alarm } from "./alarm_rules";

const SHOWN = 6;

/** What a person must look at, each with what to do. There also without any: new ones are then read out. */
export const Alarms = memo(function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? alarms : alarms.slice(0, SHOWN);
  return (
    <section aria-label="Alarms" className={alarms.length === 0 ? "sr-only" : "space-y-2"}>
      <p role="status" className="sr-only">
        {alarms.length === 0 ? "No alarms" : alarms.length === 1 ? "1 alarm" : `${alarms.length} alarms`}
      </p>
      <ul className="space-y-2">
        {shown.map((alarm) => (
          <Shown key={alarm.key} alarm={alarm} />
        ))}
      </ul>
      {alarms.length > SHOWN && (
        <Button variant="secondary" size="small" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer alarms" : `Show all ${alarms.length} alarms`}
        </Button>
      )}
    </section>
  );
});

function Shown({ alarm: { tone, title, reason, advice, to } }: { alarm: Alarm }) {
  const Icon = tone === "negative" ? CircleAlert : TriangleAlert;
  return (
    <li className={cn("flex gap-2.5 rounded-md px-3 py-2.5", tone === "negative" ? "bg-negative-soft text-negative" : "bg-warning-soft text-warning")}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 space-y-0.5 wrap-break-word">
        <p className="font-semibold">{title}</p>
        <p>{reason}</p>
        <p className="text-foreground">
          {advice}{" "}
          {to && (
            <Link to={to} className="rounded text-primary-text underline underline-offset-2">
              Go to Brokers
            </Link>
          )}
        </p>
      </div>
    </li>
  );
}
