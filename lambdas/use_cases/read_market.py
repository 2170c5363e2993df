"""Read what strategies mean now: spot, expiries, chains and quotes, from the brokers of their accounts."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from lambdas.domain.accounts import Account
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.resolving import (
    ExpiriesOfLegs,
    Market,
    ResolvedLeg,
    contracts_to_quote,
    expiries_of_legs,
    resolve,
)
from lambdas.domain.strategy import StrategyDefinition
from lambdas.ports.broker import BrokerError
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets
from lambdas.ports.store import ContractStore
from lambdas.use_cases.read_quotes import PATIENCE_SECONDS, QuoteReading


@dataclass(frozen=True)
class Resolved:
    """A market, the contracts that a strategy's legs mean in it, and the account whose quotes were used."""

    market: Market
    legs: tuple[ResolvedLeg, ...]
    quoted_by: str


@dataclass(frozen=True)
class MarketReader:
    """Opens readings: each keeps what it has read, so that strategies of one minute share it."""

    contracts: ContractStore
    secrets: Secrets
    brokers: Brokers
    clock: Clock

    def reading(self, accounts: Mapping[str, Account]) -> "Reading":
        """A reading through these accounts of one user, to be used in `async with`."""
        return Reading(accounts, self.secrets, self.brokers, self.clock, self.contracts)


