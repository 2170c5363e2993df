"""The loop of a trading day: who runs it, which minute is next, and which minutes were lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lambdas.domain.control import Lease
from lambdas.domain.moments import MINUTE, Tick, next_tick, ticks_between, wait_timestamp
from lambdas.domain.timing import Timing
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar
from lambdas.ports.clock import Clock
from lambdas.ports.store import ControlStore, LoopStore

MISSED_FOR = 10 * MINUTE
"""So long after the last heartbeat of a day somebody looks whether that loop came to its end."""


@dataclass(frozen=True)
class Wait:
    """The loop waits for `tick`; `overdue` are the minutes lost before it, whose exits are still to be made."""

    lease: Lease
    tick: Tick
    wake_at: datetime
    overdue: tuple[Tick, ...]
    reason: str

    @property
    def wait_until(self) -> str:
        """For the `Timestamp` of a Step Functions Wait."""
        return wait_timestamp(self.wake_at)


@dataclass(frozen=True)
class End:
    """The loop ends, saying why; `lost` are the minutes that nobody makes up for any more."""

    reason: str
    lost: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class TradingDayLoop:
    """Takes the lease of the day and moves it from tick to tick.

    `calendar` is what the files say; each step sees the operator's changes on top of it.
    """

    loop: LoopStore
    controls: ControlStore
    calendar: TradingCalendar
    clock: Clock
    timing: Timing

    async def begin(self, holder: str) -> Wait | End:
        """Take the day's lease, if there is anything to trade today and no other loop is alive.

        Called again by the same holder after an error, it goes on with the next minute; the minutes that
        the previous holder or attempt left undone come back as overdue.
        """
        calendar = self.calendar.with_changes((await self.controls.control()).changes)
        now = self.clock.now()
        first = _next_in_session(now, calendar)
        if first is None:
            return await self._too_late(holder, now, calendar)
        before = await self.loop.lease(first.date)
        lease = await self.loop.acquire(first.date, holder, now, self.timing.lease_until(first))
        if lease is None:
            winner = await self.loop.lease(first.date)
            other = f"{winner.holder} (token {winner.token})" if winner else "another loop"
            return End(f"the day is run by {other}")
        planned = Tick.parse(before.next_tick) if before and before.next_tick else _opening(first, calendar)
        await self._record_skipped(first, (planned, *ticks_between(planned, first)), calendar)
        return await self._wait_for(lease, first, await self._owed(first), f"token {lease.token}")

    async def advance(
        self, lease: Lease, done: Tick, overdue: Sequence[Tick] = (), *, calendar: TradingCalendar
    ) -> Wait | End:
        """Move on from a tick that is dealt with, skipping and recording the minutes already past.

        `calendar` is the one that the tick was dispatched by, changes included.
        """
        now = self.clock.now()
        following = _next_in_session(max(now, done.instant), calendar)
        if following is None or following.date != done.date:
            day = calendar.day(done.date)
            over = f"the sessions of {done.date} are over" if day.sessions else f"nothing to trade: {day.reason}"
            lost = await self._record_skipped(next_tick(now), ticks_between(done, next_tick(now)), calendar)
            return _end(over, (*overdue, *lost))
        lost = await self._record_skipped(following, ticks_between(done, following), calendar)
        return await self._wait_for(lease, following, (*overdue, *lost), "next minute")

    async def _too_late(self, holder: str, now: datetime, calendar: TradingCalendar) -> End:
        """No minute is left. What earlier loops of the day left undone is lost, unless one of them is alive.

        Where no loop has run and there are no sessions now, there was nothing to lose.
        """
        until = next_tick(now)
        day = calendar.day(until.date)
        over = f"nothing to trade: {day.reason}"
        before = await self.loop.lease(until.date)
        if before is None and not day.sessions:
            return End(over)
        if before and before.holder != holder and now < before.valid_until:
            return End(over)
        sessions = calendar if day.sessions else self.calendar
        planned = Tick.parse(before.next_tick) if before and before.next_tick else _opening(until, sessions)
        await self._record_skipped(until, (planned, *ticks_between(planned, until)), calendar)
        return _end(over, await self._owed(until))

    async def _wait_for(self, lease: Lease, tick: Tick, overdue: Sequence[Tick], reason: str) -> Wait | End:
        renewed = Lease(lease.holder, lease.token, self.timing.lease_until(tick), str(tick))
        if not await self.loop.renew(tick.date, renewed):
            return End(f"a newer loop has taken over from token {lease.token}")
        return Wait(renewed, tick, self.timing.wake_for(tick), tuple(overdue), reason)

    async def _record_skipped(
        self, until: Tick, candidates: Sequence[Tick], calendar: TradingCalendar
    ) -> tuple[Tick, ...]:
        """Of these minutes before `until`, those in a session that nothing was recorded for until now.

        What an operator has closed since may have been due when it came: minutes of the calendar files count too.
        """
        lost: list[Tick] = []
        for tick in candidates:
            known = (calendar, self.calendar)
            if tick < until and any(one.day(tick.date).session_at(tick.instant) for one in known):
                detail = {"reason": f"the loop was late: at {self.clock.now().isoformat()} this minute was past"}
                if await self.loop.record_tick(tick, "skipped", detail):
                    lost.append(tick)
        return tuple(lost)

    async def _owed(self, until: Tick) -> tuple[Tick, ...]:
        """The skipped minutes that no dispatch has made up for since: what an earlier loop carried counts too."""
        records = [(Tick.parse(row["tick"]), row["what"]) for row in await self.loop.ticks(until.date)]
        dispatched = [tick for tick, what in records if what == "dispatched"]
        since = max(dispatched) if dispatched else None
        skipped = [tick for tick, what in records if what == "skipped" and tick < until]
        return tuple(tick for tick in skipped if since is None or tick > since)


def _end(reason: str, lost: Sequence[Tick]) -> End:
    """The end of a day, with the minutes that were lost."""
    told = f"; not made up for: {', '.join(tick.hhmm for tick in lost)}" if lost else ""
    return End(f"{reason}{told}", tuple(lost))


def _next_in_session(now: datetime, calendar: TradingCalendar) -> Tick | None:
    """The first whole minute after `now` that lies in a session of its day."""
    candidate = next_tick(now)
    day = calendar.day(candidate.date)
    for session in sorted(day.sessions, key=lambda session: session.opens):
        tick = max(candidate, next_tick(session.opens - MINUTE))
        if tick.instant in session:
            return tick
    return None


def _opening(first: Tick, calendar: TradingCalendar) -> Tick:
    """The first minute of the day that the first loop owes; a session that never closes has none."""
    sessions = calendar.day(first.date).sessions
    if calendar.rule is SessionRule.CONTINUOUS or not sessions:
        return first
    return next_tick(min(session.opens for session in sessions) - MINUTE)


async def heartbeat_is_stale(day: date, *, loop: LoopStore, calendar: TradingCalendar, now: datetime) -> str | None:
    """Why a new loop must be started now, or None when all is well. `calendar` has the changes in force.

    Raises nothing of its own. A day without sessions needs no loop, nor does the time after them, unless the last loop
    died before the minute that it waited for: then somebody must say what was lost. Before the first session's lead
    a loop is not missed yet.
    """
    sessions = calendar.day(day).sessions
    is_needed = any(session.opens - 15 * MINUTE <= now < session.closes for session in sessions)
    lease = await loop.lease(day)
    if lease is None:
        return "no loop has started today" if is_needed else None
    if now <= lease.valid_until or not (is_needed or await _died_waiting(lease, day, loop, now)):
        return None
    return f"the heartbeat of {lease.holder} (token {lease.token}) ended at {lease.valid_until.isoformat()}"


async def _died_waiting(lease: Lease, day: date, loop: LoopStore, now: datetime) -> bool:
    """Whether a loop has, a short while ago, not dealt with the minute that it waited for.

    What was skipped may not have been told. One that died before it waited for any has left no record at all.
    """
    if now > lease.valid_until + MISSED_FOR:
        return False
    recorded = {row["tick"]: row["what"] for row in await loop.ticks(day)}
    return recorded.get(lease.next_tick, "skipped") == "skipped" if lease.next_tick else not recorded
