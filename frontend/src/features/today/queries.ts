import { queryOptions } from "@tanstack/react-query";

import { answerOf, type Api } from "@/api/client";
import { keepingLast } from "@/api/queries";
import { serverNow } from "@/lib/clock";

import { paceOf } from "./trading_day";

/** While the API is away, so that it is found soon and not pressed. */
const AWAY_MS = 5_000;

export const DAY = "day";
export const PROFIT = "profit";
export const HALTS = ["halts"];
export const ME = ["me"];
export const LIMITS = ["limits"];

export const dayQuery = (api: Api, date: string) =>
  queryOptions({
    queryKey: [DAY, date],
    queryFn: ({ signal }) => answerOf(api.GET("/days/{date}", { params: { path: { date } }, signal })),
    refetchInterval: ({ state }) => (state.status === "error" ? AWAY_MS : paceOf(state.data, serverNow())),
    staleTime: 1_000,
    ...keepingLast,
  });

/** A mark a minute: asked for twice as often, so that none is seen late. */
export const profitQuery = (api: Api, date: string) =>
  queryOptions({
    queryKey: [PROFIT, date],
    queryFn: ({ signal }) => answerOf(api.GET("/days/{date}/profit", { params: { path: { date } }, signal })),
    refetchInterval: ({ state }) => (state.status === "error" ? AWAY_MS : 30_000),
  });

/** `every` milliseconds; the page asks more often in market hours. */
export const haltsQuery = (api: Api, every: number) =>
  queryOptions({ queryKey: HALTS, queryFn: ({ signal }) => answerOf(api.GET("/halts", { signal })), refetchInterval: every });

export const meQuery = (api: Api) =>
  queryOptions({ queryKey: ME, queryFn: ({ signal }) => answerOf(api.GET("/me", { signal })), refetchInterval: 30_000 });

export const strategiesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["strategies", "all"],
    queryFn: ({ signal }) => answerOf(api.GET("/strategies", { signal })),
    refetchInterval: 30_000,
  });

export const limitsQuery = (api: Api, every: number) =>
  queryOptions({ queryKey: LIMITS, queryFn: ({ signal }) => answerOf(api.GET("/limits", { signal })), refetchInterval: every });

/** Brokers are compared each minute at most. */
export const comparisonQuery = (api: Api, account_id: string) =>
  queryOptions({
    queryKey: ["comparison", account_id],
    queryFn: ({ signal }) => answerOf(api.GET("/accounts/{account_id}/comparison", { params: { path: { account_id } }, signal })),
    refetchInterval: 60_000,
  });
