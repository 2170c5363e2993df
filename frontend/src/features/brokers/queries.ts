import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, useApi, type Api } from "@/api/client";
import type { Account, LinkRequest } from "@/api/types";

const ACCOUNTS = ["accounts"];

/** Asked again each half minute: a broker may end a session at any time. */
export const accountsQuery = (api: Api) =>
  queryOptions({
    queryKey: ACCOUNTS,
    queryFn: ({ signal }) => answerOf(api.GET("/accounts", { signal })),
    refetchInterval: 30_000,
  });

export const brokersQuery = (api: Api) =>
  queryOptions({
    queryKey: ["brokers"],
    queryFn: ({ signal }) => answerOf(api.GET("/brokers", { signal })),
    staleTime: Infinity,
  });

export const egressQuery = (api: Api) =>
  queryOptions({
    queryKey: ["egress"],
    queryFn: ({ signal }) => answerOf(api.GET("/egress", { signal })),
    staleTime: Infinity,
  });

/** Its address is a secret of the user: it is not kept once the dialog is closed. */
export const postbackQuery = (api: Api, account_id: string) =>
  queryOptions({
    queryKey: [...ACCOUNTS, account_id, "postback"],
    queryFn: ({ signal }) => answerOf(api.GET("/accounts/{account_id}/postback", { params: { path: { account_id } }, signal })),
    gcTime: 0,
  });

const of = (account_id: string) => ({ path: { account_id } });

/** A change of accounts; the list is loaded anew after it, also when it failed: it may have been done. */
function useChange<Input, Output>(change: (api: Api, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSettled: () => queries.invalidateQueries({ queryKey: ACCOUNTS }),
  });
}

export const useEnable = () =>
  useChange((api, { account, enabled }: { account: Account; enabled: boolean }) => {
    const params = of(account.account_id);
    return answerOf(
      enabled
        ? api.POST("/accounts/{account_id}/enable", { params })
        : api.POST("/accounts/{account_id}/disable", { params }),
    );
  });

export const useTest = () =>
  useChange((api, account_id: string) => answerOf(api.POST("/accounts/{account_id}/test", { params: of(account_id) })));

export const useBeginLogin = () =>
  useChange((api, account_id: string) => answerOf(api.POST("/accounts/{account_id}/login", { params: of(account_id) })));

export const useFinishLogin = () =>
  useChange((api, { account_id, answer }: { account_id: string; answer: Record<string, string> }) => finishLogin(api, account_id, answer));

export function finishLogin(api: Api, account_id: string, answer: Record<string, string>): Promise<Account> {
  return answerOf(api.POST("/accounts/{account_id}/session", { params: of(account_id), body: answer }));
}

export const useLink = () =>
  useChange((api, { account_id, request, force }: { account_id: string; request: LinkRequest; force: boolean }) =>
    answerOf(api.PUT("/accounts/{account_id}", { params: { ...of(account_id), query: { force } }, body: request })),
  );

export const useUnlink = () =>
  useChange((api, { account_id, force }: { account_id: string; force: boolean }) =>
    answerOf(api.DELETE("/accounts/{account_id}", { params: { ...of(account_id), query: { force } } })),
  );
