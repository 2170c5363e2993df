"""From due work to intents: one bad strategy fails alone, and nothing is ever planned twice."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.intents import Intent, IntentStatus, OrderState, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Run, RunStatus, Verdict
from lambdas.domain.strategy import Strategy
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerUnreachable, SessionOver
from lambdas.ports.events import Event
from lambdas.use_cases import read_market
from lambdas.use_cases.prepare_runs import Prepared
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import (
    EXIT_TICK,
    TICK,
    USER,
    a_contract,
    a_run,
    a_strategy,
    an_account,
    an_order,
    at,
    listings_of,
    otm,
)
from tests.doubles.runs import MemoryRuns
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
TWO_ACCOUNTS: dict[str, Any] = {"allocation": [{"account_id": "zerodha-one"}, {"account_id": "angel-one"}]}
STILL_PREPARING = Verdict(RunStatus.PREPARING, "choosing contracts")
"""As a run stands when the attempt that wrote its intents ended just after."""
ENTRY_1 = "spread-20261123.entry.L1.zerodha-one.S1.A1"
ENTRY_2 = "spread-20261123.entry.L2.zerodha-one.S1.A1"


BY_PREMIUM: dict[str, Any] = {"by": "closest_premium", "premium": "100"}


def a_basket(version: int = 1, **changes: Any) -> Basket:
    """The basket that the strategies of these tests name."""
    definition = BasketDefinition.model_validate({"name": "Index income", **changes})
    return Basket(user_id=USER, basket_id="income", version=version, definition=definition)


class SilentBus(RecordedEvents):
    """A bus that takes nothing."""

    async def publish(self, events: Sequence[Event]) -> None:
        raise ConnectionError("the bus did not answer")


def early_close(hhmm: str) -> DayChange:
    """The day of the tick closes at that time."""
    return DayChange(TICK.date, ChangeKind.HOURS, "Early close", time(9, 15), time.fromisoformat(hhmm))


async def ready_scene(scene: Scene, *strategies: Strategy) -> None:
    """Two linked accounts at two brokers, masters of the day, these strategies stored."""
    await scene.link()
    await scene.link(an_account("angel-one", broker="angel_one"))
    await scene.load_masters()
    for strategy in strategies:
        await scene.strategies.save(strategy)


async def enter(scene: Scene, *strategies: Strategy) -> Prepared:
    return await scene.preparer.prepare(USER, TICK, entries(strategies))


async def leave(scene: Scene, *strategies: Strategy, tick: Tick = EXIT_TICK) -> Prepared:
    return await scene.preparer.prepare(USER, tick, exits(strategies))


async def refused(scene: Scene, strategy: Strategy) -> str:
    """Prepare its entry; it must plan nothing and say so on the run and in an event: the reason."""
    assert await enter(scene, strategy) == Prepared((), {})
    run = await scene.run(strategy)
    assert run.status is RunStatus.REFUSED
    assert await scene.states() == {}
    (event,) = scene.events.published
    assert (event.name, event.detail["reason"]) == ("RunRefused", run.reason)
    return run.reason


class TestEntry:
    async def test_a_due_entry_becomes_a_run_and_planned_intents(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        prepared = await enter(scene, a_strategy())
        assert prepared.run_ids == ("spread-20261123",)
        assert {account: set(ids) for account, ids in prepared.intent_ids.items()} == {
            "zerodha-one": {ENTRY_1, ENTRY_2}
        }
        assert await scene.states() == {ENTRY_1: OrderState(), ENTRY_2: OrderState()}
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (
            RunStatus.ENTERING,
            "2 orders planned at spot 24512.30. "
            "leg 1 NIFTY 01 Dec 26 24500 CE: nearest expiry (01 Dec); ATM at spot 24512.30; "
            "leg 2 NIFTY 01 Dec 26 24700 CE: nearest expiry (01 Dec); OTM4 at spot 24512.30",
        )

    async def test_work_of_several_strategies_is_grouped_by_account(self, scene: Scene) -> None:
        strategies = [a_strategy("one"), a_strategy("two", **TWO_ACCOUNTS)]
        await ready_scene(scene, *strategies)
        prepared = await enter(scene, *strategies)
        assert prepared.run_ids == ("one-20261123", "two-20261123")
        assert {account: len(ids) for account, ids in prepared.intent_ids.items()} == {
            "zerodha-one": 4,
            "angel-one": 2,
        }

    async def test_the_present_version_is_entered_and_not_the_one_in_the_index(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(), a_strategy(version=2, legs=[{"right": "PE", "side": "BUY", "lots": 1}]))
        await enter(scene, a_strategy())
        day = await scene.runs.day(USER, TICK.date)
        assert [order.intent.symbol for order in day.orders] == ["NIFTY24500PE"]
        assert day.runs[0].strategy_version == 2

    async def test_the_spot_is_asked_once_for_all_strategies_on_an_index(self, scene: Scene) -> None:
        strategies = [a_strategy("one"), a_strategy("two")]
        await ready_scene(scene, *strategies)
        await enter(scene, *strategies)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        assert (broker.calls, broker.closed) == (["index_quote"], 1)

    async def test_a_dead_broker_leaves_the_spot_to_another_account(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(**TWO_ACCOUNTS))
        scene.brokers.accounts[USER, "angel-one"].trouble = BrokerUnreachable("connection refused")
        prepared = await enter(scene, a_strategy(**TWO_ACCOUNTS))
        assert set(prepared.intent_ids) == {"zerodha-one", "angel-one"}

    async def test_a_session_that_is_over_leaves_the_spot_to_the_second_account(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(**TWO_ACCOUNTS))
        await scene.link(an_account("angel-one", broker="angel_one", session_expires_at=at("06:00")))
        prepared = await enter(scene, a_strategy(**TWO_ACCOUNTS))
        assert set(prepared.intent_ids) == {"zerodha-one", "angel-one"}
        assert scene.brokers.accounts[USER, "angel-one"].calls == []
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == ["index_quote"]

    async def test_quotes_are_asked_once_for_all_strategies_that_need_them(self, scene: Scene) -> None:
        strategies = [
            a_strategy(name, legs=[{"right": "CE", "side": "BUY", "lots": 1, "strike": BY_PREMIUM}])
            for name in ("one", "two", "three")
        ]
        await ready_scene(scene, *strategies)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        broker.market(Decimal("24512.30"), 0.14, listings_of())
        prepared = await enter(scene, *strategies)
        assert len(prepared.run_ids) == 3
        assert (broker.calls, broker.closed) == (["index_quote", "quotes"], 1)
        chosen = {order.intent.symbol for order in (await scene.runs.day(USER, TICK.date)).orders}
        assert len(chosen) == 1
        assert abs(broker.quoted[chosen.pop()].last - 100) < 20


class TestBasket:
    async def in_a_basket(self, scene: Scene, basket: Basket, **changes: Any) -> Strategy:
        strategy = a_strategy(basket_id="income", **changes)
        await scene.strategies.save_basket(a_basket())
        await ready_scene(scene, strategy)
        if basket.version > 1:
            await scene.strategies.save_basket(basket)
        return strategy

    async def test_its_multiplier_is_applied_as_it_is_now(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket(2, multiplier="2.5"))
        await enter(scene, strategy)
        lots = {order.intent.leg: order.intent.lots for order in (await scene.runs.day(USER, TICK.date)).orders}
        assert lots == {1: 5, 2: 5}

    async def test_switched_off_there_is_no_run_and_no_event(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket(2, enabled=False))
        assert await enter(scene, strategy) == Prepared((), {})
        assert (await scene.runs.day(USER, TICK.date)).runs == []
        assert scene.events.published == []
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == []

    async def test_switched_off_a_run_that_was_begun_and_not_planned_is_refused(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket(2, enabled=False))
        await scene.runs.begin_run(a_run())
        assert await enter(scene, strategy) == Prepared((), {})
        run = await scene.run(strategy)
        assert (run.status, run.reason) == (RunStatus.REFUSED, "its basket 'income' is switched off")

    async def test_switched_off_it_keeps_no_other_strategy_from_entering(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket(2, enabled=False))
        await scene.strategies.save(a_strategy("free"))
        assert (await enter(scene, strategy, a_strategy("free"))).run_ids == ("free-20261123",)

    async def test_switched_off_its_open_runs_are_left_all_the_same(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket(2, enabled=False))
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        scene.put(an_order())
        assert len((await leave(scene, strategy)).intent_ids) == 1

    async def test_deleted_it_refuses_the_run(self, scene: Scene) -> None:
        strategy = await self.in_a_basket(scene, a_basket())
        await scene.strategies.delete_basket(USER, "income", 1)
        assert await refused(scene, strategy) == "basket_id: the basket 'income' was deleted; choose another"

    async def test_a_multiplier_that_leaves_a_leg_without_a_lot_refuses_the_run(self, scene: Scene) -> None:
        legs = [
            {"right": "CE", "side": "SELL", "lots": 4},
            {"right": "CE", "side": "BUY", "lots": 1, "strike": otm(4)},
        ]
        strategy = await self.in_a_basket(scene, a_basket(2, multiplier="0.25"), legs=legs)
        assert await refused(scene, strategy) == "legs[2].lots: the multipliers leave no lot of it; raise them"


class TestRefusedEntry:
    async def test_one_bad_strategy_fails_alone(self, scene: Scene) -> None:
        far = [{"right": "CE", "side": "BUY", "lots": 1, "strike": otm(90)}]
        strategies = [a_strategy("bad-one", legs=far), a_strategy("good"), a_strategy("bad-two", underlying="SENSEX")]
        await ready_scene(scene, *strategies)
        prepared = await enter(scene, *strategies)
        assert prepared.run_ids == ("good-20261123",)
        runs = {run.strategy_id: (run.status, run.reason) for run in (await scene.runs.day(USER, TICK.date)).runs}
        assert runs["good"][0] is RunStatus.ENTERING
        assert runs["bad-one"][0] is runs["bad-two"][0] is RunStatus.REFUSED
        assert "legs[1]: strike ATM+90 is not listed" in runs["bad-one"][1]
        assert sorted(event["run_id"] for event in scene.events.of("RunRefused")) == [
            "bad-one-20261123",
            "bad-two-20261123",
        ]

    async def test_an_account_that_is_not_linked(self, scene: Scene) -> None:
        strategy = a_strategy(allocation=[{"account_id": "dhan-one"}])
        await ready_scene(scene, strategy)
        reason = await refused(scene, strategy)
        assert reason == "account 'dhan-one' is not linked; link it or change the allocation"

    async def test_no_session_at_any_of_its_accounts(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.link(an_account(session_expires_at=at("06:00")))
        reason = await refused(scene, a_strategy())
        assert reason.startswith("no quote for NIFTY: the zerodha session of account zerodha-one ended at 23 Nov 06:00")

    async def test_no_broker_that_answers(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        scene.brokers.accounts[USER, "zerodha-one"].trouble = BrokerUnreachable("connection refused")
        reason = await refused(scene, a_strategy())
        assert reason == "no quote for NIFTY: zerodha account zerodha-one: connection refused"

    async def test_keys_that_are_gone(self, scene: Scene) -> None:
        await scene.accounts.save_account(an_account())
        await scene.load_masters()
        await scene.strategies.save(a_strategy())
        assert "no keys are stored for account zerodha-one" in await refused(scene, a_strategy())

    async def test_keys_that_cannot_be_used(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        scene.brokers.accounts.clear()
        assert "api_key has characters that cannot be sent" in await refused(scene, a_strategy())

    async def test_a_master_that_is_not_loaded(self, scene: Scene) -> None:
        await scene.link()
        await scene.strategies.save(a_strategy())
        assert "no instrument master of zerodha is loaded for NIFTY" in await refused(scene, a_strategy())

    async def test_a_master_without_a_coming_expiry(self, scene: Scene) -> None:
        await scene.link()
        await scene.strategies.save(a_strategy())
        old = listings_of(expiry=at("00:00", "2026-11-17").date())
        await scene.contracts.save_listings("zerodha", TICK.date, old)
        assert "no listed expiry on or after 2026-11-23" in await refused(scene, a_strategy())

    async def test_masters_that_disagree_on_the_expiry(self, scene: Scene) -> None:
        strategy = a_strategy(**TWO_ACCOUNTS)
        await ready_scene(scene, strategy)
        later = listings_of(expiry=at("00:00", "2026-12-08").date())
        await scene.contracts.save_listings("angel_one", TICK.date, later)
        assert "masters disagree on the nearest expiry" in await refused(scene, strategy)

    async def test_a_halted_user(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.controls.halt(f"USER#{USER}", "stop", "operator")
        assert await refused(scene, a_strategy()) == "halted (user): stop"

    async def test_a_halted_platform(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.controls.halt("PLATFORM", "broker outage", "operator")
        assert await refused(scene, a_strategy()) == "halted (platform): broker outage"
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == []

    async def test_a_halted_strategy_and_no_other(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(), a_strategy("other"))
        await scene.controls.halt(f"STRATEGY#{USER}#spread", "stop", USER)
        prepared = await enter(scene, a_strategy(), a_strategy("other"))
        assert prepared.run_ids == ("other-20261123",)
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.REFUSED, "halted (strategy): stop")

    async def test_a_run_one_of_whose_accounts_is_halted(self, scene: Scene) -> None:
        """Half of it would be another strategy."""
        await ready_scene(scene, a_strategy(**TWO_ACCOUNTS))
        await scene.controls.halt(f"ACCOUNT#{USER}#angel-one", "stop", USER)
        assert await refused(scene, a_strategy(**TWO_ACCOUNTS)) == "halted (account): stop"

    async def test_rules_that_nothing_carries_out_are_named(self, scene: Scene) -> None:
        legs = [
            {"right": "CE", "side": "SELL", "lots": 1},
            {"right": "PE", "side": "SELL", "lots": 1, "stop": {"unit": "percent", "value": "30"}},
        ]
        strategy = a_strategy(legs=legs, conditions={"evaluate_on": "candle_close"}, risk={"target": "5000"})
        await ready_scene(scene, strategy)
        assert await refused(scene, strategy) == (
            "it uses rules that are not carried out: legs[2].stop, risk.target, conditions.evaluate_on (candle_close)"
        )

    @pytest.mark.parametrize("close", ["13:00", "15:15"])
    async def test_an_exit_that_the_day_closes_before(self, scene: Scene, close: str) -> None:
        await ready_scene(scene, a_strategy())
        await scene.controls.change_day(early_close(close), by="operator", at=at("08:00"))
        assert await refused(scene, a_strategy()) == (
            f"schedule.exit: 15:15 is not before today's close at {close} "
            "(regular session at changed hours: Early close)"
        )

    async def test_an_early_close_after_its_exit_keeps_nobody_from_entering(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.controls.change_day(early_close("15:16"), by="operator", at=at("08:00"))
        assert (await enter(scene, a_strategy())).run_ids == ("spread-20261123",)

    @pytest.mark.parametrize(("on_monday", "enters"), [("12:00", True), ("15:00", False)])
    async def test_the_exit_that_must_be_possible_is_that_of_the_weekday(
        self, scene: Scene, on_monday: str, enters: bool
    ) -> None:
        times = [{"weekday": "MON", "entry": "09:20", "exit": on_monday}]
        ordinary = "15:15" if enters else "12:00"
        schedule = {"weekdays": ["MON"], "entry": "09:20", "exit": ordinary, "days": times}
        await ready_scene(scene, a_strategy(schedule=schedule))
        await scene.controls.change_day(early_close("13:00"), by="operator", at=at("08:00"))
        assert bool((await enter(scene, a_strategy(schedule=schedule))).run_ids) is enters

    @pytest.mark.parametrize("error", [BrokerBusy("too many requests"), SessionOver("log in again")])
    async def test_quotes_that_the_broker_does_not_give(self, scene: Scene, error: BrokerError) -> None:
        strategy = a_strategy(legs=[{"right": "PE", "side": "SELL", "lots": 1, "strike": BY_PREMIUM}])
        await ready_scene(scene, strategy)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        broker.unreadable_quotes = error
        assert await refused(scene, strategy) == f"no quotes from zerodha account zerodha-one: {error}"
        assert broker.closed == 1

    async def test_a_premium_that_nothing_fits(self, scene: Scene) -> None:
        rule = {"by": "premium_at_least", "premium": "99999"}
        strategy = a_strategy(legs=[{"right": "CE", "side": "BUY", "lots": 1, "strike": rule}])
        await ready_scene(scene, strategy)
        assert await refused(scene, strategy) == (
            "legs[1]: no CE has a premium of at least 99999; those near the money reach from 100.00 to 100.00"
        )

    async def test_quotes_that_fail_refuse_only_those_that_need_them(self, scene: Scene) -> None:
        needs = a_strategy("needs", legs=[{"right": "PE", "side": "SELL", "lots": 1, "strike": BY_PREMIUM}])
        await ready_scene(scene, needs, a_strategy())
        scene.brokers.accounts[USER, "zerodha-one"].unreadable_quotes = BrokerUnreachable("connection refused")
        assert (await enter(scene, needs, a_strategy())).run_ids == ("spread-20261123",)
        assert scene.events.names == ["RunRefused"]

    async def test_a_refusal_that_could_not_be_told_is_told_by_who_repeats_it(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.controls.halt(f"USER#{USER}", "stop", USER)
        bus, scene.events = scene.events, SilentBus()
        with pytest.raises(ConnectionError):
            await enter(scene, a_strategy())
        assert (await scene.run(a_strategy())).status is RunStatus.PREPARING
        scene.events = bus
        assert await refused(scene, a_strategy()) == "halted (user): stop"

    async def test_a_strategy_that_was_disabled_in_the_meantime(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(), a_strategy(version=2, enabled=False))
        assert await refused(scene, a_strategy()) == "the strategy was disabled"

    async def test_a_strategy_that_was_deleted_in_the_meantime(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        scene.strategies.forget(USER, "spread")
        assert await refused(scene, a_strategy()) == "the strategy was deleted"

    async def test_a_schedule_that_was_changed_in_the_meantime(self, scene: Scene) -> None:
        moved = {"weekdays": ["MON"], "entry": "10:20", "exit": "15:15"}
        await ready_scene(scene, a_strategy(), a_strategy(version=2, schedule=moved))
        assert (await refused(scene, a_strategy())).startswith("the schedule was changed just before its minute")

    async def test_an_instant_outside_the_session(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        holiday = Tick(at("09:20", "2026-11-24"))
        assert await scene.preparer.prepare(USER, holiday, entries([a_strategy()])) == Prepared((), {})
        assert "holiday: Guru Nanak Jayanti" in (await scene.run(a_strategy(), holiday)).reason

    async def test_more_orders_than_one_transaction_holds(self, scene: Scene) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 300}] * 10
        await ready_scene(scene, a_strategy(legs=legs))
        assert "120 orders at once are more than 99: split the strategy" in await refused(scene, a_strategy(legs=legs))

    async def test_work_of_another_user_is_refused_whole(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy(user_id="user-two"))
        with pytest.raises(ValueError, match="work of user-two in the workflow of user-one"):
            await enter(scene, a_strategy(user_id="user-two"))
        assert (await scene.runs.day("user-two", TICK.date)).runs == []

    async def test_connections_are_closed_even_when_the_work_breaks_off(self, scene: Scene) -> None:
        class Away(MemoryRuns):
            async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
                raise ConnectionError("the table did not answer")

        scene.runs = Away()
        await ready_scene(scene, a_strategy())
        with pytest.raises(ConnectionError):
            await enter(scene, a_strategy())
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        assert (broker.calls, broker.closed) == (["index_quote"], 1)

    async def test_work_of_somebody_else_is_refused_before_anybody_is_asked(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        with pytest.raises(ValueError, match="work of user-two"):
            await enter(scene, a_strategy(), a_strategy(user_id="user-two"))
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == []


class TestTogether:
    """Strategies of one user are prepared in the same seconds: what hangs costs the others one wait."""

    async def test_accounts_that_hang_are_waited_for_at_the_same_time(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ready_scene(scene)
        hanging, waiting, most = [f"hangs-{number}" for number in range(8)], 0, 0

        async def hangs(underlying: str) -> Quote:
            nonlocal waiting, most
            waiting += 1
            most = max(most, waiting)
            try:
                await asyncio.Event().wait()
            finally:
                waiting -= 1
            raise AssertionError("nobody sets it")

        strategies = [a_strategy(strategy_id="sound")]
        for account_id in hanging:
            broker = await scene.link(an_account(account_id))
            monkeypatch.setattr(broker, "index_quote", hangs)
            strategies.insert(0, a_strategy(strategy_id=account_id, allocation=[{"account_id": account_id}]))
        for strategy in strategies:
            await scene.strategies.save(strategy)
        monkeypatch.setattr(read_market, "PATIENCE_SECONDS", 0.05)
        prepared = await enter(scene, *strategies)
        assert prepared.run_ids == (a_strategy(strategy_id="sound").run_id(TICK.date),)
        assert most == len(hanging)

    async def test_an_account_whose_quotes_hang_is_not_asked_again(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ready_scene(scene)
        asked: list[object] = []

        async def hangs(instruments: object) -> Mapping[str, Quote]:
            asked.append(instruments)
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")

        monkeypatch.setattr(scene.brokers.accounts[USER, "zerodha-one"], "quotes", hangs)
        monkeypatch.setattr(read_market, "PATIENCE_SECONDS", 0.05)
        legs = [{"right": "CE", "side": "SELL", "lots": 1, "strike": {"by": "delta", "delta": "0.3"}}]
        strategies = [a_strategy(strategy_id=name, legs=legs) for name in ("one", "two")]
        for strategy in strategies:
            await scene.strategies.save(strategy)
        assert await enter(scene, *strategies) == Prepared((), {})
        assert len(asked) == 1
        for strategy in strategies:
            assert (await scene.run(strategy)).reason == "no quotes: zerodha account zerodha-one did not answer in time"


class TestRepeated:
    async def test_a_repeated_prepare_gives_the_same_intents_even_at_another_spot(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        first = await enter(scene, a_strategy())
        before = (await scene.runs.day(USER, TICK.date)).orders
        scene.brokers.accounts[USER, "zerodha-one"].spots["NIFTY"] = Decimal(24900)
        assert await enter(scene, a_strategy()) == first
        assert (await scene.runs.day(USER, TICK.date)).orders == before

    async def test_an_attempt_that_ended_before_planning_is_taken_up(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.runs.begin_run(a_run())
        assert (await enter(scene, a_strategy())).run_ids == ("spread-20261123",)
        assert len(await scene.states()) == 2

    async def test_a_change_between_two_attempts_never_doubles_the_orders(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        first = await enter(scene, a_strategy())
        run = await scene.run(a_strategy())
        await scene.runs.conclude(run, STILL_PREPARING)
        await scene.strategies.save(a_strategy(version=2, allocation=[{"account_id": "angel-one"}]))
        again = await enter(scene, a_strategy())
        assert again.intent_ids == first.intent_ids
        assert set(await scene.states()) == {ENTRY_1, ENTRY_2}

    async def test_a_refused_run_is_not_taken_up_again(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.MISSED, reason="halted"))
        assert await enter(scene, a_strategy()) == Prepared((), {})
        assert (await scene.run(a_strategy())).status is RunStatus.MISSED

    async def test_a_late_repetition_does_not_undo_a_run_that_is_open(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN, reason="every order is filled"))
        scene.put(an_order())
        await scene.strategies.save(a_strategy(version=2, enabled=False))
        assert await enter(scene, a_strategy()) == Prepared((), {})
        assert (await scene.run(a_strategy())).status is RunStatus.OPEN
        assert scene.events.published == []

    async def test_a_repeated_exit_gives_the_same_intents(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        scene.put(an_order())
        first = await leave(scene, a_strategy())
        assert await leave(scene, a_strategy()) == first
        assert len(await scene.states()) == 2


class TestExit:
    async def open_run(self, scene: Scene, status: RunStatus = RunStatus.OPEN) -> None:
        await ready_scene(scene, a_strategy())
        await scene.runs.begin_run(a_run(status=status))

    async def test_what_is_open_is_closed(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order(side=Side.SELL), an_order(leg=2, contract=a_contract(24700)))
        prepared = await leave(scene, a_strategy())
        assert prepared.run_ids == ("spread-20261123",)
        closing = [o.intent for o in (await scene.runs.day(USER, TICK.date)).orders if o.intent.phase is Phase.EXIT]
        assert {(i.leg, i.side, i.quantity) for i in closing} == {(1, Side.BUY, 130), (2, Side.SELL, 130)}
        assert {i.intent_id for i in closing} == set(prepared.intent_ids["zerodha-one"])
        run = await scene.run(a_strategy())
        assert (run.status, run.reason) == (RunStatus.EXITING, "2 closing orders planned")

    @pytest.mark.parametrize("status", [RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED])
    async def test_a_closed_run_has_nothing_to_leave(self, scene: Scene, status: RunStatus) -> None:
        await self.open_run(scene, status)
        assert await leave(scene, a_strategy()) == Prepared((), {})
        assert (await scene.run(a_strategy())).status is status

    async def test_a_strategy_without_a_run_has_nothing_to_leave(self, scene: Scene) -> None:
        await ready_scene(scene, a_strategy())
        assert await leave(scene, a_strategy()) == Prepared((), {})
        assert (await scene.runs.day(USER, TICK.date)).runs == []

    async def test_an_incomplete_run_is_left_as_far_as_it_went(self, scene: Scene) -> None:
        await self.open_run(scene, RunStatus.INCOMPLETE)
        scene.put(an_order(), an_order(IntentStatus.REFUSED, leg=2))
        assert len((await leave(scene, a_strategy())).intent_ids["zerodha-one"]) == 1

    @pytest.mark.parametrize("phase", list(Phase))
    async def test_an_exit_that_could_close_twice_or_nothing_refuses_aloud(self, scene: Scene, phase: Phase) -> None:
        await self.open_run(scene)
        if phase is Phase.EXIT:
            scene.put(an_order())
        scene.put(an_order(IntentStatus.UNKNOWN, phase=phase, side=Side.SELL))
        assert await leave(scene, a_strategy()) == Prepared((), {})
        run = await scene.run(a_strategy())
        assert run.status is RunStatus.INCOMPLETE
        assert "cannot exit while 1 orders are unresolved, first NIFTY24500CE at zerodha-one" in run.reason
        assert scene.events.names == ["RunIncomplete"]

    async def test_an_exit_without_a_session_is_still_planned(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order())
        await scene.link(an_account(session_expires_at=at("06:00")))
        assert len((await leave(scene, a_strategy())).intent_ids) == 1

    async def test_exits_of_a_halted_user_go_on(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order())
        await scene.controls.halt("PLATFORM", "stop", "operator")
        assert len((await leave(scene, a_strategy())).intent_ids) == 1

    async def test_a_strategy_that_was_disabled_meanwhile_is_left_all_the_same(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order())
        await scene.strategies.save(a_strategy(version=2, enabled=False))
        assert len((await leave(scene, a_strategy())).intent_ids) == 1

    async def test_a_second_exit_closes_the_rest_as_another_attempt(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order())
        await leave(scene, a_strategy())
        (first,) = [o.intent for o in (await scene.runs.day(USER, TICK.date)).orders if o.intent.phase is Phase.EXIT]
        scene.put(an_order(IntentStatus.REFUSED, **{name: getattr(first, name) for name in ("phase", "intended_at")}))
        later = Tick(at("15:16"))
        prepared = await leave(scene, a_strategy(), tick=later)
        assert prepared.intent_ids == {"zerodha-one": ("spread-20261123.exit.L1.zerodha-one.S1.A2",)}

    async def test_a_run_that_cannot_be_read_spoils_no_other(self, scene: Scene) -> None:
        await self.open_run(scene)
        scene.put(an_order(average_price=None))
        await scene.strategies.save(a_strategy("other"))
        await scene.runs.begin_run(a_run("other-20261123", strategy_id="other", status=RunStatus.OPEN))
        scene.put(an_order(run_id="other-20261123"))
        prepared = await leave(scene, a_strategy(), a_strategy("other"))
        assert prepared.run_ids == ("other-20261123",)
        run = await scene.run(a_strategy())
        assert (run.status, scene.events.names) == (RunStatus.INCOMPLETE, ["RunIncomplete"])
