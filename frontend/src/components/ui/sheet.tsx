import { X } from "lucide-react";
import { useId, type ReactNode } from "react";

import { Button } from "./button";
import { Modal } from "./modal";

/** A panel from the left edge, for the navigation of small screens. */
export function Sheet({ open, onClose, title, children }: { open: boolean; onClose: () => void; title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Modal
      open={open}
      onClose={onClose}
      labelledBy={id}
      className="m-0 h-dvh max-h-dvh w-[min(18rem,85vw)] border-r bg-surface text-foreground shadow-overlay"
    >
      <div className="flex items-center justify-between p-3">
        <h2 id={id} className="px-2 text-base font-semibold">
          {title}
        </h2>
        <Button variant="ghost" size="icon" aria-label="Close" onClick={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      {children}
    </Modal>
  );
}
