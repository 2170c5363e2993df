import * as Radix from "@radix-ui/react-tooltip";
import type { ReactNode } from "react";

/** More about a control, on hover and on focus. Never the only place of something needed: fingers do not hover. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={300}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            sideOffset={6}
            collisionPadding={8}
            className="z-40 max-w-72 rounded-md bg-foreground px-2.5 py-1.5 text-xs text-background shadow-overlay"
          >
            {text}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
