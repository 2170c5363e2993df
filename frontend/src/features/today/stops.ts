import { queryOptions, skipToken, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { answerOf, useApi, type Api } from "@/api/client";
import { problemFrom } from "@/api/problem";

import { DAY, HALTS, ME } from "./queries";
import { keyOf, type HaltScope, type Scope } from "./scopes";
import { isClosed, type SquareOff } from "./shapes";

const WATCH_MS = 2_000;
/** What is being squared off; kept beside the answers, so that it is still there after a look at another page. */
const WATCHED = ["square-offs"];
const NONE: readonly Scope[] = [];

/** How far the closing of a scope is; asked again until everything in it is closed. */
export const progressQuery = (api: Api, { kind, id }: Scope) =>
  queryOptions({
    queryKey: ["square-off", keyOf({ kind, id })],
    queryFn: ({ signal }) => answerOf(api.GET("/square-off", { params: { query: id === null ? { kind } : { kind, id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isDone(state.data) ? false : WATCH_MS),
    staleTime: 0,
  });

export const isDone = ({ runs }: SquareOff) => runs.every(isClosed);

export function useWatched(): readonly Scope[] {
  return useQuery<readonly Scope[]>({ queryKey: WATCHED, queryFn: skipToken, gcTime: Infinity }).data ?? NONE;
}

export function useUnwatch(): (scope: Scope) => void {
  const queries = useQueryClient();
  return (scope) => {
    watch(queries, (watched) => watched.filter((one) => keyOf(one) !== keyOf(scope)));
  };
}

function watch(queries: QueryClient, change: (watched: readonly Scope[]) => readonly Scope[]) {
  queries.setQueryData<readonly Scope[]>(WATCHED, (watched = []) => change(watched));
}

/** A change of what may enter; what it touches is loaded anew after it, also when it failed: it may have been done. */
function useStop<Input, Output>(stop: (api: Api, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => stop(api, input),
    onSettled: () => {
      for (const queryKey of [HALTS, ME, [DAY], ["square-off"]]) void queries.invalidateQueries({ queryKey });
    },
  });
}

export const useHalt = () =>
  useStop((api, { scope: { kind, id }, reason }: { scope: HaltScope; reason: string }) => answerOf(api.POST("/halts", { body: { kind, id, reason } })));

export const useRelease = () =>
  useStop((api, { kind, id }: HaltScope) => answerOf(api.DELETE("/halts", { params: { query: id === null ? { kind } : { kind, id } } })));

/** Asked once; asking again closes nothing twice. It is watched from then on, also without an answer: it may have begun. */
export function useSquareOff() {
  const queries = useQueryClient();
  const begin = (scope: Scope) => watch(queries, (watched) => [scope, ...watched.filter((one) => keyOf(one) !== keyOf(scope))]);
  return useStop(async (api, { scope, reason }: { scope: Scope; reason: string }) => {
    try {
      const begun = await answerOf(api.POST("/square-off", { body: { ...scope, reason, confirm: "SQUARE OFF" } }));
      queries.setQueryData(progressQuery(api, scope).queryKey, begun);
      begin(scope);
      return begun;
    } catch (error) {
      if (problemFrom(error).passing) begin(scope);
      throw error;
    }
  });
}
