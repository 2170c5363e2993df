"""Invocations of functions: each runs the real code, and may die between any two of its awaits."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from inspect import iscoroutinefunction
from random import Random
from typing import Any, Protocol, TypeVar, cast

from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerError
from tests.simulation.faults import Faults
from tests.simulation.loop import SECOND, VirtualLoop

Result = TypeVar("Result")
Target = TypeVar("Target")
START = datetime(2026, 11, 23, 9, 13, 30, tzinfo=IST)
"""The instant at which virtual time is 0: a Monday, a minute and a half before its session opens."""
MOST_SKEW = 200_000
"""Microseconds by which a process's clock may be wrong."""
READS_SWITCHES = "control"
"""The call after which a process knows the switches."""
MICROSECOND = timedelta(microseconds=1)


def instant_of(microseconds: int) -> datetime:
    """A virtual time as an instant."""
    return START + microseconds * MICROSECOND


def microseconds_of(instant: datetime) -> int:
    """An instant as a virtual time."""
    return (instant - START) // MICROSECOND


class Crashed(BaseException):
    """The process is gone: nothing that it still does reaches the world."""


class InvocationFailed(Exception):
    """What the caller of a function sees when it crashed, failed, or its answer was lost."""


class LostAnswer(InvocationFailed):
    """The service failed beside the function, which runs on."""


class StoreFault(Exception):
    """A call to the table or the bus that failed for good."""


class Surroundings(Protocol):
    """What a process runs in."""

    loop: VirtualLoop
    random: Random
    faults: Faults
    acting: "Process | None"

    def note(self, who: str, what: str) -> None: ...

    def unexpected(self, who: str, error: BaseException) -> None: ...


@dataclass(eq=False)
class Process:
    """One invocation. `dies_at` is the number of the yield point that it does not survive; it was `in_trouble` when it
    died or the store did not tell it what it had done; it `looked` at the switches when it last could read them."""

    world: Surroundings
    name: str
    skew: int
    started: int
    dies_at: int | None
    points: int = 0
    gone: bool = False
    in_trouble: bool = False
    looked: int | None = None
    ended: "Future[Any]" = field(init=False)

    def __post_init__(self) -> None:
        self.ended = self.world.loop.create_future()

    def point(self) -> None:
        """A point between two awaits: the process may die here, and one that is gone gets no further."""
        if self.gone:
            raise Crashed
        self.points += 1
        if self.points == self.dies_at:
            self.world.faults.happened["crash"] += 1
            self.die("crashes")
            raise Crashed

    def die(self, how: str) -> None:
        """Stop existing. Requests that have left may still arrive."""
        if not self.gone:
            self.gone = self.in_trouble = True
            self.world.note(self.name, how)
            if not self.ended.done():
                self.ended.set_exception(InvocationFailed(f"{self.name} {how}"))

    @property
    def local(self) -> int:
        """The time as this process's clock tells it."""
        return self.world.loop.now + self.skew

    async def call(self, what: str, effect: Callable[[], Awaitable[Result]]) -> Result:
        """One request to the table or the bus: it travels, has its effect in one step, and is answered."""
        world = self.world
        random, faults, pause = world.random, world.faults, world.loop.pause
        self.point()
        slow = 40 if faults.strikes("slow store") else 1
        await pause(slow * int(1_000 + 8_000 * random.random()))
        if self.gone and random.random() < 0.5:
            raise Crashed
        if faults.strikes("store fails"):
            self.in_trouble = True
            world.note(self.name, f"{what}: fails")
            if random.random() < 0.5:
                world.acting = self
                await effect()
            raise StoreFault(f"{what}: the answer did not come")
        world.acting = self
        if faults.strikes("store answers twice"):
            self.in_trouble = True
            world.note(self.name, f"{what}: asks twice, the first answer is lost")
            await effect()
        result = await effect()
        if what == READS_SWITCHES:
            self.looked = world.loop.now
        if random.random() < 0.4:
            await pause(slow * int(500 + 6_000 * random.random()))
        self.point()
        return result


