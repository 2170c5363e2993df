"""Writes that nobody waits for are still made, in order, and their failures are told."""

import asyncio

import pytest

from lambdas.domain.intents import Intent, IntentStatus, OrderState
from lambdas.use_cases.ledger_writes import LedgerWrites
from tests.doubles.examples import a_contract, an_intent
from tests.doubles.runs import MemoryRuns

pytestmark = pytest.mark.anyio
FIRST, SECOND = OrderState(IntentStatus.ACCEPTED, "first"), OrderState(IntentStatus.FILLED, "second")


class SlowAtFirst(MemoryRuns):
    """Keeps the first write of each intent waiting; remembers what was written, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.written: list[tuple[str, str]] = []
        self.failing: set[str] = set()

    async def record(self, intent: Intent, state: OrderState) -> bool:
        if state is FIRST:
            await self.gate.wait()
        if intent.symbol in self.failing:
            raise ConnectionError("the table did not answer")
        self.written.append((intent.symbol, state.reason))
        return True


async def test_what_is_known_of_one_intent_is_written_in_order() -> None:
    runs = SlowAtFirst()
    writes = LedgerWrites(runs)
    writes.record(an_intent(), FIRST)
    writes.record(an_intent(), SECOND)
    await asyncio.sleep(0)
    assert runs.written == []
    runs.gate.set()
    await writes.settle([an_intent()])
    assert runs.written == [("NIFTY24500CE", "first"), ("NIFTY24500CE", "second")]


async def test_intents_do_not_wait_for_each_other() -> None:
    runs, other = SlowAtFirst(), an_intent(leg=2, contract=a_contract(24700))
    writes = LedgerWrites(runs)
    writes.record(an_intent(), FIRST)
    writes.record(other, SECOND)
    await writes.settle([other])
    assert runs.written == [("NIFTY24700CE", "second")]
    runs.gate.set()
    await writes.settle([an_intent()])


async def test_a_failure_is_raised_after_the_others_have_ended() -> None:
    runs, other = SlowAtFirst(), an_intent(leg=2, contract=a_contract(24700))
    runs.gate.set()
    runs.failing = {"NIFTY24500CE"}
    writes = LedgerWrites(runs)
    writes.record(an_intent(), FIRST)
    writes.record(other, SECOND)
    with pytest.raises(ConnectionError):
        await writes.settle([an_intent(), other])
    assert runs.written == [("NIFTY24700CE", "second")]


async def test_a_write_that_failed_does_not_keep_the_next_one_back() -> None:
    runs = SlowAtFirst()
    runs.failing = {"NIFTY24500CE"}
    writes = LedgerWrites(runs)
    writes.record(an_intent(), SECOND)
    with pytest.raises(ConnectionError):
        await writes.settle([an_intent()])
    runs.failing = set()
    writes.record(an_intent(), SECOND)
    await writes.settle([an_intent()])
    assert runs.written == [("NIFTY24500CE", "second")]
