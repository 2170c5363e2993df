/** A decimal number taken apart, exactly as it was written. No float is ever made of it. */
export type Decimal = { negative: boolean; whole: string; fraction: string };

const WRITTEN = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads a decimal string of the API, such as `"-1234567.5"` or `"1E+3"`; null for what is none. */
export function readDecimal(text: string): Decimal | null {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = WRITTEN.exec(text) ?? [];
  if (!whole) return null;
  return { negative: sign === "-", ...shifted(whole, fraction, Number(exponent)) };
}

/** The same number with `places` decimal places, half away from zero. */
export function rounded(value: Decimal, places: number): Decimal {
  const kept = value.fraction.slice(0, places).padEnd(places, "0");
  const up = (value.fraction[places] ?? "0") >= "5" ? 1n : 0n;
  const digits = (BigInt(value.whole + kept) + up).toString().padStart(places + 1, "0");
  const split = digits.length - places;
  return { negative: value.negative, whole: digits.slice(0, split), fraction: digits.slice(split) };
}

/** -1, 0 or 1. */
export function signOf(value: Decimal): -1 | 0 | 1 {
  if (!/[1-9]/.test(value.whole + value.fraction)) return 0;
  return value.negative ? -1 : 1;
}

function shifted(whole: string, fraction: string, by: number): { whole: string; fraction: string } {
  const left = by < 0 ? whole.padStart(1 - by, "0") : whole;
  const right = by > 0 ? fraction.padEnd(by, "0") : fraction;
  const digits = left + right;
  const split = left.length + by;
  return { whole: digits.slice(0, split).replace(/^0+(?=\d)/, ""), fraction: digits.slice(split) };
}
