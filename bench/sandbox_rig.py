"""A sandbox exchange of a measurement's own: an account with ample money at each broker, logged in."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from bench.report import ROOT
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.adapters.clock import SystemClock
from lambdas.ports.broker import Broker
from local.instance import BROKERS, SANDBOX_PORTS, Instance, free_port_block
from local.processes import Service
from shared_config.settings import load_settings

CLOCK = SystemClock(guard=timedelta(milliseconds=2))
FUNDS = "1000000000"
"""Rupees, so that no order is refused for money."""
TOTP_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 (a key of the sandbox, valid nowhere else)
CLIENT_FIELDS = {"zerodha": "user_id", "upstox": "user_id", "angel_one": "clientcode"}
"""What `POST /accounts` calls the client's id, where it is not `client_id`."""


@dataclass(frozen=True)
class Exchange:
    """A running sandbox exchange with its rate limits off."""

    instance: Instance

    def admin(self, method: str, path: str, **body: Any) -> Any:
        """Ask the admin face, and have its JSON."""
        answer = httpx.request(method, self.instance.sandbox_url + path, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def delay(self, ms: int) -> None:
        """From now on every request to every broker waits so long before it is looked at; 0 ends all faults."""
        self.admin("DELETE", "/faults")
        if ms:
            self.admin("POST", "/faults", broker="*", operation="*", kind="delay", ms=ms)

    def orders(self, broker: str) -> int:
        """How many orders the exchange has of the account at a broker."""
        return len(self.admin("GET", f"/books/{broker}/{client_id(broker)}")["orders"])

    async def link(self, broker: str) -> "Linked":
        """Create an account at a broker and log in as its user does."""
        credentials = self._create(broker)
        face = self.instance.broker_urls[broker]
        login = open_login(broker, credentials=credentials, endpoints=all_at(face), clock=CLOCK)
        url = await login.get_auth_url("bench")
        session = await login.handle_callback({} if url is None else _approve(url), CLOCK.now())
        return Linked(broker, face, credentials, session.tokens)

    def _create(self, broker: str) -> dict[str, str]:
        number, user = BROKERS.index(broker) + 1, client_id(broker)
        credentials = {
            "api_key": f"BENCHKEY{number:02}-100",
            "api_secret": f"benchsecret{number:02}",
            "redirect_url": f"{self.instance.sandbox_url}/callback-shown",
            "pin": "1234",
            "totp_secret": TOTP_SECRET,
        }
        client = {CLIENT_FIELDS.get(broker, "client_id"): user}
        self.admin("POST", "/accounts", broker=broker, funds=FUNDS, **client, **credentials)
        return {**credentials, "client_id": user, "client_code": user}


@dataclass(frozen=True)
class Linked:
    """An account with the session of one login. `face` is the base URL of its broker."""

    broker: str
    face: str
    credentials: Mapping[str, str]
    tokens: Mapping[str, str]

    def open(self, url: str) -> Broker:
        """The account with all its addresses at `url`: the face, or a forwarder to it."""
        return open_broker(
            self.broker, credentials=self.credentials, tokens=self.tokens, endpoints=all_at(url), clock=CLOCK
        )


@contextmanager
def running_exchange(name: str) -> Iterator[Exchange]:
    """Start a sandbox on free ports, and stop it in the end. Raises CannotContinue when it does not serve."""
    ports = free_port_block(SANDBOX_PORTS)
    instance = Instance(name, ports, ports, load_settings("local").region)
    command = [sys.executable, "-m", "sandbox", "--port", str(ports), "--seed", "7"]
    variables = instance.aws_variables() | {"PYTHONPATH": str(ROOT)}
    service = Service.start("sandbox", command, folder=instance.folder, variables=variables)
    try:
        service.wait_until(f"{instance.sandbox_url}/status", seconds=30)
        exchange = Exchange(instance)
        exchange.admin("POST", "/relax")
        yield exchange
    finally:
        service.stop()


def client_id(broker: str) -> str:
    """The client's id of the account at a broker (ten digits, as Dhan wants it)."""
    return f"99000000{BROKERS.index(broker) + 1:02}"


def all_at(url: str) -> Endpoints:
    """Every address of a broker at one place."""
    return Endpoints(url, url, url, url)


def _approve(url: str) -> dict[str, str]:
    """Press Approve on a login page; what the redirect carries back."""
    httpx.get(url).raise_for_status()
    form = {**dict(parse_qsl(urlsplit(url).query)), "decision": "approve"}
    redirect = httpx.post(url.split("?")[0], data=form, follow_redirects=False)
    return dict(parse_qsl(urlsplit(redirect.headers["location"]).query))
