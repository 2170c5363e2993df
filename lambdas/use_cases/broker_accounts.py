"""Link broker accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.domain.account_use import open_runs_in
from lambdas.domain.accounts import NO_ALGO, PAPER, Account, Algo, paper_accounts_on, paper_capital
from lambdas.domain.moments import IST
from lambdas.domain.runs import Run
from lambdas.ports.brokers import BrokerFacts, Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret, Secrets
from lambdas.ports.store import AccountStore, RunStore


class LinkRefused(Exception):
    """The account cannot be linked or used as asked; the message names the field and what to do.

    `force_helps` is whether it can with force.
    """

    def __init__(self, problem: str, *, force_helps: bool = False) -> None:
        super().__init__(problem)
        self.force_helps = force_helps


class AccountUnknown(Exception):
    """The user has no account of that id."""


async def account_of(accounts: AccountStore, user_id: str, account_id: str) -> Account:
    """The user's account. Raises AccountUnknown."""
    account = await accounts.account(user_id, account_id)
    if account is None:
        raise AccountUnknown(f"you have no account {account_id!r}")
    return account


async def runs_open_today(runs: RunStore, clock: Clock, user_id: str, account_id: str) -> list[Run]:
    """The runs of today that are not closed and have an order in this account."""
    day = await runs.day(user_id, clock.now().astimezone(IST).date())
    return open_runs_in(account_id, day.runs, day.orders)


def check_algo(facts: BrokerFacts, algo: Algo) -> None:
    """Raises LinkRefused for a part of `algo` that no order at this broker carries: it would never arrive."""
    for part, value in (("id", algo.id), ("name", algo.name)):
        if value and part not in facts.algo:
            instead = "".join(f", or set algo_{carried}" for carried in sorted(facts.algo))
            raise LinkRefused(f"algo_{part}: orders at {facts.label} carry no algo {part}; leave it empty{instead}")


@dataclass(frozen=True)
class AccountLinker:
    """Keeps a user's broker accounts: their public part in the table, their keys among the secrets."""

    accounts: AccountStore
    secrets: Secrets
    runs: RunStore
    brokers: Brokers
    clock: Clock
    egress_routes: frozenset[str]

    async def link(
        self,
        user_id: str,
        account_id: str,
        *,
        broker: str,
        label: str,
        egress: str,
        credentials: Mapping[str, str],
        algo: Algo = NO_ALGO,
        force: bool = False,
    ) -> Account:
        """Store an account and its keys; it can trade after its first login.

        An account that is linked already gets the new keys and loses its session; while it has open runs, with
        `force` only, and its broker stays then in any case. Raises LinkRefused for that, for an unknown broker
        or egress route, for missing or unknown credentials, for an algo that the broker's orders do not carry, and for
        a paper account whose capital is none or whose `quotes_from` is no live account of this user.
        """
        self._check(broker, egress, credentials)
        check_algo(self.brokers.facts(broker), algo)
        linked = {account.account_id: account for account in await self.accounts.accounts(user_id)}
        source = _source(account_id, credentials, linked) if broker == PAPER else None
        before = linked.get(account_id)
        if before is not None:
            _check_no_paper_account(before, broker, linked)
            await self._check_replaceable(before, broker, force=force)
        account = Account(
            user_id,
            account_id,
            broker,
            label,
            client_id="",
            enabled=True,
            egress=egress,
            algo_id=algo.id,
            algo_name=algo.name,
            quotes_from=source.account_id if source else "",
            listed_at=source.master if source else "",
        )
        await self.secrets.write(user_id, account_id, AccountSecret(credentials))
        await self.accounts.save_account(account)
        return account

    def _check(self, broker: str, egress: str, credentials: Mapping[str, str]) -> None:
        if broker not in self.brokers.names:
            raise LinkRefused(
                f"broker: {broker!r} is not supported; choose one of {', '.join(sorted(self.brokers.names))}"
            )
        if egress not in self.egress_routes:
            raise LinkRefused(f"egress: {egress!r} is no route; choose one of {', '.join(sorted(self.egress_routes))}")
        known = self.brokers.facts(broker).fields
        fields = [f"{field.name} (optional)" if field.optional else field.name for field in known]
        missing = [field.name for field in known if not field.optional and not credentials.get(field.name, "").strip()]
        unknown = sorted(set(credentials) - {field.name for field in known})
        if missing or unknown:
            raise LinkRefused(
                f"credentials: {broker} needs {', '.join(fields)}"
                + (f"; missing: {', '.join(missing)}" if missing else "")
                + (f"; unknown: {', '.join(unknown)}" if unknown else "")
            )

    async def _check_replaceable(self, before: Account, broker: str, *, force: bool) -> None:
        """New keys end the session, and the exit of what is open would wait for the next login."""
        open_runs = await runs_open_today(self.runs, self.clock, before.user_id, before.account_id)
        if not open_runs:
            return
        told = f"account {before.account_id} has open runs today ({', '.join(run.name for run in open_runs)})"
        if before.broker != broker:
            raise LinkRefused(f"broker: {told} at {before.broker}; link {broker} under another id")
        if not force:
            do = "wait until they are closed, or link it with force=true"
            raise LinkRefused(f"account_id: {told}; {do}", force_helps=True)


def _source(account_id: str, credentials: Mapping[str, str], linked: Mapping[str, Account]) -> Account:
    """The account that a paper account quotes from. Raises LinkRefused."""
    try:
        paper_capital(credentials["capital"])
    except ValueError as error:
        raise LinkRefused(f"credentials.{error}") from error
    live = sorted(name for name, account in linked.items() if account.broker != PAPER and name != account_id)
    named = credentials["quotes_from"].strip()
    if named not in live:
        known = ", ".join(live) or "none yet"
        raise LinkRefused(
            f"credentials.quotes_from: {named!r} is no account of yours at a broker; choose one ({known})"
        )
    return linked[named]


def _check_no_paper_account(before: Account, broker: str, linked: Mapping[str, Account]) -> None:
    """Raises LinkRefused for another broker under paper accounts: their symbols would be of the one before."""
    on_it = paper_accounts_on(before.account_id, linked.values())
    if on_it and before.broker != broker:
        raise LinkRefused(
            f"broker: paper accounts quote from account {before.account_id} at {before.broker} ({', '.join(on_it)}); "
            f"unlink them first, or link {broker} under another id"
        )
