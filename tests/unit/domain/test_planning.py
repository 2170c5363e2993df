"""From a strategy to intents: right accounts, right lots, right contract, nothing else."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.chains import Chain
from lambdas.domain.closing import plan_exit
from lambdas.domain.contracts import NO_STRIKE, Contract, Right, Side
from lambdas.domain.intents import Intent, IntentStatus, Phase
from lambdas.domain.order_rules import PROTECTED, OrderRules
from lambdas.domain.planning import plan_entry
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.resolving import expiries_of_legs, resolve
from lambdas.domain.runs import positions_of
from lambdas.domain.strategy import Strategy
from tests.doubles.examples import (
    EXIT_TICK,
    FREEZE,
    TICK,
    TIMING,
    a_chain,
    a_contract,
    a_listing,
    a_strategy,
    an_order,
    listings_of,
    otm,
)
from tests.doubles.markets import a_market

SPOT = Decimal("24512.30")
TWO_ACCOUNTS = [{"account_id": "zerodha-one"}, {"account_id": "angel-one"}]
BROKERS = {"zerodha-one": "zerodha", "angel-one": "angel_one"}
BOTH_BROKERS = (a_chain(), a_chain("angel_one"))


def plan(
    strategy: Strategy, chains: Sequence[Chain] = BOTH_BROKERS, *, basket: str = "1", **changes: Any
) -> list[Intent]:
    """The intents of a strategy where these chains are all that is listed."""
    market = a_market(*chains, spot=SPOT)
    listed = {broker: sorted(by_expiry) for broker, by_expiry in market.chains.items()}
    expiries = expiries_of_legs(strategy.definition, listed, TICK.date)
    arguments: dict[str, Any] = {
        "brokers": BROKERS,
        "basket_multiplier": Decimal(basket),
        "freeze_quantities": FREEZE,
        "not_after": TIMING.not_after,
    }
    legs = resolve(strategy.definition, expiries, market)
    return plan_entry(strategy, TICK, legs, market, **{**arguments, **changes})


def futures_of(expiry: date, **changes: Any) -> Chain:
    """A chain with the future of an expiry."""
    future = Contract("NIFTY", expiry, NO_STRIKE, Right.FUT)
    return a_chain(listings=[*listings_of(expiry=expiry), a_listing(future, symbol="NIFTYFUT", **changes)])


class TestEntry:
    def test_each_leg_becomes_its_contract_side_and_quantity(self) -> None:
        intents = plan(a_strategy())
        assert [(i.leg, i.contract, i.side, i.lots, i.quantity) for i in intents] == [
            (1, a_contract(24500), Side.SELL, 2, 130),
            (2, a_contract(24700), Side.BUY, 2, 130),
        ]
        assert {(i.account_id, i.phase, i.attempt, i.product) for i in intents} == {
            ("zerodha-one", Phase.ENTRY, 1, "MIS")
        }

    def test_an_intent_may_be_sent_until_its_limit_after_the_tick(self) -> None:
        assert {(i.intended_at, i.not_after) for i in plan(a_strategy())} == {
            (TICK, TICK.instant + timedelta(seconds=20))
        }

    def test_an_entry_carries_how_its_orders_are_priced(self) -> None:
        strategy = a_strategy(orders={"style": "limit", "hedges_first": False})
        assert {intent.orders for intent in plan(strategy)} == {OrderRules(style="limit", hedges_first=False)}

    def test_an_intent_carries_what_its_own_broker_calls_the_contract(self) -> None:
        other = [row.__class__(**{**row.__dict__, "symbol": f"A{row.symbol}"}) for row in listings_of()]
        chains = [a_chain(), a_chain("angel_one", other)]
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS), chains)
        symbols = {(i.account_id, i.symbol) for i in intents if i.leg == 1}
        assert symbols == {("zerodha-one", "NIFTY24500CE"), ("angel-one", "ANIFTY24500CE")}

    def test_a_leg_with_its_own_allocation_trades_exactly_those_lots_there(self) -> None:
        legs = [
            {"right": "CE", "side": "SELL", "lots": 5, "allocation": [{"account_id": "angel-one", "lots": 5}]},
            {
                "right": "CE",
                "side": "BUY",
                "lots": 3,
                "allocation": [{"account_id": "zerodha-one", "lots": 1}, {"account_id": "angel-one", "lots": 2}],
            },
            {"right": "PE", "side": "BUY", "lots": 4},
        ]
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS, legs=legs))
        assert [(i.leg, i.account_id, i.lots) for i in intents] == [
            (1, "angel-one", 5),
            (2, "zerodha-one", 1),
            (2, "angel-one", 2),
            (3, "zerodha-one", 2),
            (3, "angel-one", 2),
        ]

    def test_an_account_without_a_lot_gets_no_order(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 1}]
        assert [i.account_id for i in plan(a_strategy(allocation=TWO_ACCOUNTS, legs=legs))] == ["zerodha-one"]

    def test_quantities_above_the_freeze_are_cut_and_numbered(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 60}]
        intents = plan(a_strategy(legs=legs))
        assert [(i.slice_number, i.lots, i.quantity) for i in intents] == [(1, 27, 1755), (2, 27, 1755), (3, 6, 390)]
        assert len({i.intent_id for i in intents}) == 3

    def test_the_freeze_of_the_master_comes_before_the_configured_one(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 3}]
        chains = [a_chain(listings=listings_of(freeze_quantity=65))]
        assert [i.quantity for i in plan(a_strategy(legs=legs), chains)] == [65, 65, 65]

    def test_a_strike_that_one_broker_does_not_list_is_chosen_nowhere(self) -> None:
        without = [row for row in listings_of() if row.contract.strike != 24500]
        chains = [a_chain(), a_chain("angel_one", without)]
        legs = [{"right": "CE", "side": "BUY", "lots": 2}]
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS, legs=legs), chains)
        assert {i.contract for i in intents} == {a_contract(24550)}
        assert {i.account_id for i in intents} == {"zerodha-one", "angel-one"}

    def test_a_right_that_one_broker_does_not_list_names_leg_and_broker(self) -> None:
        calls = [row for row in listings_of() if str(row.contract.right) == "CE"]
        legs = [{"right": "CE", "side": "BUY", "lots": 1}, {"right": "PE", "side": "BUY", "lots": 1}]
        with pytest.raises(PlanningError, match=r"legs\[2\]: no PE of 01 Dec 26 is listed at zerodha"):
            plan(a_strategy(legs=legs), [a_chain(listings=calls)])

    def test_an_offset_beyond_the_chain_names_the_leg(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 1, "strike": otm(50)}]
        with pytest.raises(PlanningError, match=r"legs\[1\]: strike ATM\+50 is not listed"):
            plan(a_strategy(legs=legs))

    def test_brokers_without_a_common_strike_refuse_the_leg(self) -> None:
        chains = [a_chain(listings=listings_of(24500)), a_chain("angel_one", listings_of(24550))]
        with pytest.raises(PlanningError, match=r"legs\[1\]: no strike is listed"):
            plan(a_strategy(allocation=TWO_ACCOUNTS), chains)

    def test_without_a_freeze_quantity_the_setting_is_named(self) -> None:
        with pytest.raises(PlanningError, match=r"for NIFTY: enter it in market\.freeze_quantities"):
            plan(a_strategy(), freeze_quantities={})

    def test_a_freeze_below_one_lot_names_the_leg(self) -> None:
        with pytest.raises(PlanningError, match=r"legs\[1\]: freeze quantity 50 is below one lot"):
            plan(a_strategy(), freeze_quantities={"NIFTY": 50})

    def test_planning_twice_gives_the_same_intents(self) -> None:
        assert plan(a_strategy(allocation=TWO_ACCOUNTS)) == plan(a_strategy(allocation=TWO_ACCOUNTS))


class TestContracts:
    def test_a_future_is_planned_in_its_own_expiry(self) -> None:
        legs = [{"right": "FUT", "side": "SELL", "lots": 1}, {"right": "CE", "side": "BUY", "lots": 1}]
        monthly = date(2026, 12, 29)
        intents = plan(a_strategy(legs=legs), [a_chain(), futures_of(monthly, freeze_quantity=1950)])
        assert [(i.symbol, i.contract, i.quantity) for i in intents] == [
            ("NIFTYFUT", Contract("NIFTY", monthly, NO_STRIKE, Right.FUT), 65),
            ("NIFTY24500CE", a_contract(24500), 65),
        ]

    def test_a_future_that_a_broker_does_not_list_names_leg_and_broker(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 1}, {"right": "FUT", "side": "BUY", "lots": 1}]
        with pytest.raises(PlanningError, match=r"legs\[2\]: NIFTY 01 Dec 26 FUT is not listed at zerodha"):
            plan(a_strategy(legs=legs))

    def test_a_calendar_spread_trades_two_expiries(self) -> None:
        legs = [
            {"right": "CE", "side": "SELL", "lots": 1},
            {"right": "CE", "side": "BUY", "lots": 1, "expiry": {"kind": "next_week"}},
        ]
        later = date(2026, 12, 8)
        intents = plan(a_strategy(legs=legs), [a_chain(), a_chain(listings=listings_of(expiry=later))])
        assert [(i.side, i.contract) for i in intents] == [
            (Side.SELL, a_contract(24500)),
            (Side.BUY, a_contract(24500, expiry=later)),
        ]

    def test_each_broker_counts_in_its_own_lots_and_ticks(self) -> None:
        other = listings_of(lot_size=75, tick_size=Decimal("0.1"))
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS), [a_chain(), a_chain("angel_one", other)])
        assert {(i.account_id, i.lots, i.quantity, i.tick_size) for i in intents} == {
            ("zerodha-one", 1, 65, Decimal("0.05")),
            ("angel-one", 1, 75, Decimal("0.1")),
        }


class TestMultipliers:
    def test_strategy_and_basket_multiply_the_lots_of_every_leg(self) -> None:
        intents = plan(a_strategy(multiplier="1.5"), basket="2")
        assert [(i.leg, i.lots, i.quantity) for i in intents] == [(1, 6, 390), (2, 6, 390)]

    def test_they_multiply_the_exact_lots_of_an_allocation_too(self) -> None:
        own = [{"account_id": "zerodha-one", "lots": 1}, {"account_id": "angel-one", "lots": 3}]
        legs = [{"right": "CE", "side": "BUY", "lots": 4, "allocation": own}]
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS, legs=legs), basket="2")
        assert {i.account_id: i.lots for i in intents} == {"zerodha-one": 2, "angel-one": 6}

    def test_a_hedge_that_ends_with_no_lot_refuses_all_and_leaves_no_short_naked(self) -> None:
        legs = [
            {"right": "CE", "side": "SELL", "lots": 5},
            {"right": "CE", "side": "BUY", "lots": 1, "strike": otm(4)},
        ]
        with pytest.raises(PlanningError, match=r"legs\[2\]\.lots: the multipliers leave no lot of it; raise them"):
            plan(a_strategy(legs=legs), basket="0.4")

    def test_half_a_lot_is_none(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 1}]
        assert [i.lots for i in plan(a_strategy(legs=legs), basket="0.51")] == [1]
        with pytest.raises(PlanningError, match="leave no lot"):
            plan(a_strategy(legs=legs), basket="0.5")


@given(
    st.integers(1, 400),
    st.sampled_from(["0.25", "1", "1.5", "3"]),
    st.sampled_from([1, 15, 65, 75]),
    st.integers(75, 2000),
    st.integers(1, 9),
)
def test_slices_are_whole_lots_under_the_freeze_and_lose_nothing(
    lots: int, basket: str, lot_size: int, freeze: int, weight: int
) -> None:
    allocation = [{"account_id": "zerodha-one", "weight": weight}, {"account_id": "angel-one"}]
    strategy = a_strategy(allocation=allocation, legs=[{"right": "PE", "side": "SELL", "lots": lots}])
    chains = [a_chain(broker, listings_of(24500, lot_size=lot_size)) for broker in ("zerodha", "angel_one")]
    expected = strategy.definition.lots_by_account(strategy.definition.legs[0], Decimal(basket))
    if not expected:
        with pytest.raises(PlanningError, match="leave no lot"):
            plan(strategy, chains, basket=basket)
        return
    intents = plan(strategy, chains, basket=basket, freeze_quantities={"NIFTY": freeze})
    assert all(i.quantity == i.lots * lot_size <= freeze and i.lots > 0 for i in intents)
    planned = {account: sum(i.lots for i in intents if i.account_id == account) for account in expected}
    assert planned == dict(expected)
    assert len({i.intent_id for i in intents}) == len(intents)


class TestExit:
    def closing(self, *orders: Any, **changes: Any) -> list[Intent]:
        arguments: dict[str, Any] = {"attempt": 1, "freeze_quantities": FREEZE, "not_after": TIMING.not_after}
        return plan_exit("user-one", positions_of(orders), EXIT_TICK, **{**arguments, **changes})

    def test_exactly_what_is_open_is_closed_with_the_opposite_side(self) -> None:
        orders = [
            an_order(leg=1, side=Side.SELL),
            an_order(leg=2, contract=a_contract(24700)),
            an_order(leg=3, account_id="angel-one", status=IntentStatus.REFUSED),
            an_order(
                leg=4, account_id="angel-one", status=IntentStatus.CANCELLED, filled_quantity=65, average_price=SPOT
            ),
        ]
        found = [(i.leg, i.account_id, i.side, i.quantity, i.lots) for i in self.closing(*orders)]
        assert found == [
            (1, "zerodha-one", Side.BUY, 130, 2),
            (2, "zerodha-one", Side.SELL, 130, 2),
            (4, "angel-one", Side.SELL, 65, 1),
        ]

    def test_an_exit_keeps_contract_product_and_names(self) -> None:
        (intent,) = self.closing(an_order(product="NRML"))
        opened = an_order(product="NRML").intent
        kept = ("contract", "exchange", "symbol", "token", "product", "tick_size", "run_id")
        assert [getattr(intent, name) for name in kept] == [getattr(opened, name) for name in kept]
        assert (intent.phase, intent.intended_at) == (Phase.EXIT, EXIT_TICK)
        assert intent.not_after == EXIT_TICK.instant + TIMING.not_after

    def test_an_exit_is_always_protected(self) -> None:
        (intent,) = self.closing(an_order(orders=OrderRules(style="limit", hedges_first=False)))
        assert intent.orders == PROTECTED

    def test_what_is_closed_already_is_left_alone(self) -> None:
        assert self.closing(an_order(), an_order(side=Side.SELL, phase=Phase.EXIT)) == []
        assert self.closing() == []

    def test_only_the_rest_is_closed_after_a_partial_exit(self) -> None:
        partial = an_order(
            IntentStatus.CANCELLED, phase=Phase.EXIT, side=Side.SELL, filled_quantity=65, average_price=SPOT
        )
        (intent,) = self.closing(an_order(), partial, attempt=2)
        assert (intent.quantity, intent.side, intent.attempt) == (65, Side.SELL, 2)

    def test_large_positions_are_cut_by_the_freeze(self) -> None:
        slices = [an_order(slice_number=number, lots=27, quantity=1755) for number in (1, 2)]
        assert [i.quantity for i in self.closing(*slices)] == [1755, 1755]

    def test_an_exit_is_cut_by_what_the_master_said_at_entry(self) -> None:
        (entry,) = plan(
            a_strategy(legs=[{"right": "CE", "side": "BUY", "lots": 3}]),
            [a_chain(listings=listings_of(freeze_quantity=200))],
            freeze_quantities={},
        )
        assert entry.freeze_quantity == 200
        left = an_order(lots=5, quantity=325, freeze_quantity=entry.freeze_quantity)
        found = self.closing(left, freeze_quantities={})
        assert [(i.quantity, i.freeze_quantity) for i in found] == [(195, 200), (130, 200)]

    def test_the_smallest_counts_where_orders_were_cut_differently(self) -> None:
        orders = [
            an_order(slice_number=number, freeze_quantity=freeze) for number, freeze in enumerate((1800, None, 70, 900))
        ]
        assert {i.quantity for i in self.closing(*orders)} == {65}

    def test_another_account_or_leg_keeps_what_it_was_cut_by(self) -> None:
        orders = [
            an_order(freeze_quantity=65),
            an_order(account_id="angel-one", freeze_quantity=130),
            an_order(leg=2, contract=a_contract(24700)),
        ]
        found = {(i.leg, i.account_id): i.quantity for i in self.closing(*orders)}
        assert found == {(1, "zerodha-one"): 65, (1, "angel-one"): 130, (2, "zerodha-one"): 130}

    def test_a_freeze_quantity_below_a_lot_names_the_leg(self) -> None:
        with pytest.raises(PlanningError, match=r"leg 1 \(NIFTY24500CE\): freeze quantity 64 is below one lot of 65"):
            self.closing(an_order(freeze_quantity=64))

    def test_what_was_entered_before_it_was_written_down_is_cut_by_the_settings(self) -> None:
        (intent, *others) = self.closing(an_order(), freeze_quantities={"NIFTY": 70})
        assert (intent.quantity, intent.freeze_quantity, len(others)) == (65, 70, 1)

    @given(
        st.lists(st.tuples(st.integers(1, 60), st.none() | st.integers(65, 4000)), min_size=1, max_size=5),
        st.integers(65, 4000),
    )
    def test_no_exit_is_above_what_its_entry_was_cut_by_and_nothing_is_lost(
        self, entries: list[tuple[int, int | None]], configured: int
    ) -> None:
        orders = [
            an_order(slice_number=number, lots=lots, quantity=65 * lots, freeze_quantity=freeze)
            for number, (lots, freeze) in enumerate(entries, 1)
        ]
        found = self.closing(*orders, freeze_quantities={"NIFTY": configured})
        most = min((freeze for _, freeze in entries if freeze is not None), default=configured)
        assert all(i.quantity == 65 * i.lots <= most and i.freeze_quantity == most for i in found)
        assert sum(i.quantity for i in found) == sum(65 * lots for lots, _ in entries)

    def test_attempts_have_ids_of_their_own(self) -> None:
        first, second = (self.closing(an_order(), attempt=attempt)[0] for attempt in (1, 2))
        assert first.intent_id != second.intent_id

    def test_without_a_freeze_quantity_the_setting_is_named(self) -> None:
        with pytest.raises(PlanningError, match=r"for NIFTY: enter it in market\.freeze_quantities"):
            self.closing(an_order(), freeze_quantities={})

    def test_fills_that_are_no_whole_lots_name_the_leg(self) -> None:
        odd = an_order(IntentStatus.CANCELLED, filled_quantity=40, average_price=SPOT)
        with pytest.raises(PlanningError, match=r"leg 1 \(NIFTY24500CE\): quantity 40 is not a positive number"):
            self.closing(odd)


def test_a_chain_knows_strikes_with_one_right_or_both() -> None:
    rows = listings_of(24500, 24550)[:3]
    chain = a_chain(listings=rows)
    assert chain.strikes == {Decimal(24500), Decimal(24550)}
    assert all(isinstance(contract, Contract) for contract in chain.listings)
