"""What the API answers. No field has a default, so that generated client types are exact."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from lambdas.domain.accounts import Account, SessionStatus
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.upcoming import ComingDay
from lambdas.domain.values import rupees_text
from lambdas.entrypoints.problem_words import only_follows, place_of, words_of

Format = Literal["yaml", "json"]
"""What a file of strategies is written in."""

Rupees = Annotated[
    Decimal,
    PlainSerializer(rupees_text, return_type=str),
    Field(description="rupees, as a decimal string: at most two decimals, and more only where they are not zero"),
]


class Answer(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Answer):
    """What was wrong with a request, each line naming its field and what to do."""

    message: str
    problems: list[str]
    force_helps: Annotated[bool, Field(description="whether the same request is done with `force=true`")]


class Unauthorized(Answer):
    """What the gateway answers where no function is asked."""

    message: str


class AccountAnswer(Answer):
    """A linked broker account and the state of its session."""

    account_id: str
    broker: str
    label: str
    client_id: str
    enabled: bool
    egress: str
    algo_id: Annotated[str, Field(description="goes out with its orders; empty when none does")]
    algo_name: Annotated[str, Field(description="goes out with its orders; empty when none does")]
    quotes_from: Annotated[str, Field(description="the account at whose quotes a paper account trades; else empty")]
    session: Annotated[SessionStatus, Field(description="none before the first login")]
    session_expires_at: datetime.datetime | None
    will_not_trade: Annotated[str | None, Field(description="why it cannot trade now; null when it can")]

    @classmethod
    def of(cls, account: Account, now: datetime.datetime) -> Self:
        """The public part of an account at `now`."""
        return cls(
            account_id=account.account_id,
            broker=account.broker,
            label=account.label,
            client_id=account.client_id,
            enabled=account.enabled,
            egress=account.egress,
            algo_id=account.algo_id,
            algo_name=account.algo_name,
            quotes_from=account.quotes_from,
            session=account.session_status(now),
            session_expires_at=account.session_expires_at,
            will_not_trade=account.session_problem(now),
        )


class MeAnswer(Answer):
    """The signed-in user."""

    user_id: str
    environment: str
    halted: Annotated[str | None, Field(description="why no new entry is made; null when entries are allowed")]
    accounts: list[AccountAnswer]


class StrategyAnswer(Answer):
    """A stored strategy."""

    strategy_id: str
    version: int
    definition: StrategyDefinition

    @classmethod
    def of(cls, strategy: Strategy) -> Self:
        """The public part of a strategy."""
        return cls(strategy_id=strategy.strategy_id, version=strategy.version, definition=strategy.definition)


class NextRunAnswer(Answer):
    """The next date on which a strategy is to enter, and its times."""

    date: datetime.date
    entry: datetime.datetime
    exit: datetime.datetime

    @classmethod
    def of(cls, day: ComingDay | None) -> Self | None:
        """A date that runs; None without one."""
        if day is None or day.entry is None or day.exit is None:
            return None
        return cls(date=day.date, entry=day.entry, exit=day.exit)


class StrategyStatusAnswer(StrategyAnswer):
    """A stored strategy, whether it would trade now, and when it runs next."""

    will_not_trade: Annotated[list[str], Field(description="why it would not trade now; empty when it would")]
    next_run: Annotated[
        NextRunAnswer | None,
        Field(description="by its schedule and the calendar; null when not enabled, or none within two months"),
    ]

    @classmethod
    def at(cls, strategy: Strategy, reasons: list[str], next_run: ComingDay | None) -> Self:
        """A strategy with every reason why it would not trade, and the next date of its schedule."""
        stored = dict(StrategyAnswer.of(strategy))
        return cls(**stored, will_not_trade=reasons, next_run=NextRunAnswer.of(next_run))


class BasketAnswer(Answer):
    """A stored basket."""

    basket_id: str
    version: int
    definition: BasketDefinition

    @classmethod
    def of(cls, basket: Basket) -> Self:
        """The public part of a basket."""
        return cls(basket_id=basket.basket_id, version=basket.version, definition=basket.definition)


class BasketCopyAnswer(Answer):
    """A copied basket with the copies of its strategies."""

    basket: BasketAnswer
    strategies: list[StrategyAnswer]


class RemovedAnswer(Answer):
    """What is gone."""

    removed: str


class FileAnswer(Answer):
    """A file as text."""

    format: Format
    filename: str
    content: str


class ImportAnswer(Answer):
    """What an import stored; with `stored` false, what it would store."""

    stored: bool
    baskets: list[BasketAnswer]
    strategies: list[StrategyAnswer]


def problem_lines(errors: list[Any]) -> list[str]:
    """Pydantic's errors as lines `field: what is wrong; what to do`, one a mistake; entries of lists count from 1."""
    lines = [f"{place_of(error)}: {words_of(error)}" for error in errors if not only_follows(error, errors)]
    return list(dict.fromkeys(lines))
