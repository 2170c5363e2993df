import type { OwnAccount } from "@/auth/own_account";
import { Problem } from "@/components/States";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { toast } from "@/components/ui/toasts";

import { useSetSecondFactor } from "./queries";

/** Asks before the password alone is enough again. */
export function TurnOffDialog({ open, account, onClose }: { open: boolean; account: OwnAccount; onClose: () => void }) {
  const setting = useSetSecondFactor(account);
  const close = () => {
    setting.reset();
    onClose();
  };
  const turnOff = () =>
    setting.mutate(false, {
      onSuccess: () => {
        toast.done("The authenticator app is off.", "The password alone signs in now.");
        close();
      },
    });
  return (
    <AlertDialog open={open} onClose={close} title="Turn off the authenticator app?" action="Turn off the authenticator app" busy={setting.isPending} onAction={turnOff}>
      <p>From the next sign-in on, your password alone is enough to trade in your linked accounts.</p>
      <p>The entry in your app is of no use after that: remove it there. Setting up again makes a new key.</p>
      {setting.isError && <Problem error={setting.error} />}
    </AlertDialog>
  );
}
