"""The exchange: takes tickets, keeps each account's orders and positions, matches as time passes."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from sandbox.exchange.book import Matcher
from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.listing import Listing
from sandbox.exchange.margin import Funds, Holding, Requirement, funds_of, requirement_of
from sandbox.exchange.market import Market
from sandbox.exchange.order_ids import OrderIds
from sandbox.exchange.orders import Order, Status, Ticket
from sandbox.exchange.positions import Position
from sandbox.exchange.screening import Refusal, check_price, check_quantity, check_ticket, outside_reference_range
from sandbox.exchange.ticks import rupees_text

MODIFICATIONS_ALLOWED = 25


class Refused(Exception):
    """The exchange turned a request away; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Exchange:
    """All accounts of all brokers trade here. Every method takes the present instant."""

    def __init__(self, market: Market, calendar: TradingCalendar, started: datetime, step: timedelta) -> None:
        self.market = market
        self.session = market.session
        self._calendar = calendar
        self._ids = OrderIds(started)
        self._matcher = Matcher(market, self._ids, step)
        self._listing: Listing | None = None
        self._orders: dict[str, dict[str, Order]] = defaultdict(dict)
        self._live: dict[str, Order] = {}
        self._positions: dict[str, dict[tuple[str, str], Position]] = defaultdict(dict)
        self._opening: dict[str, int] = {}
        self._day: date = started.date()
        self._listeners: list[Callable[[Order], None]] = []

    def listen(self, listener: Callable[[Order], None]) -> None:
        """Have `listener` told of every line that an order's history gains, as it is written."""
        self._listeners.append(listener)

    def listing(self, now: datetime) -> Listing:
        """The day's contracts, with further strikes where the spot has moved."""
        if self._listing is None or self._listing.today != now.date():
            self._listing = Listing(now.date(), self._calendar, lambda name: self.market.spot_paise(name, now))
        return self._listing

    def open_account(self, account: str, funds_paise: int) -> None:
        """Give an account its opening money."""
        self._opening[account] = funds_paise

    def screen(self, ticket: Ticket, now: datetime) -> Refusal | None:
        """The checks a broker's own system makes before it takes an order."""
        if not self.session.is_open(now):
            return Refusal("closed", "Markets are closed right now. Orders are taken in market hours only.")
        return check_ticket(ticket, self.market.band(ticket.instrument, now))

    def place(self, ticket: Ticket, now: datetime) -> Order:
        """Take an order; one that fails a check enters the book as rejected."""
        order = Order(
            self._ids.order(now), self._ids.exchange_order(), ticket, now, ticket.price_paise,
            ticket.trigger_paise, ticket.quantity, moved=self._tell,
        )  # fmt: skip
        order.move(Status.RECEIVED, now)
        if ticket.fill_share is not None:
            lots = ticket.quantity // ticket.instrument.lot
            order.fill_limit = math.floor(lots * ticket.fill_share) * ticket.instrument.lot
        refusal = self.screen(ticket, now) or self._check_funds(order, now)
        self._orders[ticket.account][order.order_id] = order
        if refusal is not None:
            order.move(Status.REJECTED, now, refusal.message)
            return order
        self._live[order.order_id] = order
        self._advance(order, now)
        return order

    def modify(
        self,
        order: Order,
        now: datetime,
        *,
        price_paise: int | None,
        trigger_paise: int | None,
        quantity: int | None,
    ) -> None:
        """Change a live order. Raises Refused when it is final or the change is not valid."""
        self._must_be_live(order, now)
        band = self.market.band(order.ticket.instrument, now)
        if order.modifications >= MODIFICATIONS_ALLOWED:
            raise Refused(Refusal("modifications", "Maximum allowed order modifications exceeded."))
        for name, paise in (("price", price_paise), ("trigger price", trigger_paise)):
            if paise is not None and (refusal := check_price(name, paise, band)):
                raise Refused(refusal)
        if quantity is not None:
            refusal = check_quantity(order.ticket.instrument, quantity)
            if refusal is None and quantity <= order.filled:
                refusal = Refusal("lot", "Quantity cannot be below what has been filled.")
            if refusal:
                raise Refused(refusal)
        spread = self.market.spread(order.ticket.instrument, now)
        if price_paise is not None and not order.trigger_paise:
            refusal = outside_reference_range(order.ticket.instrument, price_paise, spread)
            if refusal:
                raise Refused(refusal)
        order.price_paise = order.price_paise if price_paise is None else price_paise
        order.trigger_paise = order.trigger_paise if trigger_paise is None else trigger_paise
        order.quantity = order.quantity if quantity is None else quantity
        order.fill_limit = None
        order.modifications += 1
        order.move(order.status, now)
        self._advance(order, now)

    def cancel(self, order: Order, now: datetime) -> None:
        """Cancel what is left of a live order. Raises Refused when it is final."""
        self._must_be_live(order, now)
        order.move(Status.CANCELLED, now)
        self._live.pop(order.order_id, None)

    def advance_all(self, now: datetime) -> None:
        """Match every live order; the end of the session cancels what is left."""
        if now.date() != self._day or not self.session.is_open(now):
            self._day = now.date()
            for order in list(self._live.values()):
                order.move(Status.CANCELLED, now, "Day order: cancelled at the end of the session")
            self._live.clear()
        for order in list(self._live.values()):
            self._advance(order, now)

    def orders(self, account: str, now: datetime) -> list[Order]:
        """The account's orders of today, oldest first, brought up to date."""
        self.advance_all(now)
        return [o for o in self._orders[account].values() if o.placed_at.date() == now.date()]

    def all_orders(self, account: str, now: datetime) -> list[Order]:
        """The account's orders since the sandbox started."""
        self.advance_all(now)
        return list(self._orders[account].values())

    def order(self, account: str, order_id: str, now: datetime) -> Order | None:
        """One order of that account, brought up to date; never another account's."""
        order = self._orders[account].get(order_id)
        if order is not None:
            self._advance(order, now)
        return order

    def positions(self, account: str, now: datetime) -> list[Position]:
        """The account's positions, flat ones of today included."""
        self.advance_all(now)
        for position in self._positions[account].values():
            position.roll(now)
        return list(self._positions[account].values())

    def funds(self, account: str, now: datetime) -> Funds:
        """The account's money, live orders counted as if filled."""
        self.advance_all(now)
        return self._funds(account, self._live_of(account), now)

    def requirement(self, legs: Iterable[tuple[Instrument, int, int]], now: datetime) -> Requirement:
        """What orders would bind together, whatever the account holds.

        A leg is the instrument, the quantity (below 0 when sold) and the limit in paise (0: the last price).
        """
        nets: dict[str, Holding] = {}
        for instrument, signed, price_paise in legs:
            cash = signed * (price_paise or self.market.spread(instrument, now).last)
            before = nets.get(instrument.symbol, Holding(instrument, 0, 0))
            nets[instrument.symbol] = Holding(instrument, before.net + signed, before.cash_paise + cash)
        return requirement_of(nets.values(), lambda name: self.market.spot_paise(name, now))

    def _tell(self, order: Order) -> None:
        for listener in self._listeners:
            listener(order)

    def _advance(self, order: Order, now: datetime) -> None:
        instrument, ticket = order.ticket.instrument, order.ticket
        before = len(order.fills)
        self._matcher.advance(order, now)
        for fill in order.fills[before:]:
            book = self._positions[ticket.account]
            key = (instrument.symbol, ticket.product)
            position = book.setdefault(key, Position(instrument, ticket.product))
            position.add(ticket.side, fill.quantity, fill.price_paise, fill.at)
        if order.status.final:
            self._live.pop(order.order_id, None)

    def _must_be_live(self, order: Order, now: datetime) -> None:
        self._advance(order, now)
        if order.status.final:
            raise Refused(Refusal("final", f"Order cannot be changed as it is {order.status.value}."))

    def _live_of(self, account: str) -> list[Order]:
        return [order for order in self._live.values() if order.ticket.account == account]

    def _check_funds(self, order: Order, now: datetime) -> Refusal | None:
        account = order.ticket.account
        if self._only_reduces(order):
            return None
        others = self._live_of(account)
        before = self._funds(account, others, now)
        after = self._funds(account, [*others, order], now)
        if after.available >= 0 or after.available >= before.available:
            return None
        need, have = before.available - after.available, before.available
        return Refusal(
            "funds",
            f"Insufficient funds. Required margin is {rupees_text(need)} but available margin is "
            f"{rupees_text(have)}. Check the orderbook for open orders.",
        )

    def _only_reduces(self, order: Order) -> bool:
        ticket = order.ticket
        held = self._positions[ticket.account].get((ticket.instrument.symbol, ticket.product))
        net = held.net if held else 0
        return (net < 0 if ticket.side == "BUY" else net > 0) and order.quantity <= abs(net)

    def _funds(self, account: str, pending: Iterable[Order], now: datetime) -> Funds:
        holdings: dict[str, tuple[Instrument, int, int]] = {}

        def take(instrument: Instrument, net: int, cash: int) -> None:
            _, held, paid = holdings.get(instrument.symbol, (instrument, 0, 0))
            holdings[instrument.symbol] = (instrument, held + net, paid + cash)

        for position in self._positions[account].values():
            take(position.instrument, position.net, position.bought.value - position.sold.value)
        for order in pending:
            signed = order.pending if order.ticket.side == "BUY" else -order.pending
            take(order.ticket.instrument, signed, signed * self._counted_at(order, now))
        return funds_of(
            self._opening.get(account, 0),
            [Holding(*held) for held in holdings.values()],
            lambda name: self.market.spot_paise(name, now),
            lambda instrument: self.market.spread(instrument, now).last,
        )

    def _counted_at(self, order: Order, now: datetime) -> int:
        """A live order's price in the funds; for a future the last one, as it has no profit before it fills."""
        if order.price_paise and order.ticket.instrument.is_option:
            return order.price_paise
        return self.market.spread(order.ticket.instrument, now).last
