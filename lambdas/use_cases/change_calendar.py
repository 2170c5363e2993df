"""An operator changes one day of the calendar, without a deployment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from lambdas.domain.control import Control
from lambdas.domain.day_changes import ChangeFields, ChangeKind, DayChange, IsoDate, problems_in
from lambdas.domain.moments import IST
from lambdas.domain.trading_calendar import DayKind, SessionRule, TradingCalendar, TradingDay
from lambdas.domain.values import Value
from lambdas.ports.clock import Clock
from lambdas.ports.store import ControlStore

By = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S", description="who says so, for the audit")]
Force = Annotated[bool, Field(strict=True, description="also take away a session that is running")]


class Show(Value):
    """What is said of a date?"""

    action: Literal["show"]
    date: IsoDate
    by: By | None = None


class Change(ChangeFields):
    """Put this in place of what is said of a date."""

    action: Literal["change"]
    by: By
    force: Force = False


class Withdraw(Value):
    """Let the calendar files speak of a date again."""

    action: Literal["withdraw"]
    date: IsoDate
    by: By
    force: Force = False


SHAPES: Mapping[str, type[Show | Change | Withdraw]] = {"show": Show, "change": Change, "withdraw": Withdraw}


@dataclass(frozen=True)
class CalendarAnswer:
    """What the calendar said of the day and what it says now; `problems` say why nothing was done."""

    changed: bool
    before: TradingDay | None = None
    after: TradingDay | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class CalendarChanger:
    """Reads a request, refuses what would do harm or nothing, and stores the change with its audit."""

    controls: ControlStore
    calendar: TradingCalendar
    clock: Clock

    async def answer(self, request: Any) -> CalendarAnswer:
        """Do what an untrusted request asks for. Bad input is answered with `problems`, never raised."""
        shape = SHAPES.get(str(request.get("action"))) if isinstance(request, Mapping) else None
        if shape is None:
            return CalendarAnswer(False, problems=(f"action: it must be one of {', '.join(SHAPES)}",))
        try:
            read = shape.model_validate(request)
        except ValidationError as error:
            return CalendarAnswer(False, problems=tuple(problems_in(error)))
        control, now = await self.controls.control(), self.clock.now().astimezone(IST)
        before = self._day(read.date, control.changes)
        if isinstance(read, Show):
            return CalendarAnswer(False, before, before)
        after = self._day(read.date, _changes_after(read, control))
        problems = [*self._problems_of(read, control, now), *_problems_of_today(read, before, after, now)]
        if problems:
            return CalendarAnswer(False, before, before, tuple(problems))
        return CalendarAnswer(await self._store(read, now), before, after)

    async def _store(self, request: Change | Withdraw, now: datetime) -> bool:
        if isinstance(request, Withdraw):
            return await self.controls.withdraw_change(request.date, by=request.by, at=now)
        await self.controls.change_day(request.change, by=request.by, at=now)
        return True

    def _day(self, day: date, changes: Iterable[DayChange]) -> TradingDay:
        return self.calendar.with_changes(changes).day(day)

    def _problems_of(self, request: Change | Withdraw, control: Control, now: datetime) -> list[str]:
        """Why this request would do harm or nothing, whatever the hour."""
        problems: list[str] = []
        if self.calendar.rule is SessionRule.CONTINUOUS:
            problems.append("date: the session of this environment never closes; a change would do nothing")
        if request.date < now.date():
            problems.append(f"date: {request.date} is past; what happened stays as it was")
        if isinstance(request, Withdraw):
            if all(change.date != request.date for change in control.changes):
                problems.append(f"date: no change of {request.date} is in force")
        elif request.kind is ChangeKind.HOURS:
            filed = self.calendar.day(request.date)
            if filed.kind is not DayKind.REGULAR:
                problems.append(f"kind: HOURS changes regular days only, and {request.date} is none: {filed.reason}")
        return problems


def _changes_after(request: Change | Withdraw, control: Control) -> tuple[DayChange, ...]:
    others = tuple(change for change in control.changes if change.date != request.date)
    return (*others, request.change) if isinstance(request, Change) else others


def _problems_of_today(
    request: Change | Withdraw, before: TradingDay, after: TradingDay, now: datetime
) -> tuple[str, ...]:
    """A running session is not taken away by accident: what is due later that day, exits too, would not be done.

    It is gone when it would be over, and when it would be of another kind, whose work is other work.
    """
    if request.force or before.session_at(now) is None:
        return ()
    if after.session_at(now) is not None and after.due_day == before.due_day:
        return ()
    return (
        f"force: the session of {request.date} is running, and exits due after this would not be made; "
        "set it to true to do so all the same",
    )
