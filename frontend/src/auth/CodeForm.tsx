import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState, type SyntheticEvent } from "react";

import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";

import type { CodeWanted } from "./auth";
import { CODE_LENGTH, CodeField } from "./CodeField";
import { explain } from "./provider";

/** The second step of a direct sign-in, for those who use an authenticator app. */
export function CodeForm({ wanted, onBack }: { wanted: CodeWanted; onBack: () => void }) {
  const [code, setCode] = useState("");
  const answering = useMutation({ mutationFn: () => wanted.answer(code).catch(explain) });
  const form = useRef<HTMLFormElement>(null);
  // The button that led here is gone, and the focus with it.
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!answering.isPending && code.length === CODE_LENGTH) answering.mutate();
  };
  return (
    <form ref={form} className="space-y-4" onSubmit={submit} aria-label="Authenticator app">
      <p>The password fits. Now the six digits that your authenticator app shows for Legwise.</p>
      {answering.isError && <Problem error={answering.error} />}
      <CodeField value={code} onChange={setCode} hint="It changes every 30 seconds." />
      <Button type="submit" className="w-full" busy={answering.isPending} aria-disabled={code.length < CODE_LENGTH}>
        Sign in
      </Button>
      <Button variant="secondary" className="w-full" onClick={onBack}>
        Back to the password
      </Button>
    </form>
  );
}
