"""Marks: what the contracts that a user holds were last worth, and the profit of the day as they made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdas.domain.contracts import Contract


@dataclass(frozen=True)
class Mark:
    """The last price of a contract (rupees, above zero), and the instant at which it was read."""

    last: Decimal
    at: datetime


Marks = Mapping[Contract, Mark]


@dataclass(frozen=True)
class ProfitPoint:
    """The profit of a day at an instant, realised and open (rupees, before charges), with money and on paper.

    None where it was not known, or where nothing was traded on that side.
    """

    at: datetime
    money: Decimal | None
    paper: Decimal | None
