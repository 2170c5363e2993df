import { useSession } from "@/auth/auth";
import { useConfig } from "@/app/config";
import type { OwnAccount } from "@/auth/own_account";
import { ErrorState, Loading } from "@/components/States";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";

import { otpauthOf } from "./otpauth";
import type { useNewKey } from "./queries";
import { SetUpForm } from "./SetUpForm";

type Props = { open: boolean; account: OwnAccount; newKey: ReturnType<typeof useNewKey>; onClose: () => void };

/** A new key, and the proof that an app has it. Nothing is on before that. */
export function SetUpDialog({ open, account, newKey, onClose }: Props) {
  const session = useSession();
  const { environment } = useConfig();
  const who = session.status === "signed-in" ? session.who : "";
  return (
    <Dialog open={open} onClose={onClose} title="Set up an authenticator app" description="Nothing changes before you enter a code that fits.">
      {newKey.isError ? (
        <ErrorState title="No key could be had" error={newKey.error} onRetry={() => newKey.mutate()} />
      ) : newKey.data === undefined ? (
        <Loading label="A new key is made">
          <Skeleton className="h-80" />
        </Loading>
      ) : (
        <SetUpForm account={account} secret={newKey.data} address={otpauthOf({ key: newKey.data, who, environment })} onDone={onClose} />
      )}
    </Dialog>
  );
}
