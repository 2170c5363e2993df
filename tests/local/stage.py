"""What a flow is played on, and how several are played within the same waiting time."""

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.domain.moments import MINUTE, Tick
from shared_config.names import EXPORT_EXECUTE_TICK_ARN
from tests.local.bus import BusTap
from tests.local.deployment import Deployment, until
from tests.local.exchange import ANGEL_ONE, ZERODHA, Exchange
from tests.local.trader import Trader, minute_after, sign_up, tick_in

LEAD_SECONDS = 15
RULE_SECONDS = 75
"""A rate of one minute counts from the deployment, and the emulator looks every ten seconds."""
TO_SAVE = timedelta(seconds=45)
FLOWS_AT_ONCE = 5
"""Each has two workers that wait for second 0; more of them would wait for the processors of a laptop instead."""


@dataclass(frozen=True)
class Stage:
    """A deployment, its sandbox and its bus."""

    deployment: Deployment
    exchange: Exchange
    bus: BusTap
    cleaning: ExitStack
    traders: list[Trader] = field(default_factory=list)

    def trader(self, *brokers: str) -> Trader:
        """A new user with logged-in accounts, at both brokers unless told otherwise."""
        trader = sign_up(self.deployment)
        self.traders.append(trader)
        self.cleaning.callback(trader.leave)
        trader.link(self.exchange, *(brokers or (ZERODHA, ANGEL_ONE)))
        return trader

    def execute(self, trader: Trader, tick: Tick, *work: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """Start the tick's workflow as the loop does, and wait until it has ended; its answer.

        `work` are pairs of phase and strategy.
        """
        items = [{"phase": phase, "strategy": strategy} for phase, strategy in work]
        payload = {"user_id": trader.user_id, "tick": str(tick), "work": items}
        ended = self.deployment.aws("stepfunctions").start_sync_execution(
            stateMachineArn=self.deployment.output("options", EXPORT_EXECUTE_TICK_ARN), input=json.dumps(payload)
        )
        assert ended["status"] == "SUCCEEDED", f"execute-tick {ended['status']}: {ended.get('cause')}"
        answer: dict[str, Any] = json.loads(ended["output"])
        return answer

    def enter(self, trader: Trader, strategy: dict[str, Any], *, lead: float = LEAD_SECONDS) -> "Ended":
        """Enter one strategy at a second shortly ahead."""
        tick = tick_in(lead)
        self.execute(trader, tick, ("entry", strategy))
        return self.seen(trader, tick)

    def minutes_of_the_loop(self) -> tuple[Tick, Tick]:
        """An entry that leaves time to save and for the rule to start the trading-day loop, and the exit after it."""
        lead = self.deployment.settings.timing.lead_seconds
        running = self.deployment.ready_at + timedelta(seconds=RULE_SECONDS + lead)
        entry = minute_after(max(datetime.now(UTC) + TO_SAVE, running))
        return entry, Tick(entry.instant + MINUTE)

    def await_end(self, trader: Trader, entry: Tick, leave: Tick) -> "Ended":
        """Wait until the only run of the day is over, one way or another."""

        def is_over() -> bool:
            return [run["status"] for run in trader.day(entry.date)["runs"]] in (["flat"], ["incomplete"], ["refused"])

        left = (leave.instant - datetime.now(UTC)).total_seconds()
        until("the exit of the run", is_over, seconds=left + 60, pause=2)
        return self.seen(trader, entry)

    def seen(self, trader: Trader, tick: Tick) -> "Ended":
        """What the API, the books and the bus say now."""
        books = {name: self.exchange.book(account) for name, account in trader.accounts.items()}
        return Ended(self, trader, tick, trader.day(tick.date), books)


@dataclass(frozen=True)
class Ended:
    """A flow that has ended, from all sides."""

    stage: Stage
    trader: Trader
    tick: Tick
    day: dict[str, Any]
    books: dict[str, list[dict[str, Any]]]

    @property
    def run(self) -> dict[str, Any]:
        """The only run of the day."""
        (run,) = self.day["runs"]
        found: dict[str, Any] = run
        return found

    def orders(self, **facts: Any) -> list[dict[str, Any]]:
        """The orders of the day that have these values, like `side="SELL"`."""
        return [order for order in self.day["orders"] if all(order[name] == value for name, value in facts.items())]

    def order(self, **facts: Any) -> dict[str, Any]:
        """The only order that has these values."""
        (order,) = self.orders(**facts)
        return order

    def event(self, name: str) -> dict[str, Any]:
        """The detail of the event that the bus delivered."""
        return self.stage.bus.wait_for(self.trader.user_id, name)


class Flows:
    """Plays arrangements in the background, so that several wait for their ticks at the same time."""

    def __init__(self, stage: Stage, arrangements: Iterable[Callable[[Stage], Any]]) -> None:
        self._stage = stage
        self._pool = ThreadPoolExecutor(FLOWS_AT_ONCE, thread_name_prefix="flow")
        self._played: dict[Callable[[Stage], Any], Future[Any]] = {
            arrange: self._pool.submit(arrange, stage) for arrange in dict.fromkeys(arrangements)
        }

    def result(self, arrange: Callable[[Stage], Any]) -> Any:
        """What an arrangement gave, awaited. Raises what it raised."""
        return self._played[arrange].result()

    def finish(self) -> Sequence[Future[Any]]:
        """Wait until all have ended, one way or another."""
        return list(wait(self._played.values()).done)

    def stop(self) -> None:
        """Begin none of those that wait for their turn, and end the threads."""
        self._pool.shutdown(cancel_futures=True)


def flow(arrange: Callable[[Stage], Any]) -> pytest.MarkDecorator:
    """Marks a test whose argument `ended` is what `arrange` gave."""
    return pytest.mark.parametrize("ended", [pytest.param(arrange, id=arrange.__name__)], indirect=True)


def arrangements_of(items: Iterable[pytest.Item]) -> list[Callable[[Stage], Any]]:
    """What the collected tests need, in their order."""
    found: list[Callable[[Stage], Any]] = []
    for item in items:
        parameters = getattr(item, "callspec", None)
        if parameters is not None and "ended" in parameters.params:
            found.append(parameters.params["ended"])
    return found


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Call all of them at the same instant, as near as threads come to it."""
    gate = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
