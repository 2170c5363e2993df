"""What a basket may say, and what it does to the lots of its strategies."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy_rules import problems_of_lots
from lambdas.entrypoints.api_answers import problem_lines
from tests.doubles.examples import USER, a_definition

WHOLE: dict[str, Any] = {"name": "Expiry day", "multiplier": "0.5", "capital": "500000.50", "enabled": False}


def test_a_basket_that_says_nothing_is_on_and_scales_nothing() -> None:
    basket = BasketDefinition(name="Expiry day")
    assert basket.enabled
    assert basket.multiplier == 1
    assert basket.capital is None


def test_a_basket_survives_json() -> None:
    definition = BasketDefinition.model_validate(WHOLE)
    assert BasketDefinition.model_validate_json(definition.model_dump_json()) == definition
    assert definition.multiplier == Decimal("0.5")
    assert definition.capital == Decimal("500000.50")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "name: is too short; at least 1 needed"),
        ({"name": "\t"}, "name: is blank or has control characters; write plain text on one line"),
        ({"name": "x" * 61}, "name: is too long; keep at most 60 characters"),
        ({"multiplier": 0}, "multiplier: is too small; choose more than 0"),
        ({"multiplier": -1}, "multiplier: is too small; choose more than 0"),
        ({"multiplier": 1001}, "multiplier: is too large; choose at most 1000"),
        ({"multiplier": "0.00001"}, "multiplier: has too many decimal places; keep at most 4"),
        ({"multiplier": "NaN"}, "multiplier: is not finite; choose a number"),
        ({"capital": 0}, "capital: is too small; choose more than 0"),
        ({"capital": "1.005"}, "capital: has too many decimal places; keep at most 2"),
        ({"capital": 1_000_000_001}, "capital: is too large; choose at most 1000000000"),
        ({"strategies": []}, "strategies: is not a field here; remove it"),
    ],
)
def test_what_a_basket_cannot_say_names_its_field(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BasketDefinition.model_validate({**WHOLE, **changes})
    assert problem_lines(list(caught.value.errors())) == [said]


@pytest.mark.parametrize("basket_id", ["Expiry", "x", "a b", "-a", "a" * 41])
def test_a_malformed_id_is_refused(basket_id: str) -> None:
    with pytest.raises(ValidationError, match="basket_id"):
        Basket(user_id=USER, basket_id=basket_id, version=1, definition=BasketDefinition(name="Expiry day"))


@settings(deadline=None)
@given(st.decimals("0.0001", "100", places=4), st.decimals("0.0001", "100", places=4), st.integers(1, 500))
def test_a_leg_is_refused_exactly_when_its_lots_after_both_multipliers_are_none_or_too_many(
    own: Decimal, baskets: Decimal, limit: int
) -> None:
    definition = a_definition(multiplier=own, legs=[{"right": "CE", "side": "SELL", "lots": 3}])
    lots = sum(definition.lots_by_account(definition.legs[0], baskets).values())
    problems = problems_of_lots(definition, baskets, limit)
    assert len(problems) == (lots > limit or lots == 0)
    assert all(problem.startswith("legs[1].lots: ") for problem in problems)
