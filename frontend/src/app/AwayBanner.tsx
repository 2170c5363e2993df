import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";

import { useAway } from "@/api/away";
import { Button } from "@/components/ui/button";
import { istTime } from "@/lib/moments";

/** While the API does not answer: the pages keep what they have, and this says how old it is. */
export function AwayBanner() {
  const away = useAway();
  const queries = useQueryClient();
  const asking = useIsFetching() > 0;
  return (
    <div role="status">
      {away && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-warning-soft px-4 py-2 text-warning">
          <CloudOff className="size-4 shrink-0" aria-hidden />
          <p className="min-w-0 flex-1">
            <strong>Legwise does not answer.</strong>{" "}
            {away.since ? `What you see is as of ${istTime(away.since)} IST or older.` : "Nothing could be loaded yet."}
          </p>
          <Button variant="secondary" size="small" busy={asking} onClick={() => void queries.refetchQueries({ type: "active" })}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
