"""Load the brokers' instrument masters of the day."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Listing
from lambdas.domain.expiry_calendar import expiry_warnings
from lambdas.domain.moments import IST
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import BrokerError
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import AccountStore, ContractStore, ControlStore, MasterFailure, MasterInfo

COMPARED_FOR = timedelta(days=7)
"""For how long a master is what the next one is compared with: after that its own weekly expiries are over, and
a smaller master of today serves better than none."""


class NoUsableMaster(Exception):
    """No account gets a master, or it is not fit for use; the message says why."""


@dataclass(frozen=True)
class MasterLoader:
    """One master for each broker that anybody linked; a failure keeps the master of before.

    `calendar` is what the files say of the exchanges' days, also where sessions never close: expiries follow them
    everywhere. The operator's changes are put on top of it.
    """

    accounts: AccountStore
    controls: ControlStore
    contracts: ContractStore
    secrets: Secrets
    brokers: Brokers
    events: Events
    clock: Clock
    calendar: TradingCalendar
    underlyings: frozenset[str]

    async def load(self) -> Mapping[str, str]:
        """Load the master of every linked broker that is not loaded today; returns broker → what happened.

        Publishes `MasterFailed` when one cannot be used, again only when the reason changes within the day, and
        `MasterWarning` for expiries that are not by the exchange's rules. What nobody foresaw is raised after
        every broker had its turn.
        """
        today = self.clock.now().astimezone(IST).date()
        linked = await self.accounts.linked_brokers()
        done = await asyncio.gather(*(self._load(account, today) for account in linked), return_exceptions=True)
        unforeseen = [what for what in done if isinstance(what, BaseException)]
        if unforeseen:
            raise BaseExceptionGroup("instrument masters", unforeseen)
        told = (what for what in done if isinstance(what, str))
        return dict(zip((account.broker for account in linked), told, strict=True))

    async def _load(self, account: Account, today: date) -> str:
        broker = account.broker
        in_use = await self.contracts.master_of(broker)
        if in_use and in_use.loaded_on == today:
            return "loaded today already"
        try:
            listings = await self._listings(account)
            await self._check(broker, listings, in_use, today)
            warnings = await self._warnings(listings, today)
            await self.contracts.save_listings(broker, today, listings, warnings)
        except (BrokerError, NoUsableMaster, ValueError) as error:
            await self._tell_failure(broker, MasterFailure(today, str(error)), in_use)
            return f"failed, {_still_used(in_use)}: {error}"
        if warnings:
            await self.events.publish([Event("MasterWarning", {"broker": broker, "warnings": list(warnings)})])
        return f"{len(listings)} contracts"

    async def _listings(self, first: Account) -> Sequence[Listing]:
        """The master from the first account that gets it: the one linked last, then its user's others at this broker.

        Raises NoUsableMaster with the reason of each when none does.
        """
        accounts = await self._accounts_beside(first)
        failures: list[str] = []
        if first.account_id not in {account.account_id for account in accounts}:
            failures.append(f"account {first.account_id}, the last one that was logged in, is not linked any more")
        for account in accounts:
            try:
                return await self._listings_of(account)
            except (BrokerError, SecretMissing, ValueError) as error:
                failures.append(f"account {account.account_id}: {error}")
        raise NoUsableMaster("; ".join(failures))

    async def _accounts_beside(self, first: Account) -> Sequence[Account]:
        """The accounts of the same user and broker as they are now, those with the longest sessions first."""

        def session_end(account: Account) -> float:
            return account.session_expires_at.timestamp() if account.session_expires_at else 0.0

        linked = await self.accounts.accounts(first.user_id)
        at_broker = [account for account in linked if account.broker == first.broker]
        return sorted(at_broker, key=session_end, reverse=True)

    async def _listings_of(self, account: Account) -> Sequence[Listing]:
        secret = await self.secrets.read(account.user_id, account.account_id)
        broker = self.brokers.open(account, secret)
        try:
            return await broker.listings(self.underlyings)
        finally:
            await broker.aclose()

    async def _check(self, broker: str, listings: Sequence[Listing], in_use: MasterInfo | None, today: date) -> None:
        """Refuse a master that lacks much of the one before: half a file looks whole to its reader.

        Raises NoUsableMaster.
        """
        if not listings:
            raise NoUsableMaster("the master lists no contract of a known underlying")
        if in_use is None or today - in_use.loaded_on > COMPARED_FOR:
            return
        if 2 * len(listings) < in_use.contracts:
            raise NoUsableMaster(
                f"the master lists {len(listings)} contracts, fewer than half of the {in_use.contracts} "
                f"of {in_use.loaded_on:%d %b}"
            )
        for underlying in sorted(self.underlyings - {listing.contract.underlying for listing in listings}):
            if any(expiry >= today for expiry in await self.contracts.expiries(broker, underlying)):
                raise NoUsableMaster(f"the master lists no {underlying}, which that of {in_use.loaded_on:%d %b} did")

    async def _warnings(self, listings: Sequence[Listing], today: date) -> tuple[str, ...]:
        calendar = self.calendar.with_changes((await self.controls.control()).changes)
        expiries: dict[str, set[date]] = defaultdict(set)
        for listing in listings:
            expiries[listing.contract.underlying].add(listing.contract.expiry)
        found = [
            warning
            for underlying, listed in sorted(expiries.items())
            for warning in expiry_warnings(underlying, sorted(listed), today, calendar)
        ]
        return tuple(dict.fromkeys(found))

    async def _tell_failure(self, broker: str, failure: MasterFailure, in_use: MasterInfo | None) -> None:
        """Say it aloud, then remember that: a crash in between says it twice, which is better than never."""
        if await self.contracts.last_failure(broker) == failure:
            return
        in_use_of = in_use.loaded_on.isoformat() if in_use else None
        detail = {"broker": broker, "reason": failure.reason, "in_use": in_use_of}
        await self.events.publish([Event("MasterFailed", detail)])
        await self.contracts.save_failure(broker, failure)


def _still_used(in_use: MasterInfo | None) -> str:
    if in_use is None:
        return "no contracts are known"
    return f"the contracts of {in_use.loaded_on:%d %b %Y} stay in use"
