"""Read the last prices of what a user holds, through the user's accounts."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.runs import Position
from lambdas.ports.broker import Broker, BrokerError
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing, Secrets

PATIENCE_SECONDS = 3.0
"""Real seconds that one account may keep a strategy waiting for the spot, and for quotes: all strategies of a user are
sent when the last of them is prepared, within the lead of their minute."""


@dataclass
class QuoteReading:
    """Quotes that were read through one user's accounts until now, to be used in `async with`: its connections close
    with it."""

    accounts: Mapping[str, Account]
    secrets: Secrets
    brokers: Brokers
    clock: Clock
    _open: dict[str, Broker] = field(default_factory=dict, init=False)
    _quotes: dict[Contract, Quote] = field(default_factory=dict, init=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(broker.aclose() for broker in self._open.values()))

    async def quotes_of(self, positions: Collection[Position]) -> Mapping[Contract, Quote]:
        """Quotes of what is held. Each is asked for at accounts of its broker, the holding one first, until one of
        them tells; what nobody quotes is absent."""
        by_master: dict[str, list[Position]] = defaultdict(list)
        for position in positions:
            if position.account_id in self.accounts and position.contract not in self._quotes:
                by_master[self.accounts[position.account_id].master].append(position)
        await asyncio.gather(*(self._quote_held(master, held) for master, held in by_master.items()))
        wanted = {position.contract for position in positions}
        return {contract: self._quotes[contract] for contract in wanted if contract in self._quotes}

    async def _quote_held(self, master: str, held: Sequence[Position]) -> None:
        alike = [account_id for account_id, account in self.accounts.items() if account.master == master]
        holding = {position.account_id for position in held}
        for account_id in sorted(alike, key=lambda one: (one not in holding, one)):
            missing = {row.contract: (row.exchange, row.symbol, row.token) for row in held}
            missing = {contract: row for contract, row in missing.items() if contract not in self._quotes}
            if not missing or self.accounts[account_id].session_problem(self.clock.now()):
                continue
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    found = await (await self._broker(account_id)).quotes(list(missing.values()))
            except (TimeoutError, BrokerError, SecretMissing, ValueError):
                continue  # another account may tell; what none of them quotes is told to be so
            self._quotes |= {contract: found[row[1]] for contract, row in missing.items() if row[1] in found}

    async def _broker(self, account_id: str) -> Broker:
        if account_id not in self._open:
            account = self.accounts[account_id]
            secret = await self.secrets.read(account.user_id, account_id)
            self._open[account_id] = self.brokers.open(account, secret)
        return self._open[account_id]
