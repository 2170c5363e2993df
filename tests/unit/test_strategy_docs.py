"""The page about strategies says what is true."""

import re
from decimal import Decimal
from pathlib import Path

from lambdas.adapters.files.documents import read_document
from lambdas.domain.engine_rules import RULES_OF_A_LEG, problems_of_enabling
from lambdas.domain.strategy_rules import problems_of
from lambdas.use_cases.transfer_strategies import Document

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text("utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_example_file_can_be_imported_and_enabled() -> None:
    document = Document.model_validate(read_document(EXAMPLE, "yaml"))
    (entry,) = document.strategies
    problems = problems_of(
        entry.definition,
        linked_accounts={"zerodha-one", "angel-one"},
        max_lots_per_leg=100,
        hours=None,
        basket_multiplier=document.baskets[0].definition.multiplier,
    )
    assert problems + problems_of_enabling(entry.definition) == []
    assert document.baskets[0].definition.multiplier == Decimal(2)
    assert entry.definition.schedule.times_on("TUE") == ("09:20", "15:15")


def test_the_page_names_every_rule_of_a_leg_that_is_not_carried_out() -> None:
    carried_out = PAGE.index("cannot be enabled")
    assert [rule for rule in RULES_OF_A_LEG if f"`{rule}`" not in PAGE[carried_out:]] == []
