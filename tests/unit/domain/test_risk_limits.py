"""What limits may say, and which of two counts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lambdas.domain.risk_limits import MOST_ACCOUNTS, LimitsOf, RiskLimits
from tests.doubles.limits import some_limits

PERCENTS = st.none() | st.decimals("0.01", "1000", places=2)
COUNTS = ("max_lots_per_order", "max_lots_per_run", "max_lots_per_day", "max_orders_per_day")


def test_nothing_said_is_no_limit() -> None:
    assert set(RiskLimits().model_dump().values()) == {None}
    assert LimitsOf() == LimitsOf.model_validate({}) == LimitsOf.model_validate({"user": {}, "accounts": {}})
    assert not LimitsOf().count_a_day(["zerodha-one"])


@pytest.mark.parametrize("field", COUNTS)
@pytest.mark.parametrize("value", [0, -1, True, "3", 1.5, 1_000_001])
def test_a_count_is_a_positive_whole_number(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        some_limits(**{field: value})


@pytest.mark.parametrize(
    "fields",
    [
        {"max_loss_per_day": 0},
        {"max_loss_per_day": "-1"},
        {"max_loss_per_day": "0.001"},
        {"max_loss_per_day": "NaN"},
        {"price_sanity_percent": 0},
        {"price_sanity_percent": "1000.01"},
        {"max_lots": 1},
    ],
)
def test_what_is_no_limit_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        some_limits(**fields)


@pytest.mark.parametrize("accounts", [{"Upper": {}}, {"a": {}}, {"": {}}, {"user#x": {}}, {"zerodha-one": None}])
def test_accounts_are_named_by_their_ids(accounts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        some_limits(accounts)


def test_the_accounts_with_limits_of_their_own_have_a_limit() -> None:
    some_limits({f"account-{number}": {} for number in range(MOST_ACCOUNTS)})
    with pytest.raises(ValidationError):
        some_limits({f"account-{number}": {} for number in range(MOST_ACCOUNTS + 1)})


@pytest.mark.parametrize("field", ["max_lots_per_day", "max_orders_per_day", "max_loss_per_day"])
def test_the_ledger_of_the_day_counts_for_limits_of_a_day_only(field: str) -> None:
    assert not some_limits(max_lots_per_order=1, max_lots_per_run=1, price_sanity_percent=5).count_a_day(["one"])
    assert some_limits({}, **{field: 1}).count_a_day(["one"])
    assert some_limits({"one-account": {field: 1}}).count_a_day(["one-account"])
    assert not some_limits({"another": {field: 1}}).count_a_day(["one-account"])


@given(PERCENTS, PERCENTS)
def test_the_stricter_price_sanity_counts_and_20_percent_where_nothing_is_said(
    of_user: Decimal | None, of_account: Decimal | None
) -> None:
    limits = some_limits({"one-account": {"price_sanity_percent": of_account}}, price_sanity_percent=of_user)
    told = [percent for percent in (of_user, of_account) if percent is not None]
    assert limits.price_sanity_percent("one-account") == (min(told) if told else 20)
    assert limits.price_sanity_percent("another") == (20 if of_user is None else of_user)
