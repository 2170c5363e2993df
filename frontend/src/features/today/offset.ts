import { integer } from "@/lib/format";

const MINUS = "−";

/** How far from its second 0 the first byte of an order left: `+4.2`, `−0.3`, `+1,204` milliseconds. */
export function offsetText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const digits = size < 100 ? String(Math.round(size * 10) / 10) : integer(Math.round(size));
  return `${digits === "0" ? "" : milliseconds < 0 ? MINUS : "+"}${digits}`;
}

/** A countdown: `04:56`, or `2:04:56` above an hour. Below 0 is 0. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  return parts.join(":").replace(/^00:/, "").replace(/^0(?=\d:\d\d:)/, "");
}

const FRACTION = /:\d\d\.(\d{1,6})/;

/** From one instant of the API to another in milliseconds, to the microsecond; null where one is not known. */
export function millisecondsBetween(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const microseconds = microsecondsOf(to) - microsecondsOf(from);
  return Number.isFinite(microseconds) ? microseconds / 1000 : null;
}

function microsecondsOf(instant: string): number {
  const [, fraction = ""] = FRACTION.exec(instant) ?? [];
  return Date.parse(instant.replace(`.${fraction}`, "")) * 1000 + Number(fraction.padEnd(6, "0"));
}
