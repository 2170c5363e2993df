import { useId, useRef, useState, type SyntheticEvent } from "react";

import { useSession } from "@/auth/auth";
import { WrongPassword } from "@/auth/own_account";
import { PoolRefused } from "@/auth/pool";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toasts";
import type { Identity } from "@/lib/config";

import { LONGEST_PASSWORD, rulesOf } from "./password_rules";
import { PasswordField } from "./PasswordField";
import { useChangePassword, useOwnAccount } from "./queries";
import { RuleList } from "./RuleList";
import { useFocusOnRefusal } from "./useFocusOnRefusal";

const NOTHING = { before: "", next: "", again: "" };

/** Another password, by the rules of the pool. */
export function PasswordCard({ identity }: { identity: Identity }) {
  const session = useSession();
  const changing = useChangePassword(useOwnAccount(identity));
  const [typed, setTyped] = useState(NOTHING);
  const [tries, setTries] = useState(0);
  const rulesId = useId();
  const rules = rulesOf(identity.password_policy);
  const misfits = problemsOf(typed, rules.every(({ met }) => met(typed.next)));
  const wrong = tries > 0 ? misfits : {};
  const refused = changing.error;
  const ofNext = refused instanceof PoolRefused && refused.code === "InvalidPasswordException";
  const form = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(form, tries);
  useFocusOnRefusal(form, refused);
  const type = (change: Partial<typeof NOTHING>) => {
    setTyped({ ...typed, ...change });
    changing.reset();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (changing.isPending || Object.keys(misfits).length > 0) return;
    const onSuccess = () => {
      setTyped(NOTHING);
      setTries(0);
      toast.done("The password is changed.", "Who is signed in elsewhere with the old one stays so until that sign-in ends.");
    };
    changing.mutate(typed, { onSuccess });
  };
  return (
    <Card aria-label="Password">
      <CardHeader>
        <CardTitle>Password</CardTitle>
      </CardHeader>
      <CardContent>
        <form ref={form} noValidate className="max-w-md space-y-4" onSubmit={submit} aria-label="Change the password">
          {/* Tells a password manager whose password it is. */}
          <input type="email" autoComplete="username" readOnly hidden value={session.status === "signed-in" ? session.who : ""} />
          <PasswordField
            label="Current password"
            autoComplete="current-password"
            value={typed.before}
            error={wrong.before ?? (refused instanceof WrongPassword ? refused.message : undefined)}
            onChange={(before) => type({ before })}
          />
          <PasswordField
            label="New password"
            autoComplete="new-password"
            value={typed.next}
            describedBy={rulesId}
            error={wrong.next ?? (ofNext ? refused.message : undefined)}
            onChange={(next) => type({ next })}
          />
          <RuleList id={rulesId} rules={rules} password={typed.next} />
          <PasswordField label="New password again" autoComplete="new-password" value={typed.again} error={wrong.again} onChange={(again) => type({ again })} />
          {refused && !ofNext && !(refused instanceof WrongPassword) && <Problem error={refused} />}
          <Button type="submit" busy={changing.isPending}>
            Change the password
          </Button>
        </form>
      </CardContent>
    </Card>
  );
}

function problemsOf({ before, next, again }: typeof NOTHING, fits: boolean): Partial<typeof NOTHING> {
  return {
    ...(before === "" && { before: "Enter your current password." }),
    ...(!fits && { next: "It needs all of what is listed below." }),
    ...(next.length > LONGEST_PASSWORD && { next: `At most ${LONGEST_PASSWORD} characters are taken.` }),
    ...(next !== again && { again: "The two are not the same." }),
  };
}
