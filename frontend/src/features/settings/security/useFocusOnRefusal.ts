import { useEffect, type RefObject } from "react";

/** The first refused field gets the focus as soon as there is a new reason: its error is read out, and in sight. */
export function useFocusOnRefusal(form: RefObject<HTMLFormElement | null>, reason: unknown): void {
  useEffect(() => {
    if (reason) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form, reason]);
}
