import { readDecimal, rounded, signOf, type Decimal } from "./decimals";

/** U+2212: as wide as a plus, and no screen reader takes it for a dash. */
const MINUS = "−";

/** `auto`: a minus only. `always`: a plus too, for changes. */
export type Sign = "auto" | "always";

/** Digits in lakhs and crores: `"1234567"` is `"12,34,567"`. */
function grouped(whole: string): string {
  const last = whole.slice(-3);
  const rest = whole.slice(0, -3).replace(/\B(?=(\d{2})+$)/g, ",");
  return rest ? `${rest},${last}` : last;
}

function written(value: Decimal, unit: string, sign: Sign): string {
  const direction = signOf(value);
  const mark = direction < 0 ? MINUS : direction > 0 && sign === "always" ? "+" : "";
  return `${mark}${unit}${grouped(value.whole)}${value.fraction ? `.${value.fraction}` : ""}`;
}

/** Rupees from the API's decimal string: `"-1234567.5"` is `"−₹12,34,567.50"`. What is no number comes back as it is. */
export function money(rupees: string, { sign = "auto", places = 2 }: { sign?: Sign; places?: number } = {}): string {
  const value = readDecimal(rupees);
  return value ? written(rounded(value, places), "₹", sign) : rupees;
}

/** A price without the sign of the rupee, for columns whose head says so. */
export function price(rupees: string, places = 2): string {
  const value = readDecimal(rupees);
  return value ? written(rounded(value, places), "", "auto") : rupees;
}

/** A whole number: `1234567` is `"12,34,567"`. */
export function integer(count: number, sign: Sign = "auto"): string {
  const value = readDecimal(BigInt(Math.trunc(count)).toString());
  return value ? written(value, "", sign) : String(count);
}

/** Per cent from a decimal string that is one already: `"12.345"` is `"12.35 %"`. */
export function percent(text: string, { sign = "auto", places = 2 }: { sign?: Sign; places?: number } = {}): string {
  const value = readDecimal(text);
  return value ? `${written(rounded(value, places), "", sign)} %` : text;
}

/** The direction of a decimal string, after rounding to what is shown; 0 for what is no number. */
export function direction(text: string, places = 2): -1 | 0 | 1 {
  const value = readDecimal(text);
  return value ? signOf(rounded(value, places)) : 0;
}