class ProcessClock:
    """Implements `Clock` for one process: wrong by its skew, and sometimes held up."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> datetime:
        return instant_of(self._process.local)

    async def sleep_until(self, instant: datetime) -> None:
        await self._sleep(microseconds_of(instant) - self._process.local)

    async def sleep(self, duration: timedelta) -> None:
        await self._sleep(duration // MICROSECOND)

    async def _sleep(self, microseconds: int) -> None:
        process = self._process
        world = process.world
        process.point()
        late = int(world.random.random() ** 3 * 3_000)
        if world.faults.strikes("stall"):
            late = int(world.random.random() * 30 * SECOND)
            world.note(process.name, f"is held up for {late / SECOND:.3f} s")
        await world.loop.pause(max(0, microseconds) + late)
        process.point()


class _Remote:
    """Everything that a store can be asked, as calls that travel."""

    __slots__ = ("_process", "_target")

    def __init__(self, process: Process, target: object) -> None:
        self._process = process
        self._target = target

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        if not _is_asked_from_afar(cast(Any, type(self._target)), name):
            return method
        process = self._process

        async def call(*args: Any, **named: Any) -> Any:
            return await process.call(name, lambda: method(*args, **named))

        return call


@cache
def _is_asked_from_afar(kind: Any, name: str) -> bool:
    return iscoroutinefunction(getattr(kind, name, None))


def remote(process: Process, target: Target) -> Target:
    """The target as a process reaches it: the same methods, each with latency and faults."""
    return cast(Target, _Remote(process, target))


async def invoke(
    world: Surroundings, name: str, work: Callable[[Process], Coroutine[Any, Any, Result]], *, seconds: int
) -> Result:
    """Invoke a function. Raises InvocationFailed; the function may have done everything all the same."""
    faults, random, loop = world.faults, world.random, world.loop
    await loop.pause(int(random.random() ** 4 * (12 if faults.strikes("late start") else 0.4) * SECOND) + 3_000)
    if faults.strikes("duplicate"):
        loop.create_task(_run_apart(world, f"{name}/twin", work, seconds))
    process = begin(world, name, work, seconds=seconds)
    if faults.strikes("lost answer"):
        await loop.pause(int(random.random() * 5 * SECOND))
        world.note(name, "its answer is lost")
        raise LostAnswer(f"{name}: service error")
    result: Result = await process.ended
    return result


async def _run_apart(
    world: Surroundings, name: str, work: Callable[[Process], Coroutine[Any, Any, Any]], seconds: int
) -> None:
    await world.loop.pause(int(world.random.random() ** 2 * 4 * SECOND))
    begin(world, name, work, seconds=seconds)


def begin(
    world: Surroundings, name: str, work: Callable[[Process], Coroutine[Any, Any, Any]], *, seconds: int
) -> Process:
    """Start a process that is killed after so many seconds."""
    random, faults, loop = world.random, world.faults, world.loop
    skew = random.randint(-MOST_SKEW, MOST_SKEW) if "skew" in faults.rates else 0
    rate = 0.0 if faults.calm else faults.rates.get("crash", 0.0)
    dies_at = random.randint(1, 1 + int(60 * random.random() ** 2)) if random.random() < rate else None
    process = Process(world, name, skew, loop.now, dies_at)
    if skew:
        faults.happened["skew"] += 1
    world.note(name, "starts")
    task = loop.create_task(work(process))
    task.add_done_callback(lambda finished: _finish(process, finished))
    loop.later(seconds * SECOND, lambda: process.die(f"is killed after {seconds} s"))
    return process


def _finish(process: Process, task: "Future[Any]") -> None:
    """What the main coroutine left running has no process any more."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not _is_foreseen(error):
        process.world.unexpected(process.name, error)
    if not process.gone:
        process.gone = True
        process.world.note(process.name, f"fails: {error!r}" if error else f"answers {task.result()!r}")
    if process.ended.done():
        return
    if error is None:
        process.ended.set_result(task.result())
    else:
        process.ended.set_exception(InvocationFailed(f"{process.name}: {error!r}"))


def _is_foreseen(error: BaseException) -> bool:
    """Whether a function may fail so: crashes and faults of the store, and nothing that is a mistake in the code."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_foreseen(one) for one in error.exceptions)
    return isinstance(error, (Crashed, StoreFault, BrokerError))
