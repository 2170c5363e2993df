"""Slippage: what fills cost against the middle of the quote that their order was priced from."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus, Order, Quoted
from lambdas.domain.slippage import reference_of, slippage_of
from tests.doubles.examples import an_order, at

WORDS = {"last": "100", "bid": "99.90", "ask": "100.20"}
prices = st.integers(1, 200_000).map(lambda ticks: Decimal(ticks) / 20)
sides = st.sampled_from(Side)


def a_quote(**changes: str | None) -> Quote:
    """A quote of these prices; None is an empty side."""
    return Quote(**{name: Decimal(price) for name, price in {**WORDS, **changes}.items() if price is not None})


def filled(side: Side, average: Decimal | None, quote: Quote | None, quantity: int = 130) -> Order:
    """An order of that side, with so much filled, priced from that quote."""
    quoted = None if quote is None else Quoted(quote, at("09:19:57"))
    return an_order(
        side=side, quantity=max(quantity, 65), filled_quantity=quantity, average_price=average, quoted=quoted
    )


@pytest.mark.parametrize(
    ("quote", "reference"),
    [
        (a_quote(), "100.05"),
        (a_quote(bid="100.20"), "100.20"),
        (a_quote(bid="100.25"), "100"),
        (a_quote(bid=None), "100"),
        (a_quote(ask=None), "100"),
        (a_quote(bid="0"), "100"),
        (a_quote(last="0"), "100.05"),
        (a_quote(last="0", ask=None), None),
    ],
)
def test_the_reference_is_the_middle_and_the_last_price_where_there_is_none(
    quote: Quote, reference: str | None
) -> None:
    assert reference_of(quote) == (None if reference is None else Decimal(reference))


@pytest.mark.parametrize(
    ("side", "average", "slippage"),
    [
        (Side.BUY, "100.15", "13.00"),
        (Side.BUY, "100.00", "-6.50"),
        (Side.SELL, "100.00", "6.50"),
        (Side.SELL, "100.15", "-13.00"),
    ],
)
def test_a_plus_costs_on_both_sides(side: Side, average: str, slippage: str) -> None:
    assert slippage_of(filled(side, Decimal(average), a_quote())) == Decimal(slippage)


@pytest.mark.parametrize(
    "order",
    [
        filled(Side.BUY, Decimal(100), a_quote(), quantity=0),
        filled(Side.BUY, None, a_quote()),
        filled(Side.BUY, Decimal(100), None),
        filled(Side.BUY, Decimal(100), a_quote(last="0", bid=None)),
        an_order(IntentStatus.REFUSED, quoted=Quoted(a_quote(), at("09:19:57"))),
    ],
)
def test_without_a_fill_or_a_price_there_is_none(order: Order) -> None:
    assert slippage_of(order) is None


@given(sides, prices, prices, prices, st.integers(1, 10_000))
def test_a_fill_at_the_far_side_costs_half_the_spread_of_each_unit(
    side: Side, last: Decimal, bid: Decimal, width: Decimal, quantity: int
) -> None:
    quote = Quote(last, bid, bid + width)
    met, other = (quote.ask, quote.bid) if side is Side.BUY else (quote.bid, quote.ask)
    assert slippage_of(filled(side, met, quote, quantity)) == width / 2 * quantity
    assert slippage_of(filled(side, other, quote, quantity)) == -width / 2 * quantity


@given(prices, prices, prices, prices, st.integers(1, 10_000))
def test_what_one_side_pays_the_other_gains(
    last: Decimal, bid: Decimal, ask: Decimal, average: Decimal, quantity: int
) -> None:
    quote = Quote(last, bid, ask)
    paid, gained = (slippage_of(filled(side, average, quote, quantity)) for side in Side)
    assert paid is not None
    assert gained is not None
    assert paid + gained == 0


@given(sides, prices, prices, prices, st.integers(1, 5_000), st.integers(1, 5_000))
def test_slices_at_one_price_cost_what_the_whole_costs(
    side: Side, last: Decimal, ask: Decimal, average: Decimal, one: int, other: int
) -> None:
    quote = Quote(last, None, ask)
    parts = [slippage_of(filled(side, average, quote, quantity)) for quantity in (one, other)]
    assert sum(part for part in parts if part is not None) == slippage_of(filled(side, average, quote, one + other))
