"""Strategies as traders define them: one model for the API, the table and the planner."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lambdas.domain.allocation import allocate
from lambdas.domain.contracts import Right, Side

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", description="lower case, digits, dashes")]
HHMM = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:20"])]
Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
Underlying = Literal["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"]
Lots = Annotated[int, Field(ge=1, le=10_000)]
MAX_LEGS = 10


class Value(BaseModel):
    """A frozen value that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(Value):
    """One account of the default allocation, trading in proportion to its weight."""

    account_id: Identifier
    weight: Annotated[int, Field(ge=1, le=1000)] = 1


class AccountLots(Value):
    """One account of a leg's own allocation, trading exactly these lots."""

    account_id: Identifier
    lots: Lots


class Leg(Value):
    """One rule for one contract: so many lots of the option `strike_offset` strikes from the money."""

    right: Right
    side: Side
    lots: Lots
    strike_offset: Annotated[
        int, Field(ge=-100, le=100, description="listed strikes above (+) or below (−) the one at the money")
    ] = 0
    allocation: Annotated[
        tuple[AccountLots, ...], Field(description="overrides the strategy's allocation for this leg")
    ] = ()


class Schedule(Value):
    """When a run enters and leaves, in IST."""

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    entry: HHMM
    exit: HHMM

    @model_validator(mode="after")
    def _exit_follows_entry(self) -> Self:
        if self.exit <= self.entry:
            raise ValueError(f"exit {self.exit} must be later in the day than entry {self.entry}")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError("weekdays must not repeat")
        return self


class StrategyDefinition(Value):
    """What the trader defines: underlying, legs, schedule, allocation."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    underlying: Underlying
    product: Literal["MIS", "NRML"] = "MIS"
    enabled: bool = True
    schedule: Schedule
    allocation: Annotated[tuple[Share, ...], Field(min_length=1)]
    legs: Annotated[tuple[Leg, ...], Field(min_length=1, max_length=MAX_LEGS)]

    @model_validator(mode="after")
    def _allocations_add_up(self) -> Self:
        _no_repeats("allocation", [share.account_id for share in self.allocation])
        for number, leg in enumerate(self.legs, 1):
            if not leg.allocation:
                continue
            _no_repeats(f"legs[{number}].allocation", [share.account_id for share in leg.allocation])
            total = sum(share.lots for share in leg.allocation)
            if total != leg.lots:
                raise ValueError(f"legs[{number}].allocation adds up to {total} lots, but the leg has {leg.lots}")
        return self

    def lots_by_account(self, leg: Leg) -> dict[str, int]:
        """Lots of a leg for each account that trades it; accounts without a lot are left out."""
        if leg.allocation:
            return {share.account_id: share.lots for share in leg.allocation}
        shares = allocate(leg.lots, {share.account_id: share.weight for share in self.allocation})
        return {account: lots for account, lots in shares.items() if lots}

    def account_ids(self) -> frozenset[str]:
        """Every account that a leg of this strategy trades or its default names."""
        own = {share.account_id for leg in self.legs for share in leg.allocation}
        return frozenset(own | {share.account_id for share in self.allocation})


class Strategy(Value):
    """A definition as it is stored: whose it is and which version of it."""

    user_id: str
    strategy_id: Identifier
    version: Annotated[int, Field(ge=1)]
    definition: StrategyDefinition

    def run_id(self, day: date) -> str:
        """The one run that this strategy has on a day."""
        return f"{self.strategy_id}-{day:%Y%m%d}"


def _no_repeats(field: str, accounts: list[str]) -> None:
    repeated = {account for account in accounts if accounts.count(account) > 1}
    if repeated:
        raise ValueError(f"{field} names the account {', '.join(sorted(repeated))} twice")
