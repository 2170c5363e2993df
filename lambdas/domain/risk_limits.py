"""What a user allows at most: for an order, for a run and for a day, in all accounts and in single ones."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lambdas.domain.values import WHOLE, Identifier, Percent, Rupees, Value

DEFAULT_PRICE_SANITY = Decimal(20)
"""Percent, where neither the user nor the account says another."""
MOST_ACCOUNTS = 100
Count = Annotated[int, Field(ge=1, le=1_000_000), WHOLE]


class RiskLimits(Value):
    """Limits of one scope; a field without a value is no limit."""

    max_lots_per_order: Annotated[Count | None, Field(description="lots of one order, after slicing")] = None
    max_lots_per_run: Annotated[Count | None, Field(description="lots that one run enters")] = None
    max_lots_per_day: Annotated[Count | None, Field(description="lots entered on a day; exits are not counted")] = None
    max_orders_per_day: Annotated[
        Count | None, Field(description="orders of a day; exits are counted, and never stopped")
    ] = None
    max_loss_per_day: Annotated[
        Rupees | None, Field(description="rupees; once the realised and open loss reaches it, nothing is entered")
    ] = None
    price_sanity_percent: Annotated[
        Percent | None,
        Field(description="how far bid or ask may be from the last price for an entry; 20 where nothing else is said"),
    ] = None


class LimitsOf(Value):
    """Limits of all accounts of a user together, and of single accounts; both hold, so the stricter one counts.

    Accounts with money and paper accounts are counted apart: the limits of the user hold for each of the two.
    """

    user: RiskLimits = RiskLimits()
    accounts: Annotated[
        Mapping[Identifier, RiskLimits],
        Field(
            max_length=MOST_ACCOUNTS,
            description="by account id",
            json_schema_extra={"additionalProperties": False},
        ),
    ] = Field(default_factory=dict)

    def price_sanity_percent(self, account_id: str) -> Decimal:
        """How far (percent) bid or ask may be from the last price when this account enters."""
        told = [limits.price_sanity_percent for limits in self._of([account_id])]
        return min((percent for percent in told if percent is not None), default=DEFAULT_PRICE_SANITY)

    def count_a_day(self, account_ids: Collection[str]) -> bool:
        """Whether entering in these accounts depends on what the day has seen already."""
        return any(
            limit is not None
            for limits in self._of(account_ids)
            for limit in (limits.max_lots_per_day, limits.max_orders_per_day, limits.max_loss_per_day)
        )

    @property
    def of_counts(self) -> "LimitsOf":
        """Those of lots and orders, which the ledger alone decides."""
        no_loss = {"max_loss_per_day": None}
        return LimitsOf(
            user=self.user.model_copy(update=no_loss),
            accounts={one: limits.model_copy(update=no_loss) for one, limits in self.accounts.items()},
        )

    def _of(self, account_ids: Collection[str]) -> list[RiskLimits]:
        return [self.user, *(self.accounts[one] for one in account_ids if one in self.accounts)]


class Limits(Value):
    """What a user's limits are, as they are stored; version 0 is that of a user who never set any."""

    user_id: str
    version: Annotated[int, Field(ge=0), WHOLE]
    definition: LimitsOf
