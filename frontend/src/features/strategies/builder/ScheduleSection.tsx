import { Plus, X } from "lucide-react";

import { Button } from "@/components/ui/button";

import { WEEKDAYS, type Schedule, type Weekday } from "../model";
import { DAY_NAMES } from "../words";
import { ChoiceCell, Finding } from "./Cell";
import { SchedulePreview } from "./SchedulePreview";
import { Section } from "./Section";
import { Tick } from "./Tick";
import { TimeCell } from "./TimeCell";
import type { Editor } from "./useDraft";
import type { Previewed } from "./usePreview";

export function ScheduleSection({ editor, previewed }: { editor: Editor; previewed: Previewed }) {
  const { schedule } = editor.definition;
  const change = (part: Partial<Schedule>) => editor.change({ schedule: { ...schedule, ...part } });
  const toggle = (day: Weekday, chosen: boolean) =>
    change({
      weekdays: WEEKDAYS.filter((one) => (one === day ? chosen : schedule.weekdays.includes(one))),
      // Other times of a day that is not traded would be refused.
      days: chosen ? schedule.days : schedule.days.filter(({ weekday }) => weekday !== day),
    });
  return (
    <Section title="Schedule" told="Times are IST. It does not enter on a day whose session ends before its exit.">
      <fieldset>
        <legend className="text-xs font-medium text-muted-foreground">Weekdays</legend>
        <div className="flex flex-wrap gap-x-5">
          {WEEKDAYS.map((day) => (
            <Tick key={day} name={DAY_NAMES[day]} checked={schedule.weekdays.includes(day)} onChange={(chosen) => toggle(day, chosen)}>
              {DAY_NAMES[day].slice(0, 3)}
            </Tick>
          ))}
        </div>
        <Finding path="schedule.weekdays" />
      </fieldset>
      <div className="flex flex-wrap gap-3">
        <TimeCell label="Entry, IST" path="schedule.entry" className="w-28" value={schedule.entry} onChange={(entry) => change({ entry })} />
        <TimeCell label="Exit, IST" path="schedule.exit" className="w-28" value={schedule.exit} onChange={(exit) => change({ exit })} />
      </div>
      <Tick checked={schedule.special_sessions} onChange={(special_sessions) => change({ special_sessions })}>
        Also special sessions, like a Sunday&apos;s, at these times
      </Tick>
      <OtherTimes schedule={schedule} onChange={(days) => change({ days })} />
      <SchedulePreview schedule={schedule} previewed={previewed} />
    </Section>
  );
}

function OtherTimes({ schedule, onChange }: { schedule: Schedule; onChange: (days: Schedule["days"]) => void }) {
  const { days, weekdays, entry, exit } = schedule;
  const used = days.map(({ weekday }) => weekday);
  const [free] = weekdays.filter((day) => !used.includes(day));
  return (
    <div className="space-y-2">
      {days.map((times, index) => {
        const path = `schedule.days[${index + 1}]`;
        const replace = (part: Partial<typeof times>) => onChange(days.with(index, { ...times, ...part }));
        const open = WEEKDAYS.filter((day) => day === times.weekday || (weekdays.includes(day) && !used.includes(day)));
        return (
          <div key={index} className="flex flex-wrap items-end gap-2">
            <ChoiceCell label="Other times on" path={`${path}.weekday`} className="w-36" value={times.weekday} choices={open.map((day) => [day, DAY_NAMES[day]] as const)} onChange={(weekday) => replace({ weekday })} />
            <TimeCell label="Entry, IST" path={`${path}.entry`} className="w-28" value={times.entry} onChange={(text) => replace({ entry: text })} />
            <TimeCell label="Exit, IST" path={`${path}.exit`} className="w-28" value={times.exit} onChange={(text) => replace({ exit: text })} />
            <Button variant="ghost" size="icon" aria-label={`Take the other times on ${DAY_NAMES[times.weekday]} away`} onClick={() => onChange(days.toSpliced(index, 1))}>
              <X aria-hidden />
            </Button>
          </div>
        );
      })}
      {free && (
        <Button variant="secondary" size="small" onClick={() => onChange([...days, { weekday: free, entry, exit }])}>
          <Plus aria-hidden />
          Other times on one weekday
        </Button>
      )}
    </div>
  );
}
