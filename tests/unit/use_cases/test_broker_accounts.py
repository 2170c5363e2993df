"""Linking accounts: refusals say everything, failures keep what was."""

from typing import Any

import pytest

from lambdas.ports.broker import BrokerRefused, BrokerSession, BrokerUnreachable
from lambdas.ports.secrets import AccountSecret, SecretMissing
from lambdas.use_cases.broker_accounts import AccountLinker, AccountUnknown, LinkRefused
from tests.doubles.examples import USER, an_account, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
KEYS = {"api_key": "key", "api_secret": "secret"}
SESSION = BrokerSession({"access_token": "token"}, "AB1234", at("06:00", "2026-11-24"))


class TestLinkAccount:
    def linker(self, scene: Scene) -> AccountLinker:
        return AccountLinker(scene.accounts, scene.secrets, scene.brokers, scene.clock, frozenset({"default"}))

    async def link(self, scene: Scene, **changes: Any) -> Any:
        arguments: dict[str, Any] = {"broker": "zerodha", "label": "Mine", "egress": "default", "credentials": KEYS}
        return await self.linker(scene).link(USER, "zerodha-one", **{**arguments, **changes})

    async def test_an_account_is_stored_without_its_keys_and_cannot_trade_yet(self, scene: Scene) -> None:
        linked = await self.link(scene)
        assert linked == await scene.accounts.account(USER, "zerodha-one")
        assert linked == an_account(client_id="", session_expires_at=None)
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"broker": "dhan"}, "broker: 'dhan' is not supported; choose one of angel_one, zerodha"),
            ({"egress": "moon"}, "egress: 'moon' is no route; choose one of default"),
            ({"credentials": {"api_key": "key"}}, "needs api_key, api_secret; missing: api_secret"),
            ({"credentials": {**KEYS, "api_secret": "  "}}, "missing: api_secret"),
            ({"credentials": {**KEYS, "password": "no"}}, "unknown: password"),
        ],
    )
    async def test_what_cannot_be_linked_names_its_field_and_stores_nothing(
        self, scene: Scene, changes: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(LinkRefused) as caught:
            await self.link(scene, **changes)
        assert said in str(caught.value)
        assert await scene.accounts.accounts(USER) == []
        with pytest.raises(SecretMissing):
            await scene.secrets.read(USER, "zerodha-one")

    async def test_a_refusal_quotes_no_secret(self, scene: Scene) -> None:
        with pytest.raises(LinkRefused) as caught:
            await self.link(scene, credentials={"api_key": "very-secret", "password": "most-secret"})
        assert "secret" not in str(caught.value).replace("api_secret", "")

    async def test_a_login_stores_the_session_and_says_until_when(self, scene: Scene) -> None:
        await self.link(scene)
        scene.brokers.session = SESSION
        account = await self.linker(scene).start_session(USER, "zerodha-one", {"request_token": "x"})
        assert (account.client_id, account.session_expires_at) == ("AB1234", at("06:00", "2026-11-24"))
        assert account == await scene.accounts.account(USER, "zerodha-one")
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS, {"access_token": "token"})

    @pytest.mark.parametrize("error", [BrokerRefused("the token was used before"), BrokerUnreachable("down")])
    async def test_a_login_that_fails_leaves_the_session_of_before(self, scene: Scene, error: Any) -> None:
        await self.link(scene)
        scene.brokers.session = SESSION
        before = await self.linker(scene).start_session(USER, "zerodha-one", {})
        scene.brokers.login_error = error
        with pytest.raises(type(error)):
            await self.linker(scene).start_session(USER, "zerodha-one", {})
        assert await scene.accounts.account(USER, "zerodha-one") == before
        assert (await scene.secrets.read(USER, "zerodha-one")).tokens == {"access_token": "token"}

    async def test_a_login_begins_at_the_brokers_page_with_the_state(self, scene: Scene) -> None:
        await self.link(scene)
        url = await self.linker(scene).login_url(USER, "zerodha-one", "zerodha-one")
        assert url == "https://broker.example/login?state=zerodha-one"

    async def test_an_account_of_another_user_does_not_exist(self, scene: Scene) -> None:
        await scene.link(an_account(user_id="user-two"))
        scene.brokers.session = SESSION
        with pytest.raises(AccountUnknown, match="you have no account 'zerodha-one'"):
            await self.linker(scene).start_session(USER, "zerodha-one", {})
        with pytest.raises(AccountUnknown):
            await self.linker(scene).login_url(USER, "zerodha-one", "state")
