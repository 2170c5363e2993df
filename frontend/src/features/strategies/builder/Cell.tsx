import { createContext, use, useId, type ReactNode } from "react";

import type { FieldParts } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { cn } from "@/lib/cn";

import { findingId, useFinding, useFindingNames } from "./findings";

type CellProps = {
  label: string;
  /** Its path in the problems of the API: `legs[1].strike.premium`. */
  path: string;
  className?: string | undefined;
};

/** Within a row its cells stand below heads that are seen, and what was said of them stands once below the row. */
export const InARow = createContext(false);

/** A small labelled field of the builder, with what the API said of it. */
export function Cell({ label, path, className, wrong, children }: CellProps & { /** What the page itself finds wrong. */ wrong?: string | undefined; children: (parts: FieldParts) => ReactNode }) {
  const inARow = use(InARow);
  const id = useId();
  const names = useFindingNames(path);
  const error = useFinding(path) ?? wrong;
  const described = inARow ? names.map(findingId).join(" ") : `${id}-error`;
  return (
    <div className={cn("min-w-0 space-y-1", className)}>
      <label htmlFor={id} className={cn("block text-xs font-medium whitespace-nowrap text-muted-foreground", inARow && "@4xl:sr-only")}>
        {label}
      </label>
      {children({ id, "aria-describedby": error ? described : undefined, "aria-invalid": error ? true : undefined })}
      {error && !inARow && (
        <p id={`${id}-error`} className="text-xs font-medium text-negative wrap-break-word">
          {error}
        </p>
      )}
    </div>
  );
}

/** A number or a text, kept as it is typed: the API says what is wrong with it. */
export function TextCell({ value, onChange, number = false, ...rest }: CellProps & { value: string | number; onChange: (text: string) => void; number?: boolean }) {
  return (
    <Cell {...rest}>
      {(parts) => (
        <Input
          {...parts}
          inputMode={number ? "decimal" : undefined}
          className={number ? "px-2 text-right tabular-nums" : undefined}
          autoComplete="off"
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Cell>
  );
}

type ChoiceProps<Value extends string> = CellProps & {
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
  /** What the focus finds it by. */
  control?: string;
};

export function ChoiceCell<Value extends string>({ value, choices, onChange, control, ...rest }: ChoiceProps<Value>) {
  const inARow = use(InARow);
  return (
    <Cell {...rest}>
      {(parts) => (
        <NativeSelect {...parts} data-control={control} className={cn("text-ellipsis", inARow && "@2xl:pr-7 @2xl:pl-2")} value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {choices.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </NativeSelect>
      )}
    </Cell>
  );
}

/** What the API said of something that is no single field. */
export function Finding({ path }: { path: string }) {
  const error = useFinding(path);
  return (
    <p role="status" className="text-xs font-medium text-negative wrap-break-word empty:hidden">
      {error}
    </p>
  );
}
