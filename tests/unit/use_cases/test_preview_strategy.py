"""Previews: everything that can be said is said, whatever else is missing, and nothing is done."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lambdas.domain.contracts import Quote
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.ports.broker import BrokerUnreachable
from lambdas.use_cases.preview_strategy import MarketPreview, Preview
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import EXPIRY, TICK, USER, a_definition, an_account, at, listings_of, otm
from tests.unit.use_cases.desk import Desk
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
ANGEL = {"account_id": "angel-one"}
ZERODHA = {"account_id": "zerodha-one"}
HEDGE = "NIFTY24700CE"
SPOT = Decimal("24512.30")


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    """One account at each of two brokers, both logged in, today's masters, and quotes from a model."""
    for account in (an_account(), an_account("angel-one", broker="angel_one")):
        broker = await scene.link(account)
        broker.market(SPOT, 0.14, listings_of())
    await scene.load_masters()
    return Desk(scene, max_lots_per_leg=100)


def brokers(desk: Desk) -> list[FakeBroker]:
    return list(desk.scene.brokers.accounts.values())


async def preview(desk: Desk, **changes: Any) -> Preview:
    return await desk.previewer.preview(USER, a_definition(**changes))


async def at_market(desk: Desk, **changes: Any) -> MarketPreview:
    """The market part, which must be there."""
    shown = await preview(desk, **changes)
    assert shown.no_market is None
    assert shown.at_market is not None
    return shown.at_market


class TestOnPaper:
    async def test_mode_paper_shows_the_paper_accounts_that_would_trade(self, desk: Desk) -> None:
        paper = an_account("on-paper", broker="paper", quotes_from="zerodha-one", listed_at="zerodha")
        (await desk.scene.link(paper)).market(SPOT, 0.14, listings_of())
        shown = await preview(desk, mode="paper", allocation=[ZERODHA])
        assert shown.problems == ()
        assert shown.at_market is not None
        assert shown.at_market.quoted_by == "on-paper"
        assert {order.share.account_id for leg in shown.at_market.legs for order in leg.orders} == {"on-paper"}

    async def test_without_one_the_problem_is_told_once_and_the_market_is_shown_all_the_same(self, desk: Desk) -> None:
        told = "mode: paper needs a paper account that quotes from account zerodha-one; link one"
        for enabled in (True, False):
            shown = await preview(desk, mode="paper", allocation=[ZERODHA], enabled=enabled)
            assert shown.problems == (told,)
            assert shown.at_market is not None
            assert shown.at_market.quoted_by == "zerodha-one"


