"""Writes to the ledger that nobody has to wait for while orders are being sent."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from lambdas.domain.intents import Intent, OrderState
from lambdas.ports.store import RunStore


@dataclass
class LedgerWrites:
    """Records states in the background, those of one intent one after the other.

    Between a fill and the order that it releases every millisecond counts, and the ledger does not decide about it: an
    intent whose state is not written is `sending`, and its broker tells what became of it.
    """

    runs: RunStore
    _latest: dict[str, asyncio.Task[bool]] = field(default_factory=dict)

    def record(self, intent: Intent, state: OrderState) -> None:
        """Begin to write; `settle` tells whether it worked."""
        before = self._latest.get(intent.intent_id)
        self._latest[intent.intent_id] = asyncio.create_task(self._write(before, intent, state))

    async def settle(self, intents: Iterable[Intent]) -> None:
        """Return when everything about these intents is written. Raises the first failure, after all have ended."""
        ids = {intent.intent_id for intent in intents}
        writes = [self._latest.pop(intent_id) for intent_id in sorted(ids & self._latest.keys())]
        for outcome in await asyncio.gather(*writes, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _write(self, before: asyncio.Task[bool] | None, intent: Intent, state: OrderState) -> bool:
        if before is not None:
            await asyncio.wait([before])
        return await self.runs.record(intent, state)
