"""Trading days and hours, from the dated calendar files `<year>.json`."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sandbox.clock import IST


@dataclass(frozen=True, slots=True)
class Hours:
    """One day's continuous session, in IST."""

    opens: datetime
    closes: datetime


class TradingCalendar:
    """Answers for the years it has a file for.

    In a year without a file the holidays are not known. The sandbox must still list next year's expiries,
    so it falls back to "Monday to Friday trades" there; the product itself must not.
    """

    def __init__(self, years: dict[int, dict[str, Any]]) -> None:
        self._years = years
        self._holidays = {date.fromisoformat(h["date"]) for y in years.values() for h in y["holidays"]}
        self._special = {
            date.fromisoformat(row["date"]): row
            for year in years.values()
            for row in (*year["special_sessions"], *year.get("changed_hours", ()))
        }

    @classmethod
    def load(cls, folder: Path) -> "TradingCalendar":
        """Read every `<year>.json` of a folder."""
        files = sorted(folder.glob("[0-9][0-9][0-9][0-9].json"))
        return cls({int(path.stem): json.loads(path.read_text(encoding="utf-8")) for path in files})

    def knows(self, day: date) -> bool:
        """True when the holidays of that day's year are on file."""
        return day.year in self._years

    def is_trading_day(self, day: date) -> bool:
        """True when derivatives trade on that day."""
        special = self._special.get(day)
        if special is not None:
            return special["open"] is not None
        return day.weekday() < 5 and day not in self._holidays

    def on_or_before(self, day: date) -> date:
        """The day itself, or the nearest earlier trading day (the exchanges' rule for expiries).

        A special session on a weekend takes no part: expiries sit on ordinary weekdays.
        """
        while day.weekday() >= 5 or day in self._holidays:
            day -= timedelta(days=1)
        return day

    def hours(self, day: date) -> Hours | None:
        """The session of a day, or None when it does not trade."""
        if not self.is_trading_day(day):
            return None
        opens, closes = self._times(day)
        return Hours(datetime.combine(day, opens, IST), datetime.combine(day, closes, IST))

    def _times(self, day: date) -> tuple[time, time]:
        if special := self._special.get(day):
            return time.fromisoformat(special["open"]), time.fromisoformat(special["close"])
        rules = self._years[max(self._years)]["hours"] if not self.knows(day) else self._years[day.year]["hours"]
        rule = [r for r in rules if date.fromisoformat(r["from"]) <= day][-1]
        return time.fromisoformat(rule["open"]), time.fromisoformat(rule["close"])
