"""From a strategy to intents: right accounts, right lots, right contract, nothing else."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Contract, Side
from lambdas.domain.intents import Intent, IntentStatus, Phase
from lambdas.domain.planning import Chain, PlanningError, nearest_expiry, plan_entry, plan_exit
from lambdas.domain.runs import positions_of
from lambdas.domain.strategy import Strategy
from tests.doubles.examples import (
    EXIT_TICK,
    FREEZE,
    TICK,
    TIMING,
    a_chain,
    a_contract,
    a_strategy,
    an_order,
    listings_of,
)

SPOT = Decimal("24512.30")
TWO_ACCOUNTS = [{"account_id": "zerodha-one"}, {"account_id": "angel-one"}]


def plan(strategy: Strategy, chains: dict[str, Chain] | None = None, **changes: Any) -> list[Intent]:
    arguments: dict[str, Any] = {
        "spot": SPOT,
        "chains": chains or {"zerodha-one": a_chain(), "angel-one": a_chain("angel_one")},
        "freeze_quantities": FREEZE,
        "not_after": TIMING.not_after,
    }
    return plan_entry(strategy, TICK, **{**arguments, **changes})


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

    def test_an_intent_carries_what_its_own_broker_calls_the_contract(self) -> None:
        other = [row.__class__(**{**row.__dict__, "symbol": f"A{row.symbol}"}) for row in listings_of()]
        chains = {"zerodha-one": a_chain(), "angel-one": a_chain("angel_one", other)}
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
        chains = {"zerodha-one": a_chain(listings=listings_of(freeze_quantity=65))}
        assert [i.quantity for i in plan(a_strategy(legs=legs), chains)] == [65, 65, 65]

    def test_a_strike_that_one_broker_does_not_list_is_chosen_nowhere(self) -> None:
        without = [row for row in listings_of() if row.contract.strike != 24500]
        chains = {"zerodha-one": a_chain(), "angel-one": a_chain("angel_one", without)}
        legs = [{"right": "CE", "side": "BUY", "lots": 2}]
        intents = plan(a_strategy(allocation=TWO_ACCOUNTS, legs=legs), chains)
        assert {i.contract for i in intents} == {a_contract(24550)}
        assert {i.account_id for i in intents} == {"zerodha-one", "angel-one"}

    def test_a_right_that_one_broker_does_not_list_names_leg_and_broker(self) -> None:
        calls = [row for row in listings_of() if str(row.contract.right) == "CE"]
        legs = [{"right": "CE", "side": "BUY", "lots": 1}, {"right": "PE", "side": "BUY", "lots": 1}]
        with pytest.raises(PlanningError, match=r"legs\[2\]: NIFTY 01 Dec 26 24500 PE is not listed at zerodha"):
            plan(a_strategy(legs=legs), {"zerodha-one": a_chain(listings=calls)})

    def test_an_offset_beyond_the_chain_names_the_leg(self) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 1, "strike_offset": 50}]
        with pytest.raises(PlanningError, match=r"legs\[1\]: strike ATM\+50 is not listed"):
            plan(a_strategy(legs=legs))

    def test_brokers_without_a_common_strike_refuse_the_leg(self) -> None:
        chains = {
            "zerodha-one": a_chain(listings=listings_of(24500)),
            "angel-one": a_chain("angel_one", listings_of(24550)),
        }
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


class TestExpiry:
    EXPIRIES = (date(2026, 12, 8), date(2026, 11, 23), date(2026, 12, 1))

    @pytest.mark.parametrize(
        ("day", "expiry"),
        [("2026-11-23", "2026-11-23"), ("2026-11-24", "2026-12-01"), ("2026-12-08", "2026-12-08")],
    )
    def test_the_nearest_expiry_is_today_or_later(self, day: str, expiry: str) -> None:
        assert nearest_expiry(self.EXPIRIES, date.fromisoformat(day)) == date.fromisoformat(expiry)

    @pytest.mark.parametrize("expiries", [(), EXPIRIES])
    def test_without_a_coming_expiry_the_master_is_asked_for(self, expiries: tuple[date, ...]) -> None:
        with pytest.raises(PlanningError, match="on or after 2026-12-09: is the instrument master"):
            nearest_expiry(expiries, date(2026, 12, 9))


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
