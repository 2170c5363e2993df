"""One simulated day: the real use cases over a shared table, brokers with books, and everything that goes wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from traceback import extract_tb

from lambdas.domain.control import PLATFORM
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.moments import MINUTE, Tick, next_tick
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.secrets import AccountSecret
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.contracts import MemoryContracts
from tests.doubles.controls import MemoryControls
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import listings_of
from tests.doubles.limits import MemoryLimits
from tests.doubles.loop import MemoryLoop
from tests.doubles.secrets import MemorySecrets
from tests.doubles.strategies import MemoryStrategies
from tests.simulation.broker import House
from tests.simulation.exchange import Exchange, Prices
from tests.simulation.faults import Faults
from tests.simulation.invariants import Referee
from tests.simulation.loop import SECOND, VirtualLoop
from tests.simulation.process import START, Process, instant_of, microseconds_of
from tests.simulation.scenario import BROKERS, DAY, Scenario, drawn
from tests.simulation.table import Table

LISTINGS = listings_of()
LOTS = {listing.symbol: listing.lot_size for listing in LISTINGS}
QUIET_AFTER = timedelta(seconds=100)
"""After the close no new fault begins, and what was begun is brought to its end."""
ENDS_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Note:
    """One line of the trace."""

    at: int
    who: str
    what: str

    def __str__(self) -> str:
        return f"{instant_of(self.at):%H:%M:%S.%f}  {self.who:<34} {self.what}"


class World:
    """Everything that is shared by the processes of one seed's day, and everything that is true."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.loop = VirtualLoop()  # type: ignore[abstract]  # sockets, signals and threads stay abstract
        self.faults = Faults.drawn(self.random)
        self.notes: list[Note] = []
        self.acting: Process | None = None
        self.scenario: Scenario = drawn(self.random, holiday=self.faults.strikes("holiday"))
        self.closes = microseconds_of(self.scenario.closes)
        self.runs = Table()
        self.accounts = MemoryAccounts(*self.scenario.accounts)
        self.strategies = MemoryStrategies(*self.scenario.strategies)
        self.controls = MemoryControls()
        self.limits = MemoryLimits()
        self.leases = MemoryLoop()
        self.secrets = MemorySecrets()
        self.contracts = MemoryContracts()
        self.events = RecordedEvents()
        self.started: dict[str, dict[str, object]] = {}
        self.lost: set[str] = set()
        self.halts: list[tuple[int, str]] = []
        self.calendars: list[tuple[int, TradingCalendar]] = [(0, self.scenario.calendar)]
        prices = Prices(self.random, 900, moves=self.faults.strikes("market moves"))
        exchange = Exchange(self.random, self.faults, prices, self.closes)
        self.houses = {
            (account.user_id, account.account_id): House(account.user_id, account.account_id, LOTS, exchange)
            for account in self.scenario.accounts
        }
        self.referee = Referee(self.loop, self.runs, self, self.houses.values())
        self.runs.on_plan = self.referee.planned
        self.runs.on_record = self.referee.recorded
        self.runs.note = lambda what: self.note(self.acting.name if self.acting else "world", what)
        self.runs.actor = lambda: self.acting

    def note(self, who: str, what: str) -> None:
        self.notes.append(Note(self.loop.now, who, what))

    def unexpected(self, who: str, error: BaseException) -> None:
        """A function failed in a way that no fault explains."""
        self.referee.breach("no mistakes", f"{who}: {error!r} at {_place_of(error)}")

    def halted_at(self, at: int, user_id: str, account_id: str) -> bool:
        scopes = (PLATFORM, f"USER#{user_id}", f"ACCOUNT#{user_id}#{account_id}")
        return any(since <= at and scope in scopes for since, scope in self.halts)

    def calendars_between(self, since: int, until: int) -> Iterator[TradingCalendar]:
        for number, (at, calendar) in enumerate(self.calendars):
            following = self.calendars[number + 1][0] if number + 1 < len(self.calendars) else None
            if at <= until and (following is None or following > since):
                yield calendar

    async def open_for_trading(self) -> None:
        """Keys and masters, and what will go wrong at fixed instants."""
        for broker in BROKERS:
            await self.contracts.save_listings(broker, DAY, LISTINGS)
        for of in self.houses:
            await self.secrets.write(*of, AccountSecret({"api_key": "key"}))
        self.loop.create_task(self._grow_quiet())
        for house in self.houses.values():
            self._trouble(house)
        if self.faults.strikes("halt"):
            self.loop.create_task(self._halt())
        if self.faults.strikes("hours changed"):
            self.loop.create_task(self._change_hours())

    def due(self) -> dict[Tick, list[Due]]:
        """What the exchange's sessions let be due, in order of time."""
        found: dict[Tick, list[Due]] = {}
        day = self.calendars[0][1].day(DAY)
        for session in day.sessions:
            tick = next_tick(session.opens - MINUTE)
            while tick.instant in session:
                found[tick] = [
                    Due(strategy, phase)
                    for strategy in self.scenario.strategies
                    for phase, hhmm in zip(Phase, strategy.definition.schedule.times_on("MON"), strict=True)
                    if hhmm == tick.hhmm
                ]
                tick = next_tick(tick.instant)
        return found

    def near_a_tick(self) -> int:
        """An instant around one of the day's ticks, when most is going on."""
        ticks = list(self.due()) or [next_tick(START)]
        tick = microseconds_of(self.random.choice(ticks).instant)
        return max(0, tick + int((self.random.random() * 40 - 17) * SECOND))

    async def _grow_quiet(self) -> None:
        await self.loop.pause(microseconds_of(self.scenario.closes + QUIET_AFTER))
        self.faults.calm = True

    def _trouble(self, house: House) -> None:
        if self.faults.strikes("session killed"):
            since = self.near_a_tick()
            returns = self.random.random() < 0.5
            until = since + self.random.randint(5, 90) * SECOND if returns else 10**12
            house.dead_session = since, until
            if returns:
                self.loop.create_task(self._log_in(house, until))
        if self.faults.strikes("broker hangs"):
            since = self.near_a_tick()
            house.hangs = since, since + self.random.randint(2, 60) * SECOND

    async def _log_in(self, house: House, at: int) -> None:
        await self.loop.pause(at)
        account = await self.accounts.account(house.user_id, house.account_id)
        if account is not None:
            expires = START + timedelta(hours=18)
            await self.accounts.save_account(replace(account, session_expires_at=expires, session_end_reason=""))
            self.note(house.account_id, f"{house.user_id} logs in again")

    async def _halt(self) -> None:
        at = self.near_a_tick()
        of = self.random.choice(list(self.houses))
        scope = self.random.choice((PLATFORM, f"USER#{of[0]}", f"ACCOUNT#{of[0]}#{of[1]}"))
        await self.loop.pause(at)
        await self.controls.halt(scope, "an operator said so", "operator", at=instant_of(at))
        self.halts.append((at, scope))
        self.note("operator", f"halts {scope}")

    async def _change_hours(self) -> None:
        """The exchange closes early, or not at all today."""
        at = self.near_a_tick()
        await self.loop.pause(at)
        later = [tick for tick in self.due() if microseconds_of(tick.instant) > at - 30 * SECOND]
        if not later or self.random.random() < 0.5:
            change = DayChange(DAY, ChangeKind.HOLIDAY, "closed at once")
        else:
            closes = self.random.choice(later).instant
            opens = self.scenario.closes - timedelta(minutes=30)
            change = DayChange(DAY, ChangeKind.HOURS, "an early close", opens.time(), closes.time())
        await self.controls.change_day(change, by="operator", at=instant_of(at))
        self.calendars.append((at, self.scenario.calendar.with_changes([change])))
        self.note("operator", f"changes the day: {change}")

    def in_session(self, tick: Tick) -> bool:
        """Whether the minute was one of a session when it came; what an operator closed before is not due any more."""
        at = microseconds_of(tick.instant)
        calendar = [calendar for since, calendar in self.calendars if since <= at][-1]
        return calendar.day(tick.date).session_at(tick.instant) is not None

    async def wait_until(self, at: int) -> None:
        """Return at this virtual time."""
        await self.loop.pause(max(0, at - self.loop.now))

    def counters(self) -> Counter[str]:
        """What this day was made of."""
        counted = Counter({f"fault: {name}": number for name, number in self.faults.happened.items()})
        for run in self.runs.every_run():
            counted[f"run {run.status}"] += 1
        for order in self.runs.every_order():
            counted[f"intent {order.state.status}"] += 1
            counted["chased orders"] += order.state.chased > 0
        return counted + self.referee.seen


def _place_of(error: BaseException) -> str:
    """Where an error was raised."""
    frames = extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else "nowhere"
