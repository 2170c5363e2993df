"""What is read of a market: no more than needed, once for all, from an account that answers, and then closed."""

import asyncio
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.chains import Chain
from lambdas.domain.contracts import Listing, Quote, Right
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.strategy import StrategyDefinition
from lambdas.ports.broker import BrokerBusy, BrokerUnreachable
from lambdas.use_cases import read_market
from lambdas.use_cases.read_market import MarketReader, Reading, Resolved
from tests.doubles.broker import FakeBroker
from tests.doubles.contracts import MemoryContracts
from tests.doubles.examples import EXPIRY, TICK, USER, a_contract, a_definition, an_account, at, listings_of
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
SPOT = Decimal("24512.30")
TWO_ACCOUNTS: dict[str, Any] = {"allocation": [{"account_id": "zerodha-one"}, {"account_id": "angel-one"}]}
LATER = date(2026, 12, 8)


def by_delta(right: str = "CE", delta: str = "0.3", **changes: Any) -> StrategyDefinition:
    """One leg that goes by delta."""
    leg = {"right": right, "side": "SELL", "lots": 1, "strike": {"by": "delta", "delta": delta}}
    return a_definition(legs=[leg], **changes)


async def ready(scene: Scene, listings: list[Listing] | None = None) -> tuple[FakeBroker, FakeBroker]:
    """Two accounts at two brokers that list and quote the same; the brokers, Zerodha first."""
    brokers = (await scene.link(), await scene.link(an_account("angel-one", broker="angel_one")))
    rows = listings or listings_of()
    for name, broker in zip(("zerodha", "angel_one"), brokers, strict=True):
        await scene.contracts.save_listings(name, TICK.date, rows)
        broker.market(SPOT, 0.14, rows)
    return brokers


async def reading(scene: Scene) -> Reading:
    accounts = {account.account_id: account for account in await scene.accounts.accounts(USER)}
    return MarketReader(scene.contracts, scene.secrets, scene.brokers, scene.clock).reading(accounts)


async def resolved(scene: Scene, *definitions: StrategyDefinition, **options: Any) -> list[Resolved]:
    """What these mean, all in one reading."""
    async with await reading(scene) as open_reading:
        return [await open_reading.resolve(definition, TICK.date, **options) for definition in definitions]


class TestMasters:
    async def test_strategies_of_one_moment_load_each_chain_once(self, scene: Scene) -> None:
        asked: list[tuple[str, str, date]] = []

        class Counted(MemoryContracts):
            async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
                asked.append((broker, underlying, expiry))
                await asyncio.sleep(0)
                return await super().chain(broker, underlying, expiry)

        scene.contracts = Counted()
        await ready(scene)
        async with await reading(scene) as one:
            await asyncio.gather(*(one.resolve(a_definition(**TWO_ACCOUNTS), TICK.date) for _ in range(20)))
        assert sorted(asked) == [("angel_one", "NIFTY", EXPIRY), ("zerodha", "NIFTY", EXPIRY)]


