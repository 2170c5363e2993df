"""How the API answers about risk limits."""

import datetime
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.day_use import DayUse
from lambdas.domain.risk_limits import LimitsOf
from lambdas.entrypoints.api_answers import Answer, Rupees
from lambdas.use_cases.keep_limits import LimitsToday


class UseAnswer(Answer):
    """What a day has used in some accounts; planned orders are counted, those that were never sent are not."""

    lots: Annotated[int, Field(description="lots entered")]
    orders: int
    realised: Annotated[
        Rupees | None,
        Field(description="profit of what was closed, before charges; null where a fill came without its price"),
    ]

    @classmethod
    def of(cls, use: DayUse) -> Self:
        """What some accounts have used."""
        return cls(lots=use.lots, orders=use.orders, realised=use.realised)


class TodayAnswer(Answer):
    """What today has used: in accounts with money, in paper accounts, and in each account by its id."""

    date: datetime.date
    money: UseAnswer
    paper: UseAnswer
    accounts: dict[str, UseAnswer]


class LimitsAnswer(Answer):
    """The limits that are stored; version 0 when none ever were."""

    version: int
    definition: LimitsOf
    today: TodayAnswer

    @classmethod
    def of(cls, found: LimitsToday) -> Self:
        """A user's limits with what today has used of them."""
        today = TodayAnswer(
            date=found.day,
            money=UseAnswer.of(found.money),
            paper=UseAnswer.of(found.paper),
            accounts={account_id: UseAnswer.of(use) for account_id, use in found.accounts.items()},
        )
        return cls(version=found.limits.version, definition=found.limits.definition, today=today)
