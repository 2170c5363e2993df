import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, useApi, type Api } from "@/api/client";

import type { Definition, Limits } from "./limits";

const LIMITS = ["limits"];

export const meQuery = (api: Api) =>
  queryOptions({ queryKey: ["me"], queryFn: ({ signal }) => answerOf(api.GET("/me", { signal })), refetchInterval: 30_000 });

/** Asked again each half minute: what today has used of the limits moves on. */
export const limitsQuery = (api: Api) =>
  queryOptions({ queryKey: LIMITS, queryFn: ({ signal }) => answerOf(api.GET("/limits", { signal })), refetchInterval: 30_000 });

/** Stores limits in place of the version `replaces`. They are loaded anew after it, also when it failed: it may have
 * been done, or another version is stored. */
export function usePutLimits() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, replaces }: { definition: Definition; replaces: number }) =>
      answerOf(api.PUT("/limits", { params: { query: { replaces } }, body: definition })),
    onSuccess: (stored: Limits) => queries.setQueryData(LIMITS, stored),
    onSettled: () => queries.invalidateQueries({ queryKey: LIMITS }),
  });
}
