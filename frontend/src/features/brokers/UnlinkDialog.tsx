import type { Account } from "@/api/types";
import { problemFrom } from "@/api/problem";
import { Problem } from "@/components/States";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { toast } from "@/components/ui/toasts";

import { useUnlink } from "./queries";

/** Asks before the keys of an account are destroyed; a second time where strategies trade through it. */
export function UnlinkDialog({ open, onClose, account }: { open: boolean; onClose: () => void; account: Account }) {
  const unlink = useUnlink();
  const force = unlink.isError && problemFrom(unlink.error).forceHelps;
  const close = () => {
    unlink.reset();
    onClose();
  };
  const act = () => {
    const onSuccess = () => {
      toast.done(`${account.label} is unlinked.`);
      onClose();
    };
    unlink.mutate({ account_id: account.account_id, force }, { onSuccess });
  };
  return (
    <AlertDialog
      open={open}
      onClose={close}
      title={`Unlink ${account.label}?`}
      action={force ? "Unlink anyway" : `Unlink ${account.label}`}
      onAction={act}
      busy={unlink.isPending}
    >
      <p>Its keys are destroyed and it is removed. To trade in it again, link it again with its keys.</p>
      {unlink.isError && <Problem error={unlink.error} />}
    </AlertDialog>
  );
}
