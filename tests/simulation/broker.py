"""Brokers that take orders to the exchange, remember every one, and fail in the ways in which brokers fail."""

from asyncio import Future
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Protocol, TypeVar

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.contracts import Listing, Quote, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.ports.broker import (
    Broker,
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerOrder,
    BrokerPosition,
    BrokerRefused,
    BrokerUnreachable,
    Funds,
    OrderRequest,
    Outcome,
    Placement,
    Profile,
    Send,
    SessionOver,
)
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import BrokerFacts, OrderLimits
from lambdas.ports.pace import Pace
from lambdas.ports.secrets import AccountSecret
from tests.doubles.pace import FakePace
from tests.simulation.exchange import Exchange, TrueOrder
from tests.simulation.loop import SECOND
from tests.simulation.process import Process, ProcessClock, Surroundings, instant_of

PATIENCE = 7 * SECOND
"""After this long without an answer a client gives up, as the adapters do."""
SLOWEST_WAY = 2_500_000
SLOWEST_BOOK = 2_500_000
"""An order is in the book within 5 s of leaving, half of what the code allows for. That brokers keep to some such
bound is assumed: without any, absence from a book could never mean anything."""
MOST_CHANGES = 25
"""Of one order."""
Result = TypeVar("Result")


class Watcher(Protocol):
    """Who sees everything that happens at the brokers."""

    def leaves(self, house: "House", order: OrderRequest, process: Process, quote: Quote | None) -> None: ...

    def accepted(self, house: "House", order: TrueOrder) -> None: ...

    def touched(self, house: "House", order: TrueOrder) -> None: ...


@dataclass(eq=False)
class House:
    """One account at one broker: its session, its hangs, and its book."""

    user_id: str
    account_id: str
    lots: Mapping[str, int]
    exchange: Exchange
    dead_session: tuple[int, int] | None = None
    hangs: tuple[int, int] | None = None
    orders: list[TrueOrder] = field(default_factory=list)

    def session_over(self, at: int) -> bool:
        return self.dead_session is not None and self.dead_session[0] <= at < self.dead_session[1]

    def hanging(self, at: int) -> bool:
        return self.hangs is not None and self.hangs[0] <= at < self.hangs[1]

    def tagged(self, tag: str) -> list[TrueOrder]:
        """Every order that carries a tag: there should be one at most."""
        return [order for order in self.orders if order.tag == tag]

    def by_hand(self, order: TrueOrder, *, rests: bool) -> None:
        """Take an order that its user gave beside the engine; one that rests waits for a price that never comes."""
        if not rests:
            self.exchange.match(order, order.arrived)
        self.orders.append(order)


