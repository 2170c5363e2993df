"""What each function loads when it starts: every module is paid for at each cold start."""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

from lambdas.adapters.brokers.registry import BROKERS
from shared_config.names import (
    ENV_EVENT_BUS,
    ENV_EXECUTE_TICK,
    ENV_POSTBACKS,
    ENV_RUNTIME,
    ENV_SECRETS_PREFIX,
    ENV_TABLE,
    ENV_TRADING_DAY,
)
from shared_config.settings import load_settings

ROOT = Path(__file__).parents[2]
ENTRYPOINTS = ROOT / "lambdas" / "entrypoints"
FUNCTIONS = sorted(file.stem for file in ENTRYPOINTS.glob("*.py") if "def handler(" in file.read_text("utf-8"))
APIS = {"trading_api", "preview_api", "accounts_api"}
NEVER = (
    "aws_cdk",
    "constructs",
    "moto",
    "pytest",
    "hypothesis",
    "ministack",
    "sandbox",
    "stacks",
    "exchange_calendars",
)
TALK_TO_BROKERS = {
    "prepare_runs",
    "place_orders",
    "confirm_orders",
    "reconcile",
    "mark_runs",
    "read_postbacks",
    "load_instruments",
    "check_sessions",
    "accounts_api",
    "preview_api",
}
"""The functions that may load an HTTP client, once they use it; the others never can."""

KNOW_BROKERS = {*TALK_TO_BROKERS, "take_postback"}
"""Those who open brokers, and the one that reads what brokers post."""

USE_CASE = {
    "prepare_runs": "preparer",
    "place_orders": "placer",
    "confirm_orders": "confirmer",
    "reconcile": "reconciler; application.book_comparer",
    "mark_runs": "run_marker",
    "take_postback": "postback_taker",
    "read_postbacks": "postback_reader",
    "load_instruments": "master_loader",
    "check_sessions": "session_checker",
    "accounts_api": "account_linker",
    "dispatch_tick": "dispatcher",
    "trading_day": "trading_day",
    "settle_runs": "settler",
    "trading_api": "strategy_transfer",
    "preview_api": "strategy_previewer",
    "change_calendar": "calendar_changer",
    "square_off": "kill_switch",
    "watchdog": "loop",
    "check_egress": "egress_checker",
}
"""What each function builds when it is first called."""

PRICES_OPTIONS = {"prepare_runs", "preview_api"}
"""Strikes by delta and previews need the model of option prices; nothing else does."""

ESTIMATES = ("lambdas.domain.payoff", "lambdas.domain.margin", "lambdas.domain.preview")
CHECKS = ("lambdas.domain.strategy_rules", "lambdas.domain.rounding", "lambdas.use_cases.save_strategy")
"""What is wrong with a definition is asked when it is saved or previewed, never while it trades."""

MOST_OWN_MODULES = {
    "accounts_api": 76,
    "check_sessions": 67,
    "mark_runs": 68,
    "place_orders": 79,
    "prepare_runs": 86,
    "preview_api": 99,
    "read_postbacks": 83,
    "reconcile": 84,
    "trading_api": 94,
}
MOST_OWN_MODULES_ELSEWHERE = 66
"""Modules of this package that a function may have loaded once its use case is built. More of them is a chain of
imports that brings what it does not need: import later, or split."""

LIMITS_OF_BROKERS = {f"lambdas.adapters.brokers.{name}{module}" for name in BROKERS for module in ("", ".limits")}
"""What every broker costs whoever may open one; no other module of a broker is loaded until it is opened."""

OPEN_A_BROKER = """
from lambdas.domain.accounts import Account
from lambdas.ports.secrets import AccountSecret
account = Account("u", "a", "zerodha", "l", "c", True, "default")
application.brokers.open(account, AccountSecret({"api_key": "k", "api_secret": "s"}, {"access_token": "t"}))
"""

OPEN_A_PAPER_ACCOUNT = """
from lambdas.domain.accounts import Account
from lambdas.ports.secrets import AccountSecret
account = Account("u", "a", "paper", "l", "c", True, "default", quotes_from="b", listed_at="zerodha")
application.brokers.open(account, AccountSecret({"quotes_from": "b", "capital": "1000000"}))
"""

CALL = """
from types import SimpleNamespace
from tests.doubles.strategies import MemoryStrategies
from tests.unit.api.house import an_event
application.__dict__["strategies"] = MemoryStrategies()
method, path, body = {call}
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r")
lambdas.entrypoints.trading_api.handler(an_event(method, path, body, "user", {{}}), context)
"""