class TestWhole:
    async def test_two_accounts_at_two_brokers_are_shown_whole(self, desk: Desk) -> None:
        shown = await preview(
            desk,
            allocation=[ZERODHA, ANGEL],
            multiplier="1.5",
            legs=[
                {"right": "CE", "side": "SELL", "lots": 1},
                {"right": "CE", "side": "BUY", "lots": 1, "strike": otm(4)},
            ],
        )
        assert (shown.problems, shown.no_market) == ((), None)
        assert [(leg.exact, leg.lots) for leg in shown.lots] == [(Fraction(3, 2), 1), (Fraction(3, 2), 1)]
        assert shown.rounding[:2] == ("legs[1]: 1.5 lots became 1", "legs[2]: 1.5 lots became 1")
        assert "legs[1]: zerodha-one trades 1 instead of 0.75 lots" in shown.rounding
        assert "legs[1]: angel-one trades 0 instead of 0.75 lots" in shown.rounding
        market = shown.at_market
        assert market is not None
        assert (market.market.spot, market.quoted_by, market.contracts_for) == (SPOT, "angel-one", TICK.date)
        assert [str(leg.resolved.contract) for leg in market.legs] == [
            "NIFTY 01 Dec 26 24500 CE",
            "NIFTY 01 Dec 26 24700 CE",
        ]
        assert all(leg.premium and leg.premium > 0 for leg in market.legs)
        assert [round(leg.volatility or 0, 2) for leg in market.legs] == [0.14, 0.14]
        assert [[order.quantity for order in leg.orders] for leg in market.legs] == [[65, 0], [65, 0]]
        assert market.warnings == ()

    async def test_a_spread_has_its_margin_and_its_payoff(self, desk: Desk) -> None:
        market = await at_market(desk)
        assert market.payoff is not None
        assert market.margin is not None
        short, hedge = (leg.premium for leg in market.legs)
        assert short is not None
        assert hedge is not None
        assert market.payoff.net_premium == 130 * (short - hedge)
        assert market.payoff.max_profit == market.payoff.net_premium
        assert market.payoff.max_loss == market.payoff.net_premium - 130 * 200
        assert market.margin.total > -market.payoff.max_loss
        assert [point.today is None for point in market.payoff.points[:1]] == [False]

    async def test_an_order_over_the_freeze_quantity_is_shown_in_slices(self, desk: Desk) -> None:
        legs = [{"right": "CE", "side": "BUY", "lots": 40, "allocation": [{**ZERODHA, "lots": 40}]}]
        (leg,) = (await at_market(desk, legs=legs)).legs
        (order,) = leg.orders
        assert (order.slices, order.quantity) == ((1755, 845), 2600)

    async def test_the_runs_of_two_months_and_every_day_between_them_have_reasons(self, desk: Desk) -> None:
        special = DayChange(
            date(2026, 11, 29), ChangeKind.SPECIAL_SESSION, "Drill", at("09:15").time(), at("12:00").time()
        )
        await desk.scene.controls.change_day(special, by="an operator", at=at("08:00"))
        coming = (await preview(desk, schedule={"weekdays": ["MON", "TUE"], "entry": "09:20", "exit": "15:15"})).coming
        november, december = [(11, 23), (11, 30)], [(12, day) for day in (1, 7, 8, 14, 15, 21, 22, 28, 29)]
        assert [(day.date.month, day.date.day) for day in coming if day.runs] == november + december
        whys = {day.date: day.reason for day in coming if not day.runs}
        assert whys == {
            date(2026, 11, 24): "holiday: Guru Nanak Jayanti",
            date(2026, 11, 29): "special session: Drill; this strategy does not trade special sessions",
            date(2027, 1, 1): "no calendar for 2027: add its file before trading it",
        }
        assert all(day.entry and day.exit for day in coming if day.runs)

    async def test_contracts_are_those_of_the_next_run(self, desk: Desk) -> None:
        later = EXPIRY + timedelta(days=7)
        for broker in ("zerodha", "angel_one"):
            rows = [*listings_of(), *listings_of(expiry=later)]
            await desk.scene.contracts.save_listings(broker, TICK.date, rows)
        market = await at_market(desk, schedule={"weekdays": ["WED"], "entry": "09:20", "exit": "15:15"})
        assert market.contracts_for == date(2026, 11, 25)
        desk.scene.clock.move_to(at("16:00"))
        late = await at_market(desk, schedule={"weekdays": ["FRI"], "entry": "09:20", "exit": "15:15"})
        assert late.contracts_for == date(2026, 11, 27)
        assert {leg.resolved.contract.expiry for leg in late.legs} == {EXPIRY}


