import { useState, type SyntheticEvent } from "react";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

import { PRESETS, problemsOf, type Range } from "./ranges";

type Props = { range: Range; today: string; onChosen: (range: Range) => void };

/** The days to be told: one of the usual ranges, or one's own. */
export function RangePicker({ range, today, onChosen }: Props) {
  return (
    <section aria-label="Days" className="flex flex-wrap items-end gap-x-6 gap-y-3">
      <div className="flex flex-wrap gap-2" role="group" aria-label="Usual ranges">
        {PRESETS.map(({ key, label, range: of }) => {
          const one = of(today);
          const chosen = one.from === range.from && one.to === range.to;
          return (
            <Button key={key} size="small" variant={chosen ? "primary" : "secondary"} aria-pressed={chosen} onClick={() => onChosen(one)}>
              {label}
            </Button>
          );
        })}
      </div>
      {/* A range that comes from elsewhere replaces what is typed. */}
      <OwnRange key={`${range.from} ${range.to}`} range={range} today={today} onChosen={onChosen} />
    </section>
  );
}

function OwnRange({ range, today, onChosen }: Props) {
  const [typed, setTyped] = useState(range);
  const [asked, setAsked] = useState(false);
  const problems = asked ? problemsOf(typed, today) : {};
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setAsked(true);
    if (Object.keys(problemsOf(typed, today)).length === 0) onChosen(typed);
  };
  return (
    <form noValidate className="flex flex-wrap items-start gap-2" aria-label="Your own range" onSubmit={submit}>
      <Field label="From (IST)" error={problems.from}>
        {(parts) => <Input {...parts} type="date" max={today} value={typed.from} onChange={(event) => setTyped({ ...typed, from: event.target.value })} />}
      </Field>
      <Field label="To (IST)" error={problems.to}>
        {(parts) => <Input {...parts} type="date" max={today} value={typed.to} onChange={(event) => setTyped({ ...typed, to: event.target.value })} />}
      </Field>
      <Button type="submit" variant="secondary" className="sm:mt-6.5">
        Show
      </Button>
    </form>
  );
}
