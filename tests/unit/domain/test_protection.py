"""Protected prices are on the tick, on the marketable side, and never invented."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.protection import protected_limit, protection_percent

TICK_SIZE = Decimal("0.05")
PRICES = st.integers(1, 200_000).map(lambda ticks: ticks * TICK_SIZE)


@pytest.mark.parametrize(
    ("premium", "percent"),
    [("0.05", 5), ("9.95", 5), ("10", 3), ("99.95", 3), ("100", 2), ("499.95", 2), ("500", 1), ("9000", 1)],
)
def test_protection_steps_by_premium(premium: str, percent: int) -> None:
    assert protection_percent(Decimal(premium)) == percent


@given(st.sampled_from(Side), PRICES, PRICES, PRICES, st.sampled_from([Decimal("0.05"), Decimal("0.01"), Decimal(1)]))
def test_a_limit_is_on_the_tick_and_at_least_one(
    side: Side, last: Decimal, bid: Decimal, ask: Decimal, tick_size: Decimal
) -> None:
    limit = protected_limit(side, Quote(last, bid, ask), tick_size)
    assert limit % tick_size == 0
    assert limit >= tick_size


@given(PRICES, PRICES)
def test_a_buy_reaches_twice_its_protection_and_at_least_five_ticks_above_the_ask(last: Decimal, ask: Decimal) -> None:
    limit = protected_limit(Side.BUY, Quote(last, None, ask), TICK_SIZE)
    exact = ask + max(ask * 2 * protection_percent(ask) / 100, 5 * TICK_SIZE)
    assert exact <= limit < exact + TICK_SIZE


@given(PRICES, PRICES)
def test_a_sell_reaches_twice_its_protection_and_at_least_five_ticks_below_the_bid(last: Decimal, bid: Decimal) -> None:
    limit = protected_limit(Side.SELL, Quote(last, bid, None), TICK_SIZE)
    exact = bid - max(bid * 2 * protection_percent(bid) / 100, 5 * TICK_SIZE)
    assert limit == TICK_SIZE or exact - TICK_SIZE < limit <= exact


@pytest.mark.parametrize(
    ("side", "quote", "limit"),
    [
        (Side.BUY, Quote(Decimal(100), Decimal(99), Decimal(101)), "105.05"),
        (Side.SELL, Quote(Decimal(100), Decimal(99), Decimal(101)), "93.05"),
        (Side.BUY, Quote(Decimal(100)), "104"),
        (Side.SELL, Quote(Decimal(100)), "96"),
        (Side.BUY, Quote(Decimal(100), Decimal(99), Decimal(0)), "104"),
        (Side.BUY, Quote(Decimal(1), Decimal("0.95"), Decimal(1)), "1.25"),
        (Side.SELL, Quote(Decimal("0.05"), Decimal("0.05"), None), "0.05"),
    ],
)
def test_known_limits_and_empty_books_fall_back_to_the_last_price(side: Side, quote: Quote, limit: str) -> None:
    assert protected_limit(side, quote, TICK_SIZE) == Decimal(limit)


@pytest.mark.parametrize("side", list(Side))
def test_without_any_price_there_is_no_limit(side: Side) -> None:
    with pytest.raises(ValueError, match="no price"):
        protected_limit(side, Quote(Decimal(0)), TICK_SIZE)
