"""When the looks began and ended that a worker takes between a hedge and its short."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from bench.offsets import milliseconds
from lambdas.domain.contracts import Side
from lambdas.domain.intents import Order
from lambdas.domain.moments import IST
from lambdas.use_cases.place_orders import OrderPlacer

Watchable = TypeVar("Watchable")
LOOKS = ("orders", "order")


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
        """The same worker, its looks at orders seen from here on."""
        return replace(placer, brokers=_opening(placer.brokers, self))

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
        return self._watch.seen(self._inner.open(*arguments), *LOOKS)


def _opening(brokers: Watchable, watch: Watch) -> Watchable:
    return cast(Watchable, _Opening(brokers, watch))


@dataclass(frozen=True)
class Passage:
    """From the first byte of an account's last hedge, in milliseconds: to the hedges' answers, to the end of the look
    that showed them filled, to the first byte of the short; and how many looks had been begun by then."""

    answered: float
    fills_seen: float
    short_left: float
    looks: int


def passage_of(orders: Sequence[Order], spans: Sequence[Span]) -> Passage | None:
    """The passage of one account in one run; None when no short left it."""
    hedges = [order for order in orders if order.intent.side is Side.BUY]
    began = [order.state.sent_at for order in hedges if order.state.sent_at]
    answers = [order.state.acknowledged_at for order in hedges if order.state.acknowledged_at]
    shorts = [order.state.sent_at for order in orders if order.intent.side is Side.SELL and order.state.sent_at]
    if not (began and answers and shorts):
        return None
    left = min(shorts)
    seen = [span.ended for span in spans if max(began) <= span.ended <= left]
    if not seen:
        return None
    looks = sum(max(began) <= span.began <= left for span in spans)
    parts = [milliseconds(instant - max(began)) for instant in (max(answers), max(seen), left)]
    return Passage(parts[0], parts[1], parts[2], looks)
