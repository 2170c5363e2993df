import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, Minus } from "lucide-react";

import { Table, TableBody, TableHead } from "@/components/ui/table";
import { cn } from "@/lib/cn";
import { direction, money } from "@/lib/format";
import { istDate } from "@/lib/moments";

import { Amount } from "./Amount";
import type { Range } from "./ranges";
import type { DayRuns, ReportDay } from "./shapes";
import { weeksOf } from "./weeks";
import { runsInWords } from "./words";

type Props = { range: Range; days: readonly ReportDay[]; withoutOrders: readonly DayRuns[] };

/** Each day's profit at its place in the week; a day leads to its runs. */
export function Calendar({ range, days, withoutOrders }: Props) {
  const { weekdays, weeks } = weeksOf(range, [...days, ...withoutOrders].map(({ date }) => date));
  return (
    <Table label="Profit by day, a row a week" className={cn("table-fixed", weekdays.length > 5 ? "min-w-[56rem]" : "min-w-[42rem]")}>
      <TableHead>
        <tr>
          <th scope="col" className="w-20 px-2 py-1.5 text-left font-medium">
            Week of
          </th>
          {weekdays.map((weekday) => (
            <th key={weekday} scope="col" className="px-2 py-1.5 text-left font-medium">
              {weekday}
            </th>
          ))}
        </tr>
      </TableHead>
      <TableBody>
        {weeks.map((week, row) => (
          <tr key={week.monday} className="divide-x">
            <th scope="row" className="relative px-2 text-left text-xs font-medium whitespace-nowrap text-muted-foreground">
              {dayAndMonth(week.monday)}
              {(row === 0 || week.monday.slice(0, 4) !== weeks[row - 1]?.monday.slice(0, 4)) && <span className="sr-only"> {week.monday.slice(0, 4)}</span>}
            </th>
            {week.days.map((date, column) => (
              <td key={column} className={cn("h-8 p-0", date === null && "bg-muted/60")}>
                {date && <DayPlace date={date} day={days.find((day) => day.date === date)} idle={withoutOrders.find((one) => one.date === date)} />}
              </td>
            ))}
          </tr>
        ))}
      </TableBody>
    </Table>
  );
}

function DayPlace({ date, day, idle }: { date: string; day: ReportDay | undefined; idle: DayRuns | undefined }) {
  const number = date.endsWith("-01") ? dayAndMonth(date) : Number(date.slice(8));
  if (!day && !idle) return <span className="block px-2 text-xs text-muted-foreground">{number}</span>;
  const way = day?.realised ? direction(day.realised) : 0;
  return (
    <Link
      to="/reports/$date"
      params={{ date }}
      title={runsInWords(day?.runs ?? idle?.runs ?? [])}
      className={cn(
        "relative flex h-full min-h-8 items-center justify-between gap-2 px-2 text-xs hover:underline focus-visible:-outline-offset-2",
        way > 0 && "bg-positive-soft",
        way < 0 && "bg-negative-soft",
      )}
    >
      <span aria-hidden className={cn(way === 0 ? "text-muted-foreground" : "text-foreground")}>
        {number}
      </span>
      <span className="sr-only">{istDate(`${date}T00:00:00+05:30`)}: </span>
      {day ? <Profit value={day.realised} /> : <span className="whitespace-nowrap text-muted-foreground">no orders</span>}
    </Link>
  );
}

/** What has room in a place of the calendar, in characters. */
const MOST_SEEN = 10;

/** Large ones are seen to the rupee, so that a week fits; read out they are exact. */
function Profit({ value }: { value: string | null }) {
  if (value === null) return <Amount value={null} />;
  const exact = money(value, { sign: "always" });
  const way = direction(value);
  const Arrow = way > 0 ? ArrowUp : way < 0 ? ArrowDown : Minus;
  return (
    <>
      <span aria-hidden className={cn("inline-flex items-center gap-0.5 font-medium whitespace-nowrap", way > 0 && "text-positive", way < 0 && "text-negative")}>
        <Arrow className="size-3.5 shrink-0" />
        {exact.length > MOST_SEEN ? money(value, { sign: "always", places: 0 }) : exact}
      </span>
      <span className="sr-only">{exact}</span>
    </>
  );
}

/** `16 Nov`. */
function dayAndMonth(date: string): string {
  return istDate(`${date}T00:00:00+05:30`).split(" ").slice(1, 3).join(" ");
}
