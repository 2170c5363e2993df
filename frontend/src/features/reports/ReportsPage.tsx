import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { useApi } from "@/api/client";
import { Age } from "@/components/Age";
import { Page, PageHeader } from "@/components/Page";
import { ErrorState, Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { serverNow } from "@/lib/clock";
import { istDay } from "@/lib/moments";

import { BookView } from "./BookView";
import { reportQuery } from "./queries";
import { RangePicker } from "./RangePicker";
import { rangeOf, usualRange, type Range } from "./ranges";
import type { BookName, Report } from "./shapes";

const OLD_S = 15 * 60;

/** What ranges of days brought, with money and on paper apart. */
export function ReportsPage() {
  const api = useApi();
  const search = useSearch({ from: "/inside/reports" });
  const navigate = useNavigate({ from: "/reports" });
  const today = istDay(serverNow());
  const range = rangeOf(search) ?? usualRange(today);
  const report = useQuery(reportQuery(api, range));
  const book = search.book ?? "money";
  const show = (chosen: Range | null, name: BookName) =>
    void navigate({ search: { ...chosen, ...(name === "paper" && { book: name }) }, replace: true });
  return (
    <Page title="Reports">
      <PageHeader title="Reports" description="What your runs brought, by the prices of their fills, before charges. Days are days in India (IST)." />
      <RangePicker range={range} today={today} onChosen={(chosen) => show(chosen, book)} />
      {report.isError && !report.data ? (
        <ErrorState title="These days could not be loaded" error={report.error} busy={report.isFetching} onRetry={() => void report.refetch()} />
      ) : !report.data ? (
        <ReportLoading />
      ) : (
        <section aria-label="Report" aria-busy={report.isPlaceholderData} className={report.isPlaceholderData ? "opacity-60" : ""}>
          <p className="flex flex-wrap justify-end gap-x-3 text-xs text-muted-foreground">
            <span role="status">{report.isPlaceholderData ? "The days that you chose are loading; these are the ones before." : ""}</span>
            <Age at={report.data.as_of} staleAfter={OLD_S} />
          </p>
          <Books report={report.data} book={book} onChosen={(chosen) => show(rangeOf(search), chosen)} />
        </section>
      )}
    </Page>
  );
}

function Books({ report, book, onChosen }: { report: Report; book: BookName; onChosen: (book: BookName) => void }) {
  return (
    <Tabs value={book} onValueChange={(value) => onChosen(value === "paper" ? "paper" : "money")}>
      <TabsList aria-label="Money or paper">
        <TabsTrigger value="money">Money</TabsTrigger>
        <TabsTrigger value="paper">Paper</TabsTrigger>
      </TabsList>
      {(["money", "paper"] as const).map((name) => (
        <TabsContent key={name} value={name}>
          <BookView name={name} report={report} />
        </TabsContent>
      ))}
    </Tabs>
  );
}

function ReportLoading() {
  return (
    <Loading label="The report is loading">
      <div className="space-y-6">
        <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
          <Skeleton className="h-20" />
          <Skeleton className="h-20" />
          <Skeleton className="h-20" />
          <Skeleton className="h-20" />
          <Skeleton className="h-20" />
        </div>
        <Skeleton className="h-80" />
      </div>
    </Loading>
  );
}
