"""Logging in: only what began here, for this account, a moment ago, is finished; and once."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from lambdas.domain.control import AuditEntry
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, BrokerUnreachable
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import AccountSecret, SecretMissing
from lambdas.use_cases.broker_accounts import AccountUnknown
from lambdas.use_cases.log_in import MISSING, UNKNOWN, LoginDesk, LoginRefused
from tests.doubles.examples import USER, an_account, at
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
OTHER = "user-two"
KEYS = {"api_key": "key"}
SESSION = BrokerSession({"access_token": "token"}, "AB1234", at("06:00", "2026-11-24"))
SECOND = timedelta(seconds=1)
FRESH = an_account(client_id="", session_expires_at=None)


class TestLogIn:
    @pytest.fixture
    async def desk(self, scene: Scene) -> LoginDesk:
        """A user with a Zerodha and an Angel One account that were never logged in, and another user."""
        numbers = count(1)
        for account in (
            FRESH,
            an_account("zerodha-two", client_id="", session_expires_at=None),
            an_account("angel-one", broker="angel_one", client_id="", session_expires_at=None),
            an_account(user_id=OTHER, client_id="", session_expires_at=None),
        ):
            await scene.link(account)
        scene.brokers.session = SESSION
        return LoginDesk(
            accounts=scene.accounts,
            secrets=scene.secrets,
            logins=scene.logins,
            controls=scene.controls,
            brokers=scene.brokers,
            clock=scene.clock,
            new_state=lambda: f"state-{next(numbers)}",
        )

    async def refused(self, desk: LoginDesk, answer: Mapping[str, str], **who: str) -> str:
        """Why an answer is refused; nothing may have reached the broker."""
        arguments: dict[str, Any] = {"user_id": USER, "account_id": "zerodha-one", **who}
        with pytest.raises(LoginRefused) as caught:
            await desk.finish(arguments["user_id"], arguments["account_id"], answer)
        return str(caught.value)

    async def test_a_login_begins_at_the_brokers_page_with_a_new_state_each_time(self, desk: LoginDesk) -> None:
        begun = [await desk.begin(USER, "zerodha-one") for _ in range(2)]
        assert [login.state for login in begun] == ["state-1", "state-2"]
        assert [login.url for login in begun] == [
            f"https://broker.example/login?state={state}" for state in ("state-1", "state-2")
        ]

    async def test_a_login_stores_the_session_and_says_until_when(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        answer = {"state": "state-1", "request_token": "r"}
        account = await desk.finish(USER, "zerodha-one", answer)
        assert (account.client_id, account.session_expires_at) == ("AB1234", at("06:00", "2026-11-24"))
        assert account == await scene.accounts.account(USER, "zerodha-one")
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS, {"access_token": "token"})
        assert scene.brokers.callbacks == [answer]
        assert await scene.controls.audit("2026-11") == []

    async def test_a_login_clears_what_ended_the_session_before(self, scene: Scene, desk: LoginDesk) -> None:
        await scene.accounts.save_account(an_account(session_expires_at=at("08:45"), session_end_reason="revoked"))
        await desk.begin(USER, "zerodha-one")
        assert (await desk.finish(USER, "zerodha-one", {"state": "state-1"})).session_end_reason == ""

    async def test_a_callback_without_a_state_is_refused(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        for answer in ({"request_token": "r"}, {"request_token": "r", "state": ""}):
            assert await self.refused(desk, answer) == MISSING
            await scene.clock.sleep(SECOND)

    async def test_a_state_that_nobody_handed_out_is_refused(self, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        for state in ("state-2", "zerodha-one", "state-1 ", "STATE-1"):
            assert await self.refused(desk, {"state": state}) == UNKNOWN

    async def test_a_replayed_callback_is_refused(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        before = await scene.accounts.account(USER, "zerodha-one")
        scene.brokers.session = BrokerSession({"access_token": "stolen"}, "EVIL", at("06:00", "2026-11-25"))
        assert "was finished before" in await self.refused(desk, {"state": "state-1"})
        assert await scene.accounts.account(USER, "zerodha-one") == before
        assert (await scene.secrets.read(USER, "zerodha-one")).tokens == {"access_token": "token"}

    async def test_of_two_callbacks_at_once_one_is_finished(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        done = await asyncio.gather(
            *(desk.finish(USER, "zerodha-one", {"state": "state-1"}) for _ in range(2)), return_exceptions=True
        )
        assert len([what for what in done if isinstance(what, LoginRefused)]) == 1
        assert len(scene.brokers.callbacks) == 1

    async def test_the_callback_of_another_user_is_refused(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(OTHER, "zerodha-one")
        assert await self.refused(desk, {"state": "state-1", "request_token": "of the attacker"}) == UNKNOWN
        await desk.finish(OTHER, "zerodha-one", {"state": "state-1"})
        assert len(scene.brokers.callbacks) == 1

    async def test_the_callback_of_another_account_is_refused_and_not_used_up(
        self, scene: Scene, desk: LoginDesk
    ) -> None:
        await desk.begin(USER, "zerodha-two")
        assert "of another account" in await self.refused(desk, {"state": "state-1"})
        await desk.finish(USER, "zerodha-two", {"state": "state-1"})
        assert await scene.accounts.account(USER, "zerodha-one") == FRESH

    async def test_a_callback_that_comes_too_late_is_refused(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        await scene.clock.sleep_until(at("09:29:45"))
        assert "more than 10 minutes ago" in await self.refused(desk, {"state": "state-1"})
        assert scene.brokers.callbacks == []

    async def test_a_refusal_is_in_the_audit_without_anything_secret(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        await self.refused(desk, {"state": "a-wrong-state", "request_token": "a-secret-token"})
        entries = await scene.controls.audit("2026-11")
        assert entries == [
            AuditEntry(at("09:19:45"), f"LOGIN#{USER}#zerodha-one", "refuse", None, UNKNOWN, USER),
        ]
        assert "a-wrong-state" not in str(entries)
        assert "a-secret-token" not in str(entries)

    async def test_what_the_broker_refuses_is_in_the_audit_in_its_words(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        scene.brokers.login_error = BrokerRefused("zerodha: the login was not completed; log in again")
        with pytest.raises(BrokerRefused):
            await desk.finish(USER, "zerodha-one", {"state": "state-1", "status": "cancelled"})
        (entry,) = await scene.controls.audit("2026-11")
        assert (entry.subject, entry.what) == (f"LOGIN#{USER}#zerodha-one", "refuse")
        assert entry.after == "zerodha: the login was not completed; log in again"

    async def test_a_broker_that_gave_no_answer_refused_nothing(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        scene.brokers.login_error = BrokerUnreachable("down")
        with pytest.raises(BrokerUnreachable):
            await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        assert await scene.controls.audit("2026-11") == []

    async def test_a_broker_without_a_page_needs_no_state(self, scene: Scene, desk: LoginDesk) -> None:
        begun = await desk.begin(USER, "angel-one")
        assert (begun.url, begun.state) == (None, None)
        account = await desk.finish(USER, "angel-one", {"totp": "123456"})
        assert account.client_id == "AB1234"
        assert scene.brokers.callbacks == [{"totp": "123456"}]

    @pytest.mark.parametrize("error", [BrokerRefused("the token was used before"), BrokerUnreachable("down")])
    async def test_a_login_that_fails_leaves_the_session_of_before_and_uses_the_state_up(
        self, scene: Scene, desk: LoginDesk, error: Any
    ) -> None:
        await desk.begin(USER, "zerodha-one")
        before = await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        await desk.begin(USER, "zerodha-one")
        scene.brokers.login_error = error
        with pytest.raises(type(error)):
            await desk.finish(USER, "zerodha-one", {"state": "state-2"})
        assert await scene.accounts.account(USER, "zerodha-one") == before
        assert (await scene.secrets.read(USER, "zerodha-one")).tokens == {"access_token": "token"}
        assert "was finished before" in await self.refused(desk, {"state": "state-2"})

    @pytest.mark.parametrize("client_id", ["AB1234", "ab1234"])
    async def test_the_same_client_logs_in_again(self, scene: Scene, desk: LoginDesk, client_id: str) -> None:
        await scene.accounts.save_account(an_account(client_id=client_id, session_expires_at=None))
        await desk.begin(USER, "zerodha-one")
        account = await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        assert account.session_expires_at == at("06:00", "2026-11-24")

    async def test_the_session_of_another_client_is_refused_and_the_one_before_stays(
        self, scene: Scene, desk: LoginDesk
    ) -> None:
        await desk.begin(USER, "zerodha-one")
        before = await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        await desk.begin(USER, "zerodha-one")
        scene.brokers.session = BrokerSession({"access_token": "theirs"}, "ZZ9999", at("06:00", "2026-11-25"))
        problem = await self.refused(desk, {"state": "state-2"})
        assert problem == (
            "client_id: the login at zerodha was that of ZZ9999, the account is AB1234's; "
            "log in as AB1234, or link ZZ9999 as another account"
        )
        assert await scene.accounts.account(USER, "zerodha-one") == before
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS, {"access_token": "token"})
        (entry,) = await scene.controls.audit("2026-11")
        assert (entry.what, entry.after) == ("refuse", problem)

    @pytest.mark.parametrize(
        "error",
        [
            BrokerRefused("zerodha: TokenException: Invalid `checksum`."),
            BrokerGarbled("zerodha: HTTP 502 without a readable JSON object (a web page came)"),
            BrokerBusy("zerodha: rate limited (HTTP 429)"),
        ],
    )
    async def test_after_a_login_that_failed_a_new_one_succeeds(
        self, scene: Scene, desk: LoginDesk, error: BrokerError
    ) -> None:
        await desk.begin(USER, "zerodha-one")
        scene.brokers.login_error = error
        with pytest.raises(type(error)):
            await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        assert await scene.accounts.account(USER, "zerodha-one") == FRESH
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS)
        scene.brokers.login_error = None
        await desk.begin(USER, "zerodha-one")
        assert (await desk.finish(USER, "zerodha-one", {"state": "state-2"})).client_id == "AB1234"

    async def test_a_change_in_the_meantime_is_kept(self, scene: Scene, desk: LoginDesk) -> None:
        await desk.begin(USER, "zerodha-one")
        renamed = an_account(client_id="", session_expires_at=None, label="Renamed")
        scene.brokers.while_logging_in = lambda: scene.accounts.save_account(renamed)
        assert (await desk.finish(USER, "zerodha-one", {"state": "state-1"})).label == "Renamed"

    async def test_an_account_that_was_unlinked_in_the_meantime_leaves_no_keys(
        self, scene: Scene, desk: LoginDesk
    ) -> None:
        await desk.begin(USER, "zerodha-one")
        scene.brokers.while_logging_in = lambda: scene.accounts.delete_account(USER, "zerodha-one")
        with pytest.raises(AccountUnknown):
            await desk.finish(USER, "zerodha-one", {"state": "state-1"})
        with pytest.raises(SecretMissing):
            await scene.secrets.read(USER, "zerodha-one")
        assert await scene.accounts.account(USER, "zerodha-one") is None

    async def test_an_account_that_is_not_linked_has_no_login(self, scene: Scene, desk: LoginDesk) -> None:
        with pytest.raises(AccountUnknown, match="you have no account 'dhan-one'"):
            await desk.begin(USER, "dhan-one")
        with pytest.raises(AccountUnknown):
            await desk.finish(USER, "dhan-one", {"state": "state-1"})
        assert await scene.controls.audit("2026-11") == []
