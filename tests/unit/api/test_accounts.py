"""Linking accounts: whom the API answers, and what it never tells."""

import asyncio
import json
from typing import Any

import pytest

from lambdas.ports.broker import BrokerRefused
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import AccountSecret
from tests.doubles.examples import USER, an_account, at
from tests.unit.api.house import OTHER, House, store

SECRETS = {"api_key": "kkkk-public-looking", "api_secret": "ssss-never-shown"}


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
                        {"name": "api_key", "label": "API key", "secret": True},
                        {"name": "pin", "label": "PIN", "secret": True},
                    ],
                    "redirects": False,
                    "limits": {"per_second": 10, "per_minute": 500, "per_day": None, "modifications": None},
                    "algo": [],
                },
                {
                    "name": "paper",
                    "label": "Paper",
                    "fields": [
                        {"name": "quotes_from", "label": "Quotes", "secret": False},
                        {"name": "capital", "label": "Capital", "secret": False},
                    ],
                    "redirects": False,
                    "limits": {"per_second": 10, "per_minute": None, "per_day": None, "modifications": None},
                    "algo": [],
                },
                {
                    "name": "zerodha",
                    "label": "Zerodha",
                    "fields": [
                        {"name": "api_key", "label": "API key", "secret": False},
                        {"name": "api_secret", "label": "API secret", "secret": True},
                    ],
                    "redirects": True,
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

    def test_a_login_that_the_broker_refuses_says_so(self, house: House) -> None:
        self.link(house)
        house.brokers.login_error = BrokerRefused("the request token was used before")
        status, problem = self.log_in(house)
        assert (status, problem["problems"]) == (502, ["the request token was used before"])

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
        assert theirs == missing == (404, {"message": "you have no account 'zerodha-one'", "problems": []})
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
