import { keepPreviousData, QueryClient } from "@tanstack/react-query";

import { ProblemError } from "./problem";

const RETRIES = 2;

/** Only what may pass is asked again; what the API refused, it would refuse again. */
export function worthRetrying(failures: number, error: Error): boolean {
  return failures < RETRIES && error instanceof ProblemError && error.passing;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        retry: worthRetrying,
        retryDelay: (failures) => Math.min(1_000 * 2 ** failures, 8_000),
        // The browser's word on being offline says nothing of a laptop, whose API is on the same machine.
        networkMode: "always",
        refetchOnWindowFocus: true,
      },
      // What changes something is never sent twice by itself.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** For a query whose key changes while the page stays (another date, another filter): shows the last data meanwhile,
 * with `isPlaceholderData`. Not for details of one thing: those would be told of another. */
export const keepingLast = { placeholderData: keepPreviousData } as const;
