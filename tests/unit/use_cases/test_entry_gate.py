"""The last look, one second before T: what was forbidden during the lead does not enter, and exits always go."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.contracts import Side
from lambdas.domain.control import Control
from lambdas.domain.intents import Intent, IntentStatus, Phase
from lambdas.domain.runs import RunStatus
from tests.doubles.controls import MemoryControls
from tests.doubles.examples import TICK, USER, a_contract, a_run, a_strategy, an_account, an_intent, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
DURING_THE_LEAD, TOO_LATE = T - timedelta(seconds=2), T - timedelta(milliseconds=500)
Switch = Callable[[Scene], Awaitable[Any]]


async def disable_the_account(scene: Scene) -> None:
    await scene.accounts.save_account(an_account(enabled=False))


async def end_the_session(scene: Scene) -> None:
    await scene.accounts.save_account(an_account(session_expires_at=at("09:19:50")))


async def switch_its_basket_off(scene: Scene) -> None:
    definition = BasketDefinition(name="Index income", enabled=False)
    await scene.strategies.save_basket(Basket(user_id=USER, basket_id="income", version=1, definition=definition))
    await scene.strategies.save(a_strategy(version=2, basket_id="income"))


async def delete_its_basket(scene: Scene) -> None:
    await switch_its_basket_off(scene)
    await scene.strategies.delete_basket(USER, "income", 1)


SWITCHES: dict[str, tuple[Switch, str]] = {
    "platform": (lambda scene: scene.controls.halt("PLATFORM", "stop", "op"), "halted (platform): stop"),
    "user": (lambda scene: scene.controls.halt(f"USER#{USER}", "stop", USER), "halted (user): stop"),
    "account": (
        lambda scene: scene.controls.halt(f"ACCOUNT#{USER}#zerodha-one", "stop", USER),
        "halted (account): stop",
    ),
    "strategy": (lambda scene: scene.controls.halt(f"STRATEGY#{USER}#spread", "stop", USER), "halted (strategy): stop"),
    "strategy disabled": (
        lambda scene: scene.strategies.save(a_strategy(version=2, enabled=False)),
        "the strategy was disabled",
    ),
    "strategy deleted": (lambda scene: scene.strategies.delete(USER, "spread", 1), "the strategy was deleted"),
    "basket switched off": (switch_its_basket_off, "its basket 'income' is switched off"),
    "basket deleted": (delete_its_basket, "basket_id: the basket 'income' was deleted"),
    "account disabled": (disable_the_account, "account zerodha-one is disabled"),
    "session ended": (end_the_session, "the zerodha session of account zerodha-one ended at 23 Nov 09:19"),
    "account unlinked": (
        lambda scene: scene.accounts.delete_account(USER, "zerodha-one"),
        "account 'zerodha-one' is not linked any more",
    ),
    "run squared off": (
        lambda scene: scene.runs.close_run(a_run(), "squared off by me: enough"),
        "squared off by me: enough",
    ),
}


def leaving() -> Intent:
    """The exit of another run of the same account."""
    return an_intent(run_id="other-20261123", phase=Phase.EXIT, side=Side.SELL)


async def ready(scene: Scene) -> list[str]:
    """A strategy with its run, an entry of it and an exit of another run."""
    await scene.link()
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
    return await scene.plan(an_intent(), leaving())


async def thrown(scene: Scene, switch: Switch, when: Any) -> int:
    """Place while somebody throws a switch at an instant; how many orders left."""

    async def throw() -> None:
        await scene.clock.sleep_until(when)
        await switch(scene)

    ids = await ready(scene)
    sent, _ = await asyncio.gather(scene.placer.place(USER, "zerodha-one", TICK, ids), throw())
    return sent


@pytest.mark.parametrize("name", SWITCHES)
async def test_an_entry_is_withheld_when_a_switch_is_thrown_during_the_lead_and_the_exit_goes(
    scene: Scene, name: str
) -> None:
    switch, reason = SWITCHES[name]
    assert await thrown(scene, switch, DURING_THE_LEAD) == 1
    state = await scene.state(an_intent())
    assert state.status is IntentStatus.WITHHELD
    assert state.reason.startswith(f"not sent: {reason}")
    assert (await scene.state(leaving())).sent_at == T


async def test_a_switch_that_is_thrown_after_the_last_look_is_too_late(scene: Scene) -> None:
    assert await thrown(scene, SWITCHES["user"][0], TOO_LATE) == 2


async def test_what_concerns_one_strategy_leaves_the_others_alone(scene: Scene) -> None:
    await scene.link()
    for name in ("spread", "other"):
        await scene.strategies.save(a_strategy(name))
        await scene.runs.begin_run(a_run(f"{name}-20261123", strategy_id=name, status=RunStatus.ENTERING))
    other = an_intent(run_id="other-20261123")
    ids = await scene.plan(an_intent(), other)
    await scene.controls.halt(f"STRATEGY#{USER}#spread", "stop", USER)
    assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
    assert (await scene.state(other)).sent_at == T


async def test_a_halt_of_another_users_things_stops_nobody_else(scene: Scene) -> None:
    ids = await ready(scene)
    for scope in ("USER#user-two", "ACCOUNT#user-two#zerodha-one", "STRATEGY#user-two#spread"):
        await scene.controls.halt(scope, "stop", "user-two")
    assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 2


async def test_switches_that_cannot_be_read_at_the_last_look_stop_entries_and_no_exit(scene: Scene) -> None:
    class FailsAtTheEnd(MemoryControls):
        async def control(self) -> Control:
            if scene.clock.now() >= DURING_THE_LEAD:
                raise ConnectionError("the table did not answer")
            return await super().control()

    scene.controls = FailsAtTheEnd()
    ids = await ready(scene)
    assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
    assert "could not be read: the table did not answer" in (await scene.state(an_intent())).reason


async def test_a_short_stays_with_its_hedge(scene: Scene) -> None:
    """All entries of a run are withheld together."""
    await scene.link()
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
    hedge = an_intent(leg=2, contract=a_contract(24700))
    ids = await scene.plan(replace(an_intent(), side=Side.SELL), hedge)
    await scene.runs.close_run(a_run(), "squared off by me: enough")
    assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 0
    assert {state.status for state in (await scene.states()).values()} == {IntentStatus.WITHHELD}


HEDGE = "NIFTY24700CE"


@pytest.mark.parametrize(("fill_after", "sent"), [(0.2, 2), (3, 1)])
async def test_a_short_does_not_follow_a_hedge_that_took_long_when_it_was_stopped_meanwhile(
    scene: Scene, fill_after: float, sent: int
) -> None:
    broker = await scene.link()
    broker.fill_after = timedelta(seconds=fill_after)
    await scene.strategies.save(a_strategy())
    await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
    short, hedge = replace(an_intent(), side=Side.SELL), an_intent(leg=2, contract=a_contract(24700))
    ids = await scene.plan(short, hedge)

    async def throw() -> None:
        await scene.clock.sleep_until(T + timedelta(seconds=1))
        await scene.controls.halt("PLATFORM", "stop", "operator")

    left, _ = await asyncio.gather(scene.placer.place(USER, "zerodha-one", TICK, ids), throw())
    assert left == sent
    assert broker.sent_symbols[0] == HEDGE
    if sent == 1:
        assert (await scene.state(short)).reason == "not sent: halted (platform): stop"
