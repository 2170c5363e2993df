import { useId, type ReactNode } from "react";

import { Button } from "./button";
import { DialogFooter } from "./dialog";
import { Modal } from "./modal";

/** A question before something that cannot be taken back. The focus begins at the way out. */
export function AlertDialog({
  open,
  onClose,
  title,
  children,
  action,
  onAction,
  busy = false,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** What the button does, in words: "Unlink Kite", not "OK". */
  action: string;
  onAction: () => void;
  busy?: boolean;
}) {
  const id = useId();
  return (
    <Modal
      open={open}
      onClose={onClose}
      role="alertdialog"
      labelledBy={`${id}-title`}
      describedBy={`${id}-told`}
      className="m-auto w-[min(28rem,calc(100vw-1.5rem))] rounded-lg border bg-surface-raised text-foreground shadow-overlay"
    >
      <div className="space-y-4 p-5">
        <h2 id={`${id}-title`} className="text-lg font-semibold">
          {title}
        </h2>
        <div id={`${id}-told`} className="space-y-2 text-muted-foreground">
          {children}
        </div>
        <DialogFooter>
          <Button variant="secondary" onClick={onClose}>
            Cancel
          </Button>
          <Button variant="danger" busy={busy} onClick={onAction}>
            {action}
          </Button>
        </DialogFooter>
      </div>
    </Modal>
  );
}
