"""Reports: whatever way the days are cut, the parts make up the whole; paper is no money."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.day_use import use_of
from lambdas.domain.intents import IntentStatus, Order, Phase, Quoted
from lambdas.domain.moments import Tick
from lambdas.domain.paper import number_of
from lambdas.domain.reporting import Book, DayLedger, Tally, problems_of_range, report_of
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import TICK, a_run, an_order, at

S = IntentStatus
MONDAY = TICK.date
PAPER = {"on-paper"}
TODAY = date(2026, 11, 23)
AROUND_100 = Quoted(Quote(Decimal(100), Decimal("99.90"), Decimal("100.10")), at("09:19:57"))


def tick_of(day: date) -> Tick:
    return Tick.parse(f"{day}T09:20+05:30")


def bought_and_sold(
    paid: str, received: str, *, day: date = MONDAY, strategy: str = "spread", **changes: Any
) -> list[Order]:
    """A long of 130 units that was closed again."""
    of_day: dict[str, Any] = {"run_id": f"{strategy}-{day:%Y%m%d}", "intended_at": tick_of(day), **changes}
    closing = an_order(price=received, phase=Phase.EXIT, side=Side.SELL, **of_day)
    return [an_order(price=paid, **of_day), closing]


def a_ledger(*orders: Order, day: date = MONDAY, status: RunStatus = RunStatus.FLAT) -> DayLedger:
    """A day of these orders, each run of which has an item."""
    names = sorted({order.intent.run_id for order in orders})
    runs = [
        a_run(run_id, strategy_id=run_id[:-9], name=run_id[:-9].title(), date=day, status=status) for run_id in names
    ]
    return DayLedger(day, runs, orders)


class TestDays:
    def test_a_day_tells_runs_orders_and_profit_and_the_equity_runs_on(self) -> None:
        tuesday = MONDAY + timedelta(days=1)
        refused = an_order(S.REFUSED, leg=2)
        book = report_of(
            [
                a_ledger(*bought_and_sold("100", "90.50", day=tuesday), day=tuesday, status=RunStatus.INCOMPLETE),
                a_ledger(*bought_and_sold("100", "110"), refused),
            ],
            PAPER,
        ).money
        assert [day.date for day in book.days] == [MONDAY, tuesday]
        assert [day.tally.realised for day in book.days] == [Decimal(1300), Decimal(-1235)]
        assert [day.equity for day in book.days] == [Decimal(1300), Decimal(65)]
        assert [dict(day.runs) for day in book.days] == [{RunStatus.FLAT: 1}, {RunStatus.INCOMPLETE: 1}]
        assert book.days[0].tally == Tally(orders=3, filled=2, refused=1, realised=Decimal(1300))
        assert (book.total.days_with_profit, book.total.days_with_loss) == (1, 1)
        assert book.total.drawdown == Decimal(1235)

    def test_a_day_without_orders_is_absent_and_its_runs_are_told_apart(self) -> None:
        missed = DayLedger(MONDAY, [a_run(status=RunStatus.MISSED)], [])
        report = report_of([missed, DayLedger(MONDAY - timedelta(days=1), [], [])], PAPER)
        assert (report.money.days, report.paper.days) == ((), ())
        assert [(one.date, dict(one.runs)) for one in report.without_orders] == [(MONDAY, {RunStatus.MISSED: 1})]

    @pytest.mark.parametrize("status", [S.PLANNED, S.MISSED, S.WITHHELD])
    def test_what_was_never_sent_is_no_sent_order(self, status: IntentStatus) -> None:
        (day,) = report_of([a_ledger(an_order(status))], PAPER).money.days
        assert day.tally == Tally()

    def test_a_fill_without_a_price_leaves_the_profit_unknown_from_then_on_and_nothing_else(self) -> None:
        tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
        unknown = an_order(average_price=None, leg=2, run_id=f"spread-{tuesday:%Y%m%d}", intended_at=tick_of(tuesday))
        book = report_of(
            [
                a_ledger(*bought_and_sold("1", "2")),
                a_ledger(*bought_and_sold("1", "3", day=tuesday), unknown, day=tuesday),
                a_ledger(*bought_and_sold("1", "2", day=wednesday), day=wednesday),
            ],
            PAPER,
        ).money
        assert [day.tally.realised for day in book.days] == [130, None, 130]
        assert [day.equity for day in book.days] == [130, None, None]
        assert [leg.tally.realised for leg in book.legs] == [520, None]
        assert (book.total.tally.realised, book.total.tally.unpriced, book.total.drawdown) == (None, 1, None)

    def test_slippage_is_summed_over_what_is_known_and_says_of_how_many_orders(self) -> None:
        tuesday = MONDAY + timedelta(days=1)
        unquoted = bought_and_sold("100", "101", day=tuesday)
        book = report_of(
            [
                a_ledger(*bought_and_sold("100.10", "99.90", quoted=AROUND_100), an_order(leg=2)),
                a_ledger(*unquoted, day=tuesday),
            ],
            PAPER,
        ).money
        assert [(day.tally.priced, day.tally.slippage) for day in book.days] == [(2, Decimal(26)), (0, None)]
        assert [(leg.tally.priced, leg.tally.slippage) for leg in book.legs] == [(2, Decimal(26)), (0, None)]
        assert (book.total.tally.priced, book.total.tally.slippage) == (2, Decimal(26))

    def test_a_strategy_has_the_name_of_its_last_run_and_counts_each_run_once(self) -> None:
        tuesday = MONDAY + timedelta(days=1)
        first = a_ledger(*bought_and_sold("1", "2"), *bought_and_sold("1", "2", leg=2))
        second = a_ledger(*bought_and_sold("1", "2", day=tuesday), day=tuesday)
        renamed = replace(second, runs=[replace(run, name="Evening") for run in second.runs])
        (row,) = report_of([renamed, first], PAPER).money.strategies
        assert (row.strategy_id, row.name, row.runs, row.tally.orders) == ("spread", "Evening", 2, 6)

    def test_orders_whose_run_is_not_there_are_told_by_the_id_of_their_strategy(self) -> None:
        (row,) = report_of([DayLedger(MONDAY, [], bought_and_sold("1", "2"))], PAPER).money.strategies
        assert (row.strategy_id, row.name) == ("spread", "spread")


class TestPaper:
    def test_a_run_in_both_kinds_of_accounts_is_in_both_books_each_with_its_own_orders(self) -> None:
        ledger = a_ledger(*bought_and_sold("1", "2"), *bought_and_sold("1", "11", account_id="on-paper"))
        report = report_of([ledger], PAPER)
        for book, realised in ((report.money, Decimal(130)), (report.paper, Decimal(1300))):
            assert (book.total.tally.realised, sum(book.total.runs.values())) == (realised, 1)

    def test_an_account_that_is_gone_is_told_by_the_numbers_of_its_orders(self) -> None:
        orders = [
            replace(order, state=replace(order.state, broker_order_id=number_of(MONDAY, order.intent.tag)))
            for order in bought_and_sold("1", "2", account_id="gone")
        ]
        report = report_of([a_ledger(*orders)], set())
        assert ([row.account_id for row in report.paper.accounts], report.money.days) == (["gone"], ())

    def test_a_paper_account_under_the_id_of_an_earlier_real_one_does_not_take_its_profit(self) -> None:
        orders = bought_and_sold("1", "2", account_id="on-paper", broker_order_id="250915000012345")
        report = report_of([a_ledger(*orders)], PAPER)
        assert ([row.account_id for row in report.money.accounts], report.paper.days) == (["on-paper"], ())


@st.composite
def some_ledgers(draw: st.DrawFn) -> list[DayLedger]:
    """Up to five days of longs in accounts with money and on paper, some refused, open, or filled without a price."""
    kinds = st.tuples(
        st.sampled_from(["spread", "condor"]),
        st.integers(1, 2),
        st.sampled_from(["zerodha-one", "on-paper", "angel-one"]),
        st.sampled_from(["closed", "open", "refused", "unpriced"]),
        st.integers(1, 40_000),
        st.integers(1, 40_000),
        st.sampled_from([None, AROUND_100]),
    )
    ledgers = []
    for number in range(draw(st.integers(0, 5))):
        day = MONDAY + timedelta(days=number)
        drawn = draw(st.lists(kinds, max_size=6, unique_by=lambda one: one[:3]))
        orders = [order for one in drawn for order in _orders_of(day, *one)]
        ledgers.append(a_ledger(*orders, day=day))
    return ledgers


def _orders_of(
    day: date, strategy: str, leg: int, account_id: str, kind: str, paid: int, received: int, quoted: Quoted | None
) -> Sequence[Order]:
    prices = (str(Decimal(paid) / 20), str(Decimal(received) / 20))
    entry, closing = bought_and_sold(*prices, day=day, strategy=strategy, leg=leg, account_id=account_id, quoted=quoted)
    if kind == "refused":
        return [replace(entry, state=replace(entry.state, status=S.REFUSED, filled_quantity=0, average_price=None))]
    if kind == "unpriced":
        return [replace(entry, state=replace(entry.state, average_price=None))]
    return [entry] if kind == "open" else [entry, closing]


def summed(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


CUTS: dict[str, Callable[[Book], list[Tally]]] = {
    "days": lambda book: [row.tally for row in book.days],
    "strategies": lambda book: [row.tally for row in book.strategies],
    "legs": lambda book: [row.tally for row in book.legs],
    "accounts": lambda book: [row.tally for row in book.accounts],
}


class TestSums:
    @given(some_ledgers())
    def test_every_cut_amounts_to_the_total(self, ledgers: list[DayLedger]) -> None:
        report = report_of(ledgers, PAPER)
        for book in (report.money, report.paper):
            for name, cut in CUTS.items():
                assert summed(cut(book)) == book.total.tally, name

    @given(some_ledgers())
    def test_both_books_together_are_the_orders_of_the_days(self, ledgers: list[DayLedger]) -> None:
        report = report_of(ledgers, PAPER)
        orders = [order for ledger in ledgers for order in ledger.orders]
        both = report.money.total.tally + report.paper.total.tally
        assert (both.orders, both.realised) == (len(orders), use_of(orders).realised)
        assert report.money.timing.orders + report.paper.timing.orders == sum(
            order.offset_ms is not None for order in orders
        )

    @given(some_ledgers())
    def test_paper_is_in_no_sum_of_money(self, ledgers: list[DayLedger]) -> None:
        without_paper = [
            replace(ledger, orders=[order for order in ledger.orders if order.intent.account_id not in PAPER])
            for ledger in ledgers
        ]
        assert report_of(ledgers, PAPER).money == report_of(without_paper, PAPER).money
        assert {row.account_id for row in report_of(ledgers, PAPER).paper.accounts} <= PAPER

    @given(some_ledgers())
    def test_the_equity_is_the_sum_of_the_days_so_far(self, ledgers: list[DayLedger]) -> None:
        for book in (report_of(ledgers, PAPER).money, report_of(ledgers, PAPER).paper):
            so_far = accumulate(row.tally for row in book.days)
            assert [row.equity for row in book.days] == [tally.realised for tally in so_far]

    @given(some_ledgers(), st.randoms(use_true_random=False))
    def test_the_order_in_which_days_are_read_changes_nothing(self, ledgers: list[DayLedger], random: object) -> None:
        shuffled = list(ledgers)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as an object
        assert report_of(shuffled, PAPER) == report_of(ledgers, PAPER)


@pytest.mark.parametrize(
    ("first", "last", "problems"),
    [
        (TODAY, TODAY, []),
        (TODAY - timedelta(days=91), TODAY, []),
        (
            TODAY - timedelta(days=92),
            TODAY,
            ["from: makes more than 92 days; choose 2026-08-24 or a later date"],
        ),
        (TODAY, TODAY - timedelta(days=1), ["from: is after to; choose an earlier date"]),
        (TODAY, TODAY + timedelta(days=1), ["to: is in the future; choose 2026-11-23 or an earlier date"]),
        (date.min, date.max, ["to: is in the future; choose 2026-11-23 or an earlier date", "from: makes more than "]),
    ],
)
def test_a_range_that_cannot_be_told_is_named(first: date, last: date, problems: list[str]) -> None:
    told = problems_of_range(first, last, TODAY)
    assert len(told) == len(problems)
    assert all(line.startswith(begin) for line, begin in zip(told, problems, strict=True))
