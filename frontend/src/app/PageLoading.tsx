import { Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";

/** While the code of a page is on its way. */
export function PageLoading() {
  return (
    <Loading label="The page is loading">
      <div className="space-y-6">
        <Skeleton className="h-8 w-48" />
        <Skeleton className="h-40" />
        <Skeleton className="h-40" />
      </div>
    </Loading>
  );
}
