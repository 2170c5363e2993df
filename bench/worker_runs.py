"""Entering strategies by the workers themselves, in this process: how long the orders of one took."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.offsets import milliseconds
from bench.report import NOTHING, number, percentile
from bench.watched import Passage, Watch, passage_of
from lambdas.bootstrap import Application
from lambdas.domain.due import Due
from lambdas.domain.intents import IntentStatus, Order, Phase
from lambdas.domain.moments import IST, Tick
from lambdas.domain.strategy import Strategy

COLUMNS = ("ms from second 0 to the last answer", "n", "p50", "p99", "max", "2 × delay", "p50 − 2 × delay", "not whole")
PASSAGE_COLUMNS = (
    "p50 ms from the hedges' first byte",
    "n",
    "hedges answered",
    "fills seen",
    "short leaves",
    "looks until then",
)


@dataclass(frozen=True)
class Entered:
    """One entry: its instant, the orders of its runs as recorded, and each account's passage to its shorts."""

    tick: Tick
    orders: tuple[Order, ...]
    passages: tuple[Passage, ...]

    @property
    def whole(self) -> bool:
        """Whether every order was filled, as far as the worker saw (it does not look at its shorts again)."""
        ended = (IntentStatus.FILLED, IntentStatus.ACCEPTED)
        return bool(self.orders) and all(order.state.status in ended for order in self.orders)

    @property
    def last_answer_ms(self) -> float:
        """From second 0 to the last acknowledgement. Raises ValueError when there was none."""
        answered = [order.state.acknowledged_at for order in self.orders if order.state.acknowledged_at]
        return milliseconds(max(answered) - self.tick.instant)


async def enter(
    application: Application, strategies: Sequence[Mapping[str, Any]], lead: timedelta, watch: Watch | None = None
) -> Entered:
    """Prepare strategies of one user for a second shortly ahead and place their orders, every account at once."""
    works = [Due(Strategy.model_validate(strategy), Phase.ENTRY) for strategy in strategies]
    user_id, tick = works[0].strategy.user_id, second_after(datetime.now(IST) + lead)
    prepared = await application.preparer.prepare(user_id, tick, works)
    watch = watch or Watch()
    placer = watch.over(application.placer)
    await asyncio.gather(
        *(placer.place(user_id, account_id, tick, ids) for account_id, ids in prepared.intent_ids.items())
    )
    runs = [await application.runs.orders_of_run(user_id, tick.date, run_id) for run_id in prepared.run_ids]
    orders = [order for run in runs for order in run]
    found = [passage_of(own, watch.spans) for own in by_account_of_run(orders)]
    return Entered(tick, tuple(orders), tuple(passage for passage in found if passage is not None))


def second_after(instant: datetime) -> Tick:
    """The first whole second strictly after an instant."""
    return Tick((instant + timedelta(seconds=1)).replace(microsecond=0))


def by_account_of_run(orders: Sequence[Order]) -> list[list[Order]]:
    """The orders that wait for each other."""
    groups: dict[tuple[str, str], list[Order]] = defaultdict(list)
    for order in orders:
        groups[order.intent.run_id, order.intent.account_id].append(order)
    return list(groups.values())


def entry_row(name: str, entries: Sequence[Entered], delay_ms: int) -> tuple[str, ...]:
    """Cells for `COLUMNS`; only whole entries count, the others are in the last cell."""
    took = [entered.last_answer_ms for entered in entries if entered.whole]
    return time_row(name, took, delay_ms, str(len(entries) - len(took)))


def time_row(name: str, took: Sequence[float], delay_ms: int, not_whole: str = "0") -> tuple[str, ...]:
    """Cells for `COLUMNS` from milliseconds."""
    limit = 2 * delay_ms
    if not took:
        return (name, "0", NOTHING, NOTHING, NOTHING, str(limit), NOTHING, not_whole)
    half = percentile(took, 50)
    spread = (number(value) for value in (half, percentile(took, 99), max(took)))
    return (name, str(len(took)), *spread, str(limit), number(half - limit), not_whole)


def passage_row(name: str, entries: Sequence[Entered]) -> tuple[str, ...]:
    """Cells for `PASSAGE_COLUMNS`: the median of each part, and of the whole."""
    passages = [passage for entered in entries for passage in entered.passages]
    if not passages:
        return (name, "0", *[NOTHING] * 4)
    parts = (
        [passage.answered for passage in passages],
        [passage.fills_seen for passage in passages],
        [passage.short_left for passage in passages],
        [float(passage.looks) for passage in passages],
    )
    return (name, str(len(passages)), *(number(percentile(part, 50)) for part in parts))
