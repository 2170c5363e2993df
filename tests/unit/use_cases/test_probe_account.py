"""Trying an account out: real calls, their answers, and a session of somebody else."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lambdas.ports.broker import Funds, SessionOver
from lambdas.use_cases.broker_accounts import AccountUnknown, LinkRefused
from lambdas.use_cases.probe_account import AccountProbe, Findings
from tests.doubles.examples import USER, an_account
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio


class TestProbe:
    def probe(self, scene: Scene) -> AccountProbe:
        return AccountProbe(scene.accounts, scene.secrets, scene.brokers, scene.clock)

    async def test_the_broker_is_asked_for_profile_and_funds(self, scene: Scene) -> None:
        broker = await scene.link(an_account(client_id="zerodha-ONE"))
        broker.money = Funds(Decimal("1000.50"), Decimal(20))
        assert await self.probe(scene).probe(USER, "zerodha-one") == Findings(
            "zerodha-one", "A trader", Decimal("1000.50"), Decimal(20), timedelta(0), ()
        )
        assert (broker.calls, broker.closed) == (["warm", "funds"], 1)

    async def test_a_session_of_another_client_is_a_problem(self, scene: Scene) -> None:
        await scene.link(an_account(client_id="AB1234"))
        found = await self.probe(scene).probe(USER, "zerodha-one")
        assert found.problems == ("client_id: the session belongs to zerodha-one, the account to AB1234; log in again",)

    async def test_what_the_broker_refuses_is_told_and_the_connection_closed(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.trouble = SessionOver("zerodha: TokenException")
        with pytest.raises(SessionOver):
            await self.probe(scene).probe(USER, "zerodha-one")
        assert broker.closed == 1

    async def test_an_account_before_its_first_login_is_not_asked_for(self, scene: Scene) -> None:
        await scene.link(an_account(session_expires_at=None))
        with pytest.raises(LinkRefused, match="never been logged in"):
            await self.probe(scene).probe(USER, "zerodha-one")
        assert scene.brokers.opened == []

    async def test_the_account_of_another_user_is_unknown(self, scene: Scene) -> None:
        await scene.link(an_account(user_id="user-two"))
        with pytest.raises(AccountUnknown):
            await self.probe(scene).probe(USER, "zerodha-one")
        assert scene.brokers.opened == []