@dataclass
class Reading(QuoteReading):
    """What was read through one user's accounts until now, quotes of what is held included."""

    contracts: ContractStore
    _spots: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    _chains: dict[tuple[str, str, date], Chain] = field(default_factory=dict)
    _expiries: dict[tuple[str, str], Sequence[date]] = field(default_factory=dict)
    _silent: dict[str, str] = field(default_factory=dict)
    """Accounts whose broker did not answer, and why: they are not asked again."""
    _turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """An account is asked by one strategy at a time, so that the next finds what was read."""
    _of_masters: asyncio.Lock = field(default_factory=asyncio.Lock)
    """The same for instrument masters: chains are large."""

    async def resolve(
        self, definition: StrategyDefinition, day: date, *, account_ids: Collection[str] | None = None
    ) -> Resolved:
        """The contracts that a strategy means on a trading day, at the present quotes.

        `account_ids` are those that trade it (all that it names, unless told). Raises PlanningError naming what
        is missing and at which broker.
        """
        using = sorted(definition.account_ids() if account_ids is None else account_ids)
        underlying = definition.underlying
        async with self._of_masters:
            listed = await self._listed(underlying, self._masters_of(using))
        spot, quoted_by = await self._spot(underlying, using)
        expiries = expiries_of_legs(definition, listed, day)
        async with self._of_masters:
            chains = await self._chains_of(underlying, listed, expiries)
        market = Market(underlying, self.clock.now(), spot, chains)
        wanted = contracts_to_quote(definition, expiries, market)
        market = replace(market, quotes=await self._quotes_of(wanted, market, quoted_by))
        return Resolved(market, resolve(definition, expiries, market), quoted_by)

    async def quote(self, resolved: Resolved, contracts: Collection[Contract]) -> Resolved:
        """The same with quotes of these contracts too. Raises PlanningError."""
        quotes = await self._quotes_of(set(contracts), resolved.market, resolved.quoted_by)
        market = replace(resolved.market, quotes={**resolved.market.quotes, **quotes})
        return replace(resolved, market=market)

    def _masters_of(self, account_ids: Sequence[str]) -> list[str]:
        return sorted({self.accounts[account_id].master for account_id in account_ids})

    async def _spot(self, underlying: str, account_ids: Sequence[str]) -> tuple[Decimal, str]:
        """The spot (rupees) from an account that answers, and which one that was: the first is asked alone, the others
        together when it does not tell."""
        known = [one for one in account_ids if (underlying, one) in self._spots]
        failures: list[str] = []
        for some in ([known[0]],) if known else (account_ids[:1], account_ids[1:]):
            told = await asyncio.gather(*(self._spot_at(underlying, one) for one in some))
            failures += [problem for problem in told if problem]
            answered = [one for one, problem in zip(some, told, strict=True) if not problem]
            if answered:
                return self._spots[underlying, answered[0]], answered[0]
        raise PlanningError(f"no quote for {underlying}: {'; '.join(failures)}")

    async def _spot_at(self, underlying: str, account_id: str) -> str | None:
        """Read the spot through one account, once; why it does not tell, or None."""
        account = self.accounts[account_id]
        async with self._turns[account_id]:
            problem = account.session_problem(self.clock.now()) or self._silent.get(account_id)
            if problem or (underlying, account_id) in self._spots:
                return problem
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    broker = await self._broker(account_id)
                    self._spots[underlying, account_id] = (await broker.index_quote(underlying)).last
                return None
            except TimeoutError:
                self._silent[account_id] = f"{account.broker} account {account_id} did not answer in time"
                return self._silent[account_id]
            except (BrokerError, SecretMissing, ValueError) as error:
                return f"{account.broker} account {account_id}: {error}"

    async def _listed(self, underlying: str, brokers: Sequence[str]) -> dict[str, Sequence[date]]:
        for broker in brokers:
            if (broker, underlying) not in self._expiries:
                expiries = await self.contracts.expiries(broker, underlying)
                if not expiries:
                    raise PlanningError(f"no instrument master of {broker} is loaded for {underlying}")
                self._expiries[broker, underlying] = expiries
        return {broker: self._expiries[broker, underlying] for broker in brokers}

    async def _chains_of(
        self, underlying: str, brokers: Collection[str], expiries: ExpiriesOfLegs
    ) -> dict[str, dict[date, Chain]]:
        keys = [(broker, underlying, expiry) for broker in brokers for expiry in set(expiries)]
        missing = [key for key in keys if key not in self._chains]
        for key, chain in zip(missing, await asyncio.gather(*(self._chain(*key) for key in missing)), strict=True):
            self._chains[key] = chain
        return {broker: {expiry: self._chains[broker, underlying, expiry] for expiry in expiries} for broker in brokers}

    async def _chain(self, broker: str, underlying: str, expiry: date) -> Chain:
        chain = await self.contracts.chain(broker, underlying, expiry)
        if chain is None:
            raise PlanningError(f"the instrument master of {broker} is incomplete for {underlying} {expiry}")
        return chain

    async def _quotes_of(self, wanted: set[Contract], market: Market, account_id: str) -> dict[Contract, Quote]:
        """Quotes from one account; contracts that its broker does not quote are absent."""
        async with self._turns[account_id]:
            await self._read_quotes(sorted(wanted - self._quotes.keys()), market, account_id)
        return {contract: self._quotes[contract] for contract in wanted if contract in self._quotes}

    async def _read_quotes(self, missing: Sequence[Contract], market: Market, account_id: str) -> None:
        """Raises PlanningError."""
        account = self.accounts[account_id]
        chains = market.chains[account.master]
        listings = [
            chains[contract.expiry].listings[contract]
            for contract in missing
            if contract in chains[contract.expiry].listings
        ]
        if not listings:
            return
        if account_id in self._silent:
            raise PlanningError(f"no quotes: {self._silent[account_id]}")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                broker = await self._broker(account_id)
                found = await broker.quotes([(row.exchange, row.symbol, row.token) for row in listings])
        except TimeoutError:
            self._silent[account_id] = f"{account.broker} account {account_id} did not answer in time"
            raise PlanningError(f"no quotes: {self._silent[account_id]}") from None
        except (BrokerError, ValueError) as error:
            raise PlanningError(f"no quotes from {account.broker} account {account_id}: {error}") from error
        self._quotes |= {row.contract: found[row.symbol] for row in listings if row.symbol in found}
