"""Which minutes a timing run uses, and the strategies that give each of them orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self

from lambdas.domain.moments import IST, MINUTE, WEEKDAYS, Tick, next_tick
from local import seed

MIN_TICKS, MAX_TICKS = 2, 100
SETUP = timedelta(minutes=6)
"""More than bringing everything up takes, and the last exit after the last minute."""
DAY_CUTS = (time(0, 0), time(6, 0))
"""IST: a run's date ends at midnight, like Angel One's sessions; Zerodha's sessions end at 06:00."""
LEGS = 4


@dataclass(frozen=True)
class Plan:
    """Consecutive minutes that all have orders: strategy i enters at minute i and leaves at minute i + 1."""

    minutes: tuple[Tick, ...]

    @classmethod
    def beginning(cls, first: Tick, ticks: int) -> Self:
        """`ticks` minutes from `first` on."""
        return cls(tuple(Tick(first.instant + n * MINUTE) for n in range(ticks)))

    @property
    def orders(self) -> int:
        """How many orders it makes: each strategy enters and leaves once."""
        return 2 * LEGS * (len(self.minutes) - 1)

    @property
    def instants(self) -> tuple[datetime, ...]:
        """Second 0 of each minute."""
        return tuple(tick.instant for tick in self.minutes)

    def strategies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Id and definition of every strategy: iron condors with the calls at Zerodha, the puts at Angel One."""
        for count, (entry, leave) in enumerate(zip(self.minutes, self.minutes[1:], strict=False), 1):
            yield f"bench-{count:03}", iron_condor(entry, leave)


def iron_condor(entry: Tick, leave: Tick) -> dict[str, Any]:
    """Four legs of one lot each, legs 1 and 2 in one account, 3 and 4 in the other."""

    def leg(right: str, side: str, steps: int, account_id: str) -> dict[str, Any]:
        own = [{"account_id": account_id, "lots": 1}]
        strike = {"by": "moneyness", "moneyness": "OTM", "steps": steps}
        return {"right": right, "side": side, "strike": strike, "lots": 1, "allocation": own}

    return {
        "name": f"Iron condor of {entry.hhmm}",
        "underlying": "NIFTY",
        "schedule": {
            "weekdays": list(WEEKDAYS[:5]),
            "special_sessions": True,
            "entry": entry.hhmm,
            "exit": leave.hhmm,
        },
        "allocation": [{"account_id": seed.ZERODHA}, {"account_id": seed.ANGEL_ONE}],
        "legs": [
            leg("CE", "SELL", 4, seed.ZERODHA),
            leg("CE", "BUY", 8, seed.ZERODHA),
            leg("PE", "SELL", 4, seed.ANGEL_ONE),
            leg("PE", "BUY", 8, seed.ANGEL_ONE),
        ],
    }


def first_minute(now: datetime, lead: timedelta, ticks: int) -> Tick:
    """The first minute that leaves time to store all strategies before its lead begins."""
    return next_tick(now + lead + timedelta(seconds=20 + ticks / 2))


def start_after(now: datetime, ticks: int) -> datetime | None:
    """When to begin instead of `now`, so that no cut of the day falls into the run; None to begin at once."""
    local = now.astimezone(IST)
    ends = local + SETUP + ticks * MINUTE
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    cuts = [midnight + timedelta(days=day, hours=cut.hour, minutes=cut.minute) for day in (0, 1) for cut in DAY_CUTS]
    inside = [cut for cut in cuts if local < cut <= ends]
    return max(inside) + timedelta(seconds=5) if inside else None
