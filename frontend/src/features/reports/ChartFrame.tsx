import { Suspense, type ReactNode } from "react";

import { Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";

/** Around a drawing whose code is loaded when it is shown. It scrolls sideways where the screen is small. */
export function ChartFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // A frame that scrolls must be reachable by the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto rounded-lg border bg-surface p-3">
      <Suspense
        fallback={
          <Loading label={`${label} is loading`}>
            <Skeleton className="h-48" />
          </Loading>
        }
      >
        {children}
      </Suspense>
    </div>
  );
}
