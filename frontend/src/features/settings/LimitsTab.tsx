import { useQuery } from "@tanstack/react-query";

import { useApi } from "@/api/client";
import { Age } from "@/components/Age";
import { ErrorState, Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";

import { LimitsForm, type LimitsEdit } from "./LimitsForm";
import { limitsQuery, meQuery } from "./queries";

/** What is allowed at most, and what today has used of it. */
export function LimitsTab({ edit, onEdit }: { edit: LimitsEdit | null; onEdit: (edit: LimitsEdit | null) => void }) {
  const api = useApi();
  const limits = useQuery(limitsQuery(api));
  const me = useQuery(meQuery(api));
  const failed = [limits, me].find((query) => query.isError && query.data === undefined);
  if (failed) {
    return (
      <ErrorState
        title="Your limits could not be loaded"
        error={failed.error}
        busy={limits.isFetching || me.isFetching}
        onRetry={() => void Promise.all([limits.refetch(), me.refetch()])}
      />
    );
  }
  if (!limits.data || !me.data) {
    return (
      <Loading label="Your limits are loading">
        <Skeleton className="h-96" />
      </Loading>
    );
  }
  return (
    <section className="space-y-4" aria-label="Risk limits">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-muted-foreground">
          {limits.data.version === 0 && <strong className="text-foreground">No limit is set yet. </strong>}
          They hold from the next entry on; exits are never held back. A limit of all accounts and one of an account both hold. Accounts with money and paper accounts are
          counted apart.
        </p>
        <Age at={limits.dataUpdatedAt} staleAfter={90} />
      </div>
      <LimitsForm stored={limits.data} accounts={me.data.accounts} edit={edit} onEdit={onEdit} />
    </section>
  );
}