class Client:
    """Implements `Broker` for one process."""

    def __init__(self, house: House, process: Process, watcher: Watcher) -> None:
        self._house = house
        self._process = process
        self._world: Surroundings = process.world
        self._watcher = watcher
        self._quoted: dict[str, Quote] = {}

    async def warm(self, connections: int) -> Profile:
        await self._ask("warm")
        return Profile(self._house.account_id, "A trader")

    def prepare(self, order: OrderRequest) -> Send:
        if order.limit_price <= 0:
            raise ValueError(f"{order.symbol} needs a price")

        async def send() -> Placement:
            return await self._send(order)

        return send

    async def cancel(self, broker_order_id: str) -> None:
        await self._ask("cancel", lambda now: self._cancel(broker_order_id, now))

    async def modify(self, broker_order_id: str, limit_price: Decimal, quantity: int) -> None:
        await self._ask("modify", lambda now: self._modify(broker_order_id, limit_price, quantity, now))

    async def orders(self) -> Sequence[BrokerOrder]:
        return await self._ask("orders", lambda now: self._book(now)) or []

    async def order_by_tag(self, tag: str) -> BrokerOrder | None:
        book = await self._ask("order_by_tag", lambda now: self._book(now)) or []
        return next((row for row in book if row.tag == tag), None)

    async def order(self, broker_order_id: str) -> BrokerOrder:
        row = await self._ask("order", lambda now: _row(self._numbered(broker_order_id), now))
        assert row is not None
        return row

    async def positions(self) -> Sequence[BrokerPosition]:
        return await self._ask("positions", self._positions) or []

    async def funds(self) -> Funds:
        await self._ask("funds")
        return Funds(Decimal(5_000_000), Decimal(0))

    async def basket_margin(self, orders: Sequence[OrderRequest]) -> Decimal:
        await self._ask("basket_margin")
        return Decimal(0)

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        prices = self._house.exchange.prices
        told = await self._ask("quotes", lambda now: {row[1]: prices.quote(row[1], now) for row in instruments}) or {}
        if self._world.faults.strikes("wild quotes"):
            told = {symbol: _wild(quote, self._world.random) for symbol, quote in told.items()}
        self._quoted |= told
        return told

    async def index_quote(self, underlying: str) -> Quote:
        spot = await self._ask("index_quote", self._house.exchange.prices.spot)
        return Quote(Decimal(spot or 0) / 100)

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        raise BrokerRefused("the masters are loaded already")

    async def aclose(self) -> None:
        return None

    async def _ask(self, what: str, effect: Callable[[int], Result] | None = None) -> Result | None:
        """One call: what the account looks like when the request arrives, told when the answer is back."""
        process, world, house = self._process, self._world, self._house
        random, faults, pause = world.random, world.faults, world.loop.pause
        process.point()
        try:
            if house.hanging(world.loop.now):
                faults.happened["hung call"] += 1
                await pause(PATIENCE if random.random() < 0.5 else 3 * SECOND)
                raise BrokerGarbled(f"{what}: no answer in time")
            await pause(int((0.005 + 0.06 * random.random()) * SECOND))
            if house.session_over(world.loop.now):
                faults.happened["session over"] += 1
                raise SessionOver("the broker says: token is invalid")
            if faults.strikes("busy"):
                raise BrokerBusy("the broker says: too many requests")
            if faults.strikes("read fails"):
                await pause(int(random.random() * PATIENCE))
                raise BrokerUnreachable(f"{what}: no connection") if random.random() < 0.5 else BrokerGarbled(what)
            result = effect(world.loop.now) if effect else None
            slow = faults.strikes("slow read")
            await pause(int((random.random() ** 0.3 * 6.5 if slow else 0.01 + 0.1 * random.random()) * SECOND))
        except BrokerError as error:
            world.note(process.name, f"{what} at {house.account_id}: {error!r}")
            process.point()
            raise
        process.point()
        return result

    async def _send(self, order: OrderRequest) -> Placement:
        process, world = self._process, self._world
        faults, loop = world.faults, world.loop
        process.point()
        if faults.strikes("unreachable"):
            await loop.pause(3 * SECOND)
            process.point()
            return Placement(Outcome.REFUSED, "not sent: no connection", None, None)
        sent_at = instant_of(process.local)
        world.note(process.name, f"sends {order.side} {order.quantity} {order.symbol} {order.tag}")
        self._watcher.leaves(self._house, order, process, self._quoted.get(order.symbol))
        answered: Future[Placement | None] = loop.create_future()
        loop.create_task(self._travel(order, answered))
        loop.later(PATIENCE, lambda: None if answered.done() else answered.set_result(None))
        placement = await answered
        process.point()
        if placement is None:
            return Placement(Outcome.UNKNOWN, "the answer did not come", sent_at, None)
        told_at = None if placement.outcome is Outcome.UNKNOWN else instant_of(process.local)
        return replace(placement, sent_at=sent_at, acknowledged_at=told_at)

    async def _travel(self, order: OrderRequest, answered: "Future[Placement | None]") -> None:
        """What happens to a request that has left, whether or not its sender lives."""
        world = self._world
        random, faults, loop = world.random, world.faults, world.loop
        garbled = faults.strikes("reply garbled")
        slow = garbled or faults.strikes("slow send")
        if garbled:
            unreadable = Placement(Outcome.UNKNOWN, "502 Bad Gateway", None, None)
            loop.later(50_000, lambda: None if answered.done() else answered.set_result(unreadable))
        await loop.pause(int(random.random() * SLOWEST_WAY) if slow else 3_000 + int(random.random() * 40_000))
        if faults.strikes("order lost"):
            world.note("network", f"loses {order.tag}")
            return
        placement = self._arrive(order)
        if faults.strikes("reply dropped") or self._house.hanging(loop.now):
            world.note("network", f"drops the reply to {order.tag}")
            return
        await loop.pause(3_000 + int(random.random() * 60_000))
        if not answered.done():
            answered.set_result(placement)

    def _arrive(self, order: OrderRequest) -> Placement:
        world, house = self._world, self._house
        now = world.loop.now
        if house.session_over(now):
            world.faults.happened["session over"] += 1
            return _refusal("the broker says: token is invalid")
        if world.faults.strikes("busy"):
            return _refusal("the broker says: too many orders", busy=True)
        if world.faults.strikes("refused"):
            return _refusal("the broker says: not enough margin")
        slow = world.faults.strikes("slow book")
        accepted = TrueOrder(
            number=f"{house.account_id}-{len(house.orders) + 1}",
            tag=order.tag,
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            lot=house.lots[order.symbol],
            limit=int(order.limit_price * 100),
            sent_by=self._process.name,
            arrived=now,
            visible=now + (int(world.random.random() * SLOWEST_BOOK) if slow else 0),
        )
        house.exchange.take(accepted)
        house.orders.append(accepted)
        world.note(house.account_id, f"accepts {accepted}")
        self._watcher.accepted(house, accepted)
        return Placement(Outcome.ACCEPTED, "", None, None, accepted.number)

    def _book(self, now: int) -> list[BrokerOrder]:
        return [_row(order, now) for order in self._house.orders if order.visible <= now]

    def _numbered(self, number: str) -> TrueOrder:
        return next(order for order in self._house.orders if order.number == number)

    def _cancel(self, number: str, now: int) -> None:
        order = self._numbered(number)
        self._watcher.touched(self._house, order)
        if not order.live(now):
            raise BrokerRefused(f"order {number} is {order.status(now)} already")
        order.stop(now, IntentStatus.CANCELLED, "cancelled on request")
        self._world.note(self._house.account_id, f"cancels {order}, {order.filled(now)} filled")
        self._world.faults.happened["cancelled"] += 1

    def _modify(self, number: str, limit_price: Decimal, quantity: int, now: int) -> None:
        order = self._numbered(number)
        self._watcher.touched(self._house, order)
        if not order.live(now):
            raise BrokerRefused(f"order {number} is {order.status(now)} already")
        order.stop(now, IntentStatus.CANCELLED, "")
        order.limit, order.quantity = int(limit_price * 100), quantity
        order.end = None
        self._house.exchange.match(order, now)

    def _positions(self, now: int) -> list[BrokerPosition]:
        nets: dict[str, list[int]] = {}
        for order in self._house.orders:
            nets.setdefault(order.symbol, [0, 0])[order.side is Side.SELL] += order.filled(now)
        return [
            BrokerPosition("NFO", symbol, symbol, "MIS", bought - sold, bought, sold, None, None)
            for symbol, (bought, sold) in nets.items()
        ]


