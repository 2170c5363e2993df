"""A chase moves a limit towards the market only, step by step, within the protection, and for so long."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.chasing import chase_of, gives_up_at, next_limit, next_step_at
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus, Order
from lambdas.domain.limit_price import distance
from lambdas.domain.order_rules import Chase, OrderRules
from lambdas.domain.protection import protected_limit
from lambdas.domain.values import Move
from tests.doubles.examples import TICK, an_order
from tests.doubles.quoted import MOVES, QUOTES, TICK_SIZES

T = TICK.instant
SECOND = timedelta(seconds=1)
BOOK = Quote(Decimal(100), Decimal("99.95"), Decimal("100.05"))


def rules(step: Move | None = None, **changes: Any) -> OrderRules:
    """Every three seconds a rupee, for ten seconds."""
    step = step or Move(unit="points", value=Decimal(1))
    chase = Chase(**{"every_seconds": 3, "step": step, "give_up_after_seconds": 10, **changes})
    return OrderRules(style="limit", chase=chase)


def resting(**changes: Any) -> Order:
    """An order that rests at 100 since T."""
    fields: dict[str, Any] = {
        "orders": rules(),
        "sent_at": T,
        "broker_order_id": "1",
        "limit_price": Decimal(100),
    }
    return an_order(changes.pop("status", IntentStatus.ACCEPTED), **{**fields, **changes})


@st.composite
def orders(draw: st.DrawFn) -> Order:
    tick_size = draw(TICK_SIZES)
    return resting(
        side=draw(st.sampled_from(Side)),
        tick_size=tick_size,
        limit_price=draw(st.integers(1, 100_000)) * tick_size,
        orders=rules(draw(MOVES)),
    )


class TestLimit:
    @given(orders(), QUOTES)
    def test_it_moves_towards_the_market_by_whole_ticks_or_stays(self, order: Order, quote: Quote) -> None:
        limit, before = next_limit(order, quote), order.state.limit_price
        assert before is not None
        if limit is None:
            return
        assert limit % order.intent.tick_size == 0
        assert limit > before if order.intent.side is Side.BUY else order.intent.tick_size <= limit < before

    @given(orders(), QUOTES)
    def test_it_never_moves_beyond_the_protected_limit_of_the_quote(self, order: Order, quote: Quote) -> None:
        limit = next_limit(order, quote)
        outermost = protected_limit(order.intent.side, quote, order.intent.tick_size)
        if limit is not None:
            assert limit <= outermost if order.intent.side is Side.BUY else limit >= outermost

    @given(orders(), QUOTES)
    def test_it_moves_by_no_more_than_a_step_or_a_tick(self, order: Order, quote: Quote) -> None:
        limit, before, chase = next_limit(order, quote), order.state.limit_price, chase_of(order)
        assert before is not None
        assert chase is not None
        if limit is not None:
            assert abs(limit - before) <= max(distance(chase.step, before), order.intent.tick_size)

    @given(orders(), QUOTES)
    def test_it_stays_only_where_the_protected_limit_is_reached(self, order: Order, quote: Quote) -> None:
        outermost = protected_limit(order.intent.side, quote, order.intent.tick_size)
        before = order.state.limit_price
        assert before is not None
        has_room = before < outermost if order.intent.side is Side.BUY else before > outermost
        assert (next_limit(order, quote) is not None) is has_room

    @pytest.mark.parametrize(
        ("side", "unit", "value", "limit"),
        [
            (Side.BUY, "points", "1", "101"),
            (Side.SELL, "points", "1", "99"),
            (Side.BUY, "percent", "2", "102"),
            (Side.SELL, "percent", "0.01", "99.95"),
            (Side.BUY, "points", "50", "104.10"),
            (Side.SELL, "points", "50", "93.95"),
        ],
    )
    def test_known_steps(self, side: Side, unit: Any, value: str, limit: str) -> None:
        order = resting(side=side, orders=rules(Move(unit=unit, value=Decimal(value))))
        assert next_limit(order, BOOK) == Decimal(limit)

    def test_without_a_price_there_is_no_step(self) -> None:
        with pytest.raises(ValueError, match="no price"):
            next_limit(resting(), Quote(Decimal(0)))


class TestTime:
    def test_the_first_step_comes_so_long_after_the_sending(self) -> None:
        assert next_step_at(resting(), None) == T + 3 * SECOND

    def test_every_other_one_so_long_after_the_one_before(self) -> None:
        assert next_step_at(resting(chased=1, chased_at=T + 5 * SECOND), None) == T + 8 * SECOND

    def test_no_step_comes_when_the_chase_is_given_up(self) -> None:
        order = resting(chased=2, chased_at=T + 7 * SECOND)
        assert gives_up_at(order) == T + 10 * SECOND
        assert next_step_at(order, None) is None

    def test_one_change_that_the_broker_takes_is_kept_back(self) -> None:
        assert next_step_at(resting(chased=1, chased_at=T), 3) == T + 3 * SECOND
        assert next_step_at(resting(chased=2, chased_at=T), 3) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"orders": OrderRules(style="limit")},
            {"orders": rules().model_copy(update={"style": "protected"})},
            {"sent_at": None},
            {"broker_order_id": None},
            {"limit_price": None},
            *({"status": status} for status in IntentStatus if status not in ("accepted", "partly_filled")),
        ],
    )
    def test_what_does_not_rest_at_a_known_limit_is_not_moved(self, changes: dict[str, Any]) -> None:
        assert next_step_at(resting(**changes), None) is None

    def test_what_is_filled_in_part_moves_on(self) -> None:
        assert next_step_at(resting(status=IntentStatus.PARTLY_FILLED), None) == T + 3 * SECOND
