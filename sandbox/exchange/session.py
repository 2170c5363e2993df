"""When the exchange is open, and at which instant its prices stand."""

from datetime import date, datetime, time, timedelta

from sandbox.clock import IST
from sandbox.exchange.calendar import Hours, TradingCalendar


class Session:
    """The session in force: round the clock, or the exchange's own hours."""

    def __init__(self, calendar: TradingCalendar, *, continuous: bool) -> None:
        self._calendar = calendar
        self.continuous = continuous

    def is_open(self, now: datetime) -> bool:
        """True when orders are accepted."""
        if self.continuous:
            return True
        hours = self._calendar.hours(now.date())
        return hours is not None and hours.opens <= now < hours.closes

    def price_instant(self, now: datetime) -> datetime:
        """Now while open; after the close, the last instant that traded."""
        if self.continuous:
            return now
        hours = self._last_hours(now)
        return min(now, hours.closes)

    def day_open(self, now: datetime) -> datetime:
        """The opening of the session that `now` belongs to (midnight when continuous)."""
        if self.continuous:
            return datetime.combine(now.date(), time(), IST)
        return self._last_hours(now).opens

    def previous_close(self, now: datetime) -> datetime:
        """The last instant of the session before the present one."""
        if self.continuous:
            return self.day_open(now)
        return self._last_hours(self.day_open(now) - timedelta(seconds=1)).closes

    def expires_at(self, expiry: date) -> datetime:
        """The instant at which a contract stops trading (end of the day when continuous)."""
        hours = None if self.continuous else self._calendar.hours(expiry)
        return hours.closes if hours else datetime.combine(expiry, time(23, 59, 59), IST)

    def _last_hours(self, now: datetime) -> Hours:
        day = now.date()
        while True:
            hours = self._calendar.hours(day)
            if hours is not None and hours.opens <= now:
                return hours
            day -= timedelta(days=1)