class TestProblems:
    async def test_problems_hide_nothing_else(self, desk: Desk) -> None:
        shown = await preview(desk, basket_id="gone", risk={"stop": 5000})
        assert [problem.split(":")[0] for problem in shown.problems] == ["basket_id", "risk.stop"]
        assert shown.at_market is not None
        assert shown.at_market.payoff is not None
        assert len(shown.coming) > 0

    async def test_lots_beyond_the_limit_are_a_problem_and_not_millions_of_orders(self, desk: Desk) -> None:
        shown = await preview(desk, multiplier=1000, legs=[{"right": "CE", "side": "BUY", "lots": 10_000}])
        assert len(shown.problems) == 1
        assert "is above the limit of 100" in shown.problems[0]
        assert shown.at_market is not None
        (order,) = shown.at_market.legs[0].orders
        assert (order.slices, order.quantity) == ((), 10_000_000 * 65)
        assert shown.at_market.payoff is not None

    async def test_no_whole_lot_is_a_problem_and_has_no_payoff(self, desk: Desk) -> None:
        shown = await preview(desk, multiplier="0.25", legs=[{"right": "CE", "side": "BUY", "lots": 1}])
        assert "no whole lot" in shown.problems[0]
        assert shown.at_market is not None
        assert (shown.at_market.payoff, shown.at_market.margin) == (None, None)
        assert len(shown.at_market.warnings) == 2

    async def test_more_orders_than_a_run_may_have_are_warned_of(self, desk: Desk) -> None:
        wide = Desk(desk.scene, max_lots_per_leg=10_000)
        market = await at_market(wide, legs=[{"right": "CE", "side": "BUY", "lots": 5000}])
        assert any("orders at once are more than" in warning for warning in market.warnings)

    async def test_an_account_that_is_not_linked_is_named_and_the_rest_is_there(self, desk: Desk) -> None:
        shown = await preview(desk, allocation=[ZERODHA, {"account_id": "gone"}])
        assert shown.no_market == "allocation: gone is not linked; link it to see prices"
        assert any(problem.startswith("allocation: account 'gone' is not linked") for problem in shown.problems)
        assert [leg.lots for leg in shown.lots] == [2, 2]
        assert len(shown.coming) > 0


class TestNoMarket:
    async def test_without_a_session_the_reason_is_told_and_the_rest_is_there(self, desk: Desk) -> None:
        await desk.scene.accounts.save_account(an_account(session_expires_at=None))
        shown = await preview(desk)
        assert shown.at_market is None
        assert shown.no_market == "no quote for NIFTY: account zerodha-one has never been logged in to zerodha"
        assert shown.problems == ()
        assert [leg.lots for leg in shown.lots] == [2, 2]
        assert any(day.runs for day in shown.coming)

    async def test_another_account_with_a_session_quotes_instead(self, desk: Desk) -> None:
        await desk.scene.accounts.save_account(an_account("angel-one", broker="angel_one", session_expires_at=None))
        assert (await at_market(desk, allocation=[ANGEL, ZERODHA])).quoted_by == "zerodha-one"

    async def test_a_broker_that_does_not_answer_is_named(self, desk: Desk) -> None:
        for broker in brokers(desk):
            broker.trouble = BrokerUnreachable("no connection")
        shown = await preview(desk)
        assert shown.no_market == "no quote for NIFTY: zerodha account zerodha-one: no connection"

    async def test_quotes_that_fail_after_the_index_are_named(self, desk: Desk) -> None:
        for broker in brokers(desk):
            broker.unreadable_quotes = BrokerUnreachable("busy")
        assert (await preview(desk)).no_market == "no quotes from zerodha account zerodha-one: busy"

    async def test_a_master_that_was_never_loaded_is_named(self, scene: Scene) -> None:
        await scene.link()
        shown = await preview(Desk(scene))
        assert shown.no_market == "no instrument master of zerodha is loaded for NIFTY"

    async def test_a_strike_that_is_not_listed_names_its_leg(self, desk: Desk) -> None:
        shown = await preview(desk, legs=[{"right": "CE", "side": "BUY", "lots": 1, "strike": otm(90)}])
        assert shown.no_market is not None
        assert shown.no_market.startswith("legs[1]: strike ATM+90 is not listed")

    async def test_keys_that_are_gone_are_named(self, desk: Desk) -> None:
        await desk.scene.accounts.save_account(an_account("zerodha-two"))
        shown = await preview(desk, allocation=[{"account_id": "zerodha-two"}])
        assert shown.no_market is not None
        assert "no keys are stored for account zerodha-two" in shown.no_market


