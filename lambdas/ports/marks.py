"""What open contracts were last worth, and the profit that a day had minute by minute."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from lambdas.domain.marks import Marks, ProfitPoint


class MarkStore(Protocol):
    """The last marks of each user's day, which `RunStore.day` brings along, and the series of its profit."""

    async def save_marks(self, user_id: str, day: date, marks: Marks, *, at: datetime) -> bool:
        """Put these in place of all marks of the day; False, and nothing is written, when marks of that instant or a
        later one are stored."""
        ...

    async def add_point(self, user_id: str, day: date, point: ProfitPoint) -> bool:
        """Add a point to the day's series; False, and nothing is written, when its minute has one already."""
        ...

    async def points(self, user_id: str, day: date) -> Sequence[ProfitPoint]:
        """The series of a day, in order of time."""
        ...
