"""The acceptance list of a broker adapter, B01 to B36, run on every live adapter over the sandbox exchange.

A new adapter is accepted when it is in the registry and this file passes. `docs/brokers.md` has the list; a
test compares it with the docstrings here.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.pacing import MemoryRates
from lambdas.adapters.brokers.registry import BROKERS, open_login, pace_of
from lambdas.domain.accounts import PAPER, Algo
from lambdas.domain.contracts import NO_STRIKE, Listing, Quote, Right, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.moments import IST
from lambdas.domain.paper import PaperTerms
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import (
    Broker,
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerOrder,
    BrokerPosition,
    BrokerRefused,
    BrokerUnreachable,
    OrderRequest,
    Outcome,
    Placement,
    SessionOver,
)
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.pace import Pace
from tests.contract.sandboxed import CLOCK, CREDENTIALS, Linked, Sandbox, log_in

pytestmark = pytest.mark.anyio
TICK = Decimal("0.05")
LOTS = {"NIFTY": 65, "BANKNIFTY": 30, "FINNIFTY": 60, "MIDCPNIFTY": 120, "SENSEX": 20, "BANKEX": 30}
NAKED, HEDGED = Decimal("0.12"), Decimal("0.04")
"""The shares of the notional that the sandbox exchange asks of an option sold alone, and of one with a hedge."""
OWN_ESTIMATE = (Decimal("0.09"), Decimal("0.2"))
"""Between which shares of the notional the platform's own estimate of a naked option is, which a paper account uses."""
NO_LAST_PRICE = frozenset({"dhan"})
"""Brokers whose positions come without the last price."""
PROTECTS_ITSELF = frozenset({"zerodha", "upstox"})
"""Brokers that are sent no limit, but how far from the market an order may fill."""
SAID: Mapping[str, Refusal] = {
    "Market orders are not allowed for algo orders. Please place a limit order.": Refusal.MARKET_ORDER,
    "Price exceeds circuit limits for the instrument. Place an order within the daily range.": Refusal.PRICE_BAND,
    "Insufficient funds. Required margin is 9.00 but available margin is 1.00.": Refusal.FUNDS,
    "Markets are closed right now. Orders are taken in market hours only.": Refusal.MARKET_CLOSED,
    "The moon is in the wrong house.": Refusal.OTHER,
}
"""What an exchange says, and its kind, whichever broker passes it on."""
_numbers = count(1)
_chosen: dict[tuple[type[Broker], str, Right], Listing] = {}


async def near_the_money(account: Broker, underlying: str = "NIFTY", right: Right = Right.CE) -> tuple[Listing, Quote]:
    """An option of the nearest expiry after today that was close to the spot when first asked, and its quote of now.

    One that expires today may leave its daily price range from one case to the next.
    """
    key = type(account), underlying, right
    if key not in _chosen:
        spot = (await account.index_quote(underlying)).last
        today = CLOCK.now().astimezone(IST).date()
        listed = await account.listings(frozenset({underlying}))
        options = [one for one in listed if one.contract.right is right and one.contract.expiry > today]
        _chosen[key] = min(options, key=lambda one: (one.contract.expiry, abs(one.contract.strike - spot)))
    listing = _chosen[key]
    quotes = await account.quotes([(listing.exchange, listing.symbol, listing.token)])
    return listing, quotes[listing.symbol]


def a_buy(listing: Listing, quote: Quote, lots: int = 1) -> OrderRequest:
    """An order that crosses the spread, with a tag of its own."""
    reach = (quote.ask or quote.last) * Decimal("1.10")
    return OrderRequest(
        exchange=listing.exchange,
        symbol=listing.symbol,
        token=listing.token,
        side=Side.BUY,
        quantity=lots * listing.lot_size,
        product="MIS",
        limit_price=reach.quantize(TICK) // TICK * TICK,
        protection_percent=Decimal(10),
        tag=f"LWCONTRACT{next(_numbers):010d}",
    )


def a_sale(listing: Listing, quote: Quote, lots: int = 1) -> OrderRequest:
    """The same on the other side."""
    low = ((quote.bid or quote.last) * Decimal("0.9")).quantize(TICK) // TICK * TICK
    return replace(a_buy(listing, quote, lots), side=Side.SELL, limit_price=max(low, TICK))


async def filled(account: Broker, order: OrderRequest) -> BrokerOrder:
    """Send an order that must fill, and have what the book says of it."""
    placement = await account.prepare(order)()
    assert placement.outcome is Outcome.ACCEPTED, placement.reason
    done = await found(account, order.tag, is_final)
    assert done.status is IntentStatus.FILLED, done.message
    return done


