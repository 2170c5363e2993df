"""Calls of one account take turns, whichever process makes them."""

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from lambdas.adapters.brokers.limits import DAY, MINUTE, SECOND, Limits, bucket
from lambdas.adapters.brokers.pacing import ORDER_LASTS, SHUT_FOR, MemoryRates, SharedPace
from lambdas.domain.rate_log import JITTER, RateLog
from lambdas.ports.broker import BrokerBusy
from lambdas.ports.pace import CallKind, RateStore
from tests.doubles.clock import VirtualClock
from tests.doubles.examples import at

pytestmark = pytest.mark.anyio
START = at("09:20")
WINDOW = SECOND + JITTER
LIMITS = Limits(
    rules={
        CallKind.ORDER: bucket("orders", (4, SECOND), (30, MINUTE), (50, DAY)),
        CallKind.QUOTE: bucket("quotes", (1, SECOND)),
        CallKind.BOOK: bucket("other", (10, SECOND)),
        CallKind.OTHER: bucket("other", (10, SECOND)),
    },
    kind_of=lambda _method, _path: CallKind.OTHER,
    instruments_per_quote=1,
    profiles_per_second=1,
)


class CountedRates(MemoryRates):
    """Counts the writes; `down` makes it fail, `hanging` never answer."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.down = False
        self.hanging: asyncio.Event | None = None

    async def rate_log(self, user_id: str, account_id: str) -> RateLog:
        if self.down:
            raise ConnectionError("the table is away")
        return await super().rate_log(user_id, account_id)

    async def save_rate_log(self, user_id: str, account_id: str, log: RateLog) -> bool:
        if self.hanging:
            await self.hanging.wait()
        if self.down:
            raise ConnectionError("the table is away")
        self.writes += 1
        return await super().save_rate_log(user_id, account_id, log)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def rates() -> CountedRates:
    return CountedRates()


def a_process(rates: RateStore, clock: VirtualClock, account_id: str = "one") -> SharedPace:
    return SharedPace(rates, LIMITS, clock, broker="kite", user_id="u", account_id=account_id)


async def turns(pace: SharedPace, clock: VirtualClock, kind: CallKind, number: int) -> list[datetime]:
    """When that many calls, one after the other, got their turns."""
    taken = []
    for _ in range(number):
        await pace.turn(kind)
        taken.append(clock.now())
    return taken


async def test_scarce_calls_of_two_processes_alternate(rates: CountedRates, clock: VirtualClock) -> None:
    first, second = a_process(rates, clock), a_process(rates, clock)
    both = await asyncio.gather(*(turns(pace, clock, CallKind.QUOTE, 3) for pace in (first, second)))
    taken = sorted(instant for each in both for instant in each)
    assert [instant - START for instant in taken] == [n * WINDOW for n in range(6)]


async def test_accounts_do_not_wait_for_each_other(rates: CountedRates, clock: VirtualClock) -> None:
    paces = [a_process(rates, clock, name) for name in ("one", "two")]
    both = await asyncio.gather(*(turns(pace, clock, CallKind.QUOTE, 2) for pace in paces))
    assert both == [[START, START + WINDOW]] * 2


async def test_orders_are_reserved_before_anything_else_of_the_account_takes_their_place(
    rates: CountedRates, clock: VirtualClock
) -> None:
    worker, other = a_process(rates, clock), a_process(rates, clock)
    tick = START + 3 * SECOND
    await worker.expect_orders(["NFO"] * 3 + ["BFO"], tick)
    clock.move_to(tick - SECOND / 2)
    await other.turn(CallKind.ORDER)
    assert clock.now() == tick + WINDOW


async def test_reserved_orders_leave_at_their_instant_without_asking_the_store(
    rates: CountedRates, clock: VirtualClock
) -> None:
    worker, tick = a_process(rates, clock), START + 3 * SECOND
    await worker.expect_orders(["NFO"] * 5, tick)
    clock.move_to(tick)
    rates.hanging = asyncio.Event()
    sent = []
    for _ in range(5):
        await worker.order_turn("NFO")
        sent.append(clock.now() - tick)
    assert sent == [0 * SECOND] * 4 + [WINDOW]


async def test_an_order_that_was_not_expected_waits_for_no_store_either(
    rates: CountedRates, clock: VirtualClock
) -> None:
    worker = a_process(rates, clock)
    await worker.turn(CallKind.ORDER)
    await worker.settle()
    rates.hanging = asyncio.Event()
    await worker.order_turn("NFO")
    assert clock.now() == START
    rates.hanging.set()
    await worker.settle()
    assert len((await rates.rate_log("u", "one")).instants["orders"]) == 2


async def test_a_reserved_turn_that_was_not_used_in_time_is_given_up(rates: CountedRates, clock: VirtualClock) -> None:
    worker = a_process(rates, clock)
    await worker.expect_orders(["NFO"] * 4, START)
    clock.move_to(START + ORDER_LASTS + timedelta(microseconds=1))
    await worker.order_turn("NFO")
    assert clock.now() == START + WINDOW


async def test_what_one_process_sent_the_others_know(rates: CountedRates, clock: VirtualClock) -> None:
    one, two = a_process(rates, clock), a_process(rates, clock)
    for _ in range(4):
        await one.order_turn("NFO")
    await one.settle()
    await two.order_turn("NFO")
    assert clock.now() == START + WINDOW


async def test_many_calls_are_told_in_few_writes(rates: CountedRates, clock: VirtualClock) -> None:
    pace = a_process(rates, clock)
    await turns(pace, clock, CallKind.OTHER, 8)
    await pace.settle()
    assert rates.writes <= 2
    assert len((await rates.rate_log("u", "one")).instants["other"]) == 8


async def test_two_processes_that_tell_at_once_lose_no_call(rates: CountedRates, clock: VirtualClock) -> None:
    paces = [a_process(rates, clock) for _ in range(3)]
    await asyncio.gather(*(turns(pace, clock, CallKind.OTHER, 3) for pace in paces))
    for pace in paces:
        await pace.settle()
    assert len((await rates.rate_log("u", "one")).instants["other"]) == 9


async def test_after_a_refusal_for_a_limit_nobody_calls_for_a_while(rates: CountedRates, clock: VirtualClock) -> None:
    one, two = a_process(rates, clock), a_process(rates, clock)
    await one.expect_orders(["NFO"] * 2, START)
    await one.busy(CallKind.ORDER)
    await one.settle()
    await two.turn(CallKind.ORDER)
    assert clock.now() == START + SHUT_FOR
    await one.order_turn("NFO")
    assert clock.now() == START + SHUT_FOR


async def test_a_day_that_is_used_up_is_told_and_nothing_waits(rates: CountedRates, clock: VirtualClock) -> None:
    pace = a_process(rates, clock)
    await pace.expect_orders(["NFO"] * 50, START)
    with pytest.raises(BrokerBusy, match=r"^kite: 50 orders of the day 23 Nov are used up$"):
        await pace.expect_orders(["NFO"], START)
    with pytest.raises(BrokerBusy, match="are used up"):
        await pace.turn(CallKind.ORDER)
    await pace.turn(CallKind.OTHER)


async def test_a_store_that_fails_stops_no_order_and_is_logged(
    rates: CountedRates, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    pace = a_process(rates, clock)
    rates.down = True
    with caplog.at_level(logging.ERROR):
        await pace.expect_orders(["NFO"], START)
        await pace.order_turn("NFO")
        await pace.settle()
    assert "turns of account one could not be reserved" in caplog.text
    assert "the rate log of account one could not be read" in caplog.text
    assert "the rate log of account one could not be stored" in caplog.text
    rates.down = False
    await pace.order_turn("NFO")
    await pace.settle()
    assert len((await rates.rate_log("u", "one")).instants["orders"]) == 2
