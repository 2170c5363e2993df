import type { Schemas } from "@/api/types";

/** The API's shapes that this page shows. */
export type Day = Schemas["DayAnswer"];
export type DayProfit = Schemas["DayProfitAnswer"];
export type ProfitPoint = Schemas["ProfitPointAnswer"];
export type Run = Schemas["RunAnswer"];
export type Order = Schemas["OrderAnswer"];
export type Position = Schemas["PositionAnswer"];
export type Halt = Schemas["HaltAnswer"];
export type Me = Schemas["MeAnswer"];
export type Strategy = Schemas["StrategyStatusAnswer"];
export type Comparison = Schemas["ComparisonAnswer"];
export type Limits = Schemas["LimitsAnswer"];
export type SquareOff = Schemas["SquareOffAnswer"];

/** Nothing is or can become open in runs of these statuses. */
const CLOSED: readonly Run["status"][] = ["flat", "refused", "missed"];

export const isClosed = ({ status }: Pick<Run, "status">) => CLOSED.includes(status);