def _wild(quote: Quote, random: Random) -> Quote:
    """A book with one side far from the last price, by up to twice of it, or none the worse."""
    times = Decimal(random.choice((20, 60, 95, 105, 140, 200))) / 100
    assert quote.bid is not None
    assert quote.ask is not None
    if random.random() < 0.5:
        return replace(quote, bid=_to_tick(quote.bid * times))
    return replace(quote, ask=_to_tick(quote.ask * times))


def _to_tick(price: Decimal) -> Decimal:
    return max(1, int(price * 20)) * Decimal("0.05")


def _refusal(reason: str, *, busy: bool = False) -> Placement:
    return Placement(Outcome.REFUSED, reason, None, None, busy=busy)


def _row(order: TrueOrder, now: int) -> BrokerOrder:
    status = order.status(now)
    filled = order.filled(now)
    at: datetime | None = instant_of(order.fills[0][0]) if filled else None
    message = order.end[2] if order.end and status in FINAL and status is not IntentStatus.FILLED else ""
    return BrokerOrder(
        broker_order_id=order.number,
        tag=order.tag,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        status=status,
        filled_quantity=filled,
        average_price=order.average(now),
        exchange_at=at,
        message=message,
    )


class ProcessBrokers:
    """Implements `Brokers` for one process: what it opens leads to the account's one house."""

    def __init__(self, houses: Mapping[tuple[str, str], House], process: Process, watcher: Watcher) -> None:
        self._houses = houses
        self._process = process
        self._watcher = watcher
        self._paces: dict[tuple[str, str], Pace] = {}

    @property
    def names(self) -> frozenset[str]:
        return frozenset({"zerodha", "angel_one", "upstox", PAPER})

    def facts(self, broker: str) -> BrokerFacts:
        return BrokerFacts(broker, broker, (), redirects=False, limits=OrderLimits(10, modifications=MOST_CHANGES))

    def pace(self, account: Account) -> Pace:
        key = (account.user_id, account.account_id)
        return self._paces.setdefault(key, FakePace(ProcessClock(self._process), per_second=10))

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        return Client(self._houses[account.user_id, account.account_id], self._process, self._watcher)

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        raise ValueError("nobody should log in while trading")
