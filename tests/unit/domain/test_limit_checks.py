"""Which limits an entry would break, each in its words; exits never do."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.day_use import use_of
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.limit_checks import blocked, to_quote
from lambdas.domain.risk_limits import LimitsOf
from tests.doubles.examples import a_contract, an_intent, an_order
from tests.doubles.limits import some_limits

ZERODHA, ANGEL, PAPER = "zerodha-one", "angel-one", "on-paper"
SMALLEST = {
    "max_lots_per_order": 1,
    "max_lots_per_run": 1,
    "max_lots_per_day": 1,
    "max_orders_per_day": 1,
    "max_loss_per_day": "0.01",
}
EARLIER: dict[str, Any] = {"run_id": "earlier-20261123"}


def a_loss(of: int, **changes: Any) -> list[Order]:
    """A run of earlier that bought two lots at 100 and sold them at a loss of so many rupees, which 130 divides."""
    price = str(100 - Decimal(of) / 130)
    return [
        an_order(**{**EARLIER, **changes}),
        an_order(price=price, phase=Phase.EXIT, side=Side.SELL, **{**EARLIER, **changes}),
    ]


def words(intents: Sequence[Intent], orders: Sequence[Order], limits: LimitsOf, **more: Any) -> list[str]:
    return [one.words for one in blocked(intents, orders, limits, **more)]


class TestEachLimit:
    def test_lots_of_an_order(self) -> None:
        intents = [an_intent(), an_intent(leg=2, lots=3, quantity=195)]
        assert words(intents, [], some_limits(max_lots_per_order=3)) == []
        assert words(intents, [], some_limits(max_lots_per_order=2)) == [
            "user.max_lots_per_order: leg 2 (BUY NIFTY24500CE at zerodha-one) would be an order of 3 lots, "
            "the limit is 2"
        ]

    def test_lots_of_a_run(self) -> None:
        intents = [an_intent(slice_number=number) for number in (1, 2, 3)]
        assert words(intents, [], some_limits(max_lots_per_run=6)) == []
        assert words(intents, [], some_limits(max_lots_per_run=5)) == [
            "user.max_lots_per_run: the run would have 6 lots, the limit is 5"
        ]
        assert words(intents, [an_order(**EARLIER)], some_limits(max_lots_per_run=6)) == []
        assert len(words(intents, [an_order(leg=2)], some_limits(max_lots_per_run=6))) == 1

    def test_lots_of_a_day(self) -> None:
        orders = [an_order(**EARLIER), an_order(leg=2, **EARLIER)]
        assert words([an_intent()], orders, some_limits(max_lots_per_day=6)) == []
        assert words([an_intent()], orders, some_limits(max_lots_per_day=5)) == [
            "user.max_lots_per_day: with 4 before it the day would have 6 lots, the limit is 5"
        ]

    def test_orders_of_a_day_with_its_exits(self) -> None:
        orders = a_loss(of=130)
        assert words([an_intent()], orders, some_limits(max_orders_per_day=3)) == []
        assert words([an_intent()], orders, some_limits(max_orders_per_day=2)) == [
            "user.max_orders_per_day: with 2 before it the day would have 3 orders, the limit is 2"
        ]

    def test_a_realised_loss(self) -> None:
        assert words([an_intent()], a_loss(of=1300), some_limits(max_loss_per_day="1300.01")) == []
        assert words([an_intent()], a_loss(of=1300), some_limits(max_loss_per_day=1300)) == [
            "user.max_loss_per_day: the day has lost 1,300.00 rupees, realised and open, the limit is 1,300.00"
        ]

    def test_a_realised_and_an_open_loss_together(self) -> None:
        orders = [*a_loss(of=1300), an_order(side=Side.SELL, leg=2, **EARLIER)]
        limits = some_limits(max_loss_per_day=2600)
        assert [position.net for position in to_quote([an_intent()], orders, limits)] == [-130]
        for last, told in (("109.95", 0), ("110", 1)):
            quotes = {a_contract(): Quote(Decimal(last))}
            assert len(words([an_intent()], orders, limits, quotes=quotes)) == told

    def test_a_profit_is_no_loss(self) -> None:
        assert words([an_intent()], a_loss(of=-1300), some_limits(max_loss_per_day="0.01")) == []

    def test_a_long_position_that_nobody_quotes_counts_at_zero_and_is_named(self) -> None:
        held = [an_order(**EARLIER)]
        assert words([an_intent()], held, some_limits(max_loss_per_day=13001)) == []
        assert words([an_intent()], held, some_limits(max_loss_per_day=13000)) == [
            "user.max_loss_per_day: the day has lost 13,000.00 rupees, realised and open (+130 NIFTY24500CE at "
            "zerodha-one counted at zero: nobody quotes it), the limit is 13,000.00"
        ]

    def test_a_short_that_nobody_quotes_stops_entries(self) -> None:
        (found,) = blocked([an_intent()], [an_order(side=Side.SELL, **EARLIER)], some_limits(max_loss_per_day=5000))
        assert (found.field, found.limit, found.would_be) == ("user.max_loss_per_day", 5000, None)
        assert found.words == (
            "user.max_loss_per_day: the loss of the day cannot be told, nobody quotes -130 NIFTY24500CE at "
            "zerodha-one; the limit is 5,000.00 rupees"
        )


class TestScopes:
    def test_every_limit_that_is_broken_is_told(self) -> None:
        limits = some_limits({ZERODHA: SMALLEST}, **SMALLEST)
        fields = [one.field for one in blocked([an_intent()], a_loss(of=1300), limits)]
        assert fields == [f"{scope}.{field}" for scope in ("user", f"accounts.{ZERODHA}") for field in SMALLEST]

    def test_limits_of_a_user_hold_for_all_accounts_together(self) -> None:
        intents = [an_intent(), an_intent(account_id=ANGEL)]
        assert len(words(intents, [], some_limits(max_lots_per_run=3))) == 1
        assert len(words([an_intent()], [an_order(account_id=ANGEL, **EARLIER)], some_limits(max_lots_per_day=3))) == 1

    def test_limits_of_an_account_hold_for_it_alone(self) -> None:
        limits = some_limits({ANGEL: SMALLEST})
        before = [an_order(account_id=ANGEL, **EARLIER), *a_loss(of=1300, account_id=ANGEL)]
        assert words([an_intent()], before, limits) == []
        assert to_quote([an_intent()], before, limits) == []
        assert len(words([an_intent(account_id=ANGEL)], before, limits)) == 5

    @given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
    def test_the_stricter_counts(self, of_user: int, of_account: int, lots: int) -> None:
        for field in ("max_lots_per_order", "max_lots_per_run", "max_lots_per_day"):
            limits = some_limits({ZERODHA: {field: of_account}}, **{field: of_user})
            found = blocked([an_intent(lots=lots, quantity=65 * lots)], [], limits)
            assert bool(found) is (lots > min(of_user, of_account))

    def test_paper_and_money_are_counted_apart(self) -> None:
        limits = some_limits(max_lots_per_day=2, max_loss_per_day=1000)
        on_paper = [an_order(account_id=PAPER, **EARLIER), *a_loss(of=1300, account_id=PAPER, leg=3)]
        assert words([an_intent()], on_paper, limits, paper={PAPER}) == []
        assert len(words([an_intent(account_id=PAPER)], on_paper, limits, paper={PAPER})) == 2
        profit_on_paper = a_loss(of=-130_000, account_id=PAPER)
        limits = some_limits(max_loss_per_day=1000)
        assert len(words([an_intent()], [*a_loss(of=1300), *profit_on_paper], limits, paper={PAPER})) == 1


class TestExits:
    def test_exits_pass_whatever_the_limits_say(self) -> None:
        exits = [an_intent(phase=Phase.EXIT, slice_number=number) for number in range(5)]
        limits = some_limits({ZERODHA: SMALLEST}, **SMALLEST)
        assert blocked(exits, a_loss(of=1300), limits) == []
        assert to_quote(exits, [an_order(side=Side.SELL)], limits) == []


LOTS = st.integers(1, 6)


@given(st.lists(st.lists(LOTS, min_size=1, max_size=4), max_size=8), st.integers(1, 20), st.integers(1, 8))
def test_what_is_let_through_never_exceeds_the_limits_of_a_day(
    runs: list[list[int]], most_lots: int, most_orders: int
) -> None:
    limits = some_limits(max_lots_per_day=most_lots, max_orders_per_day=most_orders)
    ledger: list[Order] = []
    for number, lots in enumerate(runs):
        intents = [
            an_intent(run_id=f"run-{number}", slice_number=n, lots=one, quantity=65 * one) for n, one in enumerate(lots)
        ]
        found = blocked(intents, ledger, limits)
        planned = [*ledger, *(Order(intent, OrderState()) for intent in intents)]
        use = use_of(planned)
        assert bool(found) is (use.lots > most_lots or use.orders > most_orders)
        if not found:
            ledger = planned
        assert blocked(intents, ledger, limits) == found
    assert use_of(ledger).lots <= most_lots
    assert use_of(ledger).orders <= most_orders


@pytest.mark.parametrize("status", [IntentStatus.MISSED, IntentStatus.WITHHELD])
def test_what_was_never_sent_keeps_nothing_out(status: IntentStatus) -> None:
    limits = some_limits(max_lots_per_day=2, max_orders_per_day=1)
    assert blocked([an_intent()], [an_order(status, **EARLIER)], limits) == []


def test_a_fill_without_its_price_is_no_basis_for_a_loss() -> None:
    with pytest.raises(ValueError, match="fills without an average price"):
        blocked([an_intent()], [an_order(average_price=None, **EARLIER)], some_limits(max_loss_per_day=1))
