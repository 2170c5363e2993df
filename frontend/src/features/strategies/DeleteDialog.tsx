import type { ReactNode } from "react";

import { Problem } from "@/components/States";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { toast } from "@/components/ui/toasts";

type Props = {
  open: boolean;
  onClose: () => void;
  /** The name of what goes. */
  what: string;
  deleting: { isPending: boolean; error: Error | null; reset: () => void };
  onDelete: (done: () => void) => void;
  children: ReactNode;
};

/** Asks before a strategy or a basket is removed. */
export function DeleteDialog({ open, onClose, what, deleting, onDelete, children }: Props) {
  const close = () => {
    deleting.reset();
    onClose();
  };
  const act = () =>
    onDelete(() => {
      toast.done(`${what} is deleted.`);
      close();
    });
  return (
    <AlertDialog open={open} onClose={close} title={`Delete ${what}?`} action={`Delete ${what}`} onAction={act} busy={deleting.isPending}>
      <p>{children}</p>
      {deleting.error && <Problem error={deleting.error} />}
    </AlertDialog>
  );
}
