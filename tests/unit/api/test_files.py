"""Export and import over the API."""

import json
from typing import Any

import pytest

from lambdas.domain.basket import Basket, BasketDefinition
from tests.doubles.examples import USER, a_strategy, an_account
from tests.unit.api.house import DEFINITION, OTHER, House, store

MISFIT = "the file cannot be imported; nothing was stored"
YAML = """
legwise: 1
strategies:
  - strategy_id: spread
    definition:
      name: Morning spread
      underlying: NIFTY
      schedule: {weekdays: [MON], entry: 09:20, exit: 15:15}
      allocation: [{account_id: zerodha-one}]
      legs:
        - {right: CE, side: SELL, lots: 2}
        - {right: CE, side: BUY, lots: 2, strike: {by: moneyness, moneyness: OTM, steps: 4}}
"""


def load(house: House, content: str, format: str = "yaml", **options: Any) -> tuple[int, Any]:
    return house.ask("POST", "/import", body={"format": format, "content": content, **options})


def refused(house: House, content: str, format: str = "yaml", status: int = 422, **options: Any) -> list[str]:
    """The problems of an import after which nothing is stored that was not."""
    before = house.ask("GET", "/strategies"), house.ask("GET", "/baskets")
    problems = house.refused("POST", "/import", status, body={"format": format, "content": content, **options})
    assert (house.ask("GET", "/strategies"), house.ask("GET", "/baskets")) == before
    return problems


def in_json(*strategies: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"legwise": 1, "strategies": strategies, **fields})


def entry(strategy_id: str = "spread", **changes: Any) -> dict[str, Any]:
    return {"strategy_id": strategy_id, "definition": {**DEFINITION, **changes}}


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_an_export_comes_back_equal_but_disabled(house: House, format: str) -> None:
    basket = Basket(user_id=USER, basket_id="basket", version=1, definition=BasketDefinition(name="Mine"))
    store(
        house.strategies.save_basket(basket),
        house.strategies.save(a_strategy(basket_id="basket", name="Straße: #1 ₹")),
        house.strategies.save(a_strategy("theirs", user_id=OTHER)),
    )
    status, file = house.ask("GET", "/export", query={"format": format})
    assert (status, file["format"], file["filename"]) == (200, format, f"legwise-strategies.{format}")
    assert "theirs" not in file["content"]
    status, loaded = house.ask(
        "POST", "/import", body={"format": format, "content": file["content"]}, user_id="user-three"
    )
    assert (status, loaded["stored"]) == (200, True)
    (kept,), (saved,) = loaded["baskets"], loaded["strategies"]
    assert kept["definition"] == {**basket.definition.model_dump(mode="json"), "enabled": False}
    assert saved["definition"] == {
        **a_strategy(basket_id="basket", name="Straße: #1 ₹").definition.model_dump(mode="json"),
        "enabled": False,
    }
    (stored,) = house.ask("GET", "/strategies", user_id="user-three")[1]
    assert stored == {**saved, "will_not_trade": stored["will_not_trade"], "next_run": None}


def test_an_export_is_yaml_unless_told_and_nothing_else(house: House) -> None:
    assert house.ask("GET", "/export")[1]["content"] == "legwise: 1\nbaskets: []\nstrategies: []\n"
    (problem,) = house.refused("GET", "/export", 422, query={"format": "toml"})
    assert problem.startswith("format: is not known")


def test_a_file_written_by_hand_is_read_with_its_times(house: House) -> None:
    status, loaded = load(house, YAML)
    assert status == 200
    assert loaded["strategies"][0]["definition"] == {**DEFINITION, "enabled": False}


def test_a_dry_run_stores_nothing(house: House) -> None:
    status, loaded = load(house, YAML, dry_run=True)
    assert (status, loaded["stored"], len(loaded["strategies"])) == (200, False, 1)
    assert house.ask("GET", "/strategies") == (200, [])


