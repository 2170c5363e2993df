"""What the API answers about days. No field has a default, so that generated client types are exact."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.intents import Order
from lambdas.domain.marking import NOTHING, Held, Standing, held_of, oldest, profit_of
from lambdas.domain.marks import ProfitPoint
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.trading_days import DayKind, Session
from lambdas.entrypoints.api_answers import Answer, Rupees
from lambdas.entrypoints.order_answers import OrderAnswer
from lambdas.use_cases.tell_day import ToldDay, ToldProfit

NOT_KNOWN = "null while something open has no price, or a fill has none"


class RunAnswer(Answer):
    """One run: where it stands and why."""

    run_id: str
    strategy_id: str
    strategy_version: int
    name: str
    underlying: str
    status: RunStatus
    reason: str
    entry: str
    exit: str
    realised: Annotated[Rupees | None, Field(description="profit before charges; null while something is open")]
    profit: Annotated[
        Rupees | None, Field(description=f"before charges, with what is open at its last prices; {NOT_KNOWN}")
    ]
    paper: Annotated[bool, Field(description="whether all its orders traded on paper; false where it has none")]

    @classmethod
    def of(cls, run: Run, held: Sequence[Held], account_ids: set[str], told: ToldDay) -> Self:
        """A run with what its positions have made; `account_ids` are those of its orders."""
        profit = profit_of(held)
        return cls(
            run_id=run.run_id,
            strategy_id=run.strategy_id,
            strategy_version=run.strategy_version,
            name=run.name,
            underlying=run.underlying,
            status=run.status,
            reason=run.reason,
            entry=run.entry,
            exit=run.exit,
            realised=None if any(one.position.net for one in held) else profit,
            profit=profit,
            paper=bool(account_ids) and account_ids <= told.profit.paper_accounts,
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
    paid: Annotated[Rupees | None, Field(description="null when a fill came without its price")]
    received: Annotated[Rupees | None, Field(description="null when a fill came without its price")]
    average: Annotated[
        Rupees | None,
        Field(description="price a unit: of the buys when long, of the sells when short; null when flat or not known"),
    ]
    last: Annotated[Rupees | None, Field(description="the last price that was read; null when flat or not known")]
    marked_at: Annotated[datetime.datetime | None, Field(description="when `last` was read; null without it")]
    profit: Annotated[Rupees | None, Field(description=f"before charges, at `last` where it is open; {NOT_KNOWN}")]

    @classmethod
    def of(cls, held: Held) -> Self:
        """A position folded from fills, with its mark."""
        position, mark = held.position, held.mark
        return cls(
            run_id=position.run_id,
            leg=position.leg,
            account_id=position.account_id,
            symbol=position.symbol,
            contract=str(position.contract),
            net=position.net,
            bought=position.bought,
            sold=position.sold,
            paid=position.paid if held.priced else None,
            received=position.received if held.priced else None,
            average=held.average,
            last=mark and mark.last,
            marked_at=mark and mark.at,
            profit=held.profit,
        )


class SessionAnswer(Answer):
    """One trading session of a day: from `opens` until just before `closes`."""

    name: str
    opens: datetime.datetime
    closes: datetime.datetime

    @classmethod
    def of(cls, session: Session) -> Self:
        """A session of the calendar."""
        return cls(name=session.name, opens=session.opens, closes=session.closes)


class StandingAnswer(Answer):
    """What a day has made until now, before charges."""

    profit: Annotated[Rupees | None, Field(description=f"with what is open at its last prices; {NOT_KNOWN}")]
    realised: Annotated[
        Rupees | None, Field(description="of what was closed, also in part; null when a fill came without its price")
    ]

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """One side of a day."""
        return cls(profit=standing.profit, realised=standing.realised)


class DayAnswer(Answer):
    """A user's trading day: the ledger is read in one query, and profit is reckoned from it."""

    date: datetime.date
    as_of: datetime.datetime
    kind: DayKind
    session: Annotated[str, Field(description="what the calendar says of the date, in words")]
    sessions: Annotated[list[SessionAnswer], Field(description="when it may be traded; empty when it may not")]
    marked_at: Annotated[
        datetime.datetime | None,
        Field(description="when the oldest of the last prices was read that count; null when none does"),
    ]
    money: Annotated[StandingAnswer, Field(description="in accounts that trade money")]
    paper: Annotated[
        StandingAnswer | None, Field(description="in paper accounts; null when they had no order on this day")
    ]
    runs: list[RunAnswer]
    orders: list[OrderAnswer]
    positions: list[PositionAnswer]

    @classmethod
    def of(cls, told: ToldDay) -> Self:
        """Everything of a day."""
        found, profit = told.found, told.profit
        held = held_of(found.orders, found.marks)
        by_run: dict[str, list[Held]] = {}
        for one in held:
            by_run.setdefault(one.position.run_id, []).append(one)
        accounts = _accounts_by_run(found.orders)
        return cls(
            date=told.trading_day.date,
            as_of=told.as_of,
            kind=told.trading_day.kind,
            session=told.trading_day.reason,
            sessions=[SessionAnswer.of(session) for session in told.trading_day.sessions],
            marked_at=oldest(held),
            money=StandingAnswer.of(profit.money or NOTHING),
            paper=None if profit.paper is None else StandingAnswer.of(profit.paper),
            runs=[
                RunAnswer.of(run, by_run.get(run.run_id, []), accounts.get(run.run_id, set()), told)
                for run in found.runs
            ],
            orders=[OrderAnswer.of(order) for order in found.orders],
            positions=[PositionAnswer.of(one) for one in held],
        )


class ProfitPointAnswer(Answer):
    """The profit of a day at an instant, realised and open, before charges."""

    at: datetime.datetime
    money: Annotated[Rupees | None, Field(description="null where it was not known, or no money was traded")]
    paper: Annotated[Rupees | None, Field(description="null where it was not known, or nothing was traded on paper")]

    @classmethod
    def of(cls, point: ProfitPoint) -> Self:
        """A point of a series."""
        return cls(at=point.at, money=point.money, paper=point.paper)


class DayProfitAnswer(Answer):
    """How the profit of a day went, at most a point a minute, in order of time."""

    date: datetime.date
    as_of: datetime.datetime
    points: list[ProfitPointAnswer]

    @classmethod
    def of(cls, day: datetime.date, told: ToldProfit) -> Self:
        """A series."""
        return cls(date=day, as_of=told.as_of, points=[ProfitPointAnswer.of(point) for point in told.points])


def _accounts_by_run(orders: Sequence[Order]) -> dict[str, set[str]]:
    accounts: dict[str, set[str]] = {}
    for order in orders:
        accounts.setdefault(order.intent.run_id, set()).add(order.intent.account_id)
    return accounts
