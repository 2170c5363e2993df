import { queryOptions } from "@tanstack/react-query";

import { answerOf, type Api } from "@/api/client";
import { keepingLast } from "@/api/queries";

import type { Range } from "./ranges";

/** A minute: only the present day changes, and the page Today follows that one. */
const FRESH_MS = 60_000;

export const reportQuery = (api: Api, { from, to }: Range) =>
  queryOptions({
    queryKey: ["report", from, to],
    queryFn: ({ signal }) => answerOf(api.GET("/reports", { params: { query: { from, to } }, signal })),
    staleTime: FRESH_MS,
    ...keepingLast,
  });

export const dayQuery = (api: Api, date: string) =>
  queryOptions({
    queryKey: ["day", date],
    queryFn: ({ signal }) => answerOf(api.GET("/days/{date}", { params: { path: { date } }, signal })),
    staleTime: FRESH_MS,
  });
