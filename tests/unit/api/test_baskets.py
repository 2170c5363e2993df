"""Baskets: what the API answers, and whom it answers it to."""

from typing import Any

import pytest

from lambdas.domain.basket import Basket, BasketDefinition
from tests.doubles.examples import USER, a_strategy, an_account
from tests.unit.api.house import OTHER, House, store

BASKET = {"name": "Mine", "enabled": True, "multiplier": "1", "capital": None}


@pytest.fixture
def stored(house: House) -> House:
    """A basket that holds the spread, whose account is linked."""
    store(
        house.accounts.save_account(an_account()),
        house.strategies.save_basket(a_basket()),
        house.strategies.save(a_strategy(basket_id="basket")),
    )
    return house


def a_basket(user_id: str = USER, **changes: Any) -> Basket:
    definition = BasketDefinition.model_validate({**BASKET, **changes})
    return Basket(user_id=user_id, basket_id="basket", version=1, definition=definition)


def test_a_basket_is_created_replaced_read_and_deleted(house: House) -> None:
    first = {"basket_id": "basket", "version": 1, "definition": BASKET}
    assert house.ask("PUT", "/baskets/basket", body={"name": "Mine"}) == (200, first)
    body = {"name": "Second", "multiplier": "1.50", "capital": 200000}
    status, second = house.ask("PUT", "/baskets/basket", body=body, query={"replaces": "1"})
    assert (status, second["version"], second["definition"]["multiplier"]) == (200, 2, "1.50")
    assert house.ask("GET", "/baskets/basket") == (200, second)
    assert house.ask("GET", "/baskets") == (200, [second])
    assert house.ask("DELETE", "/baskets/basket", query={"version": "2"}) == (200, {"removed": "basket"})
    assert house.ask("GET", "/baskets") == (200, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"multiplier": 0}, "multiplier"),
        ({"multiplier": "0.00001"}, "multiplier"),
        ({"multiplier": "1." + "0" * 50_000}, "multiplier"),
        ({"capital": -1}, "capital"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_does_not_fit_is_named(house: House, change: dict[str, Any], field: str) -> None:
    (problem,) = house.refused("PUT", "/baskets/basket", 422, body={**BASKET, **change})
    assert problem.startswith(f"{field}: ")
    assert house.ask("GET", "/baskets") == (200, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("POST", "/copy"), ("POST", "/enable"), ("POST", "/disable")],
)
def test_the_basket_of_another_is_as_if_it_were_not_there(house: House, method: str, path: str) -> None:
    store(house.strategies.save_basket(a_basket(OTHER)))
    request = {"query": {"version": "1", "replaces": "1"}, "body": {"new_id": "fresh"} if path == "/copy" else None}
    for user_id in (USER, "user-three"):
        answered, problem = house.ask(method, f"/baskets/basket{path}", user_id=user_id, **request)
        assert (answered, problem) == (
            404,
            {"message": "you have no basket 'basket'", "problems": [], "force_helps": False},
        )
    assert house.ask("GET", "/baskets") == (200, [])
    assert len(house.ask("GET", "/baskets", user_id=OTHER)[1]) == 1


def test_a_strategy_in_an_unknown_basket_is_refused(stored: House) -> None:
    body = a_strategy(basket_id="gone").definition.model_dump(mode="json")
    assert stored.refused("PUT", "/strategies/spread", 422, body=body, query={"replaces": "1"}) == [
        "basket_id: you have no basket 'gone'; create it first"
    ]


def test_a_basket_that_holds_strategies_stays(stored: House) -> None:
    (problem,) = stored.refused("DELETE", "/baskets/basket", 422, query={"version": "1"})
    assert problem == "it holds spread; move or delete them first"


def test_a_stale_version_is_a_conflict(stored: House) -> None:
    stored.refused("PUT", "/baskets/basket", 409, body=BASKET)
    stored.refused("DELETE", "/baskets/basket", 409, query={"version": "2"})
    stored.refused("POST", "/baskets/basket/disable", 409, query={"replaces": "2"})


def test_a_multiplier_names_the_strategy_that_it_takes_over_the_limit(stored: House) -> None:
    problems = stored.refused("PUT", "/baskets/basket", 422, body={**BASKET, "multiplier": 51}, query={"replaces": "1"})
    assert problems == [
        f"multiplier: spread: legs[{leg}].lots: 102 (2 times the multipliers) is above the limit of 100; lower it"
        for leg in (1, 2)
    ]


def test_a_copy_brings_disabled_copies_of_its_strategies(stored: House) -> None:
    status, copy = stored.ask("POST", "/baskets/basket/copy", body={"new_id": "fresh"})
    assert (status, copy["basket"]["basket_id"], copy["basket"]["definition"]["enabled"]) == (200, "fresh", False)
    (strategy,) = copy["strategies"]
    assert (strategy["strategy_id"], strategy["definition"]["enabled"]) == ("fresh-1", False)
    stored.refused("POST", "/baskets/basket/copy", 409, body={"new_id": "fresh"})


def test_a_copy_whose_ids_would_be_too_long_is_refused(stored: House) -> None:
    (problem,) = stored.refused("POST", "/baskets/basket/copy", 422, body={"new_id": "f" * 40})
    assert problem.startswith("new_id: ")
    assert len(stored.ask("GET", "/baskets")[1]) == 1


def test_each_switch_is_a_version_and_a_second_one_none(stored: House) -> None:
    assert stored.ask("POST", "/baskets/basket/disable", query={"replaces": "1"})[1]["version"] == 2
    assert stored.ask("POST", "/baskets/basket/disable", query={"replaces": "2"})[1]["version"] == 2
    assert stored.ask("POST", "/baskets/basket/enable", query={"replaces": "2"})[1]["version"] == 3
