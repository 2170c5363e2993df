/** India has one zone and no summer time, so a moment there is a fixed shift away; the browser's own zone is never asked. */
const IST_SHIFT_MS = 5.5 * 3_600_000;
const DAY_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** An instant of the API (with its offset), or milliseconds since 1970. */
export type Instant = string | number;

export function millisecondsOf(instant: Instant): number {
  return typeof instant === "number" ? instant : Date.parse(instant);
}

/** `09:20:00`, or `09:20:00.004` with milliseconds. */
export function istTime(instant: Instant, precision: "minutes" | "seconds" | "milliseconds" = "seconds"): string {
  const text = shifted(instant)?.toISOString().slice(11, 23) ?? "–";
  return text.slice(0, { minutes: 5, seconds: 8, milliseconds: 12 }[precision]);
}

/** `Mon 23 Nov 2026`. */
export function istDate(instant: Instant): string {
  const moment = shifted(instant);
  if (!moment) return "–";
  const day = `${WEEKDAYS[moment.getUTCDay()] ?? ""} ${moment.getUTCDate()}`;
  return `${day} ${MONTHS[moment.getUTCMonth()] ?? ""} ${moment.getUTCFullYear()}`;
}

/** The date in India as the API writes it: `2026-11-23`. */
export function istDay(instant: Instant): string {
  return shifted(instant)?.toISOString().slice(0, 10) ?? "–";
}

/** When something is, seen from `now`: `today 23:59 IST`, `tomorrow 06:00 IST`, `Wed 25 Nov 2026, 06:00 IST`. */
export function istMoment(instant: Instant, now: number): string {
  const apart = (Date.parse(istDay(instant)) - Date.parse(istDay(now))) / DAY_MS;
  const near = { "-1": "yesterday ", "0": "today ", "1": "tomorrow " }[String(apart)];
  return `${near ?? `${istDate(instant)}, `}${istTime(instant, "minutes")} IST`;
}

/** How long ago: `now`, `12 s ago`, `3 min ago`, `2 h 5 min ago`, `4 d ago`. */
export function ago(instant: Instant, now: number): string {
  const text = lasting(now - millisecondsOf(instant));
  return text === "0 s" ? "now" : `${text} ago`;
}

/** A length of time in words: `12 s`, `3 min`, `2 h 5 min`, `4 d`. Below 0 is 0. */
export function lasting(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

/** A date whose UTC parts are those of the Indian clock; null for what is no instant. */
function shifted(instant: Instant): Date | null {
  const milliseconds = millisecondsOf(instant);
  return Number.isFinite(milliseconds) ? new Date(milliseconds + IST_SHIFT_MS) : null;
}
