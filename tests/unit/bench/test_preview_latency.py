"""The strategy whose preview is timed is one that the product takes."""

from typing import Any

import pytest

from bench.preview_latency import RULES, check, ten_legs
from lambdas.domain.strategy import MAX_LEGS, StrategyDefinition
from local.steps import CannotContinue


def test_it_has_as_many_legs_as_a_strategy_may_have() -> None:
    assert len(StrategyDefinition.model_validate(ten_legs()).legs) == MAX_LEGS


@pytest.mark.parametrize(
    "market", [None, {"legs": []}, {"legs": [{"premium": "1"}] * 9}, {"legs": [{"premium": None}] * len(RULES)}]
)
def test_a_preview_without_every_leg_and_price_is_not_measured(market: Any) -> None:
    with pytest.raises(CannotContinue, match="of 10 legs"):
        check({"at_market": market})


def test_a_whole_preview_is_measured() -> None:
    check({"at_market": {"legs": [{"premium": "1"}] * len(RULES)}})
