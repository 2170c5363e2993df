"""What a range of days brought: by day, strategy, leg and account, with money and on paper apart."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

from lambdas.domain.day_use import use_of
from lambdas.domain.intents import IntentStatus, Order
from lambdas.domain.paper import number_of
from lambdas.domain.runs import NEVER_ASKED, Run, RunStatus
from lambdas.domain.send_times import SendTimes, send_times
from lambdas.domain.slippage import slippage_of

MOST_DAYS = 92
"""A quarter; each day is a read of its own."""
NOT_SENT = NEVER_ASKED | {IntentStatus.PLANNED}
Key = TypeVar("Key")


@dataclass(frozen=True)
class DayLedger:
    """All runs and orders of a user on a date."""

    date: date
    runs: Sequence[Run]
    orders: Sequence[Order]


@dataclass(frozen=True)
class Tally:
    """Orders sent, those of them wholly filled and refused, and the profit realised (rupees, before charges).

    The profit is None where a fill came without its price; `unpriced` orders are to blame. The slippage (rupees) is
    that of the `priced` orders, of which both the fills and the quote before them are known; None where none are.
    """

    orders: int = 0
    filled: int = 0
    refused: int = 0
    unpriced: int = 0
    realised: Decimal | None = Decimal(0)
    priced: int = 0
    slippage: Decimal | None = None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.orders + other.orders,
            self.filled + other.filled,
            self.refused + other.refused,
            self.unpriced + other.unpriced,
            _plus(self.realised, other.realised),
            self.priced + other.priced,
            _sum_of_known([self.slippage, other.slippage]),
        )


@dataclass(frozen=True)
class Part:
    """What one leg of one run made in one account."""

    date: date
    run_id: str
    strategy_id: str
    leg: int
    account_id: str
    tally: Tally


@dataclass(frozen=True)
class DayResult:
    """A day with orders. `equity` is the profit from the first day on up to its end; None once one is not known."""

    date: date
    runs: Mapping[RunStatus, int]
    tally: Tally
    equity: Decimal | None


@dataclass(frozen=True)
class StrategyResult:
    """What a strategy made, under the name that it had last, in so many runs."""

    strategy_id: str
    name: str
    runs: int
    tally: Tally


@dataclass(frozen=True)
class LegResult:
    """What a leg of a strategy made, by its number."""

    strategy_id: str
    name: str
    leg: int
    tally: Tally


@dataclass(frozen=True)
class AccountResult:
    """What was made in an account."""

    account_id: str
    tally: Tally


@dataclass(frozen=True)
class Summary:
    """All days together. `drawdown` is the deepest fall of the equity below what it was before, the begin included;
    None where the equity is not known to the end."""

    runs: Mapping[RunStatus, int]
    tally: Tally
    days_with_profit: int
    days_with_loss: int
    drawdown: Decimal | None


@dataclass(frozen=True)
class Book:
    """The days with orders, what they amount to, and how exactly their orders were sent."""

    days: tuple[DayResult, ...]
    strategies: tuple[StrategyResult, ...]
    legs: tuple[LegResult, ...]
    accounts: tuple[AccountResult, ...]
    total: Summary
    timing: SendTimes


@dataclass(frozen=True)
class DayRuns:
    """Runs of a date by the status in which they ended."""

    date: date
    runs: Mapping[RunStatus, int]


@dataclass(frozen=True)
class Report:
    """A run is in the books of its orders; of one without any nothing says with what it would have traded."""

    money: Book
    paper: Book
    without_orders: tuple[DayRuns, ...]


def problems_of_range(first: date, last: date, today: date) -> list[str]:
    """What is wrong with a range of dates, both included, each line naming its field; nothing when it can be told."""
    problems = [f"to: is in the future; choose {today} or an earlier date"] if last > today else []
    if first > last:
        problems.append("from: is after to; choose an earlier date")
    elif (last - first).days >= MOST_DAYS:
        earliest = last - timedelta(days=MOST_DAYS - 1)
        problems.append(f"from: makes more than {MOST_DAYS} days; choose {earliest} or a later date")
    return problems


def report_of(ledgers: Iterable[DayLedger], paper: Collection[str]) -> Report:
    """The report of these days, each of which comes once; `paper` are the paper accounts that are linked now."""
    ordered = sorted(ledgers, key=lambda ledger: ledger.date)
    idle = [(ledger.date, _without_orders(ledger)) for ledger in ordered]
    return Report(
        money=_book([_traded(ledger, paper, on_paper=False) for ledger in ordered]),
        paper=_book([_traded(ledger, paper, on_paper=True) for ledger in ordered]),
        without_orders=tuple(DayRuns(day, _by_status(runs)) for day, runs in idle if runs),
    )


def tally_of(orders: Sequence[Order]) -> Tally:
    """What these orders amount to."""
    sent = [order.state for order in orders if order.state.status not in NOT_SENT]
    slippages = [slippage for order in orders if (slippage := slippage_of(order)) is not None]
    return Tally(
        orders=len(sent),
        filled=sum(state.status is IntentStatus.FILLED for state in sent),
        refused=sum(state.status is IntentStatus.REFUSED for state in sent),
        unpriced=sum(state.filled_quantity > 0 and state.average_price is None for state in sent),
        realised=use_of(orders).realised,
        priced=len(slippages),
        slippage=_sum_of_known(slippages),
    )


def _traded(ledger: DayLedger, paper: Collection[str], *, on_paper: bool) -> DayLedger:
    """The part of a day that was traded on paper, or the one that was traded with money."""
    by_account = _grouped(ledger.orders, lambda order: order.intent.account_id)
    wanted = {one for one, orders in by_account.items() if _is_paper(ledger.date, one, orders, paper) is on_paper}
    orders = [order for order in ledger.orders if order.intent.account_id in wanted]
    touched = {order.intent.run_id for order in orders}
    return DayLedger(ledger.date, [run for run in ledger.runs if run.run_id in touched], orders)


def _is_paper(day: date, account_id: str, orders: Iterable[Order], paper: Collection[str]) -> bool:
    """By the numbers that the orders got: since then the account may be gone, or another one under its id."""
    numbered = [order for order in orders if order.state.broker_order_id]
    if not numbered:
        return account_id in paper
    return any(order.state.broker_order_id == number_of(day, order.intent.tag) for order in numbered)


def _without_orders(ledger: DayLedger) -> list[Run]:
    touched = {order.intent.run_id for order in ledger.orders}
    return [run for run in ledger.runs if run.run_id not in touched]


def _book(ledgers: Sequence[DayLedger]) -> Book:
    traded = [ledger for ledger in ledgers if ledger.orders]
    parts = [part for ledger in traded for part in _parts(ledger)]
    days = _days(traded, parts)
    names = {_strategy_of(run.run_id, run.date): run.name for ledger in traded for run in ledger.runs}
    offsets = (order.offset_ms for ledger in traded for order in ledger.orders)
    return Book(
        days=days,
        strategies=_strategies(parts, names),
        legs=_legs(parts, names),
        accounts=_accounts(parts),
        total=_summary(days),
        timing=send_times(offset for offset in offsets if offset is not None),
    )


def _parts(ledger: DayLedger) -> list[Part]:
    """A day taken apart so far that no position is divided: every sum over parts is exact."""
    groups = _grouped(ledger.orders, lambda order: (order.intent.run_id, order.intent.leg, order.intent.account_id))
    return [
        Part(ledger.date, run_id, _strategy_of(run_id, ledger.date), leg, account_id, tally_of(orders))
        for (run_id, leg, account_id), orders in groups.items()
    ]


def _strategy_of(run_id: str, day: date) -> str:
    """The reverse of `Strategy.run_id`."""
    return run_id.removesuffix(f"-{day:%Y%m%d}")


def _days(ledgers: Sequence[DayLedger], parts: Iterable[Part]) -> tuple[DayResult, ...]:
    tallies = _sums(parts, lambda part: part.date)
    equity = accumulate((tallies[ledger.date].realised for ledger in ledgers), _plus)
    return tuple(
        DayResult(ledger.date, _by_status(ledger.runs), tallies[ledger.date], so_far)
        for ledger, so_far in zip(ledgers, equity, strict=True)
    )


def _strategies(parts: Sequence[Part], names: Mapping[str, str]) -> tuple[StrategyResult, ...]:
    runs = Counter(strategy_id for strategy_id, _ in {(part.strategy_id, part.run_id) for part in parts})
    found = _sums(parts, lambda part: part.strategy_id).items()
    rows = [StrategyResult(one, names.get(one, one), runs[one], tally) for one, tally in found]
    return tuple(sorted(rows, key=lambda row: (row.name, row.strategy_id)))


def _legs(parts: Iterable[Part], names: Mapping[str, str]) -> tuple[LegResult, ...]:
    found = _sums(parts, lambda part: (part.strategy_id, part.leg)).items()
    rows = [LegResult(one, names.get(one, one), leg, tally) for (one, leg), tally in found]
    return tuple(sorted(rows, key=lambda row: (row.name, row.strategy_id, row.leg)))


def _accounts(parts: Iterable[Part]) -> tuple[AccountResult, ...]:
    found = _sums(parts, lambda part: part.account_id)
    return tuple(AccountResult(account_id, found[account_id]) for account_id in sorted(found))


def _summary(days: Sequence[DayResult]) -> Summary:
    runs: Counter[RunStatus] = Counter()
    for day in days:
        runs.update(day.runs)
    profits = [day.tally.realised or 0 for day in days]
    return Summary(
        runs=dict(runs),
        tally=sum((day.tally for day in days), Tally()),
        days_with_profit=sum(profit > 0 for profit in profits),
        days_with_loss=sum(profit < 0 for profit in profits),
        drawdown=_drawdown([day.equity for day in days]),
    )


def _drawdown(equity: Iterable[Decimal | None]) -> Decimal | None:
    highest = deepest = Decimal(0)
    for value in equity:
        if value is None:
            return None
        highest = max(highest, value)
        deepest = max(deepest, highest - value)
    return deepest


def _by_status(runs: Iterable[Run]) -> Mapping[RunStatus, int]:
    return dict(Counter(run.status for run in runs))


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _sum_of_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _sums(parts: Iterable[Part], key: Callable[[Part], Key]) -> dict[Key, Tally]:
    sums: dict[Key, Tally] = {}
    for part in parts:
        sums[key(part)] = sums.get(key(part), Tally()) + part.tally
    return sums


def _grouped(orders: Iterable[Order], key: Callable[[Order], Key]) -> dict[Key, list[Order]]:
    groups: dict[Key, list[Order]] = {}
    for order in orders:
        groups.setdefault(key(order), []).append(order)
    return groups
