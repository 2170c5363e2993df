"""What the API answers. No field has a default, so that generated client types are exact."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from lambdas.domain.accounts import Account, SessionStatus
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.intents import Order
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import Position, Run, positions_of, realised_profit
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.entrypoints.problem_words import only_follows, place_of, words_of
from lambdas.ports.store import DayOfUser

Rupees = Annotated[Decimal, PlainSerializer(str, return_type=str), Field(description="rupees, as a decimal string")]


class Answer(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Answer):
    """What was wrong with a request, each line naming its field and what to do."""

    message: str
    problems: list[str]


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


class StrategyStatusAnswer(StrategyAnswer):
    """A stored strategy, and whether it would trade now."""

    will_not_trade: Annotated[list[str], Field(description="why it would not trade now; empty when it would")]

    @classmethod
    def at(cls, strategy: Strategy, reasons: list[str]) -> Self:
        """A strategy with every reason why it would not trade."""
        return cls(**dict(StrategyAnswer.of(strategy)), will_not_trade=reasons)


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

    format: str
    filename: str
    content: str


class ImportAnswer(Answer):
    """What an import stored; with `stored` false, what it would store."""

    stored: bool
    baskets: list[BasketAnswer]
    strategies: list[StrategyAnswer]


class RunAnswer(Answer):
    """One run: where it stands and why."""

    run_id: str
    strategy_id: str
    strategy_version: int
    name: str
    underlying: str
    status: str
    reason: str
    entry: str
    exit: str
    realised: Annotated[Rupees | None, Field(description="profit before charges; null while something is open")]

    @classmethod
    def of(cls, run: Run, orders: list[Order]) -> Self:
        """A run with the profit that its orders made."""
        return cls(
            run_id=run.run_id,
            strategy_id=run.strategy_id,
            strategy_version=run.strategy_version,
            name=run.name,
            underlying=run.underlying,
            status=str(run.status),
            reason=run.reason,
            entry=run.entry,
            exit=run.exit,
            realised=realised_profit(orders),
        )


class OrderAnswer(Answer):
    """One order with its instants; `offset_ms` is from the intended second 0 to the first byte sent."""

    intent_id: str
    tag: str
    run_id: str
    leg: int
    account_id: str
    phase: str
    symbol: str
    contract: str
    side: str
    lots: int
    quantity: int
    status: str
    reason: str
    refusal: Annotated[Refusal | None, Field(description="why the broker or the exchange said no; null otherwise")]
    advice: Annotated[str | None, Field(description="what to do about the refusal; null when there is none")]
    limit_price: Rupees | None
    average_price: Rupees | None
    filled_quantity: int
    broker_order_id: str | None
    intended_at: datetime.datetime
    sent_at: datetime.datetime | None
    acknowledged_at: datetime.datetime | None
    exchange_at: datetime.datetime | None
    offset_ms: float | None

    @classmethod
    def of(cls, order: Order) -> Self:
        """An order as the ledger has it."""
        intent, state = order.intent, order.state
        return cls(
            intent_id=intent.intent_id,
            tag=intent.tag,
            run_id=intent.run_id,
            leg=intent.leg,
            account_id=intent.account_id,
            phase=str(intent.phase),
            symbol=intent.symbol,
            contract=str(intent.contract),
            side=str(intent.side),
            lots=intent.lots,
            quantity=intent.quantity,
            status=str(state.status),
            reason=state.reason,
            refusal=state.refusal,
            advice=None if state.refusal is None else state.refusal.advice,
            limit_price=state.limit_price,
            average_price=state.average_price,
            filled_quantity=state.filled_quantity,
            broker_order_id=state.broker_order_id,
            intended_at=intent.intended_at.instant,
            sent_at=state.sent_at,
            acknowledged_at=state.acknowledged_at,
            exchange_at=state.exchange_at,
            offset_ms=order.offset_ms,
        )


class PositionAnswer(Answer):
    """What one leg holds in one account."""

    run_id: str
    leg: int
    account_id: str
    symbol: str
    contract: str
    net: int
    bought: int
    sold: int
    paid: Rupees
    received: Rupees

    @classmethod
    def of(cls, position: Position) -> Self:
        """A position folded from fills."""
        return cls(
            run_id=position.run_id,
            leg=position.leg,
            account_id=position.account_id,
            symbol=position.symbol,
            contract=str(position.contract),
            net=position.net,
            bought=position.bought,
            sold=position.sold,
            paid=position.paid,
            received=position.received,
        )


class DayAnswer(Answer):
    """A user's trading day, read in one query."""

    date: datetime.date
    as_of: datetime.datetime
    session: str
    runs: list[RunAnswer]
    orders: list[OrderAnswer]
    positions: list[PositionAnswer]

    @classmethod
    def of(cls, day: datetime.date, found: DayOfUser, *, as_of: datetime.datetime, session: str) -> Self:
        """Everything of a day."""
        by_run: dict[str, list[Order]] = {}
        for order in found.orders:
            by_run.setdefault(order.intent.run_id, []).append(order)
        return cls(
            date=day,
            as_of=as_of,
            session=session,
            runs=[RunAnswer.of(run, by_run.get(run.run_id, [])) for run in found.runs],
            orders=[OrderAnswer.of(order) for order in found.orders],
            positions=[PositionAnswer.of(position) for position in positions_of(found.orders)],
        )


def problem_lines(errors: list[Any]) -> list[str]:
    """Pydantic's errors as lines `field: what is wrong; what to do`, one a mistake; entries of lists count from 1."""
    lines = [f"{place_of(error)}: {words_of(error)}" for error in errors if not only_follows(error, errors)]
    return list(dict.fromkeys(lines))
