import { lazy, Suspense, useRef, useState, type SyntheticEvent } from "react";

import { CODE_LENGTH, CodeField } from "@/auth/CodeField";
import type { OwnAccount } from "@/auth/own_account";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toasts";

import { useConfirmKey, useSetSecondFactor } from "./queries";
import { SetUpKey } from "./SetUpKey";
import { useFocusOnRefusal } from "./useFocusOnRefusal";

// Where its code cannot be loaded, the key in text does the same.
const QrCode = lazy(() => import("./QrCode").then((module) => ({ default: module.QrCode }), () => ({ default: NoQrCode })));

type Props = { account: OwnAccount; secret: string; address: string; onDone: () => void };

/** Two calls: the pool takes the key, then asks for its codes. The first is not made again when only the second failed. */
export function SetUpForm({ account, secret, address, onDone }: Props) {
  const [code, setCode] = useState("");
  const confirming = useConfirmKey(account);
  const turningOn = useSetSecondFactor(account);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(form, confirming.error);
  const busy = confirming.isPending || turningOn.isPending;
  const turnOn = () =>
    turningOn.mutate(true, {
      onSuccess: () => {
        toast.done("The authenticator app is on.", "The next sign-in asks for its code.");
        onDone();
      },
    });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy) return;
    if (confirming.isSuccess) turnOn();
    else if (code.length === CODE_LENGTH) confirming.mutate(code, { onSuccess: turnOn });
  };
  return (
    <form ref={form} className="space-y-4" onSubmit={submit} aria-label="Set up an authenticator app" noValidate>
      <ol className="list-decimal space-y-4 pl-5">
        <li className="space-y-3">
          <p>Scan this with an authenticator app, or type the key in by hand.</p>
          <Suspense fallback={<Skeleton className="size-48" />}>
            <QrCode text={address} />
          </Suspense>
          <SetUpKey secret={secret} />
          <p>
            <a className="text-primary-text underline underline-offset-2 hover:no-underline" href={address}>
              Open in an app on this device
            </a>
          </p>
          <p className="text-muted-foreground">
            There are no recovery codes. Keep the key in a safe place: without app and key, only whoever runs this deployment can let you in again.
          </p>
        </li>
        <li className="space-y-3">
          <p>Enter the six digits that the app shows now.</p>
          <CodeField value={code} onChange={setCode} error={confirming.error?.message} />
        </li>
      </ol>
      {turningOn.isError && <Problem error={turningOn.error} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" busy={busy} aria-disabled={!confirming.isSuccess && code.length < CODE_LENGTH}>
          Turn on
        </Button>
      </DialogFooter>
    </form>
  );
}

function NoQrCode() {
  return <p className="text-muted-foreground">The QR code could not be loaded. Type the key in by hand.</p>;
}
