"""One simulated day: the real use cases over a shared table, brokers with books, and everything that goes wrong."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from traceback import extract_tb

from lambdas.domain.due import Due
from lambdas.domain.intents import Phase
from lambdas.domain.moments import MINUTE, Tick, next_tick
from lambdas.ports.secrets import AccountSecret
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.contracts import MemoryContracts
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import listings_of
from tests.doubles.loop import MemoryLoop
from tests.doubles.secrets import MemorySecrets
from tests.doubles.strategies import MemoryStrategies
from tests.simulation.broker import House
from tests.simulation.exchange import Exchange, Prices
from tests.simulation.faults import Faults
from tests.simulation.invariants import Referee
from tests.simulation.loop import SECOND, VirtualLoop
from tests.simulation.people import People
from tests.simulation.process import START, Process, instant_of, microseconds_of
from tests.simulation.scenario import BROKERS, DAY, Scenario, drawn
from tests.simulation.stores import Comparisons, SetLimits, Switches
from tests.simulation.switches import Switchboard
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
        self.controls = Switches(self.faults)
        self.limits = SetLimits(self.faults)
        self.comparisons = Comparisons()
        self.switches = Switchboard(self.scenario.calendar)
        self.leases = MemoryLoop()
        self.secrets = MemorySecrets()
        self.contracts = MemoryContracts()
        self.events = RecordedEvents()
        self.started: dict[str, dict[str, object]] = {}
        self.lost: set[str] = set()
        prices = Prices(self.random, 900, moves=self.faults.strikes("market moves"))
        exchange = Exchange(self.random, self.faults, prices, self.closes)
        self.houses = {
            (account.user_id, account.account_id): House(account.user_id, account.account_id, LOTS, exchange)
            for account in self.scenario.accounts
        }
        self.referee = Referee(self.loop, self.runs, self.switches, self.scenario, self.houses.values())
        self.runs.now = lambda: self.loop.now
        self.runs.on_plan = self.referee.planned
        self.runs.on_record = self.referee.recorded
        self.runs.note = lambda what: self.note(self.acting.name if self.acting else "world", what)
        self.runs.actor = lambda: self.acting

    def note(self, who: str, what: str) -> None:
        self.notes.append(Note(self.loop.now, who, what))

    def unexpected(self, who: str, error: BaseException) -> None:
        """A function failed in a way that no fault explains."""
        self.referee.breach("no mistakes", f"{who}: {error!r} at {_place_of(error)}")

    async def open_for_trading(self) -> None:
        """Keys and masters, and what will go wrong at fixed instants."""
        for broker in BROKERS:
            await self.contracts.save_listings(broker, DAY, LISTINGS)
        for of in self.houses:
            await self.secrets.write(*of, AccountSecret({"api_key": "key"}))
        self.loop.create_task(self._grow_quiet())
        for basket in self.scenario.baskets:
            await self.strategies.save_basket(basket)
        for user_id, limits in self.scenario.limits.items():
            self.limits.put(limits, user_id)
        People(self).begin()

    def due(self) -> dict[Tick, list[Due]]:
        """What the exchange's sessions let be due, in order of time."""
        found: dict[Tick, list[Due]] = {}
        day = self.scenario.calendar.day(DAY)
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

    def ticks(self) -> list[Tick]:
        """The day's minutes, in order of time."""
        return list(self.due())

    def near_a_tick(self) -> int:
        """An instant around one of the day's ticks, when most is going on."""
        ticks = self.ticks() or [next_tick(START)]
        tick = microseconds_of(self.random.choice(ticks).instant)
        return max(0, tick + int((self.random.random() * 40 - 17) * SECOND))

    async def _grow_quiet(self) -> None:
        await self.loop.pause(microseconds_of(self.scenario.closes + QUIET_AFTER))
        self.faults.calm = True

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
        counted["books told to differ"] += self.events.names.count("BooksDiffer")
        counted["books compared"] += self.comparisons.number
        return counted + self.referee.seen


def _place_of(error: BaseException) -> str:
    """Where an error was raised."""
    frames = extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else "nowhere"
