"""The dashboard's server over the wire, in front of an emulator that tells what reached it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.dashboard_server import Dashboard, config_of
from local.pages import Pages
from local.relay import MAX_REQUEST, SIGN_IN, Relay
from shared_config.settings import load_settings
from shared_config.sign_in import PASSWORDS

CONFIG = config_of(region="ap-south-1", client_id="client", demo=("demo@legwise.example", "pass"))


class Echo(BaseHTTPRequestHandler):
    """An upstream that answers with what it was asked."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers)}
        body = json.dumps({**told, "body": self.rfile.read(length).decode()}).encode()
        self.send_response(418)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""


@contextmanager
def running(server: HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("dist")
    (folder / "index.html").write_text("<!doctype html>")
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Echo)) as emulator:
        relay = Relay(f"http://127.0.0.1:{emulator}", "/_aws/execute-api/abc/$default")
        headers = {"Content-Security-Policy": "default-src 'none'"}
        with running(Dashboard(0, pages=Pages(folder), relay=relay, config=CONFIG, headers=headers)) as found:
            yield found


@contextmanager
def asked(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        yield connection.getresponse()
    finally:
        connection.close()


def test_pages_carry_the_policy(port: int) -> None:
    with asked(port, "GET", "/brokers") as answer:
        assert (answer.status, answer.read()) == (200, b"<!doctype html>")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_configuration_offers_the_demo_user(port: int) -> None:
    with asked(port, "GET", "/config.json") as answer:
        told = json.loads(answer.read())
    assert told["auth"]["kind"] == "direct"
    assert told["auth"]["demo"] == {"username": "demo@legwise.example", "password": "pass"}
    assert told["api"] == "/api"


def test_the_configuration_says_what_the_pool_asks_of_a_password(port: int) -> None:
    with asked(port, "GET", "/config.json") as answer:
        identity = json.loads(answer.read())["auth"]["identity"]
    assert identity["endpoint"] == SIGN_IN
    assert identity["password_policy"] == PASSWORDS.model_dump()
    assert identity["second_factor"] is load_settings("local").features.multi_factor


def test_the_api_is_asked_and_its_answer_brought_back(port: int) -> None:
    with asked(port, "POST", "/api/accounts?x=1", b"{}", Authorization="Bearer t", Cookie="c=d") as answer:
        told = json.loads(answer.read())
        assert answer.status == 418
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get_all("Date") is not None
        assert len(answer.headers.get_all("Date", [])) == 1
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert (told["path"], told["body"]) == ("/_aws/execute-api/abc/$default/accounts?x=1", "{}")
    assert {name.lower() for name in told["headers"]} <= {"host", "accept-encoding", "content-length", "authorization"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("GET", "/api/me", {"Host": "evil.example:5173"}, 421),
        ("POST", "/", {}, 405),
        ("OPTIONS", "/api/me", {}, 405),
        ("POST", "/cognito/", {"X-Amz-Target": "DynamoDB_20120810.Scan"}, 403),
        ("POST", "/api/x", {"Content-Length": str(MAX_REQUEST + 1)}, 413),
        ("POST", "/api/x", {"Content-Length": "-1"}, 400),
        ("POST", "/api/x", {"Transfer-Encoding": "chunked"}, 411),
        ("GET", "/assets/gone.js", {}, 404),
    ],
)
def test_what_is_not_for_it_is_refused(port: int, method: str, path: str, headers: dict[str, str], status: int) -> None:
    with asked(port, method, path, None, **headers) as answer:
        assert answer.status == status


def test_a_refusal_does_not_leave_its_body_for_the_next_request(port: int) -> None:
    with asked(port, "POST", "/", b"GET /api/me HTTP/1.1\r\n\r\n") as answer:
        assert answer.status == 405
        assert answer.headers["Connection"] == "close"


def test_an_emulator_that_is_gone_is_a_bad_gateway(tmp_path: Path) -> None:
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Echo)) as gone:
        pass
    relay = Relay(f"http://127.0.0.1:{gone}", "/x")
    with (
        running(Dashboard(0, pages=Pages(tmp_path), relay=relay, config=CONFIG, headers={})) as port,
        asked(port, "GET", "/api/me") as answer,
    ):
        assert answer.status == 502
