import { useState } from "react";

import { problemFrom } from "@/api/problem";
import type { Account, Broker } from "@/api/types";
import { toast } from "@/components/ui/toasts";

import { keepPendingLogin, webAddress } from "./pending_login";
import { useBeginLogin } from "./queries";

/** Begins the login of an account: at its broker's page, which replaces this one, or in a dialog here. */
export function useLogin(account: Pick<Account, "account_id" | "label">, broker: Broker | undefined, here: () => void) {
  const begin = useBeginLogin();
  const [leaving, setLeaving] = useState(false);
  const start = async () => {
    try {
      const { login_url, state } = await begin.mutateAsync(account.account_id);
      if (login_url === null || state === null) {
        here();
        return;
      }
      const address = webAddress(login_url);
      keepPendingLogin({ account_id: account.account_id, state, label: account.label });
      setLeaving(true);
      location.assign(address);
    } catch (error) {
      const { message, problems } = problemFrom(error);
      toast.failed(`The login of ${account.label} did not begin: ${message}`, problems.join(" "));
    }
  };
  return { busy: begin.isPending || leaving, begin: broker?.redirects === false ? here : () => void start() };
}
