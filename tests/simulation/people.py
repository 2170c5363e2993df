"""What operators and users do during the day, at instants at which much is going on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from lambdas.domain.basket import Basket
from lambdas.domain.contracts import Side
from lambdas.domain.control import PLATFORM
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import Tick
from lambdas.domain.strategy import Strategy
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.strategies import MemoryStrategies
from tests.simulation.broker import House
from tests.simulation.exchange import TrueOrder
from tests.simulation.faults import Faults
from tests.simulation.loop import SECOND, VirtualLoop
from tests.simulation.process import START, instant_of, microseconds_of
from tests.simulation.scenario import DAY, Scenario, hhmm_of
from tests.simulation.stores import Switches
from tests.simulation.switches import Of, Switchboard

NEW_SESSION = START + timedelta(hours=18)
Work = Callable[[], Awaitable[None]]


class Place(Protocol):
    """What people can reach."""

    random: Random
    loop: VirtualLoop
    faults: Faults
    scenario: Scenario
    switches: Switchboard
    accounts: MemoryAccounts
    strategies: MemoryStrategies
    controls: Switches
    houses: dict[tuple[str, str], House]

    def note(self, who: str, what: str) -> None: ...

    def near_a_tick(self) -> int: ...

    def ticks(self) -> list[Tick]: ...


@dataclass(frozen=True)
class People:
    """Operators and users. Whoever switches something off sometimes thinks better of it."""

    world: Place

    def begin(self) -> None:
        """Decide what will be done today, and by whom."""
        faults = self.world.faults
        for name, work in ACTIONS.items():
            if faults.strikes(name):
                self.world.loop.create_task(work(self))
        for house in self.world.houses.values():
            if faults.strikes("session killed"):
                self._kill_session(house)
            if faults.strikes("broker hangs"):
                since = self.world.near_a_tick()
                house.hangs = since, since + self.world.random.randint(2, 60) * SECOND
            if faults.strikes("strangers"):
                self.world.loop.create_task(self._trade_by_hand(house))

    def _kill_session(self, house: House) -> None:
        random, since = self.world.random, self.world.near_a_tick()
        returns = random.random() < 0.5
        until = since + random.randint(5, 90) * SECOND if returns else 10**12
        house.dead_session = since, until
        if returns:
            self.world.loop.create_task(self._log_in(house, until))

    async def _log_in(self, house: House, at: int) -> None:
        await self.world.loop.pause(at)
        account = await self.world.accounts.account(house.user_id, house.account_id)
        if account is not None:
            account = replace(account, session_expires_at=NEW_SESSION, session_end_reason="")
            await self.world.accounts.save_account(account)
            self.world.note(house.account_id, f"{house.user_id} logs in again")

    async def halt(self) -> None:
        """An operator or a user stops entries of one scope."""
        world = self.world
        await self._wait()
        strategy = world.random.choice(world.scenario.strategies)
        user_id, account_id = world.random.choice(list(world.houses))
        scope = world.random.choice(
            (
                PLATFORM,
                f"USER#{user_id}",
                f"ACCOUNT#{user_id}#{account_id}",
                f"STRATEGY#{strategy.user_id}#{strategy.strategy_id}",
            )
        )
        await world.controls.halt(scope, "an operator said so", "operator", at=instant_of(world.loop.now))

        async def lift() -> None:
            await world.controls.release(scope, "operator", at=instant_of(world.loop.now))

        await self._off(("halt", scope), lift)

    async def change_hours(self) -> None:
        """The exchange closes early, or not at all today."""
        world = self.world
        await self._wait()
        at = world.loop.now
        later = [tick for tick in world.ticks() if microseconds_of(tick.instant) > at - 30 * SECOND]
        if not later or world.random.random() < 0.5:
            change = DayChange(DAY, ChangeKind.HOLIDAY, "closed at once")
        else:
            closes = world.random.choice(later).instant
            opens = world.scenario.closes - timedelta(minutes=30)
            change = DayChange(DAY, ChangeKind.HOURS, "an early close", opens.time(), closes.time())
        await world.controls.change_day(change, by="operator", at=instant_of(at))
        world.switches.calendars.append((at, world.scenario.calendar.with_changes([change])))
        world.note("operator", f"changes the day: {change}")

    async def edit_strategy(self) -> None:
        """A user disables, deletes or changes a strategy."""
        world = self.world
        drawn = world.random.choice(world.scenario.strategies)
        await self._wait()
        strategy = await world.strategies.strategy(drawn.user_id, drawn.strategy_id)
        if strategy is None:
            return
        of = strategy.user_id, strategy.strategy_id
        what = world.random.choice(("disables", "disables", "deletes", "moves", "resizes"))
        world.note(strategy.user_id, f"{what} {strategy.strategy_id}")
        if what == "deletes":
            await world.strategies.delete(*of, strategy.version)
            world.switches.stop(("strategy", *of), world.loop.now)
        elif what == "disables":
            await self._save(strategy, enabled=False)
            await self._off(("strategy", *of), lambda: self._enable(drawn))
        elif what == "moves":
            world.switches.stop(("schedule", *of), world.loop.now)
            await self._save(strategy, **self._moved(strategy))
        else:
            await self._save(strategy, multiplier=2)

    def _moved(self, strategy: Strategy) -> dict[str, Any]:
        random, minutes = self.world.random, len(self.world.ticks())
        entry = random.randint(0, max(0, minutes - 2))
        times = {"entry": hhmm_of(entry), "exit": hhmm_of(random.randint(entry + 1, minutes))}
        return {"schedule": strategy.definition.schedule.model_copy(update=times)}

    async def _save(self, strategy: Strategy, **changes: Any) -> None:
        definition = type(strategy.definition).model_validate({**dict(strategy.definition), **changes})
        changed = strategy.model_copy(update={"version": strategy.version + 1, "definition": definition})
        await self.world.strategies.save(changed)

    async def _enable(self, drawn: Strategy) -> None:
        strategy = await self.world.strategies.strategy(drawn.user_id, drawn.strategy_id)
        if strategy is not None:
            await self._save(strategy, enabled=True)

    async def switch_basket(self) -> None:
        """A user switches a whole basket off."""
        world = self.world
        await self._wait()
        if not world.scenario.baskets:
            return
        drawn = world.random.choice(world.scenario.baskets)
        members = [one for one in world.scenario.strategies if one.user_id == drawn.user_id]
        members = [one for one in members if one.definition.basket_id == drawn.basket_id]
        await self._switch(drawn, enabled=False)
        concerned = [("basket of", one.user_id, one.strategy_id) for one in members]
        for of in concerned:
            world.switches.stop(of, world.loop.now)

        async def on() -> None:
            await self._switch(drawn, enabled=True)
            for of in concerned:
                world.switches.allow(of, world.loop.now)

        await self._off(("basket", drawn.user_id, drawn.basket_id), on)

    async def _switch(self, drawn: Basket, *, enabled: bool) -> None:
        basket = await self.world.strategies.basket(drawn.user_id, drawn.basket_id)
        assert basket is not None
        definition = basket.definition.model_copy(update={"enabled": enabled})
        changed = basket.model_copy(update={"version": basket.version + 1, "definition": definition})
        await self.world.strategies.save_basket(changed)

    async def switch_account(self) -> None:
        """A user disables or unlinks an account, and perhaps links it again."""
        world = self.world
        of = world.random.choice(list(world.houses))
        await self._wait()
        account = await world.accounts.account(*of)
        if account is None:
            return
        if world.random.random() < 0.5:
            await world.accounts.save_account(replace(account, enabled=False))
        else:
            await world.accounts.delete_account(*of)

        async def link() -> None:
            await world.accounts.save_account(replace(account, enabled=True))

        await self._off(("account", *of), link)

    async def _wait(self) -> None:
        await self.world.loop.pause(self.world.near_a_tick())

    async def _off(self, of: Of, on: Work) -> None:
        """It is off from now on; half of the time for seconds only."""
        world = self.world
        world.switches.stop(of, world.loop.now)
        world.note("somebody", f"switches {' '.join(of)} off")
        if world.random.random() < 0.5:
            await world.loop.pause(world.random.randint(1, 60) * SECOND)
            await on()
            world.switches.allow(of, world.loop.now)
            world.note("somebody", f"switches {' '.join(of)} on again")

    async def _trade_by_hand(self, house: House) -> None:
        """Orders beside the engine's, in the same contracts; some rest, for somebody to touch."""
        random = self.world.random
        for _ in range(random.randint(1, 3)):
            await self.world.loop.pause(max(0, self.world.near_a_tick() - self.world.loop.now))
            symbols = sorted({order.symbol for order in house.orders}) or sorted(house.lots)[:1]
            house.by_hand(self._by_hand(house, random.choice(symbols)), rests=random.random() < 0.5)
            self.world.faults.happened["order by hand"] += 1

    def _by_hand(self, house: House, symbol: str) -> TrueOrder:
        random, now = self.world.random, self.world.loop.now
        return TrueOrder(
            number=f"{house.account_id}-{len(house.orders) + 1}",
            tag=random.choice(("", "mine")),
            symbol=symbol,
            side=random.choice(tuple(Side)),
            quantity=house.lots[symbol] * random.randint(1, 3),
            lot=house.lots[symbol],
            limit=random.randint(1, 20_000) * 5,
            sent_by=house.user_id,
            arrived=now,
            visible=now,
        )


ACTIONS: dict[str, Callable[[People], Any]] = {
    "halt": People.halt,
    "second halt": People.halt,
    "hours changed": People.change_hours,
    "strategy edited": People.edit_strategy,
    "basket switched": People.switch_basket,
    "account switched": People.switch_account,
}
"""What may be done on a day, by the name of its rate."""
