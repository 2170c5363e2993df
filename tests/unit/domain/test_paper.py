"""The paper exchange: whatever quotes come, no order fills beyond its quantity, its limit or its time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Right, Side
from lambdas.domain.intents import FINAL, IntentStatus
from lambdas.domain.paper import (
    Fill,
    PaperBook,
    PaperOrder,
    PaperRefused,
    PaperTerms,
    cancelled,
    matched,
    modified,
    taking_price,
)
from lambdas.domain.paper_money import (
    check_affordable,
    funds_of,
    margin_of_orders,
    positions_of,
    used_by,
)
from tests.doubles.examples import TICK, a_contract, a_listing
from tests.doubles.paper import a_paper_order

TERMS = PaperTerms(lots_at_a_price=2, refills_after=timedelta(seconds=1))
NOW = TICK.instant
SPOTS = {"NIFTY": Decimal(24500)}
STRIKES = (24300, 24500, 24700)
PRICES = st.integers(1, 4000).map(lambda ticks: ticks * Decimal("0.05"))
SIDES = st.sampled_from(Side)


def a_quote(last: str = "100", bid: str | None = "99.95", ask: str | None = "100.05") -> Quote:
    return Quote(Decimal(last), *(None if text is None else Decimal(text) for text in (bid, ask)))


def a_sale(tag: str = "LWSALE", **changes: Any) -> PaperOrder:
    return a_paper_order(tag, side=Side.SELL, **changes)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    bid, spread = draw(PRICES), draw(st.integers(0, 20)) * Decimal("0.05")
    return Quote(draw(PRICES), draw(st.sampled_from([bid, None])), draw(st.sampled_from([bid + spread, None])))


@st.composite
def filled_orders(draw: st.DrawFn, *, number: int = 0) -> PaperOrder:
    """An order of whole lots with some fills, one after the other."""
    fills = tuple(
        Fill(NOW + timedelta(seconds=draw(st.integers(0, 3600))), 65 * draw(st.integers(1, 5)), draw(PRICES))
        for _ in range(draw(st.integers(0, 4)))
    )
    return a_paper_order(
        f"LW{number}",
        side=draw(SIDES),
        listing=a_listing(a_contract(draw(st.sampled_from(STRIKES)))),
        quantity=sum(fill.quantity for fill in fills) + 65,
        limit_price=draw(PRICES),
        fills=tuple(sorted(fills, key=lambda fill: fill.at)),
        status=draw(st.sampled_from([IntentStatus.PARTLY_FILLED, IntentStatus.CANCELLED])),
    )


BOOKS = st.lists(filled_orders(), max_size=6)


class TestMatching:
    def test_a_buy_fills_at_the_ask_and_a_sale_at_the_bid(self) -> None:
        for order, price in ((a_paper_order(limit_price=Decimal(101)), "100.05"), (a_sale(), "99.95")):
            done = matched(replace(order, limit_price=Decimal(price)), a_quote(), NOW, TERMS)
            assert (done.status, done.average_price) == (IntentStatus.FILLED, Decimal(price))
            assert done.fills == (Fill(NOW, 65, Decimal(price)),)
            assert done.version == order.version + 1

    def test_without_the_far_side_the_price_is_the_last_and_half_a_spread_at_least_a_tick(self) -> None:
        empty = a_quote(bid=None, ask=None)
        tick = a_listing().tick_size
        assert taking_price(Side.BUY, empty, tick, TERMS) == Decimal("100.25")
        assert taking_price(Side.SELL, empty, tick, TERMS) == Decimal("99.75")
        assert taking_price(Side.BUY, a_quote("1.00", None, None), tick, TERMS) == Decimal("1.05")
        assert taking_price(Side.SELL, a_quote("0.05", None, None), tick, TERMS) is None
        assert taking_price(Side.BUY, a_quote("0", None, None), tick, TERMS) is None

    def test_a_limit_that_is_not_reached_rests(self) -> None:
        assert matched(a_paper_order(), a_quote(), NOW, TERMS) == a_paper_order()
        assert matched(a_sale(), a_quote(), NOW, TERMS) == a_sale()

    def test_nothing_fills_before_the_order_is_visible(self) -> None:
        order = a_paper_order(limit_price=Decimal(105), visible_at=NOW + timedelta(milliseconds=80))
        assert matched(order, a_quote(), NOW + timedelta(milliseconds=79), TERMS) == order
        assert matched(order, a_quote(), NOW + timedelta(milliseconds=80), TERMS).status is IntentStatus.FILLED

    def test_a_price_gives_so_many_lots_and_more_after_a_while(self) -> None:
        order = matched(a_paper_order(limit_price=Decimal(105), quantity=5 * 65), a_quote(), NOW, TERMS)
        assert (order.status, order.filled_quantity) == (IntentStatus.PARTLY_FILLED, 130)
        assert matched(order, a_quote(), NOW + timedelta(milliseconds=999), TERMS) == order
        order = matched(order, a_quote("90", "89.95", "90.05"), NOW + timedelta(seconds=1), TERMS)
        assert order.average_price == Decimal("95.05")
        assert matched(order, a_quote(), NOW + timedelta(seconds=2), TERMS).status is IntentStatus.FILLED

    @given(
        SIDES,
        PRICES,
        st.integers(1, 12),
        st.lists(st.tuples(st.integers(0, 3000), quotes()), max_size=20),
    )
    def test_fills_are_never_more_than_asked_for_nor_worse_than_the_limit_nor_too_many_at_once(
        self, side: Side, limit: Decimal, lots: int, looks: list[tuple[int, Quote]]
    ) -> None:
        order = a_paper_order(side=side, limit_price=limit, quantity=65 * lots, visible_at=NOW + timedelta(seconds=1))
        now = NOW
        for milliseconds, quote in looks:
            now += timedelta(milliseconds=milliseconds)
            before, order = order, matched(order, quote, now, TERMS)
            assert order.fills[: len(before.fills)] == before.fills
            assert order.version - before.version == len(order.fills) - len(before.fills)
        assert order.filled_quantity <= order.quantity
        assert (order.status is IntentStatus.FILLED) == (order.filled_quantity == order.quantity)
        assert all(fill.at >= order.visible_at and fill.quantity <= 130 for fill in order.fills)
        assert all(fill.quantity % 65 == 0 for fill in order.fills)
        gaps = [later.at - earlier.at for earlier, later in zip(order.fills, order.fills[1:], strict=False)]
        assert all(gap >= TERMS.refills_after for gap in gaps)
        worse = [fill for fill in order.fills if (fill.price > limit if side is Side.BUY else fill.price < limit)]
        assert worse == []
        if order.fills:
            assert order.average_price is not None
            prices = [fill.price for fill in order.fills]
            assert min(prices) <= order.average_price <= max(prices)


class TestChanging:
    def test_a_cancelled_order_keeps_its_fills_and_takes_no_more(self) -> None:
        half = matched(a_paper_order(limit_price=Decimal(105), quantity=260), a_quote(), NOW, TERMS)
        order = cancelled(half, NOW)
        assert (order.status, order.fills, order.left) == (IntentStatus.CANCELLED, half.fills, 0)
        assert matched(order, a_quote(), NOW + timedelta(hours=1), TERMS) == order

    def test_a_modified_order_meets_the_market_at_its_new_limit(self) -> None:
        order = modified(a_paper_order(), Decimal("100.05"), 65, NOW)
        assert (order.modifications, order.version) == (1, 2)
        assert matched(order, a_quote(), NOW, TERMS).status is IntentStatus.FILLED

    @pytest.mark.parametrize("status", sorted(FINAL))
    def test_what_is_final_is_neither_cancelled_nor_modified(self, status: IntentStatus) -> None:
        order = a_paper_order(status=status)
        with pytest.raises(PaperRefused, match=f"is {status} already"):
            cancelled(order, NOW)
        with pytest.raises(PaperRefused, match=f"is {status} already"):
            modified(order, Decimal(90), 65, NOW)

    def test_less_than_what_is_filled_cannot_be_asked_for(self) -> None:
        half = matched(a_paper_order(limit_price=Decimal(105), quantity=260), a_quote(), NOW, TERMS)
        with pytest.raises(PaperRefused, match="130 are filled already"):
            modified(half, Decimal(105), 130, NOW)

    def test_numbers_tell_the_day_and_differ_as_tags_do(self) -> None:
        assert a_paper_order("LWABC").number == "P261123LWABC"


class TestPositions:
    def test_an_average_is_of_what_is_open_and_a_result_of_what_is_closed(self) -> None:
        rows = [("A", Side.BUY, 130, "100"), ("B", Side.BUY, 130, "110"), ("C", Side.SELL, 130, "120")]
        (position,) = positions_of(_filled(rows))
        assert (position.net, position.bought, position.sold) == (130, 260, 130)
        assert (position.average_price, position.realised) == (Decimal(105), Decimal(15 * 130))

    def test_selling_beyond_what_is_held_opens_a_short_at_its_own_price(self) -> None:
        (position,) = positions_of(_filled([("A", Side.BUY, 65, "100"), ("B", Side.SELL, 195, "90")]))
        assert (position.net, position.average_price, position.realised) == (-130, Decimal(90), Decimal(-650))

    def test_a_closed_position_stays_with_its_result(self) -> None:
        (position,) = positions_of(_filled([("A", Side.SELL, 65, "100"), ("B", Side.BUY, 65, "90")]))
        assert (position.net, position.average_price, position.realised) == (0, None, Decimal(650))

    def test_products_are_apart(self) -> None:
        orders = _filled([("A", Side.BUY, 65, "100"), ("B", Side.SELL, 65, "90")])
        assert len(positions_of([orders[0], replace(orders[1], product="NRML")])) == 2

    @given(BOOKS)
    def test_cash_and_result_add_up(self, orders: list[PaperOrder]) -> None:
        """What was got less what was paid is the result less what the open units cost."""
        for position in positions_of(orders):
            mine = [order for order in orders if order.listing == position.listing]
            signed = [order.traded if order.side is Side.SELL else -order.traded for order in mine]
            open_cost = position.net * Fraction(position.average_price or 0)
            cash = sum((Fraction(amount) for amount in signed), Fraction(0))
            assert abs(cash + open_cost - Fraction(position.realised)) < Fraction(1, 100)

    @given(BOOKS)
    def test_units_are_those_of_the_fills(self, orders: list[PaperOrder]) -> None:
        for position in positions_of(orders):
            mine = [order for order in orders if order.listing == position.listing]
            bought = sum(order.filled_quantity for order in mine if order.side is Side.BUY)
            sold = sum(order.filled_quantity for order in mine if order.side is Side.SELL)
            assert (position.bought, position.sold, position.net) == (bought, sold, bought - sold)
            assert (position.average_price is None) == (position.net == 0)


class TestFunds:
    @given(BOOKS)
    def test_available_and_used_are_the_capital_and_the_result(self, orders: list[PaperOrder]) -> None:
        book = PaperBook(Decimal(1_000_000), orders)
        funds = funds_of(book, SPOTS, NOW)
        assert funds.used >= 0
        realised = sum(position.realised for position in positions_of(orders))
        assert funds.available + funds.used == book.capital + realised

    @given(BOOKS, filled_orders(number=99))
    def test_one_more_resting_order_never_frees_anything(self, orders: list[PaperOrder], more: PaperOrder) -> None:
        held = [replace(order, status=IntentStatus.CANCELLED) for order in orders]
        book = PaperBook(Decimal(1_000_000), held)
        resting = replace(more, fills=(), status=IntentStatus.ACCEPTED)
        assert used_by(book.with_order(resting), SPOTS, NOW) >= used_by(book, SPOTS, NOW)

    def test_a_bought_option_binds_its_premium_and_a_sold_one_margin(self) -> None:
        bought = PaperBook(Decimal(1_000_000), _filled([("A", Side.BUY, 65, "100")]))
        assert funds_of(bought, SPOTS, NOW).used == 6500
        sold = PaperBook(Decimal(1_000_000), _filled([("A", Side.SELL, 65, "100")]))
        notional = 24500 * 65
        assert notional * Decimal("0.08") < funds_of(sold, SPOTS, NOW).used < notional * Decimal("0.2")

    def test_a_hedge_counts(self) -> None:
        short, hedge = a_sale(), a_paper_order(listing=a_listing(a_contract(24700)), limit_price=Decimal(20))
        alone = margin_of_orders([short], SPOTS, NOW)
        assert margin_of_orders([short, hedge], SPOTS, NOW) < alone
        assert margin_of_orders([], SPOTS, NOW) == 0

    def test_what_cannot_be_paid_for_is_refused_with_both_amounts(self) -> None:
        book = PaperBook(Decimal(6000))
        with pytest.raises(PaperRefused, match=r"not enough funds: needs ₹6,500\.00, available ₹6,000\.00"):
            check_affordable(book, a_paper_order(), SPOTS, NOW)

    def test_what_closes_is_never_refused_for_want_of_funds(self) -> None:
        orders = _filled([("A", Side.SELL, 65, "100")])
        book = PaperBook(funds_of(PaperBook(Decimal(0), orders), SPOTS, NOW).used - 1, orders)
        assert funds_of(book, SPOTS, NOW).available < 0
        check_affordable(book, a_paper_order("LWCLOSE", limit_price=Decimal(500)), SPOTS, NOW)
        with pytest.raises(PaperRefused):
            check_affordable(book, a_paper_order("LWMORE", listing=_put()), SPOTS, NOW)

    @pytest.mark.parametrize("changes", [{"quantity": 64}, {"limit_price": Decimal("100.01")}])
    def test_part_of_a_lot_or_of_a_tick_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(PaperRefused, match="no multiple of the"):
            check_affordable(PaperBook(Decimal(1_000_000)), a_paper_order(**changes), SPOTS, NOW)


def _put() -> Any:
    return a_listing(a_contract(24000, Right.PE))


def _filled(rows: list[tuple[str, Side, int, str]]) -> list[PaperOrder]:
    """Filled orders in one contract, one second after the other: tag, side, units, price."""
    return [
        a_paper_order(
            tag,
            side=side,
            quantity=quantity,
            fills=(Fill(NOW + timedelta(seconds=number), quantity, Decimal(price)),),
            status=IntentStatus.FILLED,
        )
        for number, (tag, side, quantity, price) in enumerate(rows)
    ]
