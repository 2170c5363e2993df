"""An event loop whose time is a number: it passes only when nobody can go on."""

import asyncio
from asyncio import Future, Handle, Task, TimerHandle
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple, Unpack

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")
SECOND = 1_000_000
"""Virtual time counts whole microseconds, so that no sum of latencies is rounded."""


MOST_CLEANING = 50
"""Times that what is left behind is asked to stop: cleaning up may wait for something again."""


class NothingLeft(Exception):
    """Somebody waits for what nobody will ever do."""


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs callbacks in the order in which they were scheduled, and sleepers in the order of their instants.

    It knows no sockets, threads or signals: what runs on it can only call, sleep and wait for each other.
    """

    def __init__(self) -> None:
        self.now = 0
        self._ready: deque[Handle] = deque()
        self._sleepers: list[tuple[int, int, Future[None] | Callable[[], object]]] = []
        self._calls = 0
        self._tasks: list[Task[Any]] = []
        """All of them: one that waits for what nobody holds any more must not be collected while it cleans up."""

    def pause(self, microseconds: int) -> Future[None]:
        """Done after this much virtual time."""
        future: Future[None] = Future(loop=self)
        self._calls += 1
        heappush(self._sleepers, (self.now + microseconds, self._calls, future))
        return future

    def later(self, microseconds: int, callback: Callable[[], object]) -> None:
        """Call back after this much virtual time."""
        self._calls += 1
        heappush(self._sleepers, (self.now + microseconds, self._calls, callback))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run until this work is done; what it left behind is forgotten. Raises NothingLeft when nobody goes on."""
        asyncio.events._set_running_loop(self)
        try:
            main: Task[Result] = self.create_task(work)
            while not main.done():
                self._turn()
            return main.result()
        finally:
            asyncio.events._set_running_loop(None)

    def forget(self) -> None:
        """Cancel what is left behind, and let it clean up after itself as far as that takes no time."""
        asyncio.events._set_running_loop(self)
        try:
            for _ in range(MOST_CLEANING):
                left = [task for task in self._tasks if not task.done()]
                for task in left:
                    task.cancel()
                self._run_ready()
                if not left:
                    return
        finally:
            asyncio.events._set_running_loop(None)

    def _run_ready(self) -> None:
        ready = self._ready
        while ready:
            ready.popleft()._run()

    def _turn(self) -> None:
        self._run_ready()
        if not self._sleepers:
            raise NothingLeft(f"at {self.now} µs")
        self.now, _, sleeper = heappop(self._sleepers)
        if not isinstance(sleeper, Future):
            sleeper()
        elif not sleeper.done():
            sleeper.set_result(None)

    def call_soon(
        self, callback: Callable[[Unpack[Arguments]], object], *args: *Arguments, context: Context | None = None
    ) -> Handle:
        handle = Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> TimerHandle:
        timer = TimerHandle(when, callback, args, self, context)
        self.later(max(0, int(when * SECOND) - self.now), lambda: None if timer.cancelled() else timer._run())
        return timer

    def _timer_handle_cancelled(self, timer: TimerHandle) -> None:
        """A cancelled timer stays where it is and does nothing."""

    def create_task(self, coro: Any, **options: Any) -> Task[Any]:
        task: Task[Any] = Task(coro, loop=self, **options)
        self._tasks.append(task)
        return task

    def create_future(self) -> Future[Any]:
        return Future(loop=self)

    def time(self) -> float:
        return self.now / SECOND

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A callback that fails is a fault of the simulator; a task whose failure nobody asks for is a dead one."""
        if "handle" in context:
            raise RuntimeError(context["message"]) from context.get("exception")