def environment() -> dict[str, str]:
    """What the stacks give to every function, with names that lead nowhere."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_ACCESS_KEY_ID": "000000000001",
        "AWS_SECRET_ACCESS_KEY": "any",
        "POWERTOOLS_SERVICE_NAME": "legwise",
        ENV_RUNTIME: load_settings("local").runtime().model_dump_json(),
        ENV_TABLE: "table",
        ENV_SECRETS_PREFIX: "legwise",
        ENV_EVENT_BUS: "bus",
        ENV_POSTBACKS: "https://sqs.ap-south-1.amazonaws.com/000000000001/postbacks",
        ENV_EXECUTE_TICK: "arn:aws:states:ap-south-1:000000000001:stateMachine:execute_tick",
        ENV_TRADING_DAY: "arn:aws:states:ap-south-1:000000000001:stateMachine:trading_day",
    }


@cache
def loaded(function: str, *, then: str = "") -> frozenset[str]:
    """The modules in memory after a function was imported in a new process and `then` was done."""
    program = (
        f"import json, sys\nimport lambdas.entrypoints.{function}\n"
        f"from lambdas.entrypoints.frame import application\n{then}\nprint(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def has(modules: Collection[str], package: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for module in modules)


def test_every_function_is_named_here() -> None:
    assert set(FUNCTIONS) == set(USE_CASE)
    assert set(FUNCTIONS) >= APIS | TALK_TO_BROKERS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_only_what_it_needs_to_start(function: str) -> None:
    modules = loaded(function)
    assert has(modules, "aws_lambda_powertools.event_handler") is (function in APIS)
    assert not has(modules, "httpx")
    assert not [package for package in NEVER if has(modules, package)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_building_its_use_case_loads_no_http_client(function: str) -> None:
    modules = loaded(function, then=f"application.{USE_CASE[function]}")
    assert not has(modules, "httpx")
    assert has(modules, "lambdas.adapters.brokers") is (function in KNOW_BROKERS)
    assert not [package for package in NEVER if has(modules, package)]


def test_the_http_client_is_loaded_with_the_broker_that_is_opened_and_no_other_broker() -> None:
    modules = loaded("place_orders", then=OPEN_A_BROKER)
    assert has(modules, "httpx")
    assert "lambdas.adapters.brokers.zerodha.adapter" in modules
    assert "lambdas.adapters.brokers.angel_one.adapter" not in modules
    assert not has(modules, "aws_lambda_powertools.event_handler")


def test_no_postback_loads_an_http_client() -> None:
    reading = "; ".join(
        f"import lambdas.adapters.brokers.{name}.postback" for name in BROKERS if BROKERS[name].postback_at
    )
    assert not has(loaded("take_postback", then=f"application.postback_taker; {reading}"), "httpx")


def test_a_paper_account_loads_no_http_client_before_its_source_is_asked() -> None:
    modules = loaded("place_orders", then=OPEN_A_PAPER_ACCOUNT)
    assert "lambdas.adapters.brokers.paper.adapter" in modules
    assert not has(modules, "httpx")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_what_prices_options_loads_the_model_and_only_previews_estimate(function: str) -> None:
    modules = loaded(function, then=f"application.{USE_CASE[function]}")
    assert has(modules, "lambdas.domain.black76") is (function in PRICES_OPTIONS)
    assert {has(modules, module) for module in ESTIMATES} == {function == "preview_api"}
    assert {has(modules, module) for module in CHECKS} == {function in {"preview_api", "trading_api"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_stays_within_its_budget_of_modules(function: str) -> None:
    own = {module for module in loaded(function, then=f"application.{USE_CASE[function]}") if has({module}, "lambdas")}
    assert len(own - LIMITS_OF_BROKERS) <= MOST_OWN_MODULES.get(function, MOST_OWN_MODULES_ELSEWHERE)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_loads_yaml_to_build_its_use_case(function: str) -> None:
    assert not has(loaded(function, then=f"application.{USE_CASE[function]}"), "yaml")


@pytest.mark.parametrize(
    ("call", "reads_yaml"),
    [
        ('("GET", "/export", None)', True),
        ('("POST", "/import", \'{"format": "json", "content": "1"}\')', True),
        ('("POST", "/import", "{}")', False),
        ('("GET", "/strategies/Bad", None)', False),
    ],
)
def test_yaml_is_loaded_by_the_calls_that_move_files_only(call: str, reads_yaml: bool) -> None:
    modules = loaded("trading_api", then=CALL.format(call=call))
    assert has(modules, "yaml") is reads_yaml
