"""Export and import: all of a document or nothing, and nothing that trades unasked."""

from typing import Any

import pytest

from lambdas.domain.runs import RunStatus
from lambdas.use_cases.save_strategy import StrategyRefused
from lambdas.use_cases.transfer_strategies import Document
from tests.doubles.examples import USER, a_definition, a_run, a_strategy, at
from tests.unit.use_cases.desk import Desk
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
ONE_LOT = [{"right": "CE", "side": "BUY", "lots": 1}]
FIVE_LOTS = [{"right": "CE", "side": "BUY", "lots": 5}]


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    await scene.link()
    return Desk(scene)


def entry(strategy_id: str = "spread", **changes: Any) -> dict[str, Any]:
    return {"strategy_id": strategy_id, "definition": a_definition(**changes).model_dump()}


def basket(basket_id: str = "basket", **changes: Any) -> dict[str, Any]:
    return {"basket_id": basket_id, "definition": {"name": "Mine", **changes}}


def a_document(*strategies: dict[str, Any], baskets: tuple[dict[str, Any], ...] = ()) -> Document:
    return Document.model_validate({"legwise": 1, "baskets": baskets, "strategies": strategies})


async def refused(desk: Desk, document: Document, *, replace: bool = False) -> list[str]:
    """The problems of an import that stores nothing."""
    before = await desk.strategies(), await desk.baskets()
    with pytest.raises(StrategyRefused) as caught:
        await desk.transfer.load(USER, document, replace=replace, dry_run=False)
    assert (await desk.strategies(), await desk.baskets()) == before
    return caught.value.problems


class TestExport:
    async def test_everything_of_the_user_and_nothing_of_others(self, desk: Desk) -> None:
        kept = await desk.keep()
        saved = await desk.save(basket_id="basket")
        await desk.scene.strategies.save(a_strategy("theirs", user_id="user-two"))
        document = await desk.transfer.export(USER)
        assert [(row.basket_id, row.definition) for row in document.baskets] == [("basket", kept.definition)]
        assert [(row.strategy_id, row.definition) for row in document.strategies] == [("spread", saved.definition)]

    async def test_an_export_comes_back_equal_but_disabled(self, desk: Desk) -> None:
        await desk.keep(multiplier=2)
        await desk.save("first", basket_id="basket")
        await desk.save("second")
        document = await desk.transfer.export(USER)
        other = Desk(Scene())
        await other.transfer.load(USER, document, replace=False, dry_run=False)
        off = {"enabled": False}
        assert {name: row.definition for name, row in (await other.strategies()).items()} == {
            name: row.definition.model_copy(update=off) for name, row in (await desk.strategies()).items()
        }
        assert {name: row.definition for name, row in (await other.baskets()).items()} == {
            name: row.definition.model_copy(update=off) for name, row in (await desk.baskets()).items()
        }


