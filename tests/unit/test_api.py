"""The two HTTP APIs: what they answer, whom they answer it to, and what they never tell."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.bootstrap import Application
from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import BrokerRefused, BrokerSession
from lambdas.ports.secrets import AccountSecret
from lambdas.ports.store import AccountStore, ControlStore, RunStore, StrategyStore
from shared_config.names import ENV_RUNTIME
from shared_config.settings import load_settings
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.brokers import FakeBrokers
from tests.doubles.clock import VirtualClock
from tests.doubles.controls import MemoryControls
from tests.doubles.examples import (
    EXIT_TICK,
    USER,
    a_definition,
    a_run,
    a_strategy,
    an_account,
    an_order,
    at,
)
from tests.doubles.runs import MemoryRuns
from tests.doubles.secrets import MemorySecrets
from tests.doubles.strategies import MemoryStrategies

OTHER = "user-two"
SECRETS = {"api_key": "kkkk-public-looking", "api_secret": "ssss-never-shown"}
DEFINITION = a_definition().model_dump(mode="json")


class House:
    """Both APIs over stores in memory."""

    def __init__(self) -> None:
        self.strategies = MemoryStrategies()
        self.accounts = MemoryAccounts()
        self.controls = MemoryControls()
        self.runs = MemoryRuns()
        self.secrets = MemorySecrets()
        self.brokers = FakeBrokers()
        self.clock = VirtualClock(at("10:00"))

    def doubles(self) -> dict[str, Any]:
        """What takes the place of the application's adapters, by name."""
        stores: tuple[StrategyStore, AccountStore, ControlStore, RunStore] = (
            self.strategies,
            self.accounts,
            self.controls,
            self.runs,
        )
        names = ("strategies", "accounts", "controls", "runs")
        others = {"secrets": self.secrets, "brokers": self.brokers, "clock": self.clock}
        return {**dict(zip(names, stores, strict=True)), **others}

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        user_id: str = USER,
        query: Mapping[str, str] | None = None,
        api: str = "",
    ) -> tuple[int, Any]:
        """Status and JSON of an answer; accounts and brokers go to their own function."""
        name = api or ("accounts_api" if path.startswith(("/accounts", "/brokers")) else "trading_api")
        handler = import_module(f"lambdas.entrypoints.{name}").handler
        answer = handler(an_event(method, path, body, user_id, query or {}), a_context())
        return answer["statusCode"], json.loads(answer["body"])


