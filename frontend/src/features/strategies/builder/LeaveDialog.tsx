import { useBlocker } from "@tanstack/react-router";

import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";

/** Warns before a page with unsaved changes is left. They stay in this tab; another tab or day would not have them. */
export function LeaveDialog({ dirty, leaving }: { dirty: boolean; /** Whether leaving is wanted just now, after saving. */ leaving: { readonly current: boolean } }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const blocked = blocker.status === "blocked";
  const stay = () => {
    if (blocker.status === "blocked") blocker.reset();
  };
  const leave = () => {
    if (blocker.status === "blocked") blocker.proceed();
  };
  return (
    <Dialog open={blocked} onClose={stay} title="Leave without saving?" description="Your changes stay in this tab and are back when you return here. They are not traded, and go when the tab is closed.">
      <DialogFooter>
        <Button variant="secondary" onClick={leave}>
          Leave
        </Button>
        <Button onClick={stay}>Stay</Button>
      </DialogFooter>
    </Dialog>
  );
}
