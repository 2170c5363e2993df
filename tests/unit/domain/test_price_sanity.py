"""Which books are believed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.price_sanity import price_problem

TICK_SIZE = Decimal("0.05")
TWENTY = Decimal(20)
PRICES = st.integers(1, 200_000).map(lambda ticks: ticks * TICK_SIZE)


def problem(side: Side, last: str, bid: str | None, ask: str | None) -> str | None:
    quote = Quote(Decimal(last), *(Decimal(text) if text else None for text in (bid, ask)))
    return price_problem(side, quote, TWENTY, TICK_SIZE)


@pytest.mark.parametrize(
    ("side", "quote", "told"),
    [
        (Side.BUY, ("100", "99", "120"), None),
        (
            Side.BUY,
            ("100", "99", "120.05"),
            "price_sanity_percent: the ask of 120.05 is 20.1 % from the last price 100, the limit is 20",
        ),
        (
            Side.BUY,
            ("100", "60", "79.95"),
            "price_sanity_percent: the ask of 79.95 is 20.1 % from the last price 100, the limit is 20",
        ),
        (Side.SELL, ("100", "80", "300"), None),
        (
            Side.SELL,
            ("100", "5", "300"),
            "price_sanity_percent: the bid of 5 is 95.0 % from the last price 100, the limit is 20",
        ),
        (Side.BUY, ("100", "101", "100.95"), "the book is crossed: bid 101 is above ask 100.95"),
        (Side.SELL, ("100", "101", "101"), None),
        (Side.BUY, ("0", "99", "100"), "there is no last price to compare the ask of 100 with"),
        (Side.SELL, ("0", None, "100"), None),
        (Side.BUY, ("100", "99", None), None),
        (Side.BUY, ("0.50", "0.40", "0.75"), None),
        (
            Side.BUY,
            ("0.50", "0.40", "0.80"),
            "price_sanity_percent: the ask of 0.80 is 60.0 % from the last price 0.50, the limit is 20",
        ),
    ],
)
def test_the_price_that_an_order_would_meet_is_near_the_last_one(
    side: Side, quote: tuple[str, str | None, str | None], told: str | None
) -> None:
    assert problem(side, *quote) == told


@given(st.sampled_from(Side), PRICES, PRICES, st.integers(1, 100_000).map(lambda n: Decimal(n) / 100))
def test_a_wider_percent_never_refuses_more(side: Side, last: Decimal, price: Decimal, percent: Decimal) -> None:
    quote = Quote(last, price, price)
    strict, wide = (price_problem(side, quote, one, TICK_SIZE) for one in (percent, percent * 2))
    assert strict is not None or wide is None
    assert (strict is None) is (abs(price - last) <= max(last * percent / 100, 5 * TICK_SIZE))
