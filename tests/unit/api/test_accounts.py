"""Linking accounts: whom the API answers, and what it never tells."""

import asyncio
import json
from importlib import import_module
from typing import Any

import pytest

from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    SessionOver,
)
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import AccountSecret
from lambdas.ports.store import Contended
from tests.doubles.examples import USER, an_account, at
from tests.doubles.secrets import MemorySecrets
from tests.unit.api.house import OTHER, House, store

SECRETS = {"api_key": "kkkk-public-looking", "api_secret": "ssss-never-shown"}


class ContendedSecrets(MemorySecrets):
    """Cannot write, since others do."""

    async def write(self, user_id: str, account_id: str, secret: AccountSecret) -> None:
        raise Contended("the keys are being changed")


def a_field(name: str, label: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "secret": False, "optional": False, "help": "", **facts}


class TestAccounts:
    def link(self, house: House, **changes: Any) -> tuple[int, Any]:
        body = {"broker": "zerodha", "label": "Mine", "credentials": SECRETS, **changes}
        return house.ask("PUT", "/accounts/zerodha-one", body=body)

    def test_brokers_tell_what_linking_needs(self, house: House) -> None:
        assert house.ask("GET", "/brokers") == (
            200,
            [
                {
                    "name": "angel_one",
                    "label": "Angel One",
                    "fields": [
                        a_field("api_key", "API key", secret=True),
                        a_field("pin", "PIN", secret=True, optional=True, help="As in its app"),
                    ],
                    "redirects": False,
                    "callback_path": None,
                    "typed_code": True,
                    "limits": {"per_second": 10, "per_minute": 500, "per_day": None, "modifications": None},
                    "algo": [],
                },
                {
                    "name": "paper",
                    "label": "Paper",
                    "fields": [
                        a_field("quotes_from", "Quotes"),
                        a_field("capital", "Capital"),
                    ],
                    "redirects": False,
                    "callback_path": None,
                    "typed_code": False,
                    "limits": {"per_second": 10, "per_minute": None, "per_day": None, "modifications": None},
                    "algo": [],
                },
                {
                    "name": "zerodha",
                    "label": "Zerodha",
                    "fields": [
                        a_field("api_key", "API key"),
                        a_field("api_secret", "API secret", secret=True),
                    ],
                    "redirects": True,
                    "callback_path": "/brokers/callback",
                    "typed_code": False,
                    "limits": {"per_second": 10, "per_minute": 400, "per_day": 5000, "modifications": 25},
                    "algo": ["id"],
                },
            ],
        )

    def test_a_paper_account_is_linked_to_one_of_the_user_and_needs_no_page(self, house: House) -> None:
        body = {"broker": "paper", "label": "On paper", "credentials": {"quotes_from": "zerodha-one", "capital": "5e5"}}
        status, told = house.ask("PUT", "/accounts/on-paper", body=body)
        assert status == 422
        assert "credentials.quotes_from: 'zerodha-one' is no account of yours at a broker" in str(told)
        self.link(house)
        status, linked = house.ask("PUT", "/accounts/on-paper", body=body)
        assert (status, linked["broker"], linked["quotes_from"]) == (200, "paper", "zerodha-one")
        house.brokers.session = BrokerSession({"access_token": "t"}, "PAPER-zerodha-one", at("06:00", "2026-11-24"))
        assert house.ask("POST", "/accounts/on-paper/login") == (200, {"login_url": None, "state": None})
        assert house.ask("POST", "/accounts/on-paper/session", body={})[1]["session"] == "active"
        status, told = house.ask("DELETE", "/accounts/zerodha-one")
        assert status == 422
        assert "paper account on-paper quotes from it; unlink that one first" in str(told)

    def test_credentials_and_tokens_never_come_back(self, house: House) -> None:
        house.brokers.session = BrokerSession({"access_token": "tttt-never-shown"}, "AB1234", at("06:00", "2026-11-24"))
        linked, begun = self.link(house), house.ask("POST", "/accounts/zerodha-one/login")
        callback = {"request_token": "rrrr-never-shown", "state": begun[1]["state"]}
        answers = [
            linked,
            begun,
            house.ask("POST", "/accounts/zerodha-one/session", body=callback),
            house.ask("GET", "/accounts"),
            house.ask("GET", "/me"),
            self.link(house, broker="dhan"),
            self.link(house, credentials={**SECRETS, "password": "pppp-never-shown"}),
        ]
        assert [status for status, _ in answers] == [200, 200, 200, 200, 200, 422, 422]
        told = json.dumps(answers)
        assert "never-shown" not in told
        assert "public-looking" not in told
        kept = asyncio.run(house.secrets.read(USER, "zerodha-one"))
        assert kept == AccountSecret(SECRETS, {"access_token": "tttt-never-shown"})

    def test_a_login_opens_the_account(self, house: House) -> None:
        self.link(house)
        house.brokers.session = BrokerSession({"access_token": "t"}, "AB1234", at("06:00", "2026-11-24"))
        before = house.ask("GET", "/accounts")[1][0]
        after = self.log_in(house)[1]
        assert before["will_not_trade"] == "account zerodha-one has never been logged in to zerodha"
        assert (after["will_not_trade"], after["client_id"]) == (None, "AB1234")

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (BrokerRefused("the request token was used before"), 422),
            (SessionOver("zerodha: the session is over"), 422),
            (BrokerBusy("zerodha: rate limited (HTTP 429)"), 503),
            (BrokerUnreachable("zerodha: no connection"), 502),
            (BrokerGarbled("zerodha: a web page came"), 502),
        ],
    )
    def test_a_login_that_fails_at_the_broker_says_in_its_words_whose_turn_it_is(
        self, house: House, error: BrokerError, status: int
    ) -> None:
        self.link(house)
        house.brokers.login_error = error
        answered, problem = self.log_in(house)
        assert (answered, problem["problems"], problem["force_helps"]) == (status, [str(error)], False)

    def test_keys_that_others_change_all_the_time_are_a_conflict(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        application = import_module("lambdas.entrypoints.frame").application
        monkeypatch.setitem(application.__dict__, "secrets", ContendedSecrets())
        status, problem = self.link(house)
        assert (status, problem["message"], problem["force_helps"]) == (409, "the keys are being changed", False)

    def test_a_broker_that_is_busy_says_when_to_ask_again(self, house: House) -> None:
        house.link().trouble = BrokerBusy("zerodha: rate limited (HTTP 429)")
        answer = house.answer("POST", "/accounts/zerodha-one/test")
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "60")
        house.link().trouble = BrokerGarbled("zerodha: a web page came")
        assert "Retry-After" not in house.answer("POST", "/accounts/zerodha-one/test")["headers"]

    def log_in(self, house: House) -> tuple[int, Any]:
        state = house.ask("POST", "/accounts/zerodha-one/login")[1]["state"]
        return house.ask("POST", "/accounts/zerodha-one/session", body={"request_token": "r", "state": state})

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({"broker": "dhan"}, "broker: 'dhan' is not supported"),
            ({"egress": "moon"}, "egress: 'moon' is no route"),
            ({"credentials": {"api_key": "k"}}, "credentials: zerodha needs api_key, api_secret; missing: api_secret"),
            ({"label": ""}, "label: "),
            ({"label": " "}, "label: "),
            ({"label": "a\0b"}, "label: "),
            ({"label": "\ud800"}, "label: "),
            ({"egress": "\ud800"}, "egress: "),
            ({"credentials": {"api_key": "\ud800"}}, "credentials.api_key: "),
            ({"credentials": {"\ud800": "k"}}, "credentials: "),
            ({"colour": "red"}, "colour: "),
            ({"credentials": "k"}, "credentials: "),
        ],
    )
    def test_what_cannot_be_linked_names_its_field(self, house: House, changes: dict[str, Any], line: str) -> None:
        status, problem = self.link(house, **changes)
        assert status == 422
        assert any(said.startswith(line) for said in problem["problems"])
        assert house.ask("GET", "/accounts") == (200, [])

    @pytest.mark.parametrize("path", ["login", "session", "test", "enable", "disable"])
    def test_the_account_of_another_user_is_as_if_it_were_not_there(self, house: House, path: str) -> None:
        store(
            house.accounts.save_account(an_account(user_id=OTHER)),
            house.secrets.write(OTHER, "zerodha-one", AccountSecret(SECRETS)),
        )
        house.brokers.session = BrokerSession({"access_token": "t"}, "AB1234", at("06:00", "2026-11-24"))
        theirs = house.ask("POST", f"/accounts/zerodha-one/{path}", body={"request_token": "r"})
        missing = house.ask("POST", f"/accounts/zerodha-one/{path}", body={"request_token": "r"}, user_id="user-three")
        told = {"message": "you have no account 'zerodha-one'", "problems": [], "force_helps": False}
        assert theirs == missing == (404, told)
        assert house.ask("GET", "/accounts") == (200, [])
        assert asyncio.run(house.secrets.read(OTHER, "zerodha-one")) == AccountSecret(SECRETS)

    def test_linking_under_the_id_of_another_user_leaves_theirs_alone(self, house: House) -> None:
        store(house.accounts.save_account(an_account(user_id=OTHER, label="Theirs")))
        assert self.link(house)[0] == 200
        theirs = asyncio.run(house.accounts.account(OTHER, "zerodha-one"))
        assert theirs == an_account(user_id=OTHER, label="Theirs")

    @pytest.mark.parametrize("account_id", ["Mine", "a_b", "x"])
    def test_a_malformed_id_is_named(self, house: House, account_id: str) -> None:
        body = {"broker": "zerodha", "label": "Mine", "credentials": SECRETS}
        status, problem = house.ask("PUT", f"/accounts/{account_id}", body=body)
        assert status == 422
        assert problem["problems"][0].startswith("account_id: ")
