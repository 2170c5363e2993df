"""Who trades what on the simulated day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from lambdas.domain.accounts import PAPER, Account
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.calendar_file import RegularHours
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.intents import Intent
from lambdas.domain.moments import IST
from lambdas.domain.risk_limits import LimitsOf
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
LIMITS: Mapping[str, tuple[int, int]] = {
    "max_lots_per_order": (1, 4),
    "max_lots_per_run": (2, 10),
    "max_lots_per_day": (3, 15),
    "max_orders_per_day": (2, 12),
    "max_loss_per_day": (50, 2_000),
    "price_sanity_percent": (1, 50),
}
"""The limits that may be set, each between these."""


@dataclass(frozen=True)
class Scenario:
    """The users' accounts, strategies, baskets and limits, the day's calendar and what the exchange takes in one
    order."""

    accounts: tuple[Account, ...]
    strategies: tuple[Strategy, ...]
    calendar: TradingCalendar
    closes: datetime
    freeze: int
    baskets: tuple[Basket, ...] = ()
    limits: Mapping[str, LimitsOf] = field(default_factory=dict)

    @property
    def day(self) -> TradingDay:
        return self.calendar.day(DAY)

    def on_paper(self, intent: Intent) -> bool:
        """Whether the strategy of an intent trades on paper."""
        return (intent.user_id, intent.run_id.rpartition("-")[0]) in self._paper_strategies

    @cached_property
    def _paper_strategies(self) -> frozenset[tuple[str, str]]:
        on_paper = [strategy for strategy in self.strategies if strategy.definition.mode == "paper"]
        return frozenset((strategy.user_id, strategy.strategy_id) for strategy in on_paper)

    def money_and_paper(self, user_id: str) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of a user's accounts with money, and of those without."""
        mine = [account for account in self.accounts if account.user_id == user_id]
        papers = frozenset(account.account_id for account in mine if account.broker == PAPER)
        return frozenset(account.account_id for account in mine) - papers, papers


def drawn(random: Random, *, holiday: bool) -> Scenario:
    """A small world: up to three users with up to three accounts each, and a session of some minutes."""
    minutes = random.choice((4, 4, 5, 6))
    closes = datetime.combine(DAY, OPENS, IST) + timedelta(minutes=minutes)
    hours = RegularHours(DAY, OPENS, closes.time())
    days = {DAY: DayChange(DAY, ChangeKind.HOLIDAY, "a day of rest")} if holiday else {}
    accounts: list[Account] = []
    strategies: list[Strategy] = []
    baskets: list[Basket] = []
    limits: dict[str, LimitsOf] = {}
    for user_id in [f"user-{user + 1}" for user in range(random.choice((1, 1, 1, 1, 2, 2, 3)))]:
        mine = [_account(user_id, number) for number in range(random.choice((1, 1, 1, 2, 2, 3)))]
        papers = _paper_accounts(random, mine)
        bound = [_basket(random, user_id)] if random.random() < 0.25 else []
        accounts += [*mine, *papers]
        baskets += bound
        if random.random() < 0.2:
            limits[user_id] = _limits(random, mine)
        strategies += [
            _strategy(random, user_id, f"s-{number + 1}", mine, minutes, **_kind(random, papers, bound))
            for number in range(random.choice((1, 1, 2)))
        ]
    calendar = TradingCalendar(SessionRule.EXCHANGE, frozenset({DAY.year}), (hours,), days)
    freeze = random.choice((1800, 130))
    return Scenario(tuple(accounts), tuple(strategies), calendar, closes, freeze, tuple(baskets), limits)


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


def _paper_accounts(random: Random, accounts: Sequence[Account]) -> list[Account]:
    """One on each of the user's accounts, or on all but one, or none."""
    if random.random() < 0.85:
        return []
    papers = [replace(one, account_id=f"paper-{one.account_id[-1]}", broker=PAPER) for one in accounts]
    papers = [
        replace(paper, quotes_from=one.account_id, listed_at=one.broker)
        for paper, one in zip(papers, accounts, strict=True)
    ]
    return papers[1:] if random.random() < 0.1 else papers


def _basket(random: Random, user_id: str) -> Basket:
    definition = BasketDefinition.model_validate({"name": "All", "multiplier": random.choice((1, 1, 2))})
    return Basket(user_id=user_id, basket_id="b-1", version=1, definition=definition)


def _limits(random: Random, accounts: Sequence[Account]) -> LimitsOf:
    """A few limits of all accounts, or of one."""
    drawn = {name: random.randint(*between) for name, between in LIMITS.items() if random.random() < 0.35}
    if random.random() < 0.6:
        return LimitsOf.model_validate({"user": drawn})
    return LimitsOf.model_validate({"accounts": {random.choice(accounts).account_id: drawn}})


def _kind(random: Random, papers: Sequence[Account], baskets: Sequence[Basket]) -> dict[str, Any]:
    """Whether it trades on paper, and in a basket."""
    on_paper = bool(papers) and random.random() < 0.6
    basket_id = baskets[0].basket_id if baskets and random.random() < 0.7 else None
    return {"mode": "paper" if on_paper else "live", "basket_id": basket_id}


def _strategy(
    random: Random, user_id: str, strategy_id: str, accounts: list[Account], minutes: int, **kind: Any
) -> Strategy:
    entry = random.randint(0, minutes - 2)
    leave = random.randint(entry + 1, minutes - 1) if random.random() < 0.95 else minutes
    ids = [account.account_id for account in accounts]
    definition: dict[str, Any] = {
        "name": strategy_id,
        "underlying": "NIFTY",
        **kind,
        "schedule": {"weekdays": ["MON"], "entry": hhmm_of(entry), "exit": hhmm_of(leave)},
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


def hhmm_of(minute: int) -> str:
    """That minute of the session."""
    return f"09:{OPENS.minute + minute:02d}"
