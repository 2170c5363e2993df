import { useState, type SyntheticEvent } from "react";

import type { Account, Broker } from "@/api/types";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toasts";

import { guideOf } from "./guides";
import { useFinishLogin } from "./queries";

type Props = {
  open: boolean;
  onClose: () => void;
  account: Pick<Account, "account_id" | "broker" | "label">;
  broker: Broker | undefined;
  /** After a login; without it `onClose` is called. */
  onDone?: () => void;
};

/** The login at a broker that has no page for it. */
export function LoginDialog({ open, onClose, account, broker, onDone = onClose }: Props) {
  return (
    <Dialog open={open} onClose={onClose} title={`Log in ${account.label}`} description={guideOf(account.broker).login}>
      <LoginForm account={account} broker={broker} onClose={onClose} onDone={onDone} />
    </Dialog>
  );
}

function LoginForm({ account, broker, onClose, onDone }: Required<Omit<Props, "open">>) {
  const finish = useFinishLogin();
  const [code, setCode] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (finish.isPending) return;
    const answer: Record<string, string> = code ? { totp: code } : {};
    const onSuccess = () => {
      toast.done(`${account.label} is logged in.`);
      onDone();
    };
    finish.mutate({ account_id: account.account_id, answer }, { onSuccess });
  };
  return (
    <form className="space-y-4" onSubmit={submit}>
      {broker?.typed_code && (
        <Field label="One-time password" optional hint="Six digits, if you want to type one. Otherwise it is made from the stored TOTP secret.">
          {(parts) => (
            <Input {...parts} inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]{6}" maxLength={6} value={code} onChange={(event) => setCode(event.target.value)} />
          )}
        </Field>
      )}
      {finish.isError && <Problem error={finish.error} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" busy={finish.isPending}>
          Log in
        </Button>
      </DialogFooter>
    </form>
  );
}
