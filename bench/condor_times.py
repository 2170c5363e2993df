"""A four-leg strategy by the workers themselves, in one account and in two, under the brokers' delay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from bench.bare_orders import BareSender, known_orders, times_of
from bench.desk import Desk, iron_condor, never_due
from bench.sandbox_rig import Exchange, Linked
from bench.watched import Watch
from bench.worker_runs import Entered, enter, entry_row, passage_row, time_row
from lambdas.bootstrap import Application
from lambdas.domain.contracts import Side
from lambdas.domain.moments import IST
from local.steps import CannotContinue, step

LEAD = timedelta(seconds=6)
"""Reading the market through a broker that takes one quote a second, then the prices 3 s before second 0."""
PLACES = {"one account": ("zerodha", "zerodha"), "two accounts, two brokers": ("zerodha", "angel_one")}
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class CondorTimes:
    """Cells of both tables of this part."""

    times: Rows = field(default_factory=list)
    passages: Rows = field(default_factory=list)


async def condor_times(
    application: Application, desk: Desk, linked: Linked, delays: Sequence[int], repetitions: int
) -> CondorTimes:
    """Enter the strategy so often under each delay, then send the same orders without the product."""
    found = CondorTimes()
    bare: BareSender | None = None
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for delay in delays:
            for place in PLACES:
                name = f"{place}, {delay} ms"
                with step(f"{repetitions} × four legs: {name}"):
                    entries = await _entries(application, desk, delay, place, repetitions)
                found.times.append(entry_row(f"Legwise: {name}", entries, delay))
                found.passages.append(passage_row(name, entries))
                _tell_failures(entries)
                bare = bare or await bare_sender(client, desk.exchange, linked, entries[0])
            desk.exchange.delay(delay)
            with step(f"{repetitions} × the same orders by a bare client: {delay} ms"):
                took = await times_of(_known(bare), repetitions)
            desk.exchange.delay(0)
            found.times.extend(time_row(f"{name}, {delay} ms", values, delay) for name, values in took.items())
    return found


async def bare_sender(client: httpx.AsyncClient, exchange: Exchange, linked: Linked, entered: Entered) -> BareSender:
    """A bare client with the orders of an entry at Zerodha."""
    exchange.delay(0)
    known = await known_orders(linked, entered.orders)
    hedges = sum(order.intent.side is Side.BUY for order in entered.orders)
    return BareSender(client, linked.face, known[:hedges], known[hedges:])


async def _entries(application: Application, desk: Desk, delay: int, place: str, repetitions: int) -> list[Entered]:
    """One strategy for each: a strategy enters once a day. The first entry opens what stays open, and does not
    count."""
    entries: list[Entered] = []
    for count in range(repetitions + 1):
        strategy = _saved(desk, f"condor-{delay}-{len(PLACES[place][0])}-{list(PLACES).index(place)}-{count}", place)
        desk.exchange.delay(delay)
        entries.append(await enter(application, [strategy], LEAD, Watch()))
        desk.exchange.delay(0)
    return entries[1:]


def _saved(desk: Desk, strategy_id: str, place: str) -> dict[str, object]:
    calls, puts = (account_at(desk, broker) for broker in PLACES[place])
    return desk.save(strategy_id, iron_condor(place, never_due(datetime.now(IST)), calls, puts))


def account_at(desk: Desk, broker: str) -> str:
    """The first account of a desk at a broker."""
    return next(account_id for account_id, (of, _) in desk.clients.items() if of == broker)


def _known(bare: BareSender | None) -> BareSender:
    if bare is None:
        raise CannotContinue("no order was sent that a bare client could send again")
    return bare


def _tell_failures(entries: Sequence[Entered]) -> None:
    for entered in entries:
        if not entered.whole:
            reasons = sorted({f"{order.state.status}: {order.state.reason}" for order in entered.orders})
            print(f"  ! not whole at {entered.tick}: {'; '.join(reasons) or 'no order was planned'}")
