"""Users of a deployed product with accounts of their own at the sandbox's brokers, linked through the API."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from itertools import count
from typing import Any, Self

import httpx

from bench.sandbox_rig import CLIENT_FIELDS, FUNDS, TOTP_SECRET, Exchange
from lambdas.adapters.brokers.registry import broker_kind
from lambdas.bootstrap import Application
from lambdas.domain.moments import IST, WEEKDAYS
from local.api import Api, aws, sign_up
from local.cluster import Cluster
from local.instance import BROKERS
from local.seed import DEMO_PASSWORD
from local.steps import CannotContinue
from shared_config.names import ENV_RUNTIME

_NUMBERS = count(1)
WORKER_FUNCTIONS = ("prepare_runs", "place_orders")
Client = tuple[str, str]
"""Broker and client id at the sandbox."""


@dataclass
class Desk:
    """One user with logged-in accounts. Account ids name their broker and are of one desk only."""

    exchange: Exchange
    api: Api
    user_id: str
    clients: dict[str, Client] = field(default_factory=dict)

    @classmethod
    def opened(cls, cluster: Cluster, name: str, brokers: Sequence[str]) -> Self:
        """Sign a user up and link an account at each of these brokers, as often as they are named."""
        api = sign_up(cluster, f"{name}@legwise.example", DEMO_PASSWORD)
        desk = cls(Exchange(cluster.instance), api, api.get("/me")["user_id"])
        for broker in brokers:
            desk.link(broker)
        return desk

    @property
    def account_ids(self) -> list[str]:
        """In the order of linking."""
        return list(self.clients)

    def link(self, broker: str) -> str:
        """Open an account at a sandbox broker, link it and log in as a user does; its id here."""
        number = next(_NUMBERS)
        account_id, client = f"{broker.replace('_', '-')}-{number:02}", f"98{BROKERS.index(broker):02}{number:06}"
        keys = credentials(number, self.exchange.instance.sandbox_url)
        named = {CLIENT_FIELDS.get(broker, "client_id"): client}
        self.exchange.admin("POST", "/accounts", broker=broker, funds=FUNDS, **named, **keys)
        known = {**keys, "client_id": client, "client_code": client}
        fields = {one.name: known[one.name] for one in broker_kind(broker).fields}
        self.api.put(f"/accounts/{account_id}", {"broker": broker, "label": account_id, "credentials": fields})
        begun = self.api.post(f"/accounts/{account_id}/login")
        url = begun["login_url"]
        self.api.post(
            f"/accounts/{account_id}/session", {} if url is None else approve(url) | {"state": begun["state"]}
        )
        self.clients[account_id] = broker, client
        return account_id

    def save(self, strategy_id: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Store a new strategy; it as the due index carries it."""
        return {"user_id": self.user_id, **self.api.put(f"/strategies/{strategy_id}?replaces=0", definition)}

    def day(self, date: object) -> dict[str, Any]:
        """Runs and orders of a date."""
        found: dict[str, Any] = self.api.get(f"/days/{date}")
        return found

    def book(self, account_id: str) -> list[dict[str, Any]]:
        """Every order that reached the exchange for an account."""
        broker, client = self.clients[account_id]
        rows: list[dict[str, Any]] = self.exchange.admin("GET", f"/books/{broker}/{client}")["orders"]
        return rows


def credentials(number: int, sandbox_url: str) -> dict[str, str]:
    """Keys of one sandbox account, of every kind that some broker has."""
    return {
        "api_key": f"DESKKEY{number:04}-100",
        "api_secret": f"desksecret{number:04}",
        "redirect_url": f"{sandbox_url}/callback-shown",
        "pin": "1234",
        "totp_secret": TOTP_SECRET,
    }


def approve(login_url: str) -> dict[str, str]:
    """Press the button of a sandbox login page; what the redirect back to the app carries."""
    with httpx.Client(timeout=10) as browser:
        page = browser.get(login_url)
        page.raise_for_status()
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        if action is None:
            raise CannotContinue(f"there is no form at {page.url.copy_with(query=None)}")
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {**{name: unescape(value) for name, value in hidden}, "decision": "approve"}
        answer = browser.post(page.url.join(unescape(action.group(1))), data=form)
    return dict(httpx.URL(answer.headers["location"]).params)


def iron_condor(name: str, schedule: Mapping[str, Any], calls: str, puts: str) -> dict[str, Any]:
    """Two hedges and two shorts of one lot: the calls in one account, the puts in another or the same."""

    def leg(right: str, side: str, steps: int, account_id: str) -> dict[str, Any]:
        strike = {"by": "moneyness", "moneyness": "OTM", "steps": steps}
        own = [{"account_id": account_id, "lots": 1}]
        return {"right": right, "side": side, "strike": strike, "lots": 1, "allocation": own}

    return {
        "name": name,
        "underlying": "NIFTY",
        "schedule": dict(schedule),
        "allocation": [{"account_id": account_id} for account_id in sorted({calls, puts})],
        "legs": [
            leg("CE", "SELL", 4, calls),
            leg("CE", "BUY", 8, calls),
            leg("PE", "SELL", 4, puts),
            leg("PE", "BUY", 8, puts),
        ],
    }


def never_due(now: datetime) -> dict[str, Any]:
    """A schedule that the trading-day loop does not reach: a weekday two days from now or more."""
    today = now.astimezone(IST).weekday()
    weekday = next(WEEKDAYS[(today + days) % 7] for days in range(2, 6) if (today + days) % 7 < 5)
    return {"weekdays": [weekday], "entry": "10:00", "exit": "15:00"}


def worker_of(cluster: Cluster, urls: Mapping[str, str] | None = None) -> Application:
    """What the deployed functions are built from, built in this process: their variables, the emulator's services.

    `urls` replaces the address of brokers by name. AWS clients read where they lead from this process' environment.
    """
    client = aws(cluster, "lambda")
    variables: dict[str, str] = {}
    for name in WORKER_FUNCTIONS:
        function = f"{cluster.prefix('options')}-{name}"
        variables |= client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    runtime = json.loads(variables[ENV_RUNTIME])
    for broker, url in (urls or {}).items():
        runtime["brokers"][broker] |= {"api_url": url, "order_url": url}
    os.environ.update(cluster.instance.aws_variables())
    return Application({**variables, ENV_RUNTIME: json.dumps(runtime)})
