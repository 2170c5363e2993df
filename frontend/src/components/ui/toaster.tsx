import { CircleCheck, CircleX, X } from "lucide-react";
import { useSyncExternalStore } from "react";

import { Button } from "./button";
import { currentToasts, dismiss, subscribeToasts, type Toast } from "./toasts";

/** Where toasts show. There from the beginning: a live region is only read if it was there before its words. */
export function Toaster() {
  const toasts = useSyncExternalStore(subscribeToasts, currentToasts);
  return (
    <div className="pointer-events-none fixed inset-x-3 bottom-32 z-50 flex flex-col gap-2 sm:left-auto sm:w-96 md:bottom-20">
      <div role="alert" className="contents">
        {toasts.map((toast) => toast.tone === "failed" && <Shown key={toast.id} toast={toast} />)}
      </div>
      <div role="status" className="contents">
        {toasts.map((toast) => toast.tone === "done" && <Shown key={toast.id} toast={toast} />)}
      </div>
    </div>
  );
}

function Shown({ toast }: { toast: Toast }) {
  const failed = toast.tone === "failed";
  const Icon = failed ? CircleX : CircleCheck;
  return (
    <div className="pointer-events-auto flex items-start gap-2.5 rounded-md border bg-surface-raised p-3 shadow-overlay">
      <Icon className={failed ? "mt-0.5 size-4.5 shrink-0 text-negative" : "mt-0.5 size-4.5 shrink-0 text-positive"} aria-hidden />
      <div className="min-w-0 flex-1 wrap-break-word">
        <p className="font-medium">{toast.text}</p>
        {toast.detail && <p className="text-muted-foreground">{toast.detail}</p>}
      </div>
      <Button variant="ghost" size="icon" className="-m-1.5" aria-label="Close this message" onClick={() => dismiss(toast.id)}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
