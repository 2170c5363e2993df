"""What each function loads when it starts: every module is paid for at each cold start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared_config.names import (
    ENV_EVENT_BUS,
    ENV_EXECUTE_TICK,
    ENV_RUNTIME,
    ENV_SECRETS_PREFIX,
    ENV_TABLE,
    ENV_TRADING_DAY,
)
from shared_config.settings import load_settings

ROOT = Path(__file__).parents[2]
ENTRYPOINTS = ROOT / "lambdas" / "entrypoints"
FUNCTIONS = sorted(file.stem for file in ENTRYPOINTS.glob("*.py") if "def handler(" in file.read_text("utf-8"))
APIS = {"trading_api", "accounts_api"}
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
TALK_TO_BROKERS = {"prepare_runs", "place_orders", "confirm_orders", "reconcile", "load_instruments", "accounts_api"}
"""The functions that may load an HTTP client, once they use it; the others never can."""

USE_CASE = {
    "prepare_runs": "preparer",
    "place_orders": "placer",
    "confirm_orders": "confirmer",
    "reconcile": "reconciler",
    "load_instruments": "master_loader",
    "accounts_api": "account_linker",
    "dispatch_tick": "dispatcher",
    "trading_day": "trading_day",
    "settle_runs": "settler",
    "trading_api": "strategy_saver",
    "watchdog": "loop",
}
"""What each function builds when it is first called."""

OPEN_A_BROKER = """
from lambdas.domain.accounts import Account
from lambdas.ports.secrets import AccountSecret
account = Account("u", "a", "zerodha", "l", "c", True, "default")
application.brokers.open(account, AccountSecret({"api_key": "k", "api_secret": "s"}, {"access_token": "t"}))
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
        ENV_EXECUTE_TICK: "arn:aws:states:ap-south-1:000000000001:stateMachine:execute_tick",
        ENV_TRADING_DAY: "arn:aws:states:ap-south-1:000000000001:stateMachine:trading_day",
    }


def loaded(function: str, *, then: str = "") -> set[str]:
    """The modules in memory after a function was imported in a new process and `then` was done."""
    program = (
        f"import json, sys\nimport lambdas.entrypoints.{function}\n"
        f"from lambdas.entrypoints.frame import application\n{then}\nprint(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def has(modules: set[str], package: str) -> bool:
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
    assert has(modules, "lambdas.adapters.brokers") is (function in TALK_TO_BROKERS)
    assert not [package for package in NEVER if has(modules, package)]


def test_the_http_client_is_loaded_with_the_broker_that_is_opened_and_no_other_broker() -> None:
    modules = loaded("place_orders", then=OPEN_A_BROKER)
    assert has(modules, "httpx")
    assert "lambdas.adapters.brokers.zerodha.adapter" in modules
    assert "lambdas.adapters.brokers.angel_one.adapter" not in modules
    assert not has(modules, "aws_lambda_powertools.event_handler")
