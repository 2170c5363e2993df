"""What is true: prices, and every order that reached a broker, with its instants."""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, IntentStatus
from tests.simulation.faults import Faults
from tests.simulation.loop import SECOND

STEP = 2 * SECOND
"""Prices change this often."""
ATTEMPTS = tuple(int(seconds * SECOND) for seconds in (0, 0.2, 0.5, 1, 2, 3, 5, 8, 12, 18, 27, 40, 90))
"""When, after its arrival, an order is looked at again."""
SPOT = 2_450_000
"""Paise: where the index begins."""


class Prices:
    """A walk of the index, in paise, and options that follow it."""

    def __init__(self, random: Random, seconds: int, *, moves: bool) -> None:
        widest = 8_000 if moves else 300
        self._walk = [SPOT + int(4_000 * random.random()) - 2_000]
        for _ in range(seconds * SECOND // STEP + 1):
            self._walk.append(self._walk[-1] + int((2 * random.random() - 1) * widest))

    def spot(self, at: int) -> int:
        return self._walk[min(max(0, at) // STEP, len(self._walk) - 1)]

    def touch(self, symbol: str, side: Side, at: int) -> int:
        """What a taker pays or gets for one unit, in paise: a multiple of 5."""
        right, strike, spot = symbol[-2:], int(float(symbol[5:-2])) * 100, self.spot(at)
        intrinsic = max(0, spot - strike if right == "CE" else strike - spot)
        worth = intrinsic + max(500, 15_000 - abs(spot - strike) // 4)
        return (worth // 5 + (1 if side is Side.BUY else -1)) * 5

    def quote(self, symbol: str, at: int) -> Quote:
        bid, ask = self.touch(symbol, Side.SELL, at), self.touch(symbol, Side.BUY, at)
        return Quote(Decimal(bid + ask) / 200, Decimal(bid) / 100, Decimal(ask) / 100)


@dataclass(eq=False)
class TrueOrder:
    """One order that a broker accepted. Its future is known as soon as it is at the exchange; a cancellation or a
    change cuts it short."""

    number: str
    tag: str
    symbol: str
    side: Side
    quantity: int
    lot: int
    limit: int
    sent_by: str
    arrived: int
    visible: int
    fills: list[tuple[int, int, int]] = field(default_factory=list)
    end: tuple[int, IntentStatus, str] | None = None

    def filled(self, at: int) -> int:
        """Units filled by then."""
        return sum(quantity for when, quantity, _ in self.fills if when <= at)

    def average(self, at: int) -> Decimal | None:
        """Rupees a unit, for what is filled by then."""
        filled = self.filled(at)
        paid = sum(quantity * price for when, quantity, price in self.fills if when <= at)
        return Decimal(paid) / filled / 100 if filled else None

    def status(self, at: int) -> IntentStatus:
        filled = self.filled(at)
        if filled == self.quantity:
            return IntentStatus.FILLED
        if self.end is not None and at >= self.end[0]:
            return self.end[1]
        return IntentStatus.PARTLY_FILLED if filled else IntentStatus.ACCEPTED

    def live(self, at: int) -> bool:
        """Whether it may still be filled."""
        return self.status(at) not in FINAL

    def stop(self, at: int, status: IntentStatus, why: str) -> None:
        """It ends here, with what was filled until now."""
        self.fills = [fill for fill in self.fills if fill[0] <= at]
        self.end = (at, status, why)

    def __str__(self) -> str:
        return f"{self.number} ({self.side} {self.quantity} {self.symbol}, {self.tag})"


class Exchange:
    """Matches orders against the prices."""

    def __init__(self, random: Random, faults: Faults, prices: Prices, closes: int) -> None:
        self._random = random
        self._faults = faults
        self.prices = prices
        self.closes = closes

    def take(self, order: TrueOrder) -> None:
        """Decide what becomes of an order that has just arrived."""
        if self._faults.strikes("rejected by exchange"):
            delay = int(self._random.random() * 3 * SECOND)
            order.end = (order.arrived + delay, IntentStatus.REFUSED, "the exchange rejected it: no such margin")
            return
        if self._faults.strikes("rests"):
            self.match(order, order.arrived + int(self._random.random() * 60 * SECOND))
        else:
            self.match(order, order.arrived)

    def match(self, order: TrueOrder, since: int) -> None:
        """Fill what can be filled from then on; what is left at the close expires."""
        left = order.quantity - order.filled(since)
        for offset in ATTEMPTS:
            when = since + offset
            if not left or when >= self.closes:
                break
            price = self.prices.touch(order.symbol, order.side, when)
            if price > order.limit if order.side is Side.BUY else price < order.limit:
                continue
            quantity = self._depth(left, order.lot)
            if quantity:
                order.fills.append((when, quantity, price))
                left -= quantity
        order.end = (max(self.closes, since), IntentStatus.EXPIRED, "the session is over") if left else None

    def _depth(self, left: int, lot: int) -> int:
        """How much of an order somebody takes at once."""
        if not self._faults.strikes("thin market"):
            return left
        taken = min(left, lot * self._random.randint(0, 2))
        if 0 < taken < left:
            self._faults.happened["partial fill"] += 1
        return taken
