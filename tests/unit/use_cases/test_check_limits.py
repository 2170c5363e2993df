"""Limits stop a run before anything of it is planned, say which one, and never stop an exit."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import Phase
from lambdas.domain.runs import RunStatus
from lambdas.domain.strategy import Strategy
from lambdas.ports.broker import BrokerUnreachable
from lambdas.use_cases.prepare_runs import Prepared
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import EXIT_TICK, TICK, USER, a_contract, a_run, a_strategy, an_account, an_order, at
from tests.doubles.limits import some_limits
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
EARLIER: dict[str, Any] = {"run_id": "earlier-20261123", "leg": 9}
SHORT_OF_EARLIER: dict[str, Any] = {**EARLIER, "side": Side.SELL}


async def ready(scene: Scene, *strategies: Strategy) -> FakeBroker:
    """A linked account, the masters of the day, these strategies; the account's broker."""
    broker = await scene.link()
    await scene.load_masters()
    for strategy in strategies or [a_strategy()]:
        await scene.strategies.save(strategy)
    return broker


async def enter(scene: Scene, *strategies: Strategy) -> Prepared:
    return await scene.preparer.prepare(USER, TICK, entries(strategies or [a_strategy()]))


async def refused(scene: Scene, strategy: Strategy | None = None) -> str:
    """Prepare an entry that must be refused whole, on its run and in an event: the reason."""
    strategy = strategy or a_strategy()
    before = await scene.states()
    assert await enter(scene, strategy) == Prepared((), {})
    run = await scene.run(strategy)
    assert run.status is RunStatus.REFUSED
    assert await scene.states() == before
    assert scene.events.of("RunRefused")[-1]["reason"] == run.reason
    return run.reason


class TestEntry:
    @pytest.mark.parametrize(
        ("limits", "reason"),
        [
            (
                {"max_lots_per_order": 1},
                "risk limit: user.max_lots_per_order: leg 1 (SELL NIFTY24500CE at zerodha-one) would be an order of "
                "2 lots, the limit is 1",
            ),
            ({"max_lots_per_run": 3}, "risk limit: user.max_lots_per_run: the run would have 4 lots, the limit is 3"),
            (
                {"max_lots_per_day": 5},
                "risk limit: user.max_lots_per_day: with 2 before it the day would have 6 lots, the limit is 5",
            ),
            (
                {"max_orders_per_day": 2},
                "risk limit: user.max_orders_per_day: with 1 before it the day would have 3 orders, the limit is 2",
            ),
            (
                {"max_loss_per_day": 1300},
                "risk limit: user.max_loss_per_day: the day has lost 1,300.00 rupees, realised and open, "
                "the limit is 1,300.00",
            ),
        ],
    )
    async def test_a_limit_refuses_the_whole_run_and_is_named(
        self, scene: Scene, limits: dict[str, Any], reason: str
    ) -> None:
        await ready(scene)
        scene.put(an_order(price="110", **EARLIER))
        scene.limits.put(some_limits(**limits))
        assert await refused(scene) == reason

    async def test_within_its_limits_a_run_is_entered(self, scene: Scene) -> None:
        await ready(scene)
        scene.put(an_order(price="110", **EARLIER))
        of_user = {"max_lots_per_order": 2, "max_lots_per_run": 4, "max_lots_per_day": 6, "max_orders_per_day": 3}
        scene.limits.put(some_limits({"zerodha-one": of_user}, **of_user, max_loss_per_day="1300.01"))
        assert (await enter(scene)).run_ids == ("spread-20261123",)

    async def test_an_account_has_limits_of_its_own(self, scene: Scene) -> None:
        both: dict[str, Any] = {"allocation": [{"account_id": "zerodha-one"}, {"account_id": "angel-one"}]}
        await ready(scene, a_strategy(**both), a_strategy("elsewhere"))
        await scene.link(an_account("angel-one", broker="angel_one"))
        scene.limits.put(some_limits({"angel-one": {"max_lots_per_run": 1}}, max_lots_per_run=100))
        reason = await refused(scene, a_strategy(**both))
        assert reason == "risk limit: accounts.angel-one.max_lots_per_run: the run would have 2 lots, the limit is 1"
        assert (await enter(scene, a_strategy("elsewhere"))).run_ids == ("elsewhere-20261123",)

    async def test_every_limit_that_is_broken_is_named(self, scene: Scene) -> None:
        await ready(scene)
        of_account = {"zerodha-one": {"max_lots_per_day": 2}}
        scene.limits.put(some_limits(of_account, max_lots_per_run=1, max_lots_per_order=1))
        reason = await refused(scene)
        named = ("user.max_lots_per_order: ", "user.max_lots_per_run: ", "accounts.zerodha-one.max_lots_per_day: ")
        assert [reason.count(name) for name in named] == [1, 1, 1]

    async def test_limits_that_cannot_be_read_enter_nothing(self, scene: Scene) -> None:
        await ready(scene)
        scene.limits.unreadable = True
        assert await refused(scene) == "version 1 of the risk limits cannot be read; save others in its place"

    async def test_a_day_on_paper_keeps_no_money_out(self, scene: Scene) -> None:
        await ready(scene)
        await scene.link(an_account("on-paper", broker=PAPER, quotes_from="zerodha-one", listed_at="zerodha"))
        scene.put(an_order(account_id="on-paper", **EARLIER))
        scene.limits.put(some_limits(max_lots_per_day=4))
        assert (await enter(scene)).run_ids == ("spread-20261123",)


