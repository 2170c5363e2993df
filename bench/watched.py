"""When the calls began and ended that a worker makes between a hedge's acknowledgement and its short."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar, cast

from bench.offsets import milliseconds
from lambdas.domain.contracts import Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState
from lambdas.domain.moments import IST
from lambdas.use_cases.place_orders import OrderPlacer

Watchable = TypeVar("Watchable")
RECORD, LOOK = "record", "order"


@dataclass(frozen=True)
class Span:
    """One awaited call: its name, its arguments, when it began and ended."""

    call: str
    arguments: tuple[Any, ...]
    began: datetime
    ended: datetime


@dataclass
class Watch:
    """All calls that were seen, in the order of their ends."""

    spans: list[Span] = field(default_factory=list)

    def over(self, placer: OrderPlacer) -> OrderPlacer:
        """The same worker, its records and its looks at orders seen from here on."""
        return replace(placer, runs=self.seen(placer.runs, RECORD), brokers=_opening(placer.brokers, self))

    def seen(self, inner: Watchable, *names: str) -> Watchable:
        """The same with these awaitable methods timed."""
        return cast(Watchable, _Seen(inner, names, self.spans))


class _Seen:
    def __init__(self, inner: object, names: Sequence[str], spans: list[Span]) -> None:
        self._inner, self._names, self._spans = inner, names, spans

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._names:
            return found

        async def timed(*arguments: Any) -> Any:
            began = datetime.now(IST)
            try:
                return await found(*arguments)
            finally:
                self._spans.append(Span(name, arguments, began, datetime.now(IST)))

        return timed


class _Opening:
    def __init__(self, inner: Any, watch: Watch) -> None:
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def open(self, *arguments: Any) -> Any:
        return self._watch.seen(self._inner.open(*arguments), LOOK)


def _opening(brokers: Watchable, watch: Watch) -> Watchable:
    return cast(Watchable, _Opening(brokers, watch))


@dataclass(frozen=True)
class Passage:
    """From the last acknowledgement of an account's hedges to the first byte of its short, in milliseconds.

    The parts follow each other: the answers are recorded, the fills are seen (so many looks), the fills are recorded,
    the short leaves.
    """

    answers_recorded: float
    fills_seen: float
    looks: int
    fills_recorded: float
    short_left: float

    @property
    def whole(self) -> float:
        """All four."""
        return self.answers_recorded + self.fills_seen + self.fills_recorded + self.short_left


def passage_of(orders: Sequence[Order], spans: Sequence[Span]) -> Passage | None:
    """The passage of one account in one run; None when no short left it."""
    hedges = [order for order in orders if order.intent.side is Side.BUY]
    acknowledged = [order.state.acknowledged_at for order in hedges if order.state.acknowledged_at]
    left = [order.state.sent_at for order in orders if order.intent.side is Side.SELL and order.state.sent_at]
    looks = _looks(hedges, spans)
    answers, fills = _records(hedges, spans, IntentStatus.ACCEPTED), _records(hedges, spans, IntentStatus.FILLED)
    if not (acknowledged and left and looks and answers and fills):
        return None
    ends = [max(acknowledged), max(answers), max(span.ended for span in looks), max(fills), min(left)]
    parts = [milliseconds(later - earlier) for earlier, later in pairwise(ends)]
    return Passage(parts[0], parts[1], len(looks), parts[2], parts[3])


def _looks(hedges: Sequence[Order], spans: Sequence[Span]) -> list[Span]:
    numbers = {order.state.broker_order_id for order in hedges}
    return [span for span in spans if span.call == LOOK and span.arguments[0] in numbers]


def _records(hedges: Sequence[Order], spans: Sequence[Span], status: IntentStatus) -> list[datetime]:
    wanted = {order.intent.intent_id for order in hedges}
    return [span.ended for span in spans if span.call == RECORD and _is_of(span.arguments, wanted, status)]


def _is_of(arguments: tuple[Any, ...], wanted: set[str], status: IntentStatus) -> bool:
    intent, state = arguments
    return (
        isinstance(intent, Intent)
        and isinstance(state, OrderState)
        and intent.intent_id in wanted
        and state.status is status
    )
