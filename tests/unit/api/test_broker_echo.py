"""The API over the real adapters: an echo of the keys reaches neither the answer, nor the audit, nor the log."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Thread

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.registry import broker_kind, open_broker, open_login
from lambdas.bootstrap import Application
from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import BrokerFacts
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret
from tests.doubles.brokers import FACTS
from tests.doubles.examples import USER, an_account, at
from tests.unit.api.house import House, store

LIVE = ("angel_one", "dhan", "fyers", "groww", "upstox", "zerodha")
CANARY = "CANARYAACANARYAA"
TOKENS = {"access_token": CANARY, "jwt_token": CANARY, "refresh_token": CANARY, "feed_token": CANARY}
ONCE = dict.fromkeys(("request_token", "code", "auth_code", "tokenId", "totp"), "ONCE0CANARY")


class Echo(BaseHTTPRequestHandler):
    """Answers with a refusal of every broker's shape, or with a page, that repeats the request."""

    page = False

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        said = f"{self.path} {self.headers} {sent}"
        error = {"message": said, "errorMessage": said, "error_type": "InputException", "errorcode": "AB1009"}
        coded = {**error, "errorCode": "DH-905", "code": -50}
        body = {"status": "error", "s": "error", **coded, "errors": [coded], "error": {**error, "code": "GA001"}}
        answer = f"<html>{said}</html>" if self.page else json.dumps(body)
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer.encode())))
        self.end_headers()
        self.wfile.write(answer.encode())

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class EchoingBrokers:
    """The part of `Brokers` that accounts need: the real adapters and logins of all brokers, at one address."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._endpoints = Endpoints(url, url, url, url)
        self._clock = clock

    def facts(self, broker: str) -> BrokerFacts:
        kind = broker_kind(broker)
        return replace(FACTS["zerodha"], name=kind.name, fields=kind.fields, redirects=kind.redirects)

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        return open_broker(
            account.broker,
            credentials=secret.credentials,
            tokens=secret.tokens,
            endpoints=self._endpoints,
            clock=self._clock,
        )

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        return open_login(account.broker, credentials=secret.credentials, endpoints=self._endpoints, clock=self._clock)


@contextmanager
def echoing(*, page: bool) -> Iterator[str]:
    """The address of a broker that echoes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("EchoOne", (Echo,), {"page": page}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def keys_of(broker: str) -> Mapping[str, str]:
    """A canary wherever a user enters something secret."""
    return {field.name: CANARY if field.secret else f"{field.name}0shown" for field in broker_kind(broker).fields}


@pytest.mark.parametrize("broker", LIVE)
@pytest.mark.parametrize("page", [False, True])
def test_an_echo_of_the_keys_is_told_to_nobody(
    house: House,
    broker: str,
    page: bool,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    account = an_account(broker=broker, client_id="", session_expires_at=at("18:00"))
    store(
        house.accounts.save_account(account),
        house.secrets.write(USER, account.account_id, AccountSecret(keys_of(broker), TOKENS)),
    )
    path = f"/accounts/{account.account_id}"
    with echoing(page=page) as url:
        application: Application = import_module("lambdas.entrypoints.frame").application
        application.__dict__["brokers"] = EchoingBrokers(url, house.clock)
        begun = house.ask("POST", f"{path}/login")
        state = begun[1].get("state") or ""
        finished = house.ask("POST", f"{path}/session", body={**ONCE, "state": state})
        tried = house.ask("POST", f"{path}/test")
    answered = 502 if page else 422
    assert tried[0] == answered
    assert tried[1]["problems"][0].startswith(f"{broker}: ")
    assert finished[0] == (422 if broker == "dhan" else answered), "Dhan is asked for the page, and refused that"
    audit = asyncio.run(house.controls.audit("2026-11"))
    told = f"{begun}{finished}{tried}{audit}{capsys.readouterr()}{caplog.text}"
    told += "".join(str(vars(record)) for record in caplog.records)
    assert "CANARY" not in told
    kept = asyncio.run(house.secrets.read(USER, account.account_id))
    assert kept == AccountSecret(keys_of(broker), TOKENS)
    assert asyncio.run(house.accounts.account(USER, account.account_id)) == account