class TestImport:
    async def test_baskets_and_strategies_arrive_disabled(self, desk: Desk) -> None:
        document = a_document(entry(basket_id="basket"), baskets=(basket(),))
        loaded = await desk.transfer.load(USER, document, replace=False, dry_run=False)
        assert await desk.strategies() == {"spread": loaded.strategies[0]}
        assert await desk.baskets() == {"basket": loaded.baskets[0]}
        assert not loaded.strategies[0].definition.enabled
        assert not loaded.baskets[0].definition.enabled
        assert (loaded.strategies[0].version, loaded.baskets[0].version) == (1, 1)

    async def test_a_dry_run_says_the_same_and_stores_nothing(self, desk: Desk) -> None:
        document = a_document(entry(basket_id="basket"), baskets=(basket(),))
        tried = await desk.transfer.load(USER, document, replace=False, dry_run=True)
        assert (await desk.strategies(), await desk.baskets()) == ({}, {})
        assert tried == await desk.transfer.load(USER, document, replace=False, dry_run=False)

    async def test_a_dry_run_tells_the_same_problems(self, desk: Desk) -> None:
        with pytest.raises(StrategyRefused, match="you have no basket 'gone'"):
            await desk.transfer.load(USER, a_document(entry(basket_id="gone")), replace=False, dry_run=True)

    async def test_problems_of_every_entry_are_told_with_number_and_id(self, desk: Desk) -> None:
        document = a_document(
            entry("first", legs=[{"right": "CE", "side": "BUY", "lots": 11}]),
            entry("good"),
            entry("third", basket_id="gone", schedule={"weekdays": ["MON"], "entry": "10:00", "exit": "09:30"}),
        )
        assert await refused(desk, document) == [
            "strategies[1] (first): legs[1].lots: 11 is above the limit of 10; lower it",
            "strategies[3] (third): schedule.exit: 09:30 must be later in the day than entry 10:00; "
            "choose a later exit",
            "strategies[3] (third): basket_id: you have no basket 'gone'; create it first",
        ]

    async def test_rules_that_are_not_carried_out_and_accounts_that_are_not_linked_can_be_imported(
        self, desk: Desk
    ) -> None:
        document = a_document(entry(risk={"stop": 5000}, allocation=[{"account_id": "not-linked"}]))
        await desk.transfer.load(USER, document, replace=False, dry_run=False)
        assert not (await desk.strategies())["spread"].definition.enabled

    async def test_what_exists_is_refused_or_becomes_the_next_version(self, desk: Desk) -> None:
        await desk.keep()
        await desk.save()
        document = a_document(entry(name="New"), entry("fresh"), baskets=(basket(name="New"),))
        assert await refused(desk, document) == [
            "baskets[1] (basket): exists already; rename it, or import with replace",
            "strategies[1] (spread): exists already; rename it, or import with replace",
        ]
        await desk.transfer.load(USER, document, replace=True, dry_run=False)
        stored, kept = await desk.strategies(), await desk.baskets()
        assert {name: row.version for name, row in stored.items()} == {"spread": 2, "fresh": 1}
        assert (kept["basket"].version, kept["basket"].definition.name) == (2, "New")

    @pytest.mark.parametrize("replace", [True, False])
    async def test_an_id_that_stands_twice_in_the_document_is_refused(self, desk: Desk, replace: bool) -> None:
        document = a_document(entry(), entry("other"), entry(), baskets=(basket(), basket()))
        assert await refused(desk, document, replace=replace) == [
            "baskets[2] (basket): is in the document twice; rename one",
            "strategies[3] (spread): is in the document twice; rename one",
        ]

    async def test_more_than_the_limits_is_refused_and_what_is_replaced_counts_once(self, scene: Scene) -> None:
        await scene.link()
        desk = Desk(scene, max_strategies_per_user=2, max_baskets_per_user=1)
        await desk.save()
        await desk.keep()
        document = a_document(entry(), entry("second"), entry("third"), baskets=(basket(), basket("another")))
        assert await refused(desk, document, replace=True) == [
            "strategies: you would have 3, the limit is 2",
            "baskets: you would have 2, the limit is 1",
        ]
        full = a_document(entry(), entry("second"), baskets=(basket(),))
        assert len((await desk.transfer.load(USER, full, replace=True, dry_run=False)).strategies) == 2

    async def test_the_strategies_of_others_are_neither_replaced_nor_in_the_way(self, desk: Desk) -> None:
        theirs = a_strategy(user_id="user-two", name="Theirs")
        await desk.scene.strategies.save(theirs)
        await desk.transfer.load(USER, a_document(entry()), replace=False, dry_run=False)
        assert await desk.scene.strategies.strategy("user-two", "spread") == theirs


class TestBasketsOfADocument:
    async def test_the_multiplier_of_the_document_counts_not_the_stored_one(self, desk: Desk) -> None:
        await desk.keep(multiplier=1)
        document = a_document(entry(basket_id="basket", legs=FIVE_LOTS), baskets=(basket(multiplier=3),))
        assert await refused(desk, document, replace=True) == [
            "strategies[1] (spread): legs[1].lots: 15 (5 times the multipliers) is above the limit of 10; lower it"
        ]

    async def test_a_new_multiplier_is_refused_for_a_stored_strategy_that_is_not_in_the_document(
        self, desk: Desk
    ) -> None:
        await desk.keep()
        await desk.save("stays", basket_id="basket", legs=FIVE_LOTS)
        document = a_document(entry("fresh"), baskets=(basket(multiplier=3),))
        assert await refused(desk, document, replace=True) == [
            "baskets[1] (basket): multiplier: stays: legs[1].lots: 15 (5 times the multipliers) is above the limit "
            "of 10; lower it"
        ]

    async def test_what_fits_together_is_stored_whatever_order_it_would_need(self, desk: Desk) -> None:
        """Neither the new basket with the old lots nor the new lots with the old basket would be allowed."""
        await desk.keep(multiplier="0.5")
        await desk.save(basket_id="basket", legs=FIVE_LOTS)
        document = a_document(entry(basket_id="basket", legs=ONE_LOT), baskets=(basket(multiplier=10),))
        await desk.transfer.load(USER, document, replace=True, dry_run=False)
        assert (await desk.baskets())["basket"].definition.multiplier == 10
        assert (await desk.strategies())["spread"].definition.legs[0].lots == 1

    async def test_an_open_run_keeps_its_exit(self, desk: Desk) -> None:
        await desk.save()
        await desk.scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        desk.scene.clock.move_to(at("11:00"))
        over = {"weekdays": ["MON"], "entry": "09:20", "exit": "10:00"}
        problems = await refused(desk, a_document(entry("fresh"), entry(schedule=over)), replace=True)
        assert len(problems) == 1
        assert problems[0].startswith("strategies[2] (spread): schedule: today's run is still open and would lose")