def an_event(method: str, path: str, body: Any, user_id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """An HTTP API event, payload 2.0, of a user whose token was checked."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "&".join(f"{key}={value}" for key, value in query.items()),
        "queryStringParameters": dict(query) or None,
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4", "userAgent": "t"},
            "authorizer": {"jwt": {"claims": {"sub": user_id, "token_use": "access"}, "scopes": None}},
            "requestId": "request-1",
            "stage": "$default",
        },
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def a_context() -> Any:
    return SimpleNamespace(
        function_name="api", memory_limit_in_mb=256, invoked_function_arn="arn:aws:lambda:x", aws_request_id="request-1"
    )


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The application of the functions with doubles for its adapters, and nothing of it left afterwards."""
    monkeypatch.setitem(os.environ, ENV_RUNTIME, load_settings("dev").runtime().model_dump_json())
    monkeypatch.setitem(os.environ, "POWERTOOLS_SERVICE_NAME", "legwise")
    application: Application = import_module("lambdas.entrypoints.frame").application
    kept = dict(application.__dict__)
    house = House()
    application.__dict__.clear()
    application.__dict__.update({"variables": os.environ, **house.doubles()})
    yield house
    application.__dict__.clear()
    application.__dict__.update(kept)


def store(*works: Any) -> None:
    for work in works:
        asyncio.run(work)


class TestMe:
    def test_a_user_sees_own_accounts_and_halts(self, house: House) -> None:
        store(
            house.accounts.save_account(an_account()),
            house.accounts.save_account(an_account("angel-one", session_expires_at=None)),
            house.accounts.save_account(an_account("zerodha-two", user_id=OTHER)),
            house.controls.halt(f"USER#{USER}", "asked for it", USER),
        )
        status, me = house.ask("GET", "/me")
        assert (status, me["user_id"], me["environment"]) == (200, USER, "dev")
        assert me["halted"] == "halted (user): asked for it"
        assert [(one["account_id"], one["will_not_trade"]) for one in me["accounts"]] == [
            ("angel-one", "account angel-one has never been logged in to zerodha"),
            ("zerodha-one", None),
        ]

    def test_the_halt_of_another_is_not_told(self, house: House) -> None:
        store(house.controls.halt(f"USER#{OTHER}", "private", OTHER))
        assert house.ask("GET", "/me")[1]["halted"] is None

    def test_an_unknown_path_is_not_found(self, house: House) -> None:
        assert house.ask("GET", "/nothing")[0] == 404


class TestStrategies:
    def put(self, house: House, body: Any = DEFINITION, replaces: str | None = None) -> tuple[int, Any]:
        store(house.accounts.save_account(an_account()))
        query = {} if replaces is None else {"replaces": replaces}
        return house.ask("PUT", "/strategies/spread", body=body, query=query)

    def test_a_strategy_is_created_replaced_and_read(self, house: House) -> None:
        assert self.put(house) == (200, {"strategy_id": "spread", "version": 1, "definition": DEFINITION})
        status, second = self.put(house, {**DEFINITION, "name": "Second"}, replaces="1")
        assert (status, second["version"], second["definition"]["name"]) == (200, 2, "Second")
        assert house.ask("GET", "/strategies/spread") == (200, second)
        assert house.ask("GET", "/strategies") == (200, [second])

    def test_a_stale_version_is_a_conflict_that_names_both(self, house: House) -> None:
        self.put(house)
        status, problem = self.put(house, replaces="0")
        assert status == 409
        assert problem["message"] == "you changed version 0, but version 1 is stored; load it and redo"

    def test_a_problem_of_the_users_own_is_named_by_field(self, house: House) -> None:
        status, problem = house.ask("PUT", "/strategies/spread", body=DEFINITION)
        assert (status, problem["message"]) == (422, "the strategy cannot be saved")
        assert problem["problems"] == [
            "allocation: account 'zerodha-one' is not linked; link it first (linked: none yet)"
        ]

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            ({"legs": [{"right": "CE", "side": "BUY", "lots": 0}]}, "legs.0.lots: "),
            ({"underlying": "DOW"}, "underlying: "),
            ({"colour": "red"}, "colour: "),
            ({"schedule": {"weekdays": ["MON"], "entry": "10:00", "exit": "09:00"}}, "schedule: exit 09:00 must be"),
        ],
    )
    def test_a_body_that_does_not_fit_names_its_field(self, house: House, change: dict[str, Any], line: str) -> None:
        status, problem = self.put(house, {**DEFINITION, **change})
        assert (status, problem["message"]) == (422, "the request does not fit")
        assert any(said.startswith(line) for said in problem["problems"])
        assert house.ask("GET", "/strategies") == (200, [])

    @pytest.mark.parametrize("body", [None, "{", "[]", '"text"', "null"])
    def test_a_body_that_is_no_strategy_is_refused(self, house: House, body: Any) -> None:
        status, problem = house.ask("PUT", "/strategies/spread", body=body)
        assert status == 422
        assert problem["problems"]

    @pytest.mark.parametrize("replaces", ["-1", "one", "1.5"])
    def test_a_version_that_is_none_is_named(self, house: House, replaces: str) -> None:
        status, problem = self.put(house, replaces=replaces)
        assert status == 422
        assert problem["problems"][0].startswith("replaces: ")

    @pytest.mark.parametrize("strategy_id", ["Spread", "x", "a_b", "a" * 41, "-spread"])
    def test_a_malformed_id_is_named(self, house: House, strategy_id: str) -> None:
        for method, body in (("GET", None), ("PUT", DEFINITION)):
            status, problem = house.ask(method, f"/strategies/{strategy_id}", body=body)
            assert status == 422
            assert problem["problems"][0].startswith("strategy_id: ")

    def test_a_missing_strategy_is_not_found(self, house: House) -> None:
        status, problem = house.ask("GET", "/strategies/missing")
        assert (status, problem) == (404, {"message": "you have no strategy 'missing'", "problems": []})

    def test_the_strategy_of_another_user_is_as_if_it_were_not_there(self, house: House) -> None:
        store(house.strategies.save(a_strategy(user_id=OTHER, name="Private plan")))
        assert house.ask("GET", "/strategies/spread") == house_answer_to_a_missing(house, "spread")
        assert house.ask("GET", "/strategies") == (200, [])
        status, mine = self.put(house)
        assert (status, mine["version"]) == (200, 1)
        theirs = asyncio.run(house.strategies.strategy(OTHER, "spread"))
        assert theirs is not None
        assert (theirs.version, theirs.definition.name) == (1, "Private plan")

    def test_another_users_version_does_not_help_to_replace_ones_own(self, house: House) -> None:
        store(house.strategies.save(a_strategy(user_id=OTHER)))
        status, problem = self.put(house, replaces="1")
        assert status == 409
        assert "version none is stored" in problem["message"]


def house_answer_to_a_missing(house: House, strategy_id: str) -> tuple[int, Any]:
    """What a user without any neighbour would be told."""
    status, problem = house.ask("GET", f"/strategies/{strategy_id}", user_id="user-three")
    assert status == 404
    return status, problem


