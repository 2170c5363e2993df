"""The check before the open: what a broker no longer accepts is renewed or told, and what is unclear stays."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.ports.broker import BrokerGarbled, BrokerRefused, BrokerUnreachable, Profile, SessionOver
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import AccountSecret
from lambdas.use_cases import check_sessions
from lambdas.use_cases.check_sessions import SessionChecker
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import USER, a_strategy, an_account, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
OTHER = "user-two"
MORNING = at("08:45")
OVER = SessionOver("zerodha: TokenException: the token is not valid")
ANGEL = an_account("angel-one", broker="angel_one", client_id="angel-one", session_expires_at=at("00:00"))
NEW = BrokerSession({"access_token": "new"}, "angel-one", at("00:00", "2026-11-24"))
NOW_TRADING = replace(ANGEL, session_expires_at=NEW.expires_at)


class MeanwhileBroker(FakeBroker):
    """Something happens before it answers."""

    def __init__(self, scene: Scene, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(scene.clock)
        self.meanwhile = meanwhile

    async def warm(self, connections: int) -> Profile:
        await self.meanwhile()
        return await super().warm(connections)


class TestCheckSessions:
    @pytest.fixture
    def scene(self) -> Scene:
        return Scene(MORNING)

    def checker(self, scene: Scene) -> SessionChecker:
        return SessionChecker(
            accounts=scene.accounts,
            secrets=scene.secrets,
            strategies=scene.strategies,
            controls=scene.controls,
            brokers=scene.brokers,
            events=scene.events,
            clock=scene.clock,
            calendar=scene.calendar,
        )

    async def link(self, scene: Scene, account_id: str = "zerodha-one", **changes: Any) -> FakeBroker:
        """An account whose client is the one that its broker tells."""
        return await scene.link(an_account(account_id, **{"client_id": account_id, **changes}))

    async def link_at(self, scene: Scene, broker: FakeBroker, account_id: str = "zerodha-one") -> None:
        """An account at that broker."""
        await self.link(scene, account_id)
        broker.client_id = account_id
        scene.brokers.accounts[USER, account_id] = broker

    async def angel(self, scene: Scene, account: Account = ANGEL) -> FakeBroker:
        """An account at the broker that needs no browser, with all that a login takes."""
        broker = await scene.link(account)
        keys = AccountSecret({"api_key": "key", "pin": "1234"}, {"access_token": "old"})
        await scene.secrets.write(USER, "angel-one", keys)
        return broker

    async def account(self, scene: Scene, account_id: str = "zerodha-one") -> Account:
        account = await scene.accounts.account(USER, account_id)
        assert account is not None
        return account

    async def test_every_enabled_account_of_every_user_is_asked(self, scene: Scene) -> None:
        brokers = [
            await self.link(scene),
            await self.link(scene, user_id=OTHER),
            await self.link(scene, "off", enabled=False),
        ]
        assert await self.checker(scene).check() == {"usable": 2}
        assert [broker.calls for broker in brokers] == [["warm", "funds"], ["warm", "funds"], []]
        assert scene.events.published == []
        assert await self.account(scene) == an_account(client_id="zerodha-one")

    async def test_a_session_that_its_broker_ended_ends_here_and_names_who_needs_it(self, scene: Scene) -> None:
        (await self.link(scene)).trouble = OVER
        for strategy in (
            a_strategy(),
            a_strategy("off", enabled=False),
            a_strategy("tuesday", schedule={"weekdays": ["TUE"], "entry": "09:20", "exit": "15:15"}),
            a_strategy("elsewhere", allocation=[{"account_id": "angel-one"}]),
            a_strategy("theirs", user_id=OTHER, name="Theirs"),
        ):
            await scene.strategies.save(strategy)
        assert await self.checker(scene).check() == {"ended": 1}
        account = await self.account(scene)
        assert (account.session_expires_at, account.session_end_reason) == (MORNING, str(OVER))
        assert scene.events.of("SessionEnded") == [
            {
                "user_id": USER,
                "account_id": "zerodha-one",
                "label": "Mine",
                "broker": "zerodha",
                "reason": str(OVER),
                "strategies": ["Morning spread"],
            }
        ]

    async def test_a_strategy_of_a_basket_that_is_off_needs_no_session(self, scene: Scene) -> None:
        (await self.link(scene, session_expires_at=at("06:00"))).trouble = OVER
        definition = BasketDefinition(name="Income", enabled=False)
        await scene.strategies.save_basket(Basket(user_id=USER, basket_id="income", version=1, definition=definition))
        await scene.strategies.save(a_strategy(basket_id="income"))
        assert await self.checker(scene).check() == {"ended": 1}
        assert scene.events.published == []

    async def test_an_ended_session_is_told_again_as_long_as_somebody_needs_it(self, scene: Scene) -> None:
        (await self.link(scene)).trouble = OVER
        await self.checker(scene).check()
        await self.checker(scene).check()
        assert len(scene.events.of("SessionEnded")) == 1
        await scene.strategies.save(a_strategy())
        await self.checker(scene).check()
        assert [event["strategies"] for event in scene.events.of("SessionEnded")] == [[], ["Morning spread"]]

    async def test_a_session_that_is_known_to_be_over_is_not_tried(self, scene: Scene) -> None:
        broker = await self.link(scene, session_expires_at=at("06:00"))
        never = await self.link(scene, "zerodha-new", session_expires_at=None)
        await scene.strategies.save(a_strategy(allocation=[{"account_id": "zerodha-new"}]))
        assert await self.checker(scene).check() == {"ended": 2}
        assert broker.calls == never.calls == []
        (event,) = scene.events.of("SessionEnded")
        assert event["reason"] == "account zerodha-new has never been logged in to zerodha"
        assert (await self.account(scene)).session_expires_at == at("06:00")

    @pytest.mark.parametrize("error", [BrokerUnreachable("down"), BrokerGarbled("?"), BrokerRefused("maintenance")])
    async def test_a_broker_without_an_answer_ends_no_session(self, scene: Scene, error: Any) -> None:
        (await self.link(scene)).trouble = error
        assert await self.checker(scene).check() == {"unclear": 1}
        assert await self.account(scene) == an_account(client_id="zerodha-one")
        assert scene.events.published == []

    async def test_a_session_of_another_client_does_not_trade(self, scene: Scene) -> None:
        await self.link(scene, client_id="AB1234")
        assert await self.checker(scene).check() == {"ended": 1}
        assert "belongs to zerodha-one, the account to AB1234" in (await self.account(scene)).session_end_reason

    async def test_keys_that_are_gone_end_the_session(self, scene: Scene) -> None:
        await self.link(scene)
        await scene.secrets.delete(USER, "zerodha-one")
        assert await self.checker(scene).check() == {"ended": 1}
        assert "link it again" in (await self.account(scene)).session_end_reason

    async def test_a_broker_that_needs_no_browser_is_logged_in_to_without_the_user(self, scene: Scene) -> None:
        broker = await self.angel(scene)
        scene.brokers.session = NEW
        assert await self.checker(scene).check() == {"renewed": 1}
        assert scene.brokers.callbacks == [{}]
        assert await self.account(scene, "angel-one") == NOW_TRADING
        assert (await scene.secrets.read(USER, "angel-one")).tokens == {"access_token": "new"}
        assert broker.calls == ["warm", "funds"]
        assert scene.events.published == []

    async def test_a_session_that_can_go_on_is_refreshed(self, scene: Scene) -> None:
        await self.link(scene, session_expires_at=at("06:00"))
        scene.brokers.refreshed = replace(NEW, client_id="zerodha-one")
        assert await self.checker(scene).check() == {"renewed": 1}
        assert (await scene.secrets.read(USER, "zerodha-one")).tokens == {"access_token": "new"}
        assert scene.brokers.callbacks == []

    async def test_a_refresh_that_is_refused_leaves_the_login(self, scene: Scene) -> None:
        await self.angel(scene)
        scene.brokers.refreshed = BrokerRefused("the refresh token is too old")
        scene.brokers.session = NEW
        assert await self.checker(scene).check() == {"renewed": 1}
        assert await self.account(scene, "angel-one") == NOW_TRADING

    async def test_a_broker_with_a_page_is_never_logged_in_to_without_the_user(self, scene: Scene) -> None:
        (await self.link(scene)).trouble = OVER
        scene.brokers.session = NEW
        assert await self.checker(scene).check() == {"ended": 1}
        assert scene.brokers.callbacks == []

    async def test_a_login_without_all_keys_is_not_tried(self, scene: Scene) -> None:
        await self.angel(scene)
        await scene.secrets.write(USER, "angel-one", AccountSecret({"api_key": "", "pin": "1234"}))
        assert await self.checker(scene).check() == {"ended": 1}
        assert scene.brokers.callbacks == []

    async def test_a_login_that_fails_tells_both_reasons(self, scene: Scene) -> None:
        await self.angel(scene)
        await scene.strategies.save(a_strategy(allocation=[{"account_id": "angel-one"}]))
        scene.brokers.login_error = BrokerRefused("the PIN is wrong")
        assert await self.checker(scene).check() == {"ended": 1}
        (event,) = scene.events.of("SessionEnded")
        assert "ended at 23 Nov 00:00" in event["reason"]
        assert event["reason"].endswith("a new session could not be started: the PIN is wrong")

    async def test_a_new_session_that_does_not_work_ends_at_once(self, scene: Scene) -> None:
        (await self.angel(scene)).trouble = SessionOver("angel_one: AG8001")
        scene.brokers.session = NEW
        assert await self.checker(scene).check() == {"ended": 1}
        account = await self.account(scene, "angel-one")
        assert account.session_expires_at == MORNING
        assert "right after a new session began" in account.session_end_reason

    async def test_a_new_session_of_another_client_ends_at_once(self, scene: Scene) -> None:
        await self.angel(scene)
        scene.brokers.session = replace(NEW, client_id="another")
        assert await self.checker(scene).check() == {"ended": 1}
        assert "belongs to angel-one" in (await self.account(scene, "angel-one")).session_end_reason

    async def test_a_login_in_the_meantime_is_not_undone(self, scene: Scene) -> None:
        again = an_account(client_id="zerodha-one", session_expires_at=at("06:00", "2026-11-25"))

        async def log_in() -> None:
            await scene.accounts.save_account(again)
            raise OVER

        await self.link_at(scene, MeanwhileBroker(scene, log_in))
        assert await self.checker(scene).check() == {"unclear": 1}
        assert await self.account(scene) == again
        assert scene.events.published == []

    async def test_an_account_that_was_unlinked_in_the_meantime_stays_so(self, scene: Scene) -> None:
        await self.angel(scene)
        scene.brokers.session = NEW
        scene.brokers.while_logging_in = lambda: scene.accounts.delete_account(USER, "angel-one")
        assert await self.checker(scene).check() == {"gone": 1}
        assert await scene.accounts.accounts(USER) == []

    @pytest.mark.parametrize(("day", "asked"), [("2026-11-22", False), ("2026-11-23", True)])
    async def test_nobody_is_asked_on_a_closed_day(self, day: str, asked: bool) -> None:
        scene = Scene(datetime.fromisoformat(f"{day}T08:45+05:30"))
        broker = await self.link(scene)
        await self.checker(scene).check()
        assert bool(broker.calls) is asked

    async def test_a_holiday_that_an_operator_made_counts(self, scene: Scene) -> None:
        broker = await self.link(scene)
        change = DayChange(date(2026, 11, 23), ChangeKind.HOLIDAY, "Outage")
        await scene.controls.change_day(change, by="operator", at=MORNING)
        assert await self.checker(scene).check() == {}
        assert broker.calls == []

    async def test_what_nobody_foresaw_is_raised_after_every_account_had_its_turn(self, scene: Scene) -> None:
        (await self.link(scene)).trouble = OVER

        async def fail() -> None:
            raise KeyError("odd")

        await self.link_at(scene, MeanwhileBroker(scene, fail), "a-odd")
        with pytest.raises(BaseExceptionGroup) as caught:
            await self.checker(scene).check()
        assert [type(error) for error in caught.value.exceptions] == [KeyError]
        assert scene.events.names == ["SessionEnded"]

    async def test_only_so_many_accounts_are_asked_at_once(self, scene: Scene) -> None:
        busy, most = 0, 0

        async def count() -> None:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0)
            busy -= 1

        for number in range(check_sessions.AT_ONCE + 5):
            await self.link_at(scene, MeanwhileBroker(scene, count), f"account-{number}")
        assert await self.checker(scene).check() == {"usable": check_sessions.AT_ONCE + 5}
        assert most == check_sessions.AT_ONCE
