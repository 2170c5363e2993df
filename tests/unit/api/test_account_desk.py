"""The account desk over HTTP: logins that are not one's own, switches, unlinking, trying out."""

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import Funds, SessionOver
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import SecretMissing
from tests.doubles.examples import USER, a_run, a_strategy, an_account, an_order, at
from tests.unit.api.house import OTHER, House, store

SESSION = BrokerSession({"access_token": "t"}, "AB1234", at("06:00", "2026-11-24"))
PATH = "/accounts/zerodha-one"


class TestLogins:
    def begin(self, house: House, account_id: str = "zerodha-one", user_id: str = USER) -> Any:
        status, begun = house.ask("POST", f"/accounts/{account_id}/login", user_id=user_id)
        assert status == 200
        return begun

    def finish(self, house: House, **answer: str) -> list[str]:
        return house.refused("POST", f"{PATH}/session", 422, body=answer)

    def test_a_login_has_a_state_that_nobody_can_guess(self, house: House) -> None:
        house.link()
        begun = [self.begin(house) for _ in range(2)]
        states = {login["state"] for login in begun}
        assert len(states) == 2
        assert all(len(state) >= 43 for state in states), "256 bits"
        assert begun[0]["login_url"] == f"https://broker.example/login?state={begun[0]['state']}"

    def test_what_belongs_to_no_login_of_this_account_is_refused(self, house: House) -> None:
        house.link()
        house.link("zerodha-two")
        house.link(user_id=OTHER)
        house.brokers.session = SESSION
        of_account = self.begin(house, "zerodha-two")["state"]
        of_user = self.begin(house, user_id=OTHER)["state"]
        assert [self.finish(house, request_token="r", **sent) for sent in ({}, {"state": "x"}, {"state": of_user})] == [
            ["state: is missing; send everything that the broker's login brought, and the state of the login"],
            ["state: no login of yours began with it; begin a new one"],
            ["state: no login of yours began with it; begin a new one"],
        ]
        assert self.finish(house, state=of_account)[0].startswith("state: it belongs to a login of another account")
        assert house.brokers.callbacks == []

    def test_a_refused_login_is_logged_and_audited_without_its_secrets(
        self, house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        house.link()
        self.finish(house, state="ssss-never-told", request_token="rrrr-never-told")
        (entry,) = asyncio.run(house.controls.audit("2026-11"))
        assert (entry.subject, entry.what, entry.by) == (f"LOGIN#{USER}#zerodha-one", "refuse", USER)
        told = [record for record in caplog.records if record.getMessage() == "login refused"]
        assert [record.levelno for record in told] == [logging.WARNING]
        assert vars(told[0])["reason"] == entry.after
        assert "never-told" not in f"{caplog.text}{capsys.readouterr()}{entry}{vars(told[0])}"

    def test_a_broker_without_a_page_needs_no_state(self, house: House) -> None:
        house.link("angel-one", broker="angel_one")
        house.brokers.session = SESSION
        assert self.begin(house, "angel-one") == {"login_url": None, "state": None}
        assert house.ask("POST", "/accounts/angel-one/session", body={})[0] == 200


class TestSwitches:
    def test_one_account_tells_its_session(self, house: House) -> None:
        house.link()
        account = house.ask("GET", PATH)[1]
        assert (account["session"], account["session_expires_at"]) == ("active", "2026-11-24T06:00:00+05:30")
        store(house.accounts.save_account(an_account(session_expires_at=at("06:00"))))
        assert house.ask("GET", PATH)[1]["session"] == "ended"
        store(house.accounts.save_account(an_account(session_expires_at=None)))
        assert house.ask("GET", PATH)[1]["session"] == "none"
        assert house.refused("GET", PATH, 404, user_id=OTHER) == []

    def test_an_account_is_renamed_disabled_and_enabled(self, house: House) -> None:
        house.link()
        assert house.ask("POST", f"{PATH}/rename", body={"label": "Margin"})[1]["label"] == "Margin"
        off = house.ask("POST", f"{PATH}/disable")[1]
        assert (off["enabled"], off["label"], off["will_not_trade"]) == (
            False,
            "Margin",
            "account zerodha-one is disabled",
        )
        assert house.ask("POST", f"{PATH}/enable")[1]["will_not_trade"] is None

    def test_an_algo_is_linked_with_the_account_changed_and_taken_back(self, house: House) -> None:
        keys = {"broker": "zerodha", "label": "Mine", "credentials": {"api_key": "k", "api_secret": "s"}}
        assert house.ask("PUT", PATH, body=keys | {"algo_id": "NSE0012345"})[1]["algo_id"] == "NSE0012345"
        assert house.ask("GET", PATH)[1]["algo_id"] == "NSE0012345"
        assert house.ask("POST", f"{PATH}/rename", body={"label": "Margin"})[1]["algo_id"] == "NSE0012345"
        changed = house.ask("POST", f"{PATH}/algo", body={"algo_id": "NSE 99"})[1]
        assert (changed["algo_id"], changed["algo_name"], changed["label"]) == ("NSE 99", "", "Margin")
        assert house.ask("POST", f"{PATH}/algo", body={"algo_id": ""})[1]["algo_id"] == ""

    def test_an_algo_that_the_orders_do_not_carry_is_refused_by_its_field(self, house: House) -> None:
        house.link()
        house.link("angel-one", broker="angel_one")
        assert house.refused("POST", f"{PATH}/algo", 422, body={"algo_name": "Morning"}) == [
            "algo_name: orders at Zerodha carry no algo name; leave it empty, or set algo_id"
        ]
        assert house.refused("POST", "/accounts/angel-one/algo", 422, body={"algo_id": "1"}) == [
            "algo_id: orders at Angel One carry no algo id; leave it empty"
        ]
        keys = {"broker": "angel_one", "label": "Mine", "credentials": {"api_key": "k", "pin": "1"}}
        assert house.refused("PUT", "/accounts/new-one", 422, body=keys | {"algo_id": "1"}) == [
            "algo_id: orders at Angel One carry no algo id; leave it empty"
        ]
        assert house.refused("POST", f"{PATH}/algo", 404, body={"algo_id": "1"}, user_id=OTHER) == []
        assert house.ask("GET", PATH)[1]["algo_name"] == ""

    @pytest.mark.parametrize("algo_id", ["a" * 51, "अ", "a\nb", "a\tb", " a", "a ", " ", "a\x7f"])
    def test_an_algo_id_that_no_header_carries_is_refused_by_its_field(self, house: House, algo_id: str) -> None:
        house.link()
        (problem,) = house.refused("POST", f"{PATH}/algo", 422, body={"algo_id": algo_id})
        assert problem.startswith("algo_id: ")
        assert house.ask("GET", PATH)[1]["algo_id"] == ""

    def test_an_algo_id_may_have_fifty_characters_and_blanks_within(self, house: House) -> None:
        house.link()
        longest = "~ !" + "a" * 47
        assert house.ask("POST", f"{PATH}/algo", body={"algo_id": longest})[1]["algo_id"] == longest

    @pytest.mark.parametrize("body", [{}, {"label": ""}, {"label": "a" * 41}, {"label": "x", "enabled": False}, None])
    def test_a_label_that_does_not_fit_is_refused(self, house: House, body: Any) -> None:
        house.link()
        assert house.refused("POST", f"{PATH}/rename", 422, body=body)
        assert house.ask("GET", PATH)[1]["label"] == "Mine"

    def test_what_is_open_holds_its_account(self, house: House) -> None:
        house.link()
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order())
        keys = {"broker": "zerodha", "label": "Mine", "credentials": {"api_key": "n", "api_secret": "n"}}
        for method, path, query in (
            ("POST", f"{PATH}/disable", {}),
            ("DELETE", PATH, {}),
            ("DELETE", PATH, {"force": "true"}),
        ):
            problems = house.refused(method, path, 422, query=query)
            assert problems == ["run spread-20261123 (Morning spread) is open in it; wait until it is closed"]
        (problem,), force_helps = house.refused_unless_forced("PUT", PATH, 422, body=keys)
        assert ("force=true" in problem, force_helps) == (True, True)
        assert dict(asyncio.run(house.secrets.read(USER, "zerodha-one")).credentials) == {"api_key": "k"}
        assert house.ask("PUT", PATH, body=keys, query={"force": "true"})[0] == 200

    def test_an_account_of_an_enabled_strategy_is_unlinked_by_force(self, house: House) -> None:
        house.link()
        store(house.strategies.save(a_strategy()))
        (problem,), force_helps = house.refused_unless_forced("DELETE", PATH, 422)
        assert ("spread (Morning spread)" in problem, force_helps) == (True, True)
        assert house.ask("DELETE", PATH, query={"force": "true"}) == (200, {"removed": "zerodha-one"})
        assert house.ask("GET", "/accounts") == (200, [])
        with pytest.raises(SecretMissing):
            asyncio.run(house.secrets.read(USER, "zerodha-one"))
        assert house.refused("DELETE", PATH, 404) == []

    def test_the_account_of_another_user_is_not_renamed_or_unlinked(self, house: House) -> None:
        house.link()
        for method, path, body in (("POST", f"{PATH}/rename", {"label": "Theirs"}), ("DELETE", PATH, None)):
            assert house.refused(method, path, 404, body=body, user_id=OTHER) == []
        assert house.ask("GET", PATH)[1]["label"] == "Mine"


class TestTryingOut:
    def test_a_test_tells_whose_session_it_is_and_its_funds(self, house: House) -> None:
        house.link(client_id="zerodha-one").money = Funds(Decimal("123456.70"), Decimal(0))
        assert house.ask("POST", f"{PATH}/test") == (
            200,
            {
                "client_id": "zerodha-one",
                "name": "A trader",
                "available": "123456.70",
                "used": "0",
                "milliseconds": 0,
                "problems": [],
            },
        )

    def test_a_session_of_another_client_is_told(self, house: House) -> None:
        house.link(client_id="AB1234")
        (problem,) = house.ask("POST", f"{PATH}/test")[1]["problems"]
        assert problem.startswith("client_id: the session belongs to zerodha-one")

    def test_a_session_that_is_over_is_the_brokers_refusal(self, house: House) -> None:
        house.link().trouble = SessionOver("zerodha: the session is over")
        assert house.refused("POST", f"{PATH}/test", 422) == ["zerodha: the session is over"]

    def test_an_account_that_was_never_logged_in_cannot_be_tried(self, house: House) -> None:
        house.link(session_expires_at=None)
        assert "log in first" in house.refused("POST", f"{PATH}/test", 422)[0]
