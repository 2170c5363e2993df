import { useId, type ReactNode } from "react";

import { Label } from "./label";

export type FieldParts = { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined };

/** A labelled field with a hint and an error, tied to it for those who do not see them. */
export function Field({
  label,
  hint,
  error,
  optional = false,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  children: (parts: FieldParts) => ReactNode;
}) {
  const id = useId();
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="space-y-1.5">
      <Label htmlFor={id}>
        {label}
        {optional && <span className="ml-1 font-normal text-muted-foreground">(optional)</span>}
      </Label>
      {children({ id, "aria-describedby": told || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted-foreground">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs font-medium text-negative">
          {error}
        </p>
      )}
    </div>
  );
}
