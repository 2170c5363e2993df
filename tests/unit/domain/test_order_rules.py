"""Rules of orders that contradict each other are refused in words."""

import pytest
from pydantic import ValidationError

from lambdas.domain.order_rules import OrderRules


def test_a_sell_that_need_not_wait_waits_for_nobody_elsewhere_either() -> None:
    with pytest.raises(ValidationError, match=r"hedges_of: run needs hedges_first: .* switch hedges_first on"):
        OrderRules(hedges_first=False, hedges_of="run")


def test_by_default_accounts_do_not_wait_for_each_other() -> None:
    assert OrderRules().hedges_of == "account"
