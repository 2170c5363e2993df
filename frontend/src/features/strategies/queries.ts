import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, useApi, type Api } from "@/api/client";
import { ProblemError, problemFrom } from "@/api/problem";

import type { Basket, BasketDefinition, Definition, Preview, Strategy } from "./model";

const STRATEGIES = ["strategies"];
const BASKETS = ["baskets"];

/** Whether one would trade changes with sessions and baskets, so it is asked again each half minute. */
export const strategiesQuery = (api: Api) =>
  queryOptions({
    queryKey: [...STRATEGIES, "all"],
    queryFn: ({ signal }) => answerOf(api.GET("/strategies", { signal })),
    refetchInterval: 30_000,
  });

export const strategyQuery = (api: Api, strategy_id: string) =>
  queryOptions({
    queryKey: [...STRATEGIES, "one", strategy_id],
    queryFn: ({ signal }) => answerOf(api.GET("/strategies/{strategy_id}", { params: { path: { strategy_id } }, signal })),
  });

export const basketsQuery = (api: Api) =>
  queryOptions({ queryKey: BASKETS, queryFn: ({ signal }) => answerOf(api.GET("/baskets", { signal })) });

/** The linked accounts, as an allocation needs them. */
export const accountsQuery = (api: Api) =>
  queryOptions({ queryKey: ["accounts"], queryFn: ({ signal }) => answerOf(api.GET("/accounts", { signal })) });

/** The runs of one date; the list shows today's. */
export const runsQuery = (api: Api, date: string) =>
  queryOptions({
    queryKey: ["day", date],
    queryFn: ({ signal }) => answerOf(api.GET("/days/{date}", { params: { path: { date } }, signal })),
    select: ({ runs }) => runs,
    refetchInterval: 30_000,
  });

/** What each strategy brought from one date to another, both included. */
export const reportQuery = (api: Api, from: string, to: string) =>
  queryOptions({
    queryKey: ["report", from, to],
    queryFn: ({ signal }) => answerOf(api.GET("/reports", { params: { query: { from, to } }, signal })),
    staleTime: 60_000,
  });

/** Of a definition as JSON. Asks a broker for quotes: never by itself again, and not kept for long. */
export const previewQuery = (api: Api, definition: string) =>
  queryOptions({
    queryKey: ["preview", definition],
    queryFn: ({ signal }) => previewOf(api, JSON.parse(definition) as Definition, signal),
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });

/** A preview stores nothing: that it was not answered leaves no doubt behind. */
async function previewOf(api: Api, definition: Definition, signal: AbortSignal): Promise<Preview> {
  try {
    return await answerOf(api.POST("/strategies/preview", { body: definition, signal }));
  } catch (error) {
    if (signal.aborted) throw error;
    const { kind } = problemFrom(error);
    if (kind !== "away" && kind !== "timeout") throw error;
    throw new ProblemError(kind, kind === "away" ? "Legwise does not answer." : "Legwise did not answer in time.", { cause: error });
  }
}

/** A change of strategies or baskets; both are loaded anew after it, also when it failed: it may have been done. */
function useChange<Input, Output>(change: (api: Api, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSettled: () => Promise.all([STRATEGIES, BASKETS].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

export type Saved = { strategy_id: string; definition: Definition; replaces: number };

export const useSave = () =>
  useChange((api, { strategy_id, definition, replaces }: Saved) =>
    answerOf(api.PUT("/strategies/{strategy_id}", { params: { path: { strategy_id }, query: { replaces } }, body: definition })),
  );

export const useEnable = () =>
  useChange((api, { strategy: { strategy_id, version }, enabled }: { strategy: Strategy; enabled: boolean }) => {
    const params = { path: { strategy_id }, query: { replaces: version } };
    return answerOf(enabled ? api.POST("/strategies/{strategy_id}/enable", { params }) : api.POST("/strategies/{strategy_id}/disable", { params }));
  });

export const useCopy = () =>
  useChange((api, { strategy_id, new_id, name }: { strategy_id: string; new_id: string; name: string }) =>
    answerOf(api.POST("/strategies/{strategy_id}/copy", { params: { path: { strategy_id } }, body: { new_id, name } })),
  );

export const useDelete = () =>
  useChange((api, { strategy_id, version }: Strategy) =>
    answerOf(api.DELETE("/strategies/{strategy_id}", { params: { path: { strategy_id }, query: { version } } })),
  );

export const useSaveBasket = () =>
  useChange((api, { basket_id, definition, replaces }: { basket_id: string; definition: BasketDefinition; replaces: number }) =>
    answerOf(api.PUT("/baskets/{basket_id}", { params: { path: { basket_id }, query: { replaces } }, body: definition })),
  );

export const useEnableBasket = () =>
  useChange((api, { basket: { basket_id, version }, enabled }: { basket: Basket; enabled: boolean }) => {
    const params = { path: { basket_id }, query: { replaces: version } };
    return answerOf(enabled ? api.POST("/baskets/{basket_id}/enable", { params }) : api.POST("/baskets/{basket_id}/disable", { params }));
  });

export const useCopyBasket = () =>
  useChange((api, { basket_id, new_id, name }: { basket_id: string; new_id: string; name: string }) =>
    answerOf(api.POST("/baskets/{basket_id}/copy", { params: { path: { basket_id } }, body: { new_id, name } })),
  );

export const useDeleteBasket = () =>
  useChange((api, { basket_id, version }: Basket) =>
    answerOf(api.DELETE("/baskets/{basket_id}", { params: { path: { basket_id }, query: { version } } })),
  );

export type ImportedFile = { format: "yaml" | "json"; content: string; replace: boolean; dry_run: boolean };

export const useImport = () => useChange((api, body: ImportedFile) => answerOf(api.POST("/import", { body })));

/** Reads only: nothing changes by it. */
export function exported(api: Api, format: "yaml" | "json") {
  return answerOf(api.GET("/export", { params: { query: { format } } }));
}
