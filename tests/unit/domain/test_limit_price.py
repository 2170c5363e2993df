"""A limit begins at the far side of the spread, at most its buffer beyond, and never worse than a protected one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.limit_price import distance, limit_of
from lambdas.domain.order_rules import PROTECTED, OrderRules
from lambdas.domain.protection import protected_limit
from lambdas.domain.values import Move
from tests.doubles.quoted import BUFFERS, QUOTES, TICK_SIZES

LIMIT = OrderRules(style="limit")
POINT = OrderRules(style="limit", buffer=Move(unit="points", value=Decimal(1)))
PERCENT = OrderRules(style="limit", buffer=Move(unit="percent", value=Decimal(1)))
BOOK = Quote(Decimal(100), Decimal("99.95"), Decimal("100.05"))


def far_side(side: Side, quote: Quote) -> Decimal:
    return (quote.ask if side is Side.BUY else quote.bid) or quote.last


@given(st.sampled_from(Side), QUOTES, TICK_SIZES)
def test_protected_orders_keep_their_limit(side: Side, quote: Quote, tick_size: Decimal) -> None:
    assert limit_of(PROTECTED, side, quote, tick_size) == protected_limit(side, quote, tick_size)


@given(st.sampled_from(Side), QUOTES, TICK_SIZES, BUFFERS)
def test_a_limit_is_on_the_tick_and_at_least_one(
    side: Side, quote: Quote, tick_size: Decimal, buffer: Move | None
) -> None:
    limit = limit_of(OrderRules(style="limit", buffer=buffer), side, quote, tick_size)
    assert limit % tick_size == 0
    assert limit >= tick_size


@given(st.sampled_from(Side), QUOTES, TICK_SIZES, BUFFERS)
def test_a_limit_is_never_worse_than_the_protected_one(
    side: Side, quote: Quote, tick_size: Decimal, buffer: Move | None
) -> None:
    limit = limit_of(OrderRules(style="limit", buffer=buffer), side, quote, tick_size)
    outermost = protected_limit(side, quote, tick_size)
    assert limit <= outermost if side is Side.BUY else limit >= outermost


@given(st.sampled_from(Side), QUOTES, TICK_SIZES, BUFFERS)
def test_a_limit_never_reaches_beyond_its_buffer(
    side: Side, quote: Quote, tick_size: Decimal, buffer: Move | None
) -> None:
    limit = limit_of(OrderRules(style="limit", buffer=buffer), side, quote, tick_size)
    base = far_side(side, quote)
    reach = (limit - base) if side is Side.BUY else (base - limit)
    assert reach <= (distance(buffer, base) if buffer else 0) or limit == tick_size


@given(st.sampled_from(Side), st.integers(1, 100_000), st.integers(0, 200), BUFFERS)
def test_a_limit_crosses_a_book_that_is_on_the_tick(side: Side, bid: int, spread: int, buffer: Move | None) -> None:
    tick = Decimal("0.05")
    quote = Quote(bid * tick, bid * tick, (bid + spread) * tick)
    limit = limit_of(OrderRules(style="limit", buffer=buffer), side, quote, tick)
    assert limit >= far_side(side, quote) if side is Side.BUY else limit <= far_side(side, quote)


@pytest.mark.parametrize(
    ("rules", "side", "quote", "limit"),
    [
        (LIMIT, Side.BUY, BOOK, "100.05"),
        (LIMIT, Side.SELL, BOOK, "99.95"),
        (POINT, Side.BUY, BOOK, "101.05"),
        (POINT, Side.SELL, BOOK, "98.95"),
        (PERCENT, Side.BUY, BOOK, "101.05"),
        (PERCENT, Side.SELL, BOOK, "99.00"),
        (OrderRules(style="limit", buffer=Move(unit="percent", value=Decimal(50))), Side.BUY, BOOK, "104.10"),
        (OrderRules(style="limit", buffer=Move(unit="points", value=Decimal(99))), Side.SELL, BOOK, "93.95"),
        (POINT, Side.SELL, Quote(Decimal("0.50"), Decimal("0.50")), "0.25"),
        (LIMIT, Side.BUY, Quote(Decimal(100)), "100"),
    ],
)
def test_known_limits(rules: OrderRules, side: Side, quote: Quote, limit: str) -> None:
    assert limit_of(rules, side, quote, Decimal("0.05")) == Decimal(limit)


@pytest.mark.parametrize("side", list(Side))
def test_without_any_price_there_is_no_limit(side: Side) -> None:
    with pytest.raises(ValueError, match="no price"):
        limit_of(LIMIT, side, Quote(Decimal(0)), Decimal("0.05"))
