"""Matching against the synthetic spread, and the milliseconds an order takes to get there."""

from datetime import datetime, timedelta

from sandbox.exchange.market import Market, Spread
from sandbox.exchange.order_ids import OrderIds
from sandbox.exchange.orders import Fill, Order, Status
from sandbox.exchange.screening import outside_reference_range
from sandbox.exchange.ticks import to_tick

_TRANSIT = (Status.VALIDATING, Status.OPENING, Status.OPEN)


class Matcher:
    """Moves orders along their life. `step` is the time between two transient statuses."""

    def __init__(self, market: Market, ids: OrderIds, step: timedelta) -> None:
        self._market = market
        self._ids = ids
        self._step = step

    def advance(self, order: Order, now: datetime) -> None:
        """Bring one order up to `now`: through its transient statuses, then against the spread."""
        if order.status.final:
            return
        if order.reached_exchange_at is None and not self._transit(order, now):
            return
        if not order.status.final:
            self._fill_or_rest(order, self._market.spread(order.ticket.instrument, now), now)

    def _transit(self, order: Order, now: datetime) -> bool:
        """Pass the transient statuses that are due; True once the order stands at the exchange."""
        while order.status in (Status.RECEIVED, Status.VALIDATING, Status.OPENING):
            reached = [Status.RECEIVED, *_TRANSIT].index(order.status)
            due = order.placed_at + self._step * (reached + 1)
            if due > now:
                return False
            if _TRANSIT[reached] is Status.OPEN:
                self._arrive(order, due)
                return not order.status.final
            order.move(_TRANSIT[reached], due)
        return True

    def _arrive(self, order: Order, at: datetime) -> None:
        order.reached_exchange_at = at
        spread = self._market.spread(order.ticket.instrument, at)
        if order.ticket.protection_percent is not None and not order.price_paise:
            order.price_paise = protected_limit(order.ticket.side, spread, order.ticket.protection_percent)
        refusal = outside_reference_range(order.ticket.instrument, order.price_paise, spread)
        if refusal is not None and not order.trigger_paise:
            order.move(Status.REJECTED, at, refusal.message)
            return
        order.move(Status.TRIGGER_PENDING if order.trigger_paise else Status.OPEN, at)
        self._fill_or_rest(order, spread, at)

    def _fill_or_rest(self, order: Order, spread: Spread, at: datetime) -> None:
        if order.status is Status.TRIGGER_PENDING:
            if not _triggered(order, spread):
                return
            order.triggered = True
            order.move(Status.OPEN, at)
        price = spread.ask if order.ticket.side == "BUY" else spread.bid
        marketable = order.price_paise >= price if order.ticket.side == "BUY" else order.price_paise <= price
        if marketable:
            self._trade(order, price, at)
        if order.ticket.immediate and not order.status.final:
            order.move(Status.CANCELLED, at, "Immediate or cancel order: the rest was cancelled")

    def _trade(self, order: Order, price: int, at: datetime) -> None:
        allowed = order.quantity if order.fill_limit is None else min(order.quantity, order.fill_limit)
        quantity = allowed - order.filled
        if quantity <= 0:
            return
        order.fills.append(Fill(self._ids.trade(), quantity, price, at))
        order.move(Status.COMPLETE if order.filled == order.quantity else Status.OPEN, at)


def protected_limit(side: str, spread: Spread, percent: float) -> int:
    """The limit a protected market order becomes: that far beyond the price it would take."""
    if side == "BUY":
        return to_tick(spread.ask * (1 + percent / 100))
    return to_tick(spread.bid * (1 - percent / 100))


def automatic_protection(premium_paise: int) -> float:
    """Usual protection for options by premium: 5 % below Rs 10, 3 % to 100, 2 % to 500, 1 % above."""
    for ceiling, percent in ((10_00, 5.0), (100_00, 3.0), (500_00, 2.0)):
        if premium_paise < ceiling:
            return percent
    return 1.0


def _triggered(order: Order, spread: Spread) -> bool:
    if order.ticket.side == "BUY":
        return spread.last >= order.trigger_paise
    return spread.last <= order.trigger_paise
