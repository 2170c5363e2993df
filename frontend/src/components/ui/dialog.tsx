import { X } from "lucide-react";
import { useId, type ReactNode } from "react";

import { Button } from "./button";
import { Modal } from "./modal";

/** A modal dialog; on a phone it fills the width. Its content is mounted while it is open. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Modal
      open={open}
      onClose={onClose}
      labelledBy={`${id}-title`}
      describedBy={description ? `${id}-told` : undefined}
      className="m-auto max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-1.5rem))] overflow-y-auto rounded-lg border bg-surface-raised text-foreground shadow-overlay"
    >
      <div className="space-y-4 p-5">
        <header className="flex items-start justify-between gap-4">
          <div className="min-w-0 space-y-1">
            <h2 id={`${id}-title`} className="text-lg font-semibold">
              {title}
            </h2>
            {description && (
              <p id={`${id}-told`} className="text-muted-foreground">
                {description}
              </p>
            )}
          </div>
          <Button variant="ghost" size="icon" className="-mt-1 -mr-2" aria-label="Close" onClick={onClose}>
            <X aria-hidden />
          </Button>
        </header>
        {children}
      </div>
    </Modal>
  );
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className="flex flex-col-reverse gap-2 pt-1 sm:flex-row sm:justify-end">{children}</footer>;
}
