import type { Schemas } from "@/api/types";

/** The API's shapes that these pages show. */
export type Report = Schemas["ReportAnswer"];
export type Book = Schemas["BookAnswer"];
export type ReportDay = Schemas["ReportDayAnswer"];
export type DayRuns = Schemas["DayRunsAnswer"];
export type SendTimes = Schemas["SendTimesAnswer"];
export type Day = Schemas["DayAnswer"];
export type Run = Schemas["RunAnswer"];
export type Order = Schemas["OrderAnswer"];

/** Whether days were traded with money or on paper. */
export type BookName = "money" | "paper";
