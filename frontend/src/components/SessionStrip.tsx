import { useSecond } from "@/lib/clock";
import { istMoment, lasting, millisecondsOf } from "@/lib/moments";

import { StatusBadge } from "./StatusBadge";
import type { SessionStatus } from "./statuses";

const SOON_MS = 30 * 60_000;

/** Whether an account is logged in at its broker, and until when. */
export function SessionStrip({ session, expiresAt }: { session: SessionStatus; expiresAt: string | null }) {
  const now = useSecond();
  const left = expiresAt ? millisecondsOf(expiresAt) - now : null;
  // The list may be older than the end of a session.
  const status = session === "active" && left !== null && left <= 0 ? "ended" : session;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <StatusBadge of="session" status={status} />
      {expiresAt && left !== null && (
        <span className={status === "active" && left < SOON_MS ? "text-xs font-medium text-warning" : "text-xs text-muted-foreground"}>
          {status === "active" ? `until ${istMoment(expiresAt, now)}, ${lasting(left)} left` : `ended ${istMoment(expiresAt, now)}`}
        </span>
      )}
    </span>
  );
}
