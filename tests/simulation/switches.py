"""What was switched off, and when: by halts, on strategies, accounts and baskets, and in the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdas.domain.control import PLATFORM
from lambdas.domain.intents import Intent
from lambdas.domain.moments import Tick
from lambdas.domain.trading_calendar import TradingCalendar
from tests.simulation.process import instant_of, microseconds_of

FOR_GOOD = 10**15
Of = tuple[str, ...]
"""What is switched off: a kind and the ids that name one."""


@dataclass
class Stop:
    """Something was switched off from `since` until `until` (virtual microseconds)."""

    of: Of
    since: int
    until: int = FOR_GOOD

    def throughout(self, since: int, until: int) -> bool:
        """Whether it was off for all of this time."""
        return self.since <= since and until < self.until

    def __str__(self) -> str:
        return f"{' '.join(self.of)} was off since {instant_of(self.since):%H:%M:%S.%f}"


@dataclass
class Switchboard:
    """Every change of what may be traded, in the order of time. It knows the truth; the engine has to ask."""

    first_calendar: TradingCalendar
    stops: list[Stop] = field(default_factory=list)
    calendars: list[tuple[int, TradingCalendar]] = field(default_factory=list)

    def stop(self, of: Of, at: int) -> None:
        """Switch something off."""
        self.stops.append(Stop(of, at))

    def allow(self, of: Of, at: int) -> None:
        """Switch it on again, however often it was switched off."""
        for stop in self.stops:
            if stop.of == of and stop.until == FOR_GOOD:
                stop.until = at

    def halted(self, intent: Intent, since: int, until: int) -> str | None:
        """Which halt kept an intent from being entered for all of that time."""
        user, account, strategy = intent.user_id, intent.account_id, strategy_of(intent.run_id)
        return self._of({("halt", scope) for scope in scopes_of(user, account, strategy)}, since, until)

    def switched_off(self, intent: Intent, since: int, until: int) -> str | None:
        """What else that an intent needs was off for all of that time."""
        user = intent.user_id
        strategy = strategy_of(intent.run_id)
        needed: set[Of] = {
            ("account", user, intent.account_id),
            ("strategy", user, strategy),
            ("basket of", user, strategy),
        }
        return self._of(needed, since, until)

    def touched(self, user_id: str, strategy_id: str, since: int, until: int) -> bool:
        """Whether a strategy or its basket was off, or its schedule not that of the morning, at some of that time."""
        mine = {(kind, user_id, strategy_id) for kind in ("strategy", "basket of", "schedule")}
        return any(stop.of in mine and stop.since <= until and since <= stop.until for stop in self.stops)

    def calendars_between(self, since: int, until: int) -> Iterator[TradingCalendar]:
        """Those that held at some instant of that time."""
        known = [(0, self.first_calendar), *self.calendars]
        for (at, calendar), (following, _) in zip(known, [*known[1:], (FOR_GOOD, None)], strict=True):
            if at <= until and following > since:
                yield calendar

    def in_session(self, tick: Tick) -> bool:
        """Whether the minute was one of a session when it came; what an operator closed before is not due any more."""
        at = microseconds_of(tick.instant)
        (calendar,) = self.calendars_between(at, at)
        return calendar.day(tick.date).session_at(tick.instant) is not None

    def _of(self, needed: set[Of], since: int, until: int) -> str | None:
        found = (str(stop) for stop in self.stops if stop.of in needed and stop.throughout(since, until))
        return next(found, None)


def scopes_of(user_id: str, account_id: str, strategy_id: str) -> tuple[str, str, str, str]:
    """The scopes whose halts stop an entry."""
    return PLATFORM, f"USER#{user_id}", f"ACCOUNT#{user_id}#{account_id}", f"STRATEGY#{user_id}#{strategy_id}"


def strategy_of(run_id: str) -> str:
    """The strategy whose run this is."""
    return run_id.rpartition("-")[0]