class TestSpot:
    async def test_a_broker_that_hangs_is_waited_for_once(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        _, angel = await ready(scene)
        asked: list[str] = []

        async def hangs(underlying: str) -> Quote:
            asked.append(underlying)
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")

        monkeypatch.setattr(angel, "index_quote", hangs)
        monkeypatch.setattr(read_market, "PATIENCE_SECONDS", 0.02)
        other = {**TWO_ACCOUNTS, "underlying": "BANKNIFTY", "name": "Other"}
        (found,) = await resolved(scene, a_definition(**TWO_ACCOUNTS))
        assert found.quoted_by == "zerodha-one"
        with pytest.raises(PlanningError, match="account angel-one did not answer in time"):
            await resolved(scene, a_definition(allocation=[{"account_id": "angel-one"}]))
        async with await reading(scene) as open_reading:
            await open_reading.resolve(a_definition(**TWO_ACCOUNTS), TICK.date)
            asked.clear()
            with pytest.raises(PlanningError):
                await open_reading.resolve(a_definition(**other), TICK.date)
        assert asked == []

    async def test_it_comes_from_the_first_account_by_name_that_answers(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        zerodha.spots["NIFTY"] = Decimal(24000)
        (found,) = await resolved(scene, a_definition(**TWO_ACCOUNTS))
        assert (found.quoted_by, found.market.spot) == ("angel-one", SPOT)
        angel.trouble = BrokerUnreachable("connection refused")
        (found,) = await resolved(scene, a_definition(**TWO_ACCOUNTS))
        assert (found.quoted_by, found.market.spot) == ("zerodha-one", Decimal(24000))

    async def test_an_account_whose_session_is_over_is_not_opened(self, scene: Scene) -> None:
        await ready(scene)
        angel = await scene.link(an_account("angel-one", broker="angel_one", session_expires_at=at("06:00")))
        (found,) = await resolved(scene, a_definition(**TWO_ACCOUNTS))
        assert found.quoted_by == "zerodha-one"
        assert (angel.calls, angel.closed) == ([], 0)

    async def test_when_nobody_answers_each_account_says_why(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        zerodha.trouble = BrokerBusy("too many requests")
        await scene.link(an_account("angel-one", broker="angel_one", enabled=False))
        with pytest.raises(PlanningError) as caught:
            await resolved(scene, a_definition(**TWO_ACCOUNTS))
        assert str(caught.value) == (
            "no quote for NIFTY: account angel-one is disabled; zerodha account zerodha-one: too many requests"
        )

    async def test_it_is_asked_once_for_all_that_share_an_account(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        await resolved(scene, a_definition(), a_definition(), a_definition(**TWO_ACCOUNTS))
        assert (zerodha.calls, angel.calls) == (["index_quote"], [])

    async def test_a_strategy_that_does_not_trade_an_account_does_not_go_by_its_spot(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        angel.spots["NIFTY"] = Decimal(24600)
        here, there = await resolved(scene, a_definition(), a_definition(allocation=[{"account_id": "angel-one"}]))
        assert (here.market.spot, there.market.spot) == (SPOT, Decimal(24600))
        assert (zerodha.calls, angel.calls) == (["index_quote"], ["index_quote"])

    async def test_another_reading_asks_again(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        await resolved(scene, a_definition())
        zerodha.spots["NIFTY"] = Decimal(24600)
        (found,) = await resolved(scene, a_definition())
        assert found.market.spot == 24600


class WithoutChains(MemoryContracts):
    """Expiries are listed, but their contracts are gone."""

    async def chain(self, broker: str, underlying: str, expiry: date) -> Chain | None:
        return None


class TestContracts:
    async def test_without_a_master_no_broker_is_asked(self, scene: Scene) -> None:
        zerodha = await scene.link()
        with pytest.raises(PlanningError, match="no instrument master of zerodha is loaded for NIFTY"):
            await resolved(scene, a_definition())
        assert zerodha.calls == []

    async def test_a_master_that_lists_an_expiry_without_contracts_is_incomplete(self, scene: Scene) -> None:
        scene.contracts = WithoutChains()
        await ready(scene)
        with pytest.raises(PlanningError, match="master of zerodha is incomplete for NIFTY 2026-12-01"):
            await resolved(scene, a_definition())

    async def test_the_chain_of_every_expiry_at_every_broker_that_is_used(self, scene: Scene) -> None:
        await ready(scene, listings_of() + listings_of(expiry=LATER))
        legs = [
            {"right": "CE", "side": "SELL", "lots": 1},
            {"right": "CE", "side": "BUY", "lots": 1, "expiry": {"kind": "next_week"}},
        ]
        (both,) = await resolved(scene, a_definition(legs=legs, **TWO_ACCOUNTS))
        assert {broker: set(chains) for broker, chains in both.market.chains.items()} == {
            "zerodha": {EXPIRY, LATER},
            "angel_one": {EXPIRY, LATER},
        }
        (one,) = await resolved(scene, a_definition())
        assert {broker: set(chains) for broker, chains in one.market.chains.items()} == {"zerodha": {EXPIRY}}

    async def test_only_the_accounts_that_are_told_count(self, scene: Scene) -> None:
        await ready(scene)
        (found,) = await resolved(scene, a_definition(**TWO_ACCOUNTS), account_ids=["zerodha-one"])
        assert (found.quoted_by, set(found.market.chains)) == ("zerodha-one", {"zerodha"})

    async def test_the_market_is_of_the_moment_of_reading(self, scene: Scene) -> None:
        await ready(scene)
        (found,) = await resolved(scene, a_definition())
        assert (found.market.underlying, found.market.at) == ("NIFTY", at("09:19:45"))


class TestQuotes:
    async def test_rules_by_strike_ask_for_none(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        (found,) = await resolved(scene, a_definition())
        assert (zerodha.asked, found.market.quotes) == ([], {})

    async def test_a_rule_by_price_asks_for_what_it_needs_at_once(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        (found,) = await resolved(scene, by_delta("CE"))
        calls = {row.symbol for row in listings_of() if row.contract.right is Right.CE}
        assert zerodha.asked == [calls | {"NIFTY24500PE"}]
        assert found.legs[0].contract.strike > SPOT
        assert "forward 24512.3" in found.legs[0].reason

    async def test_the_same_quotes_serve_all_and_only_new_ones_are_asked(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        await resolved(scene, by_delta("CE"), by_delta("CE", "0.2"), by_delta("PE"))
        first, second = zerodha.asked
        assert "NIFTY24500PE" in first
        assert second == {row.symbol for row in listings_of() if row.contract.right is Right.PE} - {"NIFTY24500PE"}

    async def test_a_contract_without_a_quote_is_passed_over(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        (plain,) = await resolved(scene, by_delta())
        symbol = f"NIFTY{plain.legs[0].contract.strike}CE"
        zerodha.missing_quotes.add(symbol)
        (found,) = await resolved(scene, by_delta())
        assert abs(found.legs[0].contract.strike - plain.legs[0].contract.strike) == 50
        assert plain.legs[0].contract not in found.market.quotes

    async def test_they_come_from_the_account_that_gave_the_spot_in_its_own_symbols(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        renamed = [Listing(**{**vars(row), "symbol": f"A-{row.symbol}"}) for row in listings_of()]
        await scene.contracts.save_listings("angel_one", TICK.date, renamed)
        angel.market(SPOT, 0.14, renamed)
        (found,) = await resolved(scene, by_delta(**TWO_ACCOUNTS))
        assert found.quoted_by == "angel-one"
        assert zerodha.asked == []
        assert all(symbol.startswith("A-") for symbol in angel.asked[0])

    async def test_a_broker_that_fails_is_named_with_its_words(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        zerodha.unreadable_quotes = BrokerBusy("too many requests")
        with pytest.raises(PlanningError, match="no quotes from zerodha account zerodha-one: too many requests"):
            await resolved(scene, by_delta())

    async def test_after_a_failure_the_next_strategy_asks_again(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        zerodha.unreadable_quotes = BrokerBusy("too many requests")
        async with await reading(scene) as open_reading:
            with pytest.raises(PlanningError):
                await open_reading.resolve(by_delta(), TICK.date)
            zerodha.unreadable_quotes = None
            assert (await open_reading.resolve(by_delta(), TICK.date)).legs
        assert len(zerodha.asked) == 2

    async def test_more_quotes_are_added_to_what_is_known(self, scene: Scene) -> None:
        zerodha, _ = await ready(scene)
        wanted = {a_contract(24500), a_contract(24700)}
        async with await reading(scene) as open_reading:
            before = await open_reading.resolve(by_delta("PE"), TICK.date)
            after = await open_reading.quote(before, wanted)
        assert after.market.quotes == {**before.market.quotes, **quotes_in(zerodha, 24500, 24700)}
        assert zerodha.asked[1:] == [{"NIFTY24700CE"}]
        assert (after.legs, after.quoted_by) == (before.legs, before.quoted_by)


def quotes_in(broker: FakeBroker, *strikes: int) -> Mapping[Any, Quote]:
    return {a_contract(strike): broker.quoted[f"NIFTY{strike}CE"] for strike in strikes}


class TestConnections:
    async def test_each_account_is_opened_once_and_closed_at_the_end(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        async with await reading(scene) as open_reading:
            for _ in range(3):
                await open_reading.resolve(by_delta(), TICK.date)
            assert zerodha.closed == 0
        assert scene.brokers.opened == ["zerodha-one"]
        assert (zerodha.closed, angel.closed) == (1, 0)

    async def test_they_are_closed_after_an_error_too(self, scene: Scene) -> None:
        zerodha, angel = await ready(scene)
        angel.trouble = BrokerUnreachable("connection refused")
        zerodha.unreadable_quotes = BrokerBusy("too many requests")
        with pytest.raises(PlanningError):
            await resolved(scene, by_delta(**TWO_ACCOUNTS))
        assert (zerodha.closed, angel.closed) == (1, 1)

    async def test_keys_that_are_gone_leave_the_spot_to_another_account(self, scene: Scene) -> None:
        await ready(scene)
        await scene.accounts.save_account(an_account("aaa-keyless"))
        both = a_definition(allocation=[{"account_id": "aaa-keyless"}, {"account_id": "zerodha-one"}])
        (found,) = await resolved(scene, both)
        assert found.quoted_by == "zerodha-one"