class TestWarnings:
    @pytest.mark.parametrize("quote", [None, Quote(Decimal(0))])
    async def test_a_leg_without_a_price_has_no_payoff_but_says_so(self, desk: Desk, quote: Quote | None) -> None:
        for broker in brokers(desk):
            if quote is None:
                broker.missing_quotes = {HEDGE}
            else:
                broker.quoted[HEDGE] = quote
        market = await at_market(desk)
        assert (market.payoff, market.margin) == (None, None)
        assert market.warnings == (
            "no margin: legs[2]: NIFTY 01 Dec 26 24700 CE has no price now",
            "no payoff: legs[2]: NIFTY 01 Dec 26 24700 CE has no price now",
        )
        assert market.legs[0].premium is not None

    async def test_without_the_straddle_there_is_a_payoff_at_expiry_only(self, desk: Desk) -> None:
        for broker in brokers(desk):
            broker.missing_quotes = {"NIFTY24500PE"}
        market = await at_market(desk)
        assert market.payoff is not None
        assert {point.today for point in market.payoff.points} == {None}
        assert [leg.volatility for leg in market.legs] == [None, None]

    async def test_the_contracts_of_yesterday_are_warned_of_by_broker(self, desk: Desk) -> None:
        await desk.scene.contracts.save_listings("angel_one", date(2026, 11, 20), listings_of())
        market = await at_market(desk, allocation=[ZERODHA, ANGEL])
        assert market.warnings == ("the contracts of angel_one are those of 20 Nov 2026",)
        assert (await at_market(desk)).warnings == ()

    async def test_a_margin_above_the_capital_of_the_basket_is_warned_of(self, desk: Desk) -> None:
        await desk.keep("small", capital="1000")
        await desk.keep("large", capital="100000000")
        poor = await at_market(desk, basket_id="small")
        assert poor.margin is not None
        assert poor.warnings == (f"the estimated margin {poor.margin.total} is above the basket's capital 1000",)
        assert (await at_market(desk, basket_id="large")).warnings == ()

    async def test_the_multiplier_of_the_basket_is_applied(self, desk: Desk) -> None:
        await desk.keep(multiplier=3)
        market = await at_market(desk, basket_id="basket")
        assert [leg.quantity for leg in market.legs] == [390, 390]


class TestNothingIsDone:
    async def test_nothing_is_stored_and_nothing_is_ordered(self, desk: Desk) -> None:
        await desk.save()
        before = await desk.strategies(), await desk.baskets(), await desk.scene.accounts.accounts(USER)
        await preview(desk, allocation=[ZERODHA, ANGEL], name="Another")
        assert (await desk.strategies(), await desk.baskets(), await desk.scene.accounts.accounts(USER)) == before
        day = await desk.scene.runs.day(USER, TICK.date)
        assert (list(day.runs), list(day.orders)) == ([], [])
        for broker in brokers(desk):
            assert (broker.sent, broker.cancelled) == ([], [])
            assert set(broker.calls) <= {"index_quote", "quotes"}

    async def test_every_connection_is_closed(self, desk: Desk) -> None:
        await preview(desk)
        await preview(desk, legs=[{"right": "CE", "side": "BUY", "lots": 1, "strike": otm(90)}])
        used = desk.scene.brokers.accounts[USER, "zerodha-one"]
        assert used.closed == 2

    async def test_the_accounts_and_baskets_of_others_are_not_seen(self, desk: Desk) -> None:
        await desk.keep()
        shown = await desk.previewer.preview("user-two", a_definition(basket_id="basket"))
        assert shown.no_market == "allocation: zerodha-one is not linked; link it to see prices"
        assert any("you have no basket 'basket'" in problem for problem in shown.problems)