class TestTogether:
    async def test_the_second_run_of_a_tick_sees_what_the_first_has_planned(self, scene: Scene) -> None:
        strategies = [a_strategy("one"), a_strategy("two"), a_strategy("three", multiplier="0.5")]
        await ready(scene, *strategies)
        scene.limits.put(some_limits(max_lots_per_day=6))
        prepared = await enter(scene, *strategies)
        assert prepared.run_ids == ("one-20261123", "three-20261123")
        assert (await scene.run(strategies[1])).reason == (
            "risk limit: user.max_lots_per_day: with 4 before it the day would have 8 lots, the limit is 6"
        )
        assert [event["run_id"] for event in scene.events.of("RunRefused")] == ["two-20261123"]

    async def test_a_repeat_gives_the_same_and_says_it_once(self, scene: Scene) -> None:
        strategies = [a_strategy("one"), a_strategy("two")]
        await ready(scene, *strategies)
        scene.limits.put(some_limits(max_lots_per_day=4))
        first = await enter(scene, *strategies)
        states = await scene.states()
        assert await enter(scene, *strategies) == first
        assert await scene.states() == states
        assert scene.events.names == ["RunRefused"]

    async def test_a_run_that_was_refused_is_not_taken_up_when_the_limits_are_widened(self, scene: Scene) -> None:
        await ready(scene)
        scene.limits.put(some_limits(max_lots_per_run=1))
        await refused(scene)
        scene.limits.put(some_limits())
        assert await enter(scene) == Prepared((), {})


class TestLoss:
    async def test_nobody_is_asked_for_quotes_where_no_loss_is_limited(self, scene: Scene) -> None:
        broker = await ready(scene)
        scene.put(an_order(**SHORT_OF_EARLIER))
        scene.limits.put(some_limits({"angel-one": {"max_loss_per_day": 1}}, max_lots_per_day=100))
        assert len((await enter(scene)).run_ids) == 1
        assert broker.calls == ["index_quote"]

    @pytest.mark.parametrize(("last", "runs"), [("107.65", 1), ("107.70", 0)])
    async def test_what_is_open_counts_at_its_last_price(self, scene: Scene, last: str, runs: int) -> None:
        broker = await ready(scene)
        scene.put(an_order(**SHORT_OF_EARLIER))
        broker.quoted["NIFTY24500CE"] = Quote(Decimal(last))
        scene.limits.put(some_limits(max_loss_per_day=1000))
        assert len((await enter(scene)).run_ids) == runs
        assert broker.asked == [{"NIFTY24500CE"}]

    async def test_a_short_without_a_quote_stops_entries(self, scene: Scene) -> None:
        broker = await ready(scene)
        scene.put(an_order(**SHORT_OF_EARLIER))
        broker.missing_quotes.add("NIFTY24500CE")
        scene.limits.put(some_limits(max_loss_per_day=1000))
        assert "the loss of the day cannot be told, nobody quotes -130 NIFTY24500CE" in await refused(scene)

    async def test_another_account_of_the_broker_tells_what_the_holding_one_cannot(self, scene: Scene) -> None:
        await ready(scene)
        holding = await scene.link(an_account("zerodha-two"))
        holding.unreadable_quotes = BrokerUnreachable("connection refused")
        scene.put(an_order(account_id="zerodha-two", **SHORT_OF_EARLIER))
        scene.limits.put(some_limits(max_loss_per_day=1000))
        assert len((await enter(scene)).run_ids) == 1
        assert holding.calls == ["quotes"]
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == ["index_quote", "quotes"]

    async def test_an_account_without_a_session_or_that_is_gone_is_not_asked(self, scene: Scene) -> None:
        await ready(scene)
        ended = await scene.link(an_account("angel-one", broker="angel_one", session_expires_at=at("06:00")))
        scene.put(an_order(account_id="angel-one", **SHORT_OF_EARLIER))
        scene.put(an_order(account_id="unlinked", contract=a_contract(24700), **SHORT_OF_EARLIER))
        scene.limits.put(some_limits(max_loss_per_day=1000))
        reason = await refused(scene)
        assert "nobody quotes -130 NIFTY24500CE at angel-one, -130 NIFTY24700CE at unlinked" in reason
        assert ended.calls == []


class TestExit:
    async def test_no_limit_stops_an_exit(self, scene: Scene) -> None:
        await ready(scene)
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        scene.put(an_order(side=Side.SELL), an_order(leg=2, contract=a_contract(24700)))
        most: dict[str, Any] = {
            "max_lots_per_order": 1,
            "max_lots_per_run": 1,
            "max_lots_per_day": 1,
            "max_orders_per_day": 1,
            "max_loss_per_day": "0.01",
        }
        scene.limits.put(some_limits({"zerodha-one": most}, **most))
        scene.limits.unreadable = True
        prepared = await scene.preparer.prepare(USER, EXIT_TICK, exits([a_strategy()]))
        assert len(prepared.intent_ids["zerodha-one"]) == 2
        orders = (await scene.runs.day(USER, TICK.date)).orders
        assert sum(order.intent.phase is Phase.EXIT for order in orders) == 2
        assert scene.limits.asked == 0
