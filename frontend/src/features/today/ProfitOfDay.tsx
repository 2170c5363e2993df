import { useQuery } from "@tanstack/react-query";
import { lazy, memo, Suspense, useEffect } from "react";

import { useApi } from "@/api/client";
import { Age } from "@/components/Age";
import { Loading, Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";

import { profitQuery } from "./queries";
import type { Day } from "./shapes";

const ProfitChart = lazy(() => import("./ProfitChart"));
const OLD_S = 120;

/** How the profit went over the day, a mark a minute. */
export const ProfitOfDay = memo(function ProfitOfDay({ day, markedAt }: { day: Pick<Day, "date" | "sessions">; /** Of the newest marks that the page knows. */ markedAt: string | null }) {
  const { data, error, isError, isFetching, refetch } = useQuery(profitQuery(useApi(), day.date));
  useEffect(() => {
    // Beside a newer profit, the chart would be a mark behind until it asks again.
    void refetch({ cancelRefetch: false });
  }, [markedAt, refetch]);
  const marked = data?.points.some(({ money, paper }) => money !== null || paper !== null);
  return (
    <Card aria-label="Profit over the day">
      <CardHeader className="items-baseline">
        <CardTitle>Profit over the day</CardTitle>
        {data && <Age at={data.as_of} staleAfter={OLD_S} />}
      </CardHeader>
      <CardContent>
        {isError && !data ? (
          <div className="space-y-3">
            <Problem error={error} />
            <Button variant="secondary" size="small" busy={isFetching} onClick={() => void refetch()}>
              Try again
            </Button>
          </div>
        ) : !data ? (
          <Drawn />
        ) : !marked ? (
          <p className="text-muted-foreground">No marks yet: the first comes in the minute after an entry.</p>
        ) : (
          <Suspense fallback={<Drawn />}>
            <ProfitChart points={data.points} day={day} paper={data.points.some(({ paper }) => paper !== null)} />
          </Suspense>
        )}
      </CardContent>
    </Card>
  );
});

function Drawn() {
  return (
    <Loading label="The profit over the day is loading">
      <Skeleton className="h-50" />
    </Loading>
  );
}
