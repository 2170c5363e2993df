"""How the API answers about comparisons of accounts with their brokers."""

import datetime
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.compared import Compared, Remembered
from lambdas.domain.comparison import DifferenceKind, Stranger, StrangerKind
from lambdas.domain.earlier import Leftover
from lambdas.entrypoints.api_answers import Answer


class DifferenceAnswer(Answer):
    """One thing that the platform counts and the broker denies."""

    kind: DifferenceKind
    what: str
    advice: str
    since: datetime.datetime
    last_seen: datetime.datetime
    persists: Annotated[bool, Field(description="seen again a minute later, and told; else it may pass by itself")]

    @classmethod
    def of(cls, one: Remembered) -> Self:
        """A difference as it is remembered."""
        return cls(
            kind=one.difference.kind,
            what=one.difference.what,
            advice=one.difference.kind.advice,
            since=one.first_seen,
            last_seen=one.last_seen,
            persists=one.told,
        )


class StrangerAnswer(Answer):
    """An order or a position that no run explains: most often the trader's own. It is never touched."""

    kind: StrangerKind
    symbol: str
    quantity: Annotated[int, Field(description="units, below 0 when sold; of a position what goes beyond the runs")]
    reference: Annotated[str, Field(description="the broker's number of an order, the product of a position")]

    @classmethod
    def of(cls, one: Stranger) -> Self:
        """A stranger as it is remembered."""
        return cls(kind=one.kind, symbol=one.symbol, quantity=one.quantity, reference=one.reference)


class LeftoverAnswer(Answer):
    """What a run of an earlier day left open in the account. It is told once a day and never touched."""

    run_id: str
    date: Annotated[datetime.date, Field(description="the day of the run")]
    symbol: str
    product: str
    quantity: Annotated[int, Field(description="units by the fills that are known, below 0 when short")]
    held: Annotated[int, Field(description="what the broker still has of it; 0 when it has nothing any more")]

    @classmethod
    def of(cls, one: Leftover) -> Self:
        """A leftover as it is remembered."""
        return cls(
            run_id=one.run_id,
            date=one.day,
            symbol=one.symbol,
            product=one.product,
            quantity=one.net,
            held=one.held,
        )


class ComparisonAnswer(Answer):
    """The last comparison of an account with its broker."""

    account_id: str
    compared_at: Annotated[datetime.datetime | None, Field(description="when the broker was last read; null before")]
    unreadable: Annotated[str | None, Field(description="why it could not be read last time; null when it could")]
    differences: list[DifferenceAnswer]
    strangers: Annotated[list[StrangerAnswer], Field(description="the first 100")]
    earlier: Annotated[list[LeftoverAnswer], Field(description="what runs of earlier days left open")]

    @classmethod
    def of(cls, account_id: str, found: Compared | None) -> Self:
        """What is remembered of an account; nothing of one that was never compared."""
        return cls(
            account_id=account_id,
            compared_at=found.at if found else None,
            unreadable=(found.unreadable or None) if found else None,
            differences=[DifferenceAnswer.of(one) for one in found.differences] if found else [],
            strangers=[StrangerAnswer.of(one) for one in found.strangers] if found else [],
            earlier=[LeftoverAnswer.of(one) for one in found.earlier] if found else [],
        )
