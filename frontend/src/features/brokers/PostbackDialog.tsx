import { useQuery } from "@tanstack/react-query";

import { useApi } from "@/api/client";
import type { Account } from "@/api/types";
import { Copyable } from "@/components/Copyable";
import { ErrorState, Loading } from "@/components/States";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";

import { postbackQuery } from "./queries";

/** Where the broker posts order updates to, and where to enter that. */
export function PostbackDialog({ open, onClose, account }: { open: boolean; onClose: () => void; account: Account }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Postback address of ${account.label}`}
      description="With it the broker tells Legwise of an order at once, instead of being asked. Keep it to yourself: who knows it can make Legwise look at this account."
    >
      <Address account={account} />
    </Dialog>
  );
}

function Address({ account }: { account: Account }) {
  const address = useQuery(postbackQuery(useApi(), account.account_id));
  if (address.isError) {
    return <ErrorState title="It could not be loaded" error={address.error} busy={address.isFetching} onRetry={() => void address.refetch()} />;
  }
  if (!address.data) {
    return (
      <Loading label="The address is loading">
        <Skeleton className="h-11" />
      </Loading>
    );
  }
  const { url, enter_at } = address.data;
  if (!url) return <p>This broker posts no order updates. Legwise asks for them, and nothing is to be entered.</p>;
  return (
    <div className="space-y-3">
      <Copyable text={url} label="the postback address" />
      {enter_at && <p>Enter it at: {enter_at}.</p>}
      <p className="text-muted-foreground">New keys give another address.</p>
    </div>
  );
}