async def resting(linked: Linked, account: Broker) -> tuple[OrderRequest, str, Quote]:
    """An order that the exchange does not fill until it is modified, its number, and the quote it was made of.

    On paper nothing can be held back from an order at the market: there it is sent below it.
    """
    if linked.broker != PAPER:
        linked.sandbox.admin(
            "POST", "/faults", broker=linked.broker, operation="place", kind="partial_fill", share=0, times=1
        )
    listing, quote = await near_the_money(account)
    order = a_buy(listing, quote)
    low = ((quote.bid or quote.last) * Decimal("0.9")).quantize(TICK) // TICK * TICK
    sent = replace(order, limit_price=low) if linked.broker == PAPER else order
    placement = await account.prepare(sent)()
    assert placement.broker_order_id is not None, placement.reason
    return order, placement.broker_order_id, quote


async def close_everything(account: Broker) -> None:
    """Turn every open position round; what earlier cases left behind binds the account's money."""
    for position in sorted(await account.positions(), key=lambda one: one.net):
        if position.net:
            place = position.exchange, position.symbol, position.token
            last = (await account.quotes([place]))[position.symbol].last
            side, share = (Side.SELL, Decimal("0.9")) if position.net > 0 else (Side.BUY, Decimal("1.1"))
            limit = max((last * share).quantize(TICK) // TICK * TICK, TICK)
            await filled(
                account,
                OrderRequest(
                    *place,
                    side,
                    abs(position.net),
                    position.product,
                    limit,
                    Decimal(10),
                    f"LWEXIT{next(_numbers):010d}",
                ),
            )
    assert {position.net for position in await account.positions()} <= {0}


async def position_in(account: Broker, symbol: str) -> BrokerPosition:
    """The one position in a contract."""
    (position,) = [one for one in await account.positions() if one.symbol == symbol]
    return position


async def found(account: Broker, tag: str, until: Callable[[BrokerOrder], bool]) -> BrokerOrder:
    """The one order under a tag, once it is as awaited."""
    for _ in range(60):
        tagged = [order for order in await account.orders() if order.tag == tag]
        assert len(tagged) <= 1, f"{len(tagged)} orders under one tag"
        if tagged and until(tagged[0]):
            return tagged[0]
        await asyncio.sleep(0.05)
    pytest.fail(f"no order under {tag} became as awaited: {tagged}")


def is_final(order: BrokerOrder) -> bool:
    return order.status in FINAL


async def refusal_of(account: Broker, order: OrderRequest) -> Refusal | None:
    """Why an order was refused that must be, by the answer to it or by the book."""
    placement = await account.prepare(order)()
    if placement.outcome is Outcome.REFUSED:
        return placement.refusal
    booked = await found(account, order.tag, is_final)
    assert booked.status is IntentStatus.REFUSED, booked
    return booked.refusal


async def test_b01_a_login_gives_a_session(linked: Linked) -> None:
    """B01: a login yields tokens, the client's own id, and an end of the session within the next day."""
    assert linked.session.client_id == linked.client_id
    assert all(linked.session.tokens.values())
    assert timedelta(0) < linked.session.expires_at - CLOCK.now() <= timedelta(days=1, hours=6)


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_b02_a_wrong_login_is_refused_in_the_brokers_words(broker: str, sandbox: Sandbox) -> None:
    """B02: a wrong request token, PIN or one-time password is BrokerRefused with what the broker said."""
    wrong = {"pin": "9999", "totp_secret": "MFRGGZDFMZTWQ2LK"}
    credentials = {name: wrong.get(name, value) for name, value in CREDENTIALS[broker].items()}
    login = open_login(broker, credentials=credentials, endpoints=sandbox.endpoints(broker), clock=CLOCK)
    with pytest.raises(BrokerRefused, match=r"nvalid") as caught:
        await login.handle_callback(
            {**dict.fromkeys(("request_token", "code", "auth_code", "tokenId"), "neverissued"), "status": "success"},
            CLOCK.now(),
        )
    assert "neverissued" not in str(caught.value)


async def test_b03_warming_proves_whose_session_it_is(linked: Linked, account: Broker) -> None:
    """B03: warm returns the profile of the client that logged in."""
    assert (await account.warm(3)).client_id == linked.client_id


async def test_b04_a_dead_session_is_over_everywhere(linked: Linked, account: Broker) -> None:
    """B04: with tokens that the broker does not know every call is SessionOver, and an order is REFUSED."""
    order = a_buy(*await near_the_money(account))
    stranger = linked.open(tokens=dict.fromkeys(linked.session.tokens, "notatoken"))
    for ask in (
        stranger.warm(1),
        stranger.orders(),
        stranger.order_by_tag(order.tag),
        stranger.positions(),
        stranger.funds(),
        stranger.basket_margin([order]),
        stranger.modify("1", order.limit_price, order.quantity),
        stranger.cancel("1"),
        stranger.quotes([(order.exchange, order.symbol, order.token)]),
    ):
        with pytest.raises(SessionOver):
            await ask
    placement = await stranger.prepare(order)()
    await stranger.aclose()
    assert (placement.outcome, placement.refusal) == (Outcome.REFUSED, Refusal.SESSION)
    assert linked.sandbox.orders_tagged(linked.broker, order.tag) == []


async def test_b05_listings_hold_the_contracts_of_the_day(account: Broker) -> None:
    """B05: one listing for each contract, with the lot, tick and segment of its index."""
    listings = await account.listings(frozenset(LOTS))
    assert {listing.contract.underlying for listing in listings} == set(LOTS)
    assert len({listing.contract for listing in listings}) == len(listings)
    for listing in listings:
        assert listing.lot_size == LOTS[listing.contract.underlying]
        assert listing.tick_size == TICK
        assert listing.exchange == ("BFO" if listing.contract.underlying in ("SENSEX", "BANKEX") else "NFO")
        assert listing.contract.expiry >= CLOCK.now().date()
        assert listing.symbol
        assert listing.token


async def test_b06_every_index_has_a_spot(account: Broker) -> None:
    """B06: the spot of all six indices is a price; an index that is not known is refused."""
    for underlying in LOTS:
        spot = await account.index_quote(underlying)
        assert spot.last > 1000
        assert spot.bid is None
        assert spot.ask is None
    with pytest.raises(BrokerRefused):
        await account.index_quote("NIKKEI")


async def test_b07_quotes_are_exact_and_missing_ones_absent(account: Broker) -> None:
    """B07: bid ≤ ask on the tick grid near the money; an instrument that does not exist has no quote."""
    listing, quote = await near_the_money(account)
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid <= quote.ask
    assert quote.bid % TICK == quote.ask % TICK == quote.last % TICK == 0
    unknown = (listing.exchange, "NOSUCHSYMBOL", "1")
    both = await account.quotes([unknown, (listing.exchange, listing.symbol, listing.token)])
    assert set(both) == {listing.symbol}


@pytest.mark.parametrize("underlying", ["NIFTY", "SENSEX"])
@pytest.mark.parametrize("product", ["MIS", "NRML"])
async def test_b08_an_order_is_accepted_and_fills(
    linked: Linked, account: Broker, underlying: str, product: str
) -> None:
    """B08: an accepted order fills within its bound, and the exchange knows it once, as it was asked for."""
    order = replace(a_buy(*await near_the_money(account, underlying)), product=product)
    placement = await account.prepare(order)()
    assert placement.outcome is Outcome.ACCEPTED, placement.reason
    done = await found(account, order.tag, is_final)
    assert done.status is IntentStatus.FILLED, done.message
    assert done.broker_order_id == placement.broker_order_id
    assert (done.symbol, done.side) == (order.symbol, order.side)
    assert done.quantity == done.filled_quantity == order.quantity
    assert done.average_price is not None
    assert 0 < done.average_price <= order.limit_price
    assert done.exchange_at is not None
    assert abs(done.exchange_at - CLOCK.now()) < timedelta(seconds=30)
    (known,) = linked.sandbox.orders_tagged(linked.broker, order.tag)
    assert (known["side"], known["quantity"], known["product"]) == ("BUY", order.quantity, product)


async def test_b09_a_sale_is_a_sale(linked: Linked, account: Broker) -> None:
    """B09: the side, which must never be turned around, arrives as it was asked for."""
    listing, quote = await near_the_money(account)
    order = a_sale(listing, quote)
    assert (await account.prepare(order)()).outcome is Outcome.ACCEPTED
    sold = await found(account, order.tag, is_final)
    assert (sold.side, sold.status) == (Side.SELL, IntentStatus.FILLED)
    assert linked.sandbox.orders_tagged(linked.broker, order.tag)[0]["side"] == "SELL"


async def test_b10_one_order_is_told_as_in_the_book(linked: Linked, account: Broker) -> None:
    """B10: order() agrees with orders(), for an adapter that sent it and for one that did not."""
    order = a_buy(*await near_the_money(account))
    await account.prepare(order)()
    booked = await found(account, order.tag, is_final)
    other = linked.open()
    for asked in (account, other):
        assert await asked.order(booked.broker_order_id) == booked
    with pytest.raises(BrokerError):
        await other.order("999999999999999")
    await other.aclose()


async def test_b11_the_stamps_enclose_the_arrival(linked: Linked, account: Broker) -> None:
    """B11: sent_at ≤ arrival at the broker ≤ acknowledged_at, and on a warm connection all within 50 ms."""
    order = a_buy(*await near_the_money(account))
    await account.warm(1)
    send = account.prepare(order)
    begun = CLOCK.now()
    placement = await send()
    ended = CLOCK.now()
    (known,) = linked.sandbox.orders_tagged(linked.broker, order.tag)
    arrived = known["received_at_us"]
    assert placement.sent_at is not None
    assert placement.acknowledged_at is not None
    assert begun <= placement.sent_at <= placement.acknowledged_at <= ended
    assert placement.sent_at.timestamp() * 1e6 <= arrived <= placement.acknowledged_at.timestamp() * 1e6
    assert placement.sent_at - begun < timedelta(milliseconds=50)


async def test_b12_a_partial_fill_is_told_and_kept_after_the_cancellation(linked: Linked, account: Broker) -> None:
    """B12: half filled is PARTLY_FILLED; after the cancellation of the rest the fill is still told."""
    if linked.broker != PAPER:
        linked.sandbox.admin(
            "POST", "/faults", broker=linked.broker, operation="place", kind="partial_fill", share=0.5, times=1
        )
    lots = 2 * PaperTerms().lots_at_a_price if linked.broker == PAPER else 2
    order = a_buy(*await near_the_money(account), lots=lots)
    placement = await account.prepare(order)()
    half = await found(account, order.tag, lambda one: one.status is IntentStatus.PARTLY_FILLED)
    assert half.filled_quantity == order.quantity // 2
    assert placement.broker_order_id is not None
    await account.cancel(placement.broker_order_id)
    cancelled = await found(account, order.tag, is_final)
    assert cancelled.status is IntentStatus.CANCELLED
    assert cancelled.filled_quantity == order.quantity // 2
    assert cancelled.average_price is not None


async def test_b13_what_cannot_be_cancelled_is_an_error(account: Broker) -> None:
    """B13: cancelling an order that does not exist, or that is final, raises and changes nothing."""
    order = a_buy(*await near_the_money(account))
    placement = await account.prepare(order)()
    await found(account, order.tag, is_final)
    for order_id in (placement.broker_order_id or "", "999999999999999"):
        with pytest.raises((BrokerRefused, BrokerGarbled)):
            await account.cancel(order_id)
    assert (await found(account, order.tag, is_final)).status is IntentStatus.FILLED


async def test_b14_a_refusal_is_in_the_brokers_words(linked: Linked, account: Broker) -> None:
    """B14: an instrument that does not exist is REFUSED with the broker's message, and is in no book."""
    order = replace(a_buy(*await near_the_money(account)), symbol="NOSUCHSYMBOL", token="1")
    placement = await account.prepare(order)()
    assert placement.outcome is Outcome.REFUSED, placement.reason
    assert placement.refusal is Refusal.INSTRUMENT
    assert placement.broker_order_id is None
    assert placement.reason.startswith(linked.broker)
    assert len(placement.reason) > len(linked.broker) + 5
    assert linked.sandbox.orders_tagged(linked.broker, order.tag) == []


async def test_b15_a_rejection_after_the_acceptance_is_in_the_book(linked: Linked, account: Broker) -> None:
    """B15: an order beyond the account's funds ends REFUSED, with the reason, wherever it is rejected."""
    listing, quote = await near_the_money(account)
    sale = a_sale(listing, quote, lots=27)
    for attempt in range(6):
        order = replace(sale, tag=f"LWFUNDS{attempt}X{next(_numbers):08d}")
        placement = await account.prepare(order)()
        if placement.outcome is Outcome.REFUSED:
            assert "und" in placement.reason or "argin" in placement.reason
            assert placement.refusal is Refusal.FUNDS
            return
        booked = await found(account, order.tag, is_final)
        if booked.status is IntentStatus.REFUSED:
            assert booked.message
            assert booked.refusal is Refusal.FUNDS
            assert booked.filled_quantity == 0
            return
    pytest.fail(f"{linked.broker} never ran out of funds")


async def test_b16_a_lost_reply_is_unknown_and_found_by_its_tag(linked: Linked, account: Broker) -> None:
    """B16: the broker takes the order and the reply is lost: UNKNOWN; the tag finds it, exactly once."""
    order = a_buy(*await near_the_money(account))
    linked.sandbox.admin("POST", "/faults", broker=linked.broker, operation="place", kind="drop_reply", times=1)
    placement = await account.prepare(order)()
    assert placement.outcome is Outcome.UNKNOWN
    assert placement.sent_at is not None
    assert placement.broker_order_id is None
    assert (await found(account, order.tag, is_final)).status is IntentStatus.FILLED
    assert len(linked.sandbox.orders_tagged(linked.broker, order.tag)) == 1


async def test_b17_a_lost_request_is_unknown_and_not_found(linked: Linked, account: Broker) -> None:
    """B17: the connection breaks before the broker reads: UNKNOWN too, and the book shows no such tag."""
    order = a_buy(*await near_the_money(account))
    for fault in ({"kind": "drop_reply", "processed": False}, {"kind": "down"}):
        linked.sandbox.admin("POST", "/faults", broker=linked.broker, operation="place", times=1, **fault)
        assert (await account.prepare(order)()).outcome is Outcome.UNKNOWN
    assert [one for one in await account.orders() if one.tag == order.tag] == []
    assert linked.sandbox.orders_tagged(linked.broker, order.tag) == []


@pytest.mark.parametrize("http_status", [200, 400, 403, 500, 502])
async def test_b18_garbage_is_unknown(linked: Linked, account: Broker, http_status: int) -> None:
    """B18: a page instead of an answer says nothing about the order, whatever its status."""
    order = a_buy(*await near_the_money(account))
    fault = {"kind": "garbage", "http_status": http_status, "times": 1}
    linked.sandbox.admin("POST", "/faults", broker=linked.broker, operation="place", **fault)
    assert (await account.prepare(order)()).outcome is Outcome.UNKNOWN
    assert len(linked.sandbox.orders_tagged(linked.broker, order.tag)) == 1
    linked.sandbox.admin("POST", "/faults", broker=linked.broker, operation="orders", **fault)
    with pytest.raises(BrokerGarbled):
        await account.orders()


async def test_b19_over_the_limit_nothing_was_taken(linked: Linked, account: Broker) -> None:
    """B19: a rate limit refuses the order (`busy`, and the exchange has none), which may be sent again; other calls
    wait and are made again, and are BrokerBusy when the limit stays."""
    order = a_buy(*await near_the_money(account))

    def limit(operation: str, times: int | None) -> None:
        fault = {"broker": linked.broker, "operation": operation, "kind": "rate_limit", "times": times}
        linked.sandbox.admin("POST", "/faults", **fault)

    limit("place", 1)
    placement = await account.prepare(order)()
    assert (placement.outcome, placement.busy, placement.refusal) == (Outcome.REFUSED, True, Refusal.RATE_LIMIT)
    assert "rate limited" in placement.reason
    assert linked.sandbox.orders_tagged(linked.broker, order.tag) == []
    limit("orders", 1)
    assert not [row for row in await account.orders() if row.tag == order.tag]
    again = await account.prepare(order)()
    assert (again.outcome, again.busy) == (Outcome.ACCEPTED, False)
    limit("orders", None)
    with pytest.raises(BrokerBusy):
        await account.orders()


async def test_b20_without_a_broker_nothing_was_sent(linked: Linked, account: Broker) -> None:
    """B20: no connection means REFUSED without sent_at, and BrokerUnreachable for other calls."""
    order = a_buy(*await near_the_money(account))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        alone = linked.open(endpoints=Endpoints(nowhere, nowhere, nowhere))
        placement = await alone.prepare(order)()
        with pytest.raises(BrokerUnreachable):
            await alone.orders()
        with pytest.raises(BrokerUnreachable):
            await alone.listings(frozenset({"NIFTY"}))
        await alone.aclose()
    assert (placement.outcome, placement.refusal) == (Outcome.REFUSED, None)
    assert placement.sent_at is None
    assert "not sent" in placement.reason


async def test_b21_orders_that_leave_together_are_all_taken(linked: Linked, account: Broker) -> None:
    """B21: eight orders at once over warm connections: eight acceptances, eight numbers, one order a tag."""
    listing, quote = await near_the_money(account)
    orders = [a_buy(listing, quote) for _ in range(8)]
    await account.warm(4)
    placements = await asyncio.gather(*[send() for send in [account.prepare(one) for one in orders]])
    assert {placement.outcome for placement in placements} == {Outcome.ACCEPTED}
    assert len({placement.broker_order_id for placement in placements}) == len(orders)
    for order in orders:
        assert len(linked.sandbox.orders_tagged(linked.broker, order.tag)) == 1


async def test_b22_a_prepared_order_is_not_sent_until_it_is_sent_and_only_once(linked: Linked, account: Broker) -> None:
    """B22: preparing sends nothing; sending twice is refused by the adapter itself."""
    order = a_buy(*await near_the_money(account))
    send = account.prepare(order)
    assert linked.sandbox.orders_tagged(linked.broker, order.tag) == []
    await send()
    with pytest.raises(RuntimeError):
        await send()
    assert len(linked.sandbox.orders_tagged(linked.broker, order.tag)) == 1


async def test_b23_a_broker_that_garbles_its_master_gives_no_contracts(linked: Linked, account: Broker) -> None:
    """B23: a page or a lost connection instead of the instrument master is an error, never an empty list."""
    for kind in ("garbage", "drop_reply"):
        linked.sandbox.admin("POST", "/faults", broker=linked.broker, operation="instruments", kind=kind, times=1)
        with pytest.raises(BrokerGarbled):
            await account.listings(frozenset({"NIFTY"}))


@pytest.mark.parametrize("underlying", ["NIFTY", "SENSEX"])
@pytest.mark.parametrize("side", list(Side))
async def test_b24_a_future_is_listed_quoted_and_filled(
    linked: Linked, account: Broker, underlying: str, side: Side
) -> None:
    """B24: three months of futures without a strike; the next month's has a book and fills on either side."""
    listings = [one for one in await account.listings(frozenset({underlying})) if one.contract.right is Right.FUT]
    near, future, far = sorted(listings, key=lambda one: one.contract.expiry)
    assert {one.contract.strike for one in (near, future, far)} == {NO_STRIKE}
    quote = (await account.quotes([(future.exchange, future.symbol, future.token)]))[future.symbol]
    spot = (await account.index_quote(underlying)).last
    assert quote.bid is not None
    assert quote.ask is not None
    assert spot < quote.bid < quote.ask < spot * Decimal("1.02")
    buffer = Decimal("1.02") if side is Side.BUY else Decimal("0.98")
    limit = (quote.last * buffer).quantize(TICK) // TICK * TICK
    order = replace(a_buy(future, quote), side=side, product="NRML", limit_price=limit, protection_percent=Decimal(2))
    done = await filled(account, order)
    assert (done.symbol, done.side, done.filled_quantity) == (future.symbol, side, LOTS[underlying])
    assert done.average_price is not None
    assert abs(done.average_price - quote.last) < quote.last * Decimal("0.005")
    (known,) = linked.sandbox.orders_tagged(linked.broker, order.tag)
    assert (known["kind"], known["expiry"]) == ("FUT", future.contract.expiry.isoformat())


async def test_b25_a_resting_order_moves_to_another_price(linked: Linked, account: Broker) -> None:
    """B25: modify moves the limit of a resting order: below the market it rests, at the market it fills within it."""
    order, order_id, quote = await resting(linked, account)
    low = ((quote.bid or quote.last) * Decimal("0.85")).quantize(TICK) // TICK * TICK
    await account.modify(order_id, low, order.quantity)
    (known,) = linked.sandbox.orders_tagged(linked.broker, order.tag)
    assert (Decimal(known["price"]), known["filled"], known["modifications"]) == (low, 0, 1)
    assert (await account.order(order_id)).status is IntentStatus.ACCEPTED
    await account.modify(order_id, order.limit_price, order.quantity)
    moved = await found(account, order.tag, is_final)
    assert moved.status is IntentStatus.FILLED, moved.message
    assert (moved.broker_order_id, moved.filled_quantity) == (order_id, order.quantity)
    assert moved.average_price is not None
    assert low < moved.average_price <= order.limit_price
    (known,) = linked.sandbox.orders_tagged(linked.broker, order.tag)
    assert Decimal(known["price"]) == order.limit_price


async def test_b26_what_cannot_be_modified_is_an_error(account: Broker) -> None:
    """B26: modifying an order that does not exist, or that is final, raises and changes nothing."""
    order = a_buy(*await near_the_money(account))
    done = await filled(account, order)
    for order_id in (done.broker_order_id, "999999999999999"):
        with pytest.raises((BrokerRefused, BrokerGarbled)):
            await account.modify(order_id, order.limit_price + TICK, order.quantity)
    assert await found(account, order.tag, is_final) == done


async def test_b27_one_order_is_found_by_its_tag(linked: Linked, account: Broker) -> None:
    """B27: order_by_tag finds exactly the order, also over another connection, and None for a tag nobody used."""
    listing, quote = await near_the_money(account)
    orders = [a_buy(listing, quote), a_sale(listing, quote)]
    booked = [await filled(account, order) for order in orders]
    other = linked.open()
    for order, row in zip(orders, booked, strict=True):
        assert await account.order_by_tag(order.tag) == row
        assert await other.order_by_tag(order.tag) == row
    for unused in (orders[0].tag[:-1], "LWNOBODYUSEDTHIS"):
        assert await account.order_by_tag(unused) is None
    await other.aclose()


async def test_b28_positions_are_what_was_bought_and_sold(linked: Linked, account: Broker) -> None:
    """B28: positions tell net, bought, sold and the open side's average; a closed one stays with net 0."""
    listing, quote = await near_the_money(account, right=Right.PE)
    await close_everything(account)
    lot = listing.lot_size
    bought = await filled(account, a_buy(listing, quote, lots=2))
    await filled(account, a_sale(listing, quote))
    held = await position_in(account, listing.symbol)
    assert (held.exchange, held.token, held.product) == (listing.exchange, listing.token, "MIS")
    assert (held.net, held.bought, held.sold) == (lot, 2 * lot, lot)
    assert held.average_price == bought.average_price
    assert (held.last_price is None) == (linked.broker in NO_LAST_PRICE)
    assert held.last_price is None or held.last_price % TICK == 0
    await filled(account, a_sale(listing, quote))
    closed = await position_in(account, listing.symbol)
    assert (closed.net, closed.bought, closed.sold, closed.average_price) == (0, 2 * lot, 2 * lot, None)
    await filled(account, a_sale(listing, quote))
    assert (await position_in(account, listing.symbol)).net == -lot
    await close_everything(account)


async def test_b29_a_short_option_binds_money(account: Broker) -> None:
    """B29: available and used add up to the account's money, and a short option moves margin from one to the other."""
    await close_everything(account)
    listing, quote = await near_the_money(account, "BANKNIFTY", Right.PE)
    notional = (await account.index_quote("BANKNIFTY")).last * listing.lot_size
    before = await account.funds()
    assert before.available > 0
    assert Decimal(4_500_000) < before.available + before.used < Decimal(5_500_000)
    await filled(account, a_sale(listing, quote))
    after = await account.funds()
    assert before.available - after.available > notional / 20
    assert after.used - before.used > notional / 20
    await close_everything(account)


async def test_b30_a_hedge_counts_in_the_margin_of_a_basket(linked: Linked, account: Broker) -> None:
    """B30: basket_margin is the figure of the broker: a short alone, less with its hedge, nothing for no orders."""
    await close_everything(account)
    listing, quote = await near_the_money(account, right=Right.PE)
    puts = [one for one in await account.listings(frozenset({"NIFTY"})) if one.contract.right is Right.PE]
    lower = [
        one
        for one in puts
        if one.contract.expiry == listing.contract.expiry and one.contract.strike < listing.contract.strike
    ]
    wing = max(lower, key=lambda one: one.contract.strike)
    wing_quote = (await account.quotes([(wing.exchange, wing.symbol, wing.token)]))[wing.symbol]
    short, hedge = a_sale(listing, quote), a_buy(wing, wing_quote)
    notional = (await account.index_quote("NIFTY")).last * listing.lot_size
    alone, spread = await account.basket_margin([short]), await account.basket_margin([hedge, short])
    near = Decimal("0.05")
    if linked.broker == PAPER:
        assert OWN_ESTIMATE[0] < alone / notional < OWN_ESTIMATE[1]
    else:
        assert alone == pytest.approx(notional * NAKED, rel=near)
        assert spread == pytest.approx(notional * HEDGED + hedge.quantity * wing_quote.last, rel=near)
    assert spread < alone
    assert await account.basket_margin([]) == 0
    assert linked.sandbox.orders_tagged(linked.broker, short.tag) == []


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_b31_a_refreshed_session_trades(broker: str, running_sandbox: Sandbox) -> None:
    """B31: refresh gives a session of the same client that trades; a broker without renewal gives None.

    On a login of its own, which ends the one of the tests before.
    """
    running_sandbox.admin("DELETE", "/faults")
    session = await log_in(broker, running_sandbox)
    login = open_login(
        broker, credentials=CREDENTIALS[broker], endpoints=running_sandbox.endpoints(broker), clock=CLOCK
    )
    renewed = await login.refresh(session.tokens, CLOCK.now())
    if type(login).refresh is BrokerOAuthStrategy.refresh:
        assert renewed is None
        return
    assert renewed is not None
    assert renewed.client_id == session.client_id
    assert renewed.tokens != session.tokens
    assert timedelta(0) < renewed.expires_at - CLOCK.now() <= timedelta(days=1, hours=6)
    account = Linked(broker, renewed, running_sandbox).open()
    await filled(account, a_buy(*await near_the_money(account)))
    await account.aclose()
    with pytest.raises((SessionOver, BrokerRefused)):
        await login.refresh(dict.fromkeys(session.tokens, "notatoken"), CLOCK.now())


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_b32_a_session_that_the_broker_ends_is_over_until_the_next_login(
    broker: str, running_sandbox: Sandbox
) -> None:
    """B32: a session killed at the broker's side is SessionOver; a new login trades again.

    On a login of its own, which ends the one of the tests before.
    """
    running_sandbox.admin("DELETE", "/faults")
    linked = Linked(broker, await log_in(broker, running_sandbox), running_sandbox)
    account = linked.open()
    await account.orders()
    running_sandbox.admin("POST", "/faults", broker=broker, operation="orders", kind="session_killed", times=1)
    for _ in range(2):
        with pytest.raises(SessionOver):
            await account.orders()
    await account.aclose()
    again = Linked(broker, await log_in(broker, running_sandbox), running_sandbox).open()
    assert (await again.warm(1)).client_id == linked.client_id
    await again.aclose()


@pytest.mark.parametrize("broker", sorted(name for name, kind in BROKERS.items() if kind.algo))
async def test_b33_the_algo_of_an_account_goes_out_with_its_orders(broker: str, running_sandbox: Sandbox) -> None:
    """B33: the id or the name of an account's registered algo goes out with its orders, where the broker takes it.

    On a login of its own, which ends the one of the tests before. Without a registration nothing is named.
    """
    running_sandbox.admin("DELETE", "/faults")
    linked = Linked(broker, await log_in(broker, running_sandbox), running_sandbox)
    registered = {"id": "NSE0012345", "name": "Morning spread"}
    for algo in (Algo(**registered), Algo()):
        account = linked.open(algo=algo)
        order = a_buy(*await near_the_money(account))
        await filled(account, order)
        (known,) = running_sandbox.orders_tagged(broker, order.tag)
        carried = {part: getattr(algo, part) if part in BROKERS[broker].algo else "" for part in registered}
        assert {part: known[f"algo_{part}"] for part in registered} == carried
        await account.aclose()


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_b34_processes_that_share_an_account_stay_within_its_limits(
    broker: str, running_sandbox: Sandbox
) -> None:
    """B34: with the broker's limits in force, what two processes ask of one account at once is refused nowhere.

    On a login of its own, which ends the one of the tests before.
    """
    running_sandbox.admin("DELETE", "/faults")
    linked = Linked(broker, await log_in(broker, running_sandbox), running_sandbox)
    rates = MemoryRates()
    paces = [pace_of(broker, clock=CLOCK, store=rates, user_id="u", account_id="a") for _ in range(2)]
    accounts = [linked.open(pace=pace) for pace in paces]
    order = a_buy(*await near_the_money(accounts[0]))
    orders = [replace(order, tag=f"LWSHARED{next(_numbers):010d}") for _ in range(12)]
    await asyncio.sleep(1.1)
    running_sandbox.admin("POST", "/relax", relaxed=False)
    try:
        await paces[0].expect_orders([order.exchange for order in orders[:6]], CLOCK.now())
        placing = asyncio.create_task(_place_in_turn(accounts, paces, orders))
        await asyncio.gather(
            *(account.orders() for account in accounts),
            *(account.index_quote("NIFTY") for account in accounts),
            *(account.warm(2) for account in accounts),
        )
        placements = await placing
    finally:
        running_sandbox.admin("POST", "/relax", relaxed=True)
    assert {(placement.outcome, placement.busy) for placement in placements} == {(Outcome.ACCEPTED, False)}
    for account in accounts:
        await account.aclose()


async def test_b35_a_refusal_is_told_by_its_kind(linked: Linked, account: Broker) -> None:
    """B35: part of a lot, more than the freeze quantity, a price out of bounds, a market order: each refusal is told by
    its kind, in the answer or in the book; what is not known is OTHER."""
    listing, quote = await near_the_money(account)
    order = a_buy(listing, quote)
    assert await refusal_of(account, replace(order, quantity=order.quantity + 1)) is Refusal.FREEZE
    if linked.broker == PAPER:
        return
    assert await refusal_of(account, a_buy(listing, quote, lots=1000)) is Refusal.FREEZE
    if linked.broker not in PROTECTS_ITSELF:
        far = replace(a_buy(listing, quote), limit_price=100 * order.limit_price)
        assert await refusal_of(account, far) is Refusal.PRICE_BAND
    for message, refusal in SAID.items():
        fault = {"broker": linked.broker, "operation": "place", "kind": "refuse", "message": message, "times": 1}
        linked.sandbox.admin("POST", "/faults", **fault)
        assert await refusal_of(account, a_buy(listing, quote)) is refusal, message


async def test_b36_a_limit_order_rests_at_its_limit(linked: Linked, account: Broker) -> None:
    """B36: an order of the style limit rests at its limit below the market, and fills when modified to cross."""
    listing, quote = await near_the_money(account)
    crossing = replace(a_buy(listing, quote), style="limit")
    low = ((quote.bid or quote.last) * Decimal("0.9")).quantize(TICK) // TICK * TICK
    placement = await account.prepare(replace(crossing, limit_price=low))()
    assert placement.broker_order_id is not None, placement.reason
    resting_row = await found(account, crossing.tag, lambda one: one.status is IntentStatus.ACCEPTED)
    assert resting_row.filled_quantity == 0
    (known,) = linked.sandbox.orders_tagged(linked.broker, crossing.tag)
    assert (Decimal(known["price"]), known["filled"]) == (low, 0)
    await account.modify(placement.broker_order_id, crossing.limit_price, crossing.quantity)
    done = await found(account, crossing.tag, is_final)
    assert (done.status, done.filled_quantity) == (IntentStatus.FILLED, crossing.quantity), done.message
    assert done.average_price is not None
    assert low < done.average_price <= crossing.limit_price


async def _place_in_turn(
    accounts: Sequence[Broker], paces: Sequence[Pace], orders: Sequence[OrderRequest]
) -> list[Placement]:
    """Place half of the orders by each process, all at once."""

    async def place(number: int, order: OrderRequest) -> Placement:
        await paces[number // 6].order_turn(order.exchange)
        return await accounts[number // 6].prepare(order)()

    return await asyncio.gather(*(place(number, order) for number, order in enumerate(orders)))