def test_what_exists_is_refused_or_becomes_the_next_version(house: House) -> None:
    store(house.accounts.save_account(an_account()), house.strategies.save(a_strategy()))
    assert refused(house, YAML) == ["strategies[1] (spread): exists already; rename it, or import with replace"]
    status, loaded = load(house, YAML, replace=True)
    assert (status, loaded["strategies"][0]["version"]) == (200, 2)
    assert house.ask("GET", "/strategies/spread")[1]["definition"]["enabled"] is False


def test_problems_of_two_entries_are_told_with_number_and_id(house: House) -> None:
    content = in_json(entry("first", basket_id="gone"), entry("good"), entry("third", multiplier=200))
    problems = refused(house, content, "json")
    assert problems == [
        "strategies[1] (first): basket_id: you have no basket 'gone'; create it first",
        *(
            f"strategies[3] (third): legs[{leg}].lots: 400 (2 times the multipliers) is above the limit of 100; "
            "lower it"
            for leg in (1, 2)
        ),
    ]


def test_what_does_not_fit_its_field_is_told_with_its_entry(house: House) -> None:
    content = in_json(entry(underlying="DOW"), entry("bad id"), {"strategy_id": "third"}, colour="red")
    problems = refused(house, content, "json")
    assert [problem.split(":")[0] for problem in problems] == [
        "strategies[1].definition.underlying",
        "strategies[2].strategy_id",
        "strategies[3].definition",
        "colour",
    ]


@pytest.mark.parametrize(
    ("format", "content", "said"),
    [
        ("yaml", "a: 1\na: 2", "content: line 2, column 1: the key 'a' is written twice"),
        ("yaml", "a: &b 1", "content: line 1, column 4: anchors and aliases are not read; write the value out"),
        ("yaml", "a: !!float 1", "content: line 1, column 4: tags are not read; take it away"),
        ("yaml", "[" * 5000, "content: it cannot be read: it is nested too deeply"),
        ("yaml", '"\\Uffffffff"', "content: it cannot be read: "),
        ("yaml", "legwise: 2", "legwise: is not known; choose 1"),
        ("yaml", "legwise: 1\nbaskets: 1", "baskets: is not a list"),
        ("yaml", 'legwise: 1\n"\\ud800": 1', "body: is not readable text"),
        ("yaml", "just text", "body: is not an object"),
        ("yaml", "# nothing", "body: is not an object"),
        ("json", '{"legwise": NaN}', "content: NaN is no number here"),
        ("json", '{"legwise": 1, "legwise": 1}', "content: the key 'legwise' is written twice"),
        ("json", '{"legwise": ' + "9" * 5000 + "}", "content: it cannot be read: "),
        ("json", "[" * 100_000, "content: it cannot be read: it is nested too deeply"),
        ("json", '{"legwise": "\\ud800"}', "legwise: is not known; choose 1"),
        ("json", in_json(entry(name="\ud800")), "strategies[1].definition.name: is not readable text"),
        ("json", in_json(entry(name="a\0b")), "strategies[1].definition.name: "),
        ("json", in_json(entry(multiplier="1." + "0" * 100)), "strategies[1].definition.multiplier: has more than 40"),
    ],
    ids=lambda value: value[:16],
)
def test_what_is_no_document_is_refused_with_a_reason(house: House, format: str, content: str, said: str) -> None:
    problems = refused(house, content, format)
    assert problems[0].startswith(said)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"format": "toml", "content": "a"}, "format"),
        ({"format": "yaml"}, "content"),
        ({"format": "yaml", "content": ""}, "content"),
        ({"format": "yaml", "content": "a" * 500_001}, "content"),
        ({"format": "yaml", "content": "\ud800"}, "content"),
        ({"format": "yaml", "content": "a", "replace": "perhaps"}, "replace"),
        ({"format": "yaml", "content": "a", "enable": True}, "enable"),
    ],
)
def test_a_request_that_does_not_fit_names_its_field(house: House, body: dict[str, Any], field: str) -> None:
    (problem,) = house.refused("POST", "/import", 422, body=body)
    assert problem.startswith(f"{field}: ")


def test_more_strategies_than_allowed_are_refused(house: House) -> None:
    content = in_json(*(entry(f"s-{number}") for number in range(101)))
    assert refused(house, content, "json") == ["strategies: you would have 101, the limit is 100"]
