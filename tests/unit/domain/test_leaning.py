"""A sale leans on the buys of its account at entry, and on the shorts there at exit."""

from collections.abc import Collection
from typing import Any

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, Phase
from lambdas.domain.leaning import Elsewhere, closable, elsewhere, lacks
from lambdas.domain.order_rules import PROTECTED_ACROSS
from tests.doubles.examples import a_contract, an_order

S = IntentStatus
OPEN = sorted(set(IntentStatus) - FINAL)


def hedge(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return an_order(status, **{"leg": 2, "contract": a_contract(24700), **changes})


def short(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return an_order(status, **{"side": Side.SELL, **changes})


def back(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return short(status, **{"phase": Phase.EXIT, "side": Side.BUY, **changes})


def out(status: IntentStatus = S.FILLED, **changes: Any) -> Order:
    return hedge(status, **{"phase": Phase.EXIT, "side": Side.SELL, **changes})


def what_is_closable(*orders: Order) -> set[int]:
    return {position.leg for position in closable(orders) if position.net}


def told(sale: Order, orders: Collection[Order], *at_hand: Order) -> str | None:
    intents: list[Intent] = [order.intent for order in at_hand]
    return lacks(sale.intent, [*orders, sale], [*intents, sale.intent])


class TestClosable:
    def test_everything_that_is_open(self) -> None:
        assert what_is_closable(hedge(), short()) == {1, 2}

    @pytest.mark.parametrize("status", OPEN)
    def test_not_a_hedge_while_its_short_may_still_be_sold(self, status: IntentStatus) -> None:
        assert what_is_closable(hedge(), short(status)) == set()

    @pytest.mark.parametrize("status", OPEN)
    def test_not_a_hedge_while_its_short_is_being_bought_back(self, status: IntentStatus) -> None:
        assert what_is_closable(hedge(), short(), back(status)) == set()

    def test_the_hedge_of_another_account_is(self) -> None:
        assert what_is_closable(hedge(), short(S.UNKNOWN, account_id="angel-one")) == {2}

    def test_a_short_is_while_its_hedge_has_no_end(self) -> None:
        assert what_is_closable(hedge(S.UNKNOWN), short()) == {1}

    @pytest.mark.parametrize("status", OPEN)
    def test_nothing_that_is_being_closed(self, status: IntentStatus) -> None:
        assert what_is_closable(hedge(), out(status)) == set()


class TestEntry:
    @pytest.mark.parametrize("status", sorted(set(IntentStatus) - {S.FILLED}))
    def test_a_short_lacks_a_hedge_that_is_not_filled_and_not_sent_with_it(self, status: IntentStatus) -> None:
        said = told(short(S.SENDING), [hedge(status)])
        assert said == f"leg 2 (BUY NIFTY24700CE at zerodha-one) is {status}, and not sent here"

    def test_not_one_that_is_filled(self) -> None:
        assert told(short(S.SENDING), [hedge()]) is None

    def test_not_one_that_is_sent_with_it(self) -> None:
        buy = hedge(S.SENDING)
        assert told(short(S.SENDING), [buy], buy) is None

    def test_not_one_that_a_second_attempt_filled(self) -> None:
        assert told(short(S.SENDING, attempt=2), [hedge(S.REFUSED), hedge(attempt=2), short(S.WITHHELD)]) is None

    def test_not_one_of_another_account(self) -> None:
        assert told(short(S.SENDING), [hedge(S.REFUSED, account_id="angel-one")]) is None


class TestExit:
    def test_a_hedge_is_not_sold_while_a_short_is_open_and_not_closed_with_it(self) -> None:
        said = told(out(S.SENDING), [hedge(), short()])
        assert said == "leg 1 (NIFTY24500CE at zerodha-one) is short, and not closed here"

    def test_it_is_sold_after_the_short_is_bought_back_with_it(self) -> None:
        buy = back(S.SENDING)
        assert told(out(S.SENDING), [hedge(), short(), buy], buy) is None

    def test_not_when_another_worker_buys_it_back(self) -> None:
        said = told(out(S.SENDING), [hedge(), short(), back(S.SENDING)])
        assert said == "leg 1 (BUY NIFTY24500CE at zerodha-one) is sending, and not sent here"

    def test_not_while_the_short_may_still_be_sold(self) -> None:
        said = told(out(S.SENDING), [hedge(), short(S.UNKNOWN)])
        assert said == "leg 1 (SELL NIFTY24500CE at zerodha-one) is unknown, and not sent here"

    def test_it_is_sold_when_no_short_is_left(self) -> None:
        assert told(out(S.SENDING), [hedge(), short(), back()]) is None
        assert told(out(S.SENDING), [hedge()]) is None

    def test_what_is_bought_back_in_part_is_still_short(self) -> None:
        part = back(S.SENDING, quantity=65, lots=1)
        assert "is short, and not closed here" in str(told(out(S.SENDING), [hedge(), short(), part], part))


class TestAcrossAccounts:
    """The strategy says `hedges_of: run`: what is elsewhere counts as if it were here."""

    def sale(self, **changes: Any) -> Order:
        return short(S.SENDING, account_id="angel-one", orders=PROTECTED_ACROSS, **changes)

    def hedge_of(self, status: IntentStatus) -> Order:
        return hedge(status, orders=PROTECTED_ACROSS)

    def test_a_sale_is_free_when_the_hedges_of_all_accounts_are_filled(self) -> None:
        orders = [self.hedge_of(S.FILLED), self.sale()]
        assert elsewhere(self.sale().intent, orders) == Elsewhere(None, None)

    @pytest.mark.parametrize("status", OPEN)
    def test_a_sale_waits_for_a_hedge_elsewhere_that_may_still_fill(self, status: IntentStatus) -> None:
        found = elsewhere(self.sale().intent, [self.hedge_of(status), self.sale()])
        assert (found.missing, found.pending) == (None, "leg 2 (BUY NIFTY24700CE at zerodha-one)")
        assert told(self.sale(), [self.hedge_of(status)]) is None

    @pytest.mark.parametrize("status", sorted(FINAL - {S.FILLED}))
    def test_a_sale_does_not_follow_a_hedge_elsewhere_that_failed(self, status: IntentStatus) -> None:
        why = f"leg 2 (BUY NIFTY24700CE at zerodha-one) is {status}"
        assert elsewhere(self.sale().intent, [self.hedge_of(status), self.sale()]).missing == why
        assert told(self.sale(), [self.hedge_of(status)]) == why

    def test_a_hedge_is_not_sold_while_a_short_elsewhere_is_open(self) -> None:
        sold = out(S.SENDING, orders=PROTECTED_ACROSS)
        open_short = short(account_id="angel-one", orders=PROTECTED_ACROSS)
        found = elsewhere(sold.intent, [self.hedge_of(S.FILLED), open_short, sold])
        assert found.missing == "leg 1 (NIFTY24500CE at angel-one) is short"

    @pytest.mark.parametrize("status", OPEN)
    def test_a_hedge_waits_until_the_short_elsewhere_is_bought_back(self, status: IntentStatus) -> None:
        sold = out(S.SENDING, orders=PROTECTED_ACROSS)
        shorts = [
            short(account_id="angel-one", orders=PROTECTED_ACROSS),
            back(status, account_id="angel-one", orders=PROTECTED_ACROSS),
        ]
        found = elsewhere(sold.intent, [self.hedge_of(S.FILLED), *shorts, sold])
        assert (found.missing, found.pending) == (None, "leg 1 (BUY NIFTY24500CE at angel-one)")

    def test_no_hedge_is_closed_while_nobody_knows_of_a_short_anywhere(self) -> None:
        unknown = short(S.UNKNOWN, account_id="angel-one", orders=PROTECTED_ACROSS)
        assert what_is_closable(self.hedge_of(S.FILLED), unknown) == set()

    def test_without_it_other_accounts_do_not_count(self) -> None:
        alone = short(S.SENDING, account_id="angel-one")
        assert elsewhere(alone.intent, [hedge(S.REFUSED), alone]) == Elsewhere(None, None)
