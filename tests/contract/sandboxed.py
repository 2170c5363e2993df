"""A running sandbox exchange, and the demo accounts linked to it."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.adapters.clock import SystemClock
from lambdas.domain.accounts import NO_ALGO, PAPER, Algo
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.pace import Pace
from tests.contract import on_paper
from tests.doubles.pace import Unhurried

BROKERS = ("zerodha", "angel_one", "upstox", "fyers", "dhan", "groww")
PORTS = 1 + len(BROKERS)
ROOT = Path(__file__).parents[2]
CLOCK = SystemClock(guard=timedelta(milliseconds=2))
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "dhan": {
        "client_id": "1000000005",
        "api_key": "sandboxdhanapp01",
        "api_secret": "sandboxdhansecret01",
        "redirect_url": "",
    },
    "zerodha": {"api_key": "sandboxkitekey01", "api_secret": "sandboxkitesecret01"},
    "angel_one": {
        "api_key": "sandboxangelkey1",
        "client_code": "SB0002",
        "pin": "1234",
        "totp_secret": "JBSWY3DPEHPK3PXP",
    },
    "upstox": {
        "api_key": "sandbox-upstox-key-0001",
        "api_secret": "sandboxupstoxsecret1",
        "redirect_url": "http://127.0.0.1:9600/callback-shown",
    },
    "fyers": {
        "api_key": "SBXFYERS01-100",
        "api_secret": "SANDBOXFYERSSECRET",
        "redirect_url": "http://127.0.0.1:9600/callback-shown",
        "pin": "1234",
    },
    "groww": {
        "api_key": "sandboxgrowwkey01",
        "api_secret": "sandboxgrowwsecret01",
        "totp_secret": "JBSWY3DPEHPK3PXP",
    },
    PAPER: on_paper.CREDENTIALS,
}
CLIENT_IDS = {
    PAPER: on_paper.CLIENT_ID,
    "zerodha": "SB0001",
    "angel_one": "SB0002",
    "upstox": "SB0003",
    "fyers": "SB0004",
    "dhan": "1000000005",
    "groww": "SB0006",
}


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: admin on `port`, the brokers' faces on the ports behind it."""

    port: int

    def face(self, broker: str) -> str:
        """The base URL of a broker's face."""
        return f"http://127.0.0.1:{self.port + 1 + BROKERS.index(broker)}"

    def endpoints(self, broker: str) -> Endpoints:
        """All URLs of a broker lead to its face; a paper account's to that of the account it quotes from."""
        face = self.face(on_paper.SOURCE if broker == PAPER else broker)
        return Endpoints(face, face, face, face)

    def credentials(self, broker: str) -> Mapping[str, str]:
        """The demo account's, with the redirect URL of this sandbox where the app has one."""
        known = CREDENTIALS[broker]
        shown = {"redirect_url": f"http://127.0.0.1:{self.port}/callback-shown"} if "redirect_url" in known else {}
        return {**known, **shown}

    def admin(self, method: str, path: str, **body: Any) -> Any:
        """Ask the admin face, and have its JSON. A fault of the paper broker is one of where its quotes come from."""
        if body.get("broker") == PAPER:
            body["broker"] = on_paper.SOURCE
        answer = httpx.request(method, f"http://127.0.0.1:{self.port}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def orders_tagged(self, broker: str, tag: str) -> list[dict[str, Any]]:
        """What the exchange itself knows under a tag, whatever the broker's face shows."""
        if broker == PAPER:
            return on_paper.HOUSES[self.port].orders_tagged(tag, CLOCK)
        books = self.admin("GET", f"/books/{broker}/{CLIENT_IDS[broker]}")
        return [order for order in books["orders"] if order["tag"] == tag]


@dataclass(frozen=True)
class Linked:
    """A demo account with the session of one login."""

    broker: str
    session: BrokerSession
    sandbox: Sandbox

    @property
    def client_id(self) -> str:
        return CLIENT_IDS[self.broker]

    def open(
        self,
        tokens: Mapping[str, str] | None = None,
        endpoints: Endpoints | None = None,
        algo: Algo = NO_ALGO,
        pace: Pace | None = None,
    ) -> Broker:
        """The account over its session, or over other tokens or to other endpoints; `algo` goes with its orders.
        Without `pace` it waits for no turns: the limits are off."""
        tokens = self.session.tokens if tokens is None else tokens
        if self.broker == PAPER:
            house = on_paper.HOUSES[self.sandbox.port]
            return house.open(tokens, endpoints or self.sandbox.endpoints(PAPER), CLOCK)
        return open_broker(
            self.broker,
            credentials=CREDENTIALS[self.broker],
            tokens=tokens,
            endpoints=endpoints or self.sandbox.endpoints(self.broker),
            clock=CLOCK,
            algo=algo,
            pace=pace or Unhurried(),
        )


async def log_in(broker: str, sandbox: Sandbox) -> BrokerSession:
    """Begin a session as a user does: over the login page where there is one.

    Before a paper account the account is logged in that it quotes from.
    """
    if broker == PAPER:
        await open_house(sandbox)
    return await log_in_with(broker, sandbox.credentials(broker), sandbox.endpoints(broker))


async def open_house(sandbox: Sandbox) -> None:
    """Let the paper account of a sandbox have an account to quote from, logged in anew."""
    if sandbox.port not in on_paper.HOUSES:
        known = {"client_id": on_paper.SOURCE_CLIENT, "funds": "1000", **on_paper.SOURCE_CREDENTIALS}
        callback = f"http://127.0.0.1:{sandbox.port}/callback-shown"
        sandbox.admin("POST", "/accounts", broker=on_paper.SOURCE, redirect_url=callback, **known)
        on_paper.HOUSES[sandbox.port] = on_paper.House()
    endpoints = sandbox.endpoints(PAPER)
    session = await log_in_with(on_paper.SOURCE, on_paper.SOURCE_CREDENTIALS, endpoints)
    await on_paper.HOUSES[sandbox.port].open_for_business(session, endpoints, CLOCK)


async def log_in_with(broker: str, credentials: Mapping[str, str], endpoints: Endpoints) -> BrokerSession:
    """The session of any account."""
    login = open_login(broker, credentials=credentials, endpoints=endpoints, clock=CLOCK)
    url = await login.get_auth_url("state-of-the-user")
    answer = {} if url is None else approve(url)
    return await login.handle_callback(answer, CLOCK.now())


def approve(url: str) -> dict[str, str]:
    """Press Approve on the login page; what the redirect carries back."""
    page = httpx.get(url)
    page.raise_for_status()
    query = dict(parse_qsl(urlsplit(url).query))
    form = {**query, "decision": "approve"}
    redirect = httpx.post(url.split("?")[0], data=form, follow_redirects=False)
    return dict(parse_qsl(urlsplit(redirect.headers["location"]).query))


def start_sandbox(log: Path) -> tuple[subprocess.Popen[bytes], Sandbox]:
    for _ in range(10):
        port = _free_block()
        arguments = ["-m", "sandbox", "--port", str(port), "--demo-accounts", "--continuous", "--seed", "7"]
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=output, stderr=output)
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if b"ready" in log.read_bytes():
                return process, Sandbox(port)
            time.sleep(0.05)
        process.kill()
        process.wait()
        if process.returncode != 2:
            break
    pytest.fail(f"the sandbox did not start: {log.read_text()}")


def _free_block() -> int:
    """A port that is free together with those behind it, as far as one can tell."""
    while True:
        port = random.randrange(20000, 32000, PORTS)
        try:
            for offset in range(PORTS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
