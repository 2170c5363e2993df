"""What a date is to those who trade it: its sessions, its kind, and the phases around them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lambdas.domain.moments import IST, WEEKDAYS

SPECIAL = "SPECIAL"
"""The due day of a special session, whatever its weekday."""
PRE_MARKET_OPENS = time(9)
POST_MARKET_CLOSES = time(18)
EVENING = time(16)
"""A session that opens at this time or later is an evening session: Muhurat trading after the ordinary day."""
EVENING_SET_UP = timedelta(minutes=15)
EVENING_ANALYSIS = timedelta(hours=1)


@dataclass(frozen=True)
class Session:
    """One continuous trading session, half-open: [opens, closes)."""

    name: str
    opens: datetime
    closes: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.opens <= instant < self.closes


class DayKind(StrEnum):
    """What a date is to those who trade it."""

    REGULAR = "REGULAR"
    SPECIAL = "SPECIAL"
    CLOSED = "CLOSED"


class MarketPhase(StrEnum):
    """What the platform does at an instant: set-up, trading, analysis, nothing."""

    PRE_MARKET = "PRE_MARKET"
    REGULAR = "REGULAR"
    POST_MARKET = "POST_MARKET"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class TradingDay:
    """What the calendar says of one date: its kind, its sessions, and the reason, also when there are none."""

    date: date
    kind: DayKind
    sessions: tuple[Session, ...]
    reason: str

    @property
    def due_day(self) -> str | None:
        """The day word under which work is due: MON … FRI in a regular session, SPECIAL in a special one,
        None on a day that is closed. No weekend has a word of its own."""
        if self.kind is DayKind.CLOSED:
            return None
        return SPECIAL if self.kind is DayKind.SPECIAL else WEEKDAYS[self.date.weekday()]

    def session_at(self, instant: datetime) -> Session | None:
        """The session that holds the instant."""
        return next((session for session in self.sessions if instant in session), None)

    def phase_at(self, instant: datetime) -> MarketPhase:
        """The phase of the platform at an instant of this date."""
        if not self.sessions:
            return MarketPhase.CLOSED
        if self.session_at(instant) is not None:
            return MarketPhase.REGULAR
        opens = min(session.opens for session in self.sessions)
        closes = max(session.closes for session in self.sessions)
        if _set_up_begins(opens) <= instant < opens:
            return MarketPhase.PRE_MARKET
        if closes <= instant < _analysis_ends(opens, closes):
            return MarketPhase.POST_MARKET
        return MarketPhase.CLOSED


def _set_up_begins(opens: datetime) -> datetime:
    if opens.time() >= EVENING:
        return opens - EVENING_SET_UP
    return datetime.combine(opens.date(), PRE_MARKET_OPENS, IST)


def _analysis_ends(opens: datetime, closes: datetime) -> datetime:
    if opens.time() >= EVENING:
        return closes + EVENING_ANALYSIS
    return datetime.combine(opens.date(), POST_MARKET_CLOSES, IST)
