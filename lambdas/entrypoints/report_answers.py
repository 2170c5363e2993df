"""How the API answers about ranges of days."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from lambdas.domain.accounts import Account
from lambdas.domain.reporting import Book, Summary, Tally
from lambdas.domain.runs import RunStatus
from lambdas.domain.send_times import SendTimes
from lambdas.entrypoints.api_answers import Answer, Rupees

if TYPE_CHECKING:
    from lambdas.use_cases.report_days import ReportedDays

Milliseconds = Annotated[float | None, Field(description="milliseconds from second 0; null where no order counts")]


class RunCountAnswer(Answer):
    """How many runs ended in a status, or are in it."""

    status: RunStatus
    runs: int


RunsByStatus = Annotated[list[RunCountAnswer], Field(description="a status without runs is absent")]


class TallyAnswer(Answer):
    """What some orders amount to."""

    orders: Annotated[int, Field(description="that were sent")]
    filled: Annotated[int, Field(description="of the orders sent, those wholly filled")]
    refused: Annotated[int, Field(description="of the orders sent, those that broker or exchange refused")]
    unpriced: Annotated[int, Field(description="orders filled without a price; not 0 where the profit is null")]
    realised: Annotated[
        Rupees | None,
        Field(description="profit of what was closed, before charges; null where a fill came without its price"),
    ]
    priced: Annotated[int, Field(description="orders that count in the slippage")]
    slippage: Annotated[
        Rupees | None,
        Field(
            description="what fills cost against the quotes that their orders were priced from; below 0 they were "
            "better; null where no order counts"
        ),
    ]


class ReportDayAnswer(TallyAnswer):
    """A day with orders."""

    date: datetime.date
    runs: RunsByStatus
    equity: Annotated[
        Rupees | None, Field(description="profit from the first day to the end of this one; null once one is not known")
    ]


class ReportStrategyAnswer(TallyAnswer):
    """A strategy, under the name of its last run."""

    strategy_id: str
    name: str
    runs: int


class ReportLegAnswer(TallyAnswer):
    """A leg of a strategy; its number is that of the definition of the day."""

    strategy_id: str
    name: str
    leg: int


class ReportAccountAnswer(TallyAnswer):
    """An account."""

    account_id: str
    label: Annotated[str | None, Field(description="null when it is not linked any more")]
    broker: Annotated[str | None, Field(description="null when it is not linked any more")]


class ReportTotalAnswer(TallyAnswer):
    """All days together."""

    runs: RunsByStatus
    days_with_profit: int
    days_with_loss: int
    drawdown: Annotated[
        Rupees | None,
        Field(description="the deepest fall of the equity below its highest before; null where it is not known"),
    ]


class BucketAnswer(Answer):
    """Orders sent from `from_ms` on and before `to_ms` after second 0; null is without end."""

    from_ms: int | None
    to_ms: int | None
    orders: int


class SendTimesAnswer(Answer):
    """When orders were sent that were meant for second 0; percentiles by nearest rank."""

    orders: int
    buckets: list[BucketAnswer]
    p50_ms: Milliseconds
    p99_ms: Milliseconds
    max_ms: Milliseconds

    @classmethod
    def of(cls, times: SendTimes) -> Self:
        """The buckets and what describes them."""
        return cls(
            orders=times.orders,
            buckets=[BucketAnswer(from_ms=one.from_ms, to_ms=one.to_ms, orders=one.orders) for one in times.buckets],
            p50_ms=times.p50_ms,
            p99_ms=times.p99_ms,
            max_ms=times.max_ms,
        )


class BookAnswer(Answer):
    """What was traded with money, or on paper."""

    days: list[ReportDayAnswer]
    strategies: list[ReportStrategyAnswer]
    legs: list[ReportLegAnswer]
    accounts: list[ReportAccountAnswer]
    total: ReportTotalAnswer
    timing: SendTimesAnswer

    @classmethod
    def of(cls, book: Book, linked: Mapping[str, Account]) -> Self:
        """A book with its accounts as they are called now."""
        return cls(
            days=[
                ReportDayAnswer(date=day.date, runs=_runs(day.runs), equity=day.equity, **_tally(day.tally))
                for day in book.days
            ],
            strategies=[
                ReportStrategyAnswer(strategy_id=one.strategy_id, name=one.name, runs=one.runs, **_tally(one.tally))
                for one in book.strategies
            ],
            legs=[
                ReportLegAnswer(strategy_id=one.strategy_id, name=one.name, leg=one.leg, **_tally(one.tally))
                for one in book.legs
            ],
            accounts=[_account(one.account_id, one.tally, linked.get(one.account_id)) for one in book.accounts],
            total=_total(book.total),
            timing=SendTimesAnswer.of(book.timing),
        )


class DayRunsAnswer(Answer):
    """Runs of a date."""

    date: datetime.date
    runs: RunsByStatus


class ReportAnswer(Answer):
    """What a range of days brought. Days without runs are absent."""

    first: datetime.date
    last: datetime.date
    as_of: datetime.datetime
    money: BookAnswer
    paper: BookAnswer
    without_orders: Annotated[
        list[DayRunsAnswer],
        Field(description="runs of which no order was planned: nothing says whether they would have traded money"),
    ]

    @classmethod
    def of(cls, first: datetime.date, last: datetime.date, found: "ReportedDays") -> Self:
        """Both books of these days."""
        return cls(
            first=first,
            last=last,
            as_of=found.as_of,
            money=BookAnswer.of(found.report.money, found.accounts),
            paper=BookAnswer.of(found.report.paper, found.accounts),
            without_orders=[DayRunsAnswer(date=one.date, runs=_runs(one.runs)) for one in found.report.without_orders],
        )


def _tally(tally: Tally) -> dict[str, Any]:
    return vars(tally)


def _runs(runs: Mapping[RunStatus, int]) -> list[RunCountAnswer]:
    return [RunCountAnswer(status=status, runs=runs[status]) for status in RunStatus if status in runs]


def _account(account_id: str, tally: Tally, linked: Account | None) -> ReportAccountAnswer:
    label, broker = (linked.label, linked.broker) if linked else (None, None)
    return ReportAccountAnswer(account_id=account_id, label=label, broker=broker, **_tally(tally))


def _total(total: Summary) -> ReportTotalAnswer:
    return ReportTotalAnswer(
        runs=_runs(total.runs),
        days_with_profit=total.days_with_profit,
        days_with_loss=total.days_with_loss,
        drawdown=total.drawdown,
        **_tally(total.tally),
    )
