import { useEffect, useRef, type ReactNode } from "react";

export type ModalProps = {
  open: boolean;
  onClose: () => void;
  /** Ids of what names and describes it. */
  labelledBy: string;
  describedBy?: string | undefined;
  className: string;
  /** `alertdialog` stays when the background is pressed. */
  role?: "dialog" | "alertdialog";
  children: ReactNode;
};

/** The browser's own modal dialog: it keeps the focus inside and gives it back, and makes the rest inert. A library's
 * would put a style element into the page, which the content security policy forbids. */
export function Modal({ open, onClose, labelledBy, describedBy, className, role = "dialog", children }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const dialog = element.current;
    if (!dialog || !open) return;
    dialog.showModal();
    return () => dialog.close();
  }, [open]);

  useEffect(() => {
    const dialog = element.current;
    if (!dialog || !open) return;
    const cancelled = (event: Event) => {
      // Events of file fields and of inner dialogs bubble up to here.
      if (event.target !== dialog) return;
      event.preventDefault();
      onClose();
    };
    const pressed = (event: MouseEvent) => {
      if (event.target === dialog && role === "dialog") onClose();
    };
    dialog.addEventListener("cancel", cancelled);
    dialog.addEventListener("mousedown", pressed);
    return () => {
      dialog.removeEventListener("cancel", cancelled);
      dialog.removeEventListener("mousedown", pressed);
    };
  }, [open, onClose, role]);

  return (
    <dialog ref={element} role={role} aria-labelledby={labelledBy} aria-describedby={describedBy} className={className}>
      {open && children}
    </dialog>
  );
}
