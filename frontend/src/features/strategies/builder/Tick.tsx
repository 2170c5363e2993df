import { useId, type ReactNode } from "react";

import { Checkbox } from "@/components/ui/checkbox";
import { Label } from "@/components/ui/label";

type Props = { checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean; /** Its whole name, where its words are short for it. */ name?: string; children: ReactNode };

/** A checkbox with its words beside it. */
export function Tick({ checked, onChange, disabled = false, name, children }: Props) {
  const id = useId();
  return (
    <span className="flex items-center gap-2.5 py-1">
      <Checkbox id={id} aria-label={name} checked={checked} disabled={disabled} onCheckedChange={(to) => onChange(to === true)} />
      <Label htmlFor={id} className="font-normal">
        {children}
      </Label>
    </span>
  );
}
