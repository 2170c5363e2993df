"""Strategies as traders define them: one model for the API, the table and the planner.

What a field may hold by itself is said here; what fields say to each other is checked by
`lambdas.domain.contradictions`, and what nothing acts on yet by `lambdas.domain.engine_rules`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from lambdas.domain.allocation import shares_by_weight, whole_lots
from lambdas.domain.contracts import Right, Side
from lambdas.domain.expiry_rules import NEAREST, ExpiryRule
from lambdas.domain.order_rules import OrderRules, Policies
from lambdas.domain.risk_rules import Conditions, OverallRisk, ReEntry, Threshold, Trail, WaitAndTrade
from lambdas.domain.strike_rules import StrikeRule
from lambdas.domain.trading_calendar import SPECIAL
from lambdas.domain.values import HHMM, WHOLE, Identifier, Lots, Multiplier, Name, Switch, Value, Weekday

Underlying = Literal["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"]
MAX_LEGS = 10
MAX_ACCOUNTS = 20


class Share(Value):
    """One account of the default allocation, trading in proportion to its weight."""

    account_id: Identifier
    weight: Annotated[int, Field(ge=1, le=1000), WHOLE] = 1


class AccountLots(Value):
    """One account of a leg's own allocation, trading exactly these lots (times the multipliers)."""

    account_id: Identifier
    lots: Lots


class Leg(Value):
    """One rule for one contract, with its own allocation and its own risk rules.

    An option without a strike rule is at the money; a future has none.
    """

    right: Right
    side: Side
    lots: Lots
    expiry: ExpiryRule = NEAREST
    strike: StrikeRule | None = None
    allocation: Annotated[
        tuple[AccountLots, ...],
        Field(max_length=MAX_ACCOUNTS, description="overrides the strategy's allocation for this leg"),
    ] = ()
    stop: Threshold | None = None
    target: Threshold | None = None
    trail: Trail | None = None
    re_entry_on_stop: ReEntry | None = None
    re_entry_on_target: ReEntry | None = None
    wait_and_trade: WaitAndTrade | None = None


class DayTimes(Value):
    """Times of one weekday that differ from the schedule's own."""

    weekday: Weekday
    entry: HHMM
    exit: HHMM


class Holding(Value):
    """How long a run is held.

    `next_day` leaves on the trading day after it entered; `around_expiry` enters and leaves so many trading
    days before the expiry of its first leg (0 is the day of the expiry).
    """

    kind: Literal["intraday", "next_day", "around_expiry"] = "intraday"
    entry_days_before: Annotated[int | None, Field(ge=0, le=60, description="only with around_expiry"), WHOLE] = None
    exit_days_before: Annotated[int | None, Field(ge=0, le=60, description="only with around_expiry"), WHOLE] = None


INTRADAY = Holding()


class Schedule(Value):
    """When a run enters and leaves, in IST."""

    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=5)] = ()
    special_sessions: Annotated[
        Switch, Field(description="also trade special sessions, like a Sunday's, at these times")
    ] = False
    entry: HHMM
    exit: HHMM
    days: Annotated[tuple[DayTimes, ...], Field(max_length=5, description="other times on single weekdays")] = ()
    holding: Holding = INTRADAY

    @property
    def due_days(self) -> tuple[str, ...]:
        """The weekdays, and `SPECIAL` when special sessions are traded too."""
        return (*self.weekdays, SPECIAL) if self.special_sessions else self.weekdays

    @property
    def leaves_the_same_day(self) -> bool:
        """Whether exits are on the day of their entries."""
        holding = self.holding
        if holding.kind == "around_expiry":
            return holding.entry_days_before is not None and holding.entry_days_before == holding.exit_days_before
        return holding.kind == "intraday"

    def times_on(self, due_day: str) -> tuple[str, str]:
        """Entry and exit (HH:MM) on a weekday or in a special session."""
        for times in self.days:
            if times.weekday == due_day:
                return times.entry, times.exit
        return self.entry, self.exit

    def times_around(self, weekday: str, hhmm: str) -> tuple[str, str]:
        """The entry and exit to which a minute belongs: the weekday's own, or those of a special session on it."""
        own = self.times_on(weekday)
        return own if hhmm in own or hhmm not in (self.entry, self.exit) else (self.entry, self.exit)


class StrategyDefinition(Value):
    """What the trader defines: underlying, legs, schedule, allocation, and the rules around them."""

    name: Name
    underlying: Underlying
    product: Annotated[Literal["MIS", "NRML"], Field(description="intraday margin, or carried over night")] = "MIS"
    mode: Literal["live", "paper"] = "live"
    enabled: Switch = True
    basket_id: Annotated[Identifier | None, Field(description="the basket that switches and scales it")] = None
    multiplier: Multiplier = Decimal(1)
    schedule: Schedule
    allocation: Annotated[tuple[Share, ...], Field(min_length=1, max_length=MAX_ACCOUNTS)]
    legs: Annotated[tuple[Leg, ...], Field(min_length=1, max_length=MAX_LEGS)]
    risk: OverallRisk = OverallRisk()
    conditions: Conditions = Conditions()
    orders: OrderRules = OrderRules()
    policies: Policies = Policies()

    def shares_of(self, leg: Leg, basket_multiplier: Decimal = Decimal(1)) -> dict[str, Fraction]:
        """The exact lots of a leg for each account that its allocation names, all multipliers applied."""
        times = Fraction(self.multiplier) * Fraction(basket_multiplier)
        if leg.allocation:
            return {share.account_id: share.lots * times for share in leg.allocation}
        return shares_by_weight(leg.lots * times, {share.account_id: share.weight for share in self.allocation})

    def lots_by_account(self, leg: Leg, basket_multiplier: Decimal = Decimal(1)) -> Mapping[str, int]:
        """Whole lots of a leg for each account that trades it; accounts without a lot are left out."""
        return {account: lots for account, lots in whole_lots(self.shares_of(leg, basket_multiplier)).items() if lots}

    def account_ids(self) -> frozenset[str]:
        """Every account that a leg of this strategy trades or its default names."""
        own = {share.account_id for leg in self.legs for share in leg.allocation}
        return frozenset(own | {share.account_id for share in self.allocation})


class Strategy(Value):
    """A definition as it is stored: whose it is and which version of it."""

    user_id: str
    strategy_id: Identifier
    version: Annotated[int, Field(ge=1), WHOLE]
    definition: StrategyDefinition

    def run_id(self, day: date) -> str:
        """The one run that this strategy has on a day."""
        return f"{self.strategy_id}-{day:%Y%m%d}"
