import type { ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { NotFound } from "./NotFound";
import { PageFailed } from "./PageFailed";
import { PageLoading } from "./PageLoading";

/** What shows before it is known who is signed in, or where no page is: without navigation. */
function Outside({ children }: { children: ReactNode }) {
  return <main className="mx-auto w-full max-w-3xl p-4 md:p-6">{children}</main>;
}

export const NotFoundOutside = () => (
  <Outside>
    <NotFound />
  </Outside>
);

export const LoadingOutside = () => (
  <Outside>
    <PageLoading />
  </Outside>
);

export const FailedOutside = (problem: ErrorComponentProps) => (
  <Outside>
    <PageFailed {...problem} />
  </Outside>
);
