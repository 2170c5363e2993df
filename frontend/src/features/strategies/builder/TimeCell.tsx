import { useState } from "react";

import { Input } from "@/components/ui/input";

import { Cell } from "./Cell";

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** `9:20`, `9.20`, `0920` and `920` as `09:20`; what is no time stays as it was typed. */
export function timeOf(text: string): string {
  const [, hours = "", minutes = ""] = /^(\d{1,2})[:.\s]?(\d{2})$/.exec(text.trim()) ?? [];
  const time = `${hours.padStart(2, "0")}:${minutes}`;
  return TIME.test(time) ? time : text.trim();
}

type Props = { label: string; path: string; className?: string; value: string; onChange: (text: string) => void };

/** A time of day on a 24-hour clock, whatever the browser's country writes: the browser's own field may ask for AM and PM. */
export function TimeCell({ value, onChange, ...rest }: Props) {
  const [typing, setTyping] = useState(false);
  const wrong = !typing && !TIME.test(value) ? "Write it on 24 hours, like 09:20 or 15:15." : undefined;
  return (
    <Cell {...rest} wrong={wrong}>
      {(parts) => (
        <Input
          {...parts}
          className="tabular-nums"
          inputMode="numeric"
          autoComplete="off"
          placeholder="HH:MM"
          pattern="([01][0-9]|2[0-3]):[0-5][0-9]"
          maxLength={5}
          value={value}
          onFocus={() => setTyping(true)}
          onChange={(event) => onChange(event.target.value)}
          onBlur={() => {
            setTyping(false);
            if (timeOf(value) !== value) onChange(timeOf(value));
          }}
        />
      )}
    </Cell>
  );
}
