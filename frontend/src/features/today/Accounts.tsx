import { Link } from "@tanstack/react-router";
import { memo } from "react";

import { lookOf, SESSION } from "@/components/statuses";
import { Badge } from "@/components/ui/badge";
import { useSecond } from "@/lib/clock";
import { istMoment, lasting, millisecondsOf } from "@/lib/moments";

import type { Me } from "./shapes";

const SOON_MS = 30 * 60_000;

/** The day's sessions at the brokers, of the accounts that may trade: a badge each. Their details are on Brokers. */
export const Accounts = memo(function Accounts({ accounts }: { accounts: Me["accounts"] }) {
  const enabled = accounts.filter((account) => account.enabled);
  if (enabled.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2" aria-label="Sessions at the brokers">
      {enabled.map((account) => (
        <li key={account.account_id} className="min-w-0 max-w-full">
          <Link to="/brokers" className="block rounded hover:underline">
            <OneSession account={account} />
          </Link>
        </li>
      ))}
    </ul>
  );
});

/** Told in full while something is wrong or about to be; else only the name is seen. */
function OneSession({ account: { label, session, session_expires_at: expires } }: { account: Me["accounts"][number] }) {
  const now = useSecond();
  const left = expires ? millisecondsOf(expires) - now : null;
  // The list may be older than the end of a session.
  const status = session === "active" && left !== null && left <= 0 ? "ended" : session;
  const { words, icon: Icon, tone } = lookOf(SESSION, status);
  const soon = status === "active" && left !== null && left < SOON_MS;
  const until = expires && left !== null ? (status === "active" ? `until ${istMoment(expires, now)}, ${lasting(left)} left` : `ended ${istMoment(expires, now)}`) : "";
  return (
    <Badge tone={soon ? "warning" : tone} title={until ? `${words} ${until}` : words} className="max-w-full px-2 py-1">
      <Icon aria-hidden />
      <span className="truncate">{label}</span>
      {status === "active" ? <span className="sr-only">{words}</span> : <span>: {words.toLowerCase()}</span>}
      {soon ? <span>: {lasting(left)} left</span> : until && <span className="sr-only"> {until}</span>}
    </Badge>
  );
}