class TestDays:
    def test_a_day_shows_runs_orders_positions_and_profit(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.FLAT, reason="every position is closed")))
        house.runs.put(an_order(price="100", sent_at=at("09:20:00.001500")))
        house.runs.put(an_order(phase=Phase.EXIT, side=Side.SELL, price="110.50", intended_at=EXIT_TICK))
        status, day = house.ask("GET", "/days/2026-11-23")
        assert (status, day["date"], day["session"]) == (200, "2026-11-23", "regular session")
        (run,) = day["runs"]
        assert (run["status"], run["reason"], run["realised"]) == ("flat", "every position is closed", "1365.00")
        entry = next(order for order in day["orders"] if order["phase"] == "entry")
        assert (entry["offset_ms"], entry["average_price"], entry["quantity"]) == (1.5, "100", 130)
        assert [(one["net"], one["paid"], one["received"]) for one in day["positions"]] == [(0, "13000", "14365.00")]

    def test_a_run_with_something_open_has_no_profit_yet(self, house: House) -> None:
        store(house.runs.begin_run(a_run(status=RunStatus.OPEN)))
        house.runs.put(an_order())
        (run,) = house.ask("GET", "/days/2026-11-23")[1]["runs"]
        assert run["realised"] is None

    def test_the_day_of_another_user_is_not_shown(self, house: House) -> None:
        store(house.runs.begin_run(a_run(user_id=OTHER)))
        house.runs.put(an_order(IntentStatus.ACCEPTED, user_id=OTHER))
        day = house.ask("GET", "/days/2026-11-23")[1]
        assert (day["runs"], day["orders"], day["positions"]) == ([], [], [])
        assert len(house.ask("GET", "/days/2026-11-23", user_id=OTHER)[1]["orders"]) == 1

    @pytest.mark.parametrize(
        ("day", "session"),
        [
            ("2026-11-24", "holiday: Guru Nanak Jayanti"),
            ("2027-01-04", "no calendar for 2027: add its file before trading it"),
        ],
    )
    def test_a_day_without_a_session_says_why(self, house: House, day: str, session: str) -> None:
        assert house.ask("GET", f"/days/{day}")[1]["session"] == session

    @pytest.mark.parametrize("day", ["today", "2026-13-01", "23-11-2026"])
    def test_a_malformed_date_is_named(self, house: House, day: str) -> None:
        status, problem = house.ask("GET", f"/days/{day}")
        assert status == 422
        assert problem["problems"][0].startswith("date: ")


class TestAccounts:
    def link(self, house: House, **changes: Any) -> tuple[int, Any]:
        body = {"broker": "zerodha", "label": "Mine", "credentials": SECRETS, **changes}
        return house.ask("PUT", "/accounts/zerodha-one", body=body)

    def test_brokers_tell_what_linking_needs(self, house: House) -> None:
        assert house.ask("GET", "/brokers") == (
            200,
            [
                {"name": "angel_one", "credential_fields": ["api_key", "pin"]},
                {"name": "zerodha", "credential_fields": ["api_key", "api_secret"]},
            ],
        )

    def test_credentials_and_tokens_never_come_back(self, house: House) -> None:
        house.brokers.session = BrokerSession({"access_token": "tttt-never-shown"}, "AB1234", at("06:00", "2026-11-24"))
        answers = [
            self.link(house),
            house.ask("POST", "/accounts/zerodha-one/login"),
            house.ask("POST", "/accounts/zerodha-one/session", body={"request_token": "rrrr-never-shown"}),
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
        after = house.ask("POST", "/accounts/zerodha-one/session", body={"request_token": "r"})[1]
        assert before["will_not_trade"] == "account zerodha-one has never been logged in to zerodha"
        assert (after["will_not_trade"], after["client_id"]) == (None, "AB1234")

    def test_a_login_that_the_broker_refuses_says_so(self, house: House) -> None:
        self.link(house)
        house.brokers.login_error = BrokerRefused("the request token was used before")
        status, problem = house.ask("POST", "/accounts/zerodha-one/session", body={"request_token": "r"})
        assert (status, problem["problems"]) == (502, ["the request token was used before"])

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({"broker": "dhan"}, "broker: 'dhan' is not supported"),
            ({"egress": "moon"}, "egress: 'moon' is no route"),
            ({"credentials": {"api_key": "k"}}, "credentials: zerodha needs api_key, api_secret; missing: api_secret"),
            ({"label": ""}, "label: "),
            ({"colour": "red"}, "colour: "),
            ({"credentials": "k"}, "credentials: "),
        ],
    )
    def test_what_cannot_be_linked_names_its_field(self, house: House, changes: dict[str, Any], line: str) -> None:
        status, problem = self.link(house, **changes)
        assert status == 422
        assert any(said.startswith(line) for said in problem["problems"])
        assert house.ask("GET", "/accounts") == (200, [])

    @pytest.mark.parametrize("path", ["login", "session"])
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
