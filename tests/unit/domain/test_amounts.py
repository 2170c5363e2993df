"""Amounts as the API and the events write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.values import rupees_text

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("1500", "1500"),
        ("1.5E+3", "1500"),
        ("101.5", "101.5"),
        ("101.50", "101.50"),
        ("101.5000", "101.50"),
        ("-8775.000", "-8775.00"),
        ("101.3333", "101.3333"),
        ("101.33330", "101.3333"),
        ("1E-7", "0.0000001"),
    ],
)
def test_zeros_behind_the_second_decimal_are_left_out(amount: str, text: str) -> None:
    assert rupees_text(Decimal(amount)) == text


@given(AMOUNTS)
def test_no_amount_is_changed_and_none_has_an_exponent(amount: Decimal) -> None:
    text = rupees_text(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    decimals = text.partition(".")[2]
    assert len(decimals) <= 2 or not decimals.endswith("0")
