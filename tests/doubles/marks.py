"""Marks and the profit of days in memory."""

from collections.abc import Sequence
from datetime import date, datetime

from lambdas.domain.marks import Marks, ProfitPoint
from lambdas.domain.moments import IST
from tests.doubles.runs import MemoryRuns

Day = tuple[str, date]


class MemoryMarks:
    """Implements `MarkStore`, over the runs that bring the marks along."""

    def __init__(self, runs: MemoryRuns) -> None:
        self._runs = runs
        self._at: dict[Day, datetime] = {}
        self._points: dict[Day, dict[str, ProfitPoint]] = {}

    async def save_marks(self, user_id: str, day: date, marks: Marks, *, at: datetime) -> bool:
        key = user_id, day
        if key in self._at and at <= self._at[key]:
            return False
        self._at[key] = at
        self._runs.marks[key] = dict(marks)
        return True

    async def add_point(self, user_id: str, day: date, point: ProfitPoint) -> bool:
        points = self._points.setdefault((user_id, day), {})
        minute = f"{point.at.astimezone(IST):%H:%M}"
        return points.setdefault(minute, point) is point

    async def points(self, user_id: str, day: date) -> Sequence[ProfitPoint]:
        return [point for _, point in sorted(self._points.get((user_id, day), {}).items())]
