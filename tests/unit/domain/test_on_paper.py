"""Mode paper: each live account gives way to the paper account that quotes from it, and to no other."""

from typing import Any

import pytest

from lambdas.domain.accounts import Account, paper_capital
from lambdas.domain.on_paper import as_traded
from tests.doubles.examples import a_definition, an_account


def paper(account_id: str, quotes_from: str = "zerodha-one") -> Account:
    return an_account(account_id, broker="paper", quotes_from=quotes_from, listed_at="zerodha")


def linked(*accounts: Account) -> dict[str, Account]:
    return {account.account_id: account for account in (an_account(), an_account("angel-one"), *accounts)}


def a_leg(**shares: int) -> dict[str, Any]:
    allocation = [{"account_id": name.replace("_", "-"), "lots": lots} for name, lots in shares.items()]
    return {"right": "CE", "side": "SELL", "lots": sum(shares.values()), "allocation": allocation}


def test_in_mode_live_everything_stays_also_a_paper_account() -> None:
    definition = a_definition(allocation=[{"account_id": "on-paper"}, {"account_id": "zerodha-one"}])
    assert as_traded(definition, linked(paper("on-paper"))).definition is definition


def test_each_live_account_gives_way_to_its_paper_account_with_weights_and_lots() -> None:
    definition = a_definition(
        mode="paper",
        allocation=[{"account_id": "zerodha-one", "weight": 3}, {"account_id": "angel-one", "weight": 2}],
        legs=[a_leg(zerodha_one=2, angel_one=1)],
    )
    traded = as_traded(definition, linked(paper("on-paper"), paper("angel-paper", "angel-one")))
    assert traded.problems == ()
    shares = [(share.account_id, share.weight) for share in traded.definition.allocation]
    assert shares == [("on-paper", 3), ("angel-paper", 2)]
    assert traded.definition.lots_by_account(traded.definition.legs[0]) == {"on-paper": 2, "angel-paper": 1}
    changed = {"allocation", "legs"}
    assert traded.definition.model_dump(exclude=changed) == definition.model_dump(exclude=changed)


def test_of_several_paper_accounts_the_first_by_id_trades() -> None:
    traded = as_traded(a_definition(mode="paper"), linked(paper("b-paper"), paper("a-paper"), paper("c", "angel-one")))
    assert traded.definition.account_ids() == {"a-paper"}


def test_a_paper_account_that_is_named_stays() -> None:
    definition = a_definition(mode="paper", allocation=[{"account_id": "b-paper"}])
    traded = as_traded(definition, linked(paper("b-paper"), paper("a-paper")))
    assert traded.definition.account_ids() == {"b-paper"}


def test_a_live_account_without_one_is_a_problem_and_nothing_is_changed() -> None:
    definition = a_definition(mode="paper", allocation=[{"account_id": "zerodha-one"}, {"account_id": "angel-one"}])
    traded = as_traded(definition, linked(paper("on-paper")))
    assert traded.problems == ("mode: paper needs a paper account that quotes from account angel-one; link one",)
    assert traded.definition == definition


def test_an_account_that_is_not_linked_is_left_to_others() -> None:
    definition = a_definition(mode="paper", allocation=[{"account_id": "gone"}])
    assert as_traded(definition, linked()).problems == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"allocation": [{"account_id": "zerodha-one"}, {"account_id": "on-paper"}]}, "allocation"),
        ({"legs": [a_leg(zerodha_one=1, on_paper=1)]}, "legs[1].allocation"),
    ],
)
def test_one_paper_account_for_two_of_an_allocation_is_a_problem(changes: dict[str, Any], field: str) -> None:
    traded = as_traded(a_definition(mode="paper", **changes), linked(paper("on-paper")))
    assert traded.problems == (f"{field}: paper account on-paper stands for two of its accounts; name one of them",)


def test_the_master_of_a_paper_account_is_that_of_its_source() -> None:
    assert (paper("on-paper").master, an_account().master) == ("zerodha", "zerodha")
    assert paper("on-paper").broker == "paper"


@pytest.mark.parametrize("text", ["", "much", "0", "-5", "NaN", "Infinity", "1000000001"])
def test_a_capital_is_an_amount_above_nothing_and_up_to_a_hundred_crore(text: str) -> None:
    with pytest.raises(ValueError, match="capital: "):
        paper_capital(text)
    assert paper_capital(" 1000000000 ") == 1_000_000_000
