import { useState, type SyntheticEvent } from "react";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

export type Credentials = { username: string; password: string };

type Props = { busy: boolean; demo: Credentials | null; onSubmit: (credentials: Credentials) => void };

/** The first step of a direct sign-in, and the user that a laptop offers. */
export function PasswordForm({ busy, demo, onSubmit }: Props) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!busy) onSubmit({ username, password });
  };
  return (
    <form className="space-y-4" onSubmit={submit} aria-label="Sign in">
      <Field label="E-mail">
        {(parts) => (
          <Input {...parts} type="email" autoComplete="username" required value={username} onChange={(event) => setUsername(event.target.value)} />
        )}
      </Field>
      <Field label="Password">
        {(parts) => (
          <Input {...parts} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        )}
      </Field>
      <Button type="submit" className="w-full" busy={busy}>
        Sign in
      </Button>
      {demo && (
        <Button variant="secondary" className="w-full" busy={busy} onClick={() => onSubmit(demo)}>
          Sign in as the demo user
        </Button>
      )}
      <p className="text-xs text-muted-foreground">
        This machine sends no e-mail, so an account cannot be made here, nor a forgotten password replaced: <code>make up</code> makes the demo user.
      </p>
    </form>
  );
}
