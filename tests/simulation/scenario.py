"""Who trades what on the simulated day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from lambdas.domain.accounts import Account
from lambdas.domain.calendar_file import RegularHours
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.moments import IST
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar, TradingDay
from tests.simulation.process import START

BROKERS = ("zerodha", "angel_one", "upstox")
OPENS = time(9, 15)
DAY = START.date()
Legs = tuple[tuple[str, str, int], ...]
SHAPES: tuple[Legs, ...] = (
    (("CE", "SELL", 0),),
    (("CE", "BUY", 1),),
    (("CE", "SELL", 0), ("CE", "BUY", 4)),
    (("PE", "SELL", 1), ("PE", "BUY", 3)),
    (("CE", "SELL", 0), ("PE", "SELL", 0), ("CE", "BUY", 4)),
    (("CE", "SELL", 1), ("PE", "SELL", 1), ("CE", "BUY", 4), ("PE", "BUY", 4)),
)
"""Right, side and steps out of the money of each leg: bare shorts, longs, spreads, condors."""


@dataclass(frozen=True)
class Scenario:
    """The users' accounts and strategies, the day's calendar and what the exchange takes in one order."""

    accounts: tuple[Account, ...]
    strategies: tuple[Strategy, ...]
    calendar: TradingCalendar
    closes: datetime
    freeze: int

    @property
    def day(self) -> TradingDay:
        return self.calendar.day(DAY)


def drawn(random: Random, *, holiday: bool) -> Scenario:
    """A small world: up to three users with up to three accounts each, and a session of some minutes."""
    minutes = random.choice((4, 4, 5, 6))
    closes = datetime.combine(DAY, OPENS, IST) + timedelta(minutes=minutes)
    hours = RegularHours(DAY, OPENS, closes.time())
    days = {DAY: DayChange(DAY, ChangeKind.HOLIDAY, "a day of rest")} if holiday else {}
    accounts: list[Account] = []
    strategies: list[Strategy] = []
    for user in range(random.choice((1, 1, 1, 1, 2, 2, 3))):
        mine = [_account(f"user-{user + 1}", number) for number in range(random.choice((1, 1, 1, 2, 2, 3)))]
        accounts += mine
        strategies += [
            _strategy(random, f"user-{user + 1}", f"s-{number + 1}", mine, minutes)
            for number in range(random.choice((1, 1, 2)))
        ]
    calendar = TradingCalendar(SessionRule.EXCHANGE, frozenset({DAY.year}), (hours,), days)
    return Scenario(tuple(accounts), tuple(strategies), calendar, closes, random.choice((1800, 130)))


def _account(user_id: str, number: int) -> Account:
    """Account ids are the same for every user: nothing but the user tells them apart."""
    return Account(
        user_id=user_id,
        account_id=f"account-{number + 1}",
        broker=BROKERS[number],
        label="Mine",
        client_id=f"{user_id}{number}",
        enabled=True,
        egress="default",
        session_expires_at=START + timedelta(hours=18),
    )


def _strategy(random: Random, user_id: str, strategy_id: str, accounts: list[Account], minutes: int) -> Strategy:
    entry = random.randint(0, minutes - 2)
    leave = random.randint(entry + 1, minutes - 1) if random.random() < 0.95 else minutes
    ids = [account.account_id for account in accounts]
    definition: dict[str, Any] = {
        "name": strategy_id,
        "underlying": "NIFTY",
        "schedule": {"weekdays": ["MON"], "entry": _hhmm(entry), "exit": _hhmm(leave)},
        "allocation": [{"account_id": one, "weight": random.randint(1, 2)} for one in ids],
        "policies": {
            "on_refusal": random.choice(("keep", "keep", "square_off", "retry_then_square_off")),
            "on_partial_fill": random.choice(("keep", "keep", "complete", "unwind")),
            "on_broker_failure": random.choice(("keep", "keep", "square_off")),
        },
        "orders": _orders(random),
        "legs": [_leg(random, leg, ids) for leg in random.choice(SHAPES)],
    }
    return Strategy(
        user_id=user_id,
        strategy_id=strategy_id,
        version=1,
        definition=StrategyDefinition.model_validate(definition),
    )


def _orders(random: Random) -> dict[str, Any]:
    """Mostly the default; some rest at a limit, of those some are chased, and some shorts need not wait."""
    if random.random() < 0.7:
        return {}
    step = {"unit": "percent", "value": 1}
    chase = {"every_seconds": random.randint(1, 4), "step": step, "give_up_after_seconds": random.randint(5, 30)}
    return {
        "style": "limit",
        "buffer": random.choice((None, {"unit": "points", "value": 1})),
        "chase": random.choice((None, chase)),
        "hedges_first": random.random() < 0.7,
    }


def _leg(random: Random, leg: tuple[str, str, int], ids: list[str]) -> dict[str, Any]:
    right, side, steps = leg
    own = random.sample(ids, random.randint(1, len(ids))) if random.random() < 0.2 else []
    return {
        "right": right,
        "side": side,
        "lots": random.randint(1, 5),
        "strike": {"by": "moneyness", "moneyness": "OTM", "steps": steps} if steps else None,
        "allocation": [{"account_id": one, "lots": random.randint(1, 3)} for one in own],
    }


def _hhmm(minute: int) -> str:
    return f"09:{OPENS.minute + minute:02d}"
