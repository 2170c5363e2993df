"""The functions of the HTTP API with doubles for their adapters."""

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from lambdas.ports.secrets import AccountSecret
from lambdas.ports.store import AccountStore, ContractStore, ControlStore, RunStore, StrategyStore
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.broker import FakeBroker
from tests.doubles.brokers import FakeBrokers
from tests.doubles.clock import VirtualClock
from tests.doubles.comparisons import MemoryComparisons
from tests.doubles.contracts import MemoryContracts
from tests.doubles.controls import MemoryControls
from tests.doubles.examples import TICK, USER, a_definition, an_account, at, listings_of
from tests.doubles.limits import MemoryLimits
from tests.doubles.logins import MemoryLogins
from tests.doubles.marks import MemoryMarks
from tests.doubles.runs import MemoryRuns
from tests.doubles.secrets import MemorySecrets
from tests.doubles.strategies import MemoryStrategies

OTHER = "user-two"
SPOT = Decimal("24512.30")
DEFINITION = a_definition().model_dump(mode="json")


class House:
    """All three functions of the API over stores in memory."""

    def __init__(self) -> None:
        self.strategies = MemoryStrategies()
        self.accounts = MemoryAccounts()
        self.controls = MemoryControls()
        self.limits = MemoryLimits()
        self.comparisons = MemoryComparisons()
        self.contracts = MemoryContracts()
        self.runs = MemoryRuns()
        self.marks = MemoryMarks(self.runs)
        self.secrets = MemorySecrets()
        self.logins = MemoryLogins()
        self.clock = VirtualClock(at("10:00"))
        self.brokers = FakeBrokers(self.clock)

    def doubles(self) -> dict[str, Any]:
        """What takes the place of the application's adapters, by name."""
        stores: tuple[StrategyStore, AccountStore, ControlStore, ContractStore, RunStore] = (
            self.strategies,
            self.accounts,
            self.controls,
            self.contracts,
            self.runs,
        )
        names = ("strategies", "accounts", "controls", "contracts", "runs")
        others = {"secrets": self.secrets, "logins": self.logins, "brokers": self.brokers, "clock": self.clock}
        others |= {"limits": self.limits, "comparisons": self.comparisons, "marks": self.marks}
        return {**dict(zip(names, stores, strict=True)), **others}

    def link(self, account_id: str = "zerodha-one", **changes: Any) -> FakeBroker:
        """An account of the user that is logged in; its broker, which quotes from a model."""
        account = an_account(account_id, **changes)
        store(
            self.accounts.save_account(account),
            self.secrets.write(account.user_id, account_id, AccountSecret({"api_key": "k"})),
            self.contracts.save_listings(account.broker, TICK.date, listings_of()),
        )
        broker = FakeBroker(self.clock, client_id=account_id)
        broker.market(SPOT, 0.14, listings_of())
        self.brokers.accounts[account.user_id, account_id] = broker
        return broker

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        user_id: str = USER,
        query: Mapping[str, str] | None = None,
        **event: Any,
    ) -> tuple[int, Any]:
        """Status and JSON of an answer of the function that has this path; `event` overrides what it is sent."""
        answer = self.answer(method, path, body=body, user_id=user_id, query=query, **event)
        return int(answer["statusCode"]), json.loads(answer["body"])

    def answer(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        user_id: str = USER,
        query: Mapping[str, str] | None = None,
        **event: Any,
    ) -> dict[str, Any]:
        """The whole of it, headers included."""
        handler = import_module(f"lambdas.entrypoints.{function_of(path)}").handler
        answered: dict[str, Any] = handler({**an_event(method, path, body, user_id, query or {}), **event}, a_context())
        return answered

    def refused(self, method: str, path: str, status: int, **request: Any) -> list[str]:
        """The problems of an answer that must be refused, in the shape that every refusal has."""
        lines, force_helps = self.refused_unless_forced(method, path, status, **request)
        assert not force_helps
        return lines

    def refused_unless_forced(self, method: str, path: str, status: int, **request: Any) -> tuple[list[str], bool]:
        """The same, and whether it says that force would help."""
        answered, problem = self.ask(method, path, **request)
        assert (answered, set(problem)) == (status, {"message", "problems", "force_helps"})
        assert problem["message"]
        return problem["problems"], problem["force_helps"]


def function_of(path: str) -> str:
    """The function to which the gateway sends a path."""
    if path.startswith(("/accounts", "/brokers", "/egress")) and not path.endswith("/comparison"):
        return "accounts_api"
    return "preview_api" if path == "/strategies/preview" else "trading_api"


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


def store(*works: Any) -> None:
    for work in works:
        asyncio.run(work)
