"""`python -m local.dashboard_server`: the built dashboard, with the API and sign-in at the same address.

At one address because the emulator refuses the question that a browser asks before it calls another address.
"""

import argparse
import json
import signal
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local.pages import ANEW, Answer, NoSuchPage, Pages, headers_of
from local.relay import API, MAX_REQUEST, SIGN_IN, NotPassedOn, Relay
from shared_config.settings import load_settings
from shared_config.sign_in import identity_of

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "frontend" / "dist"
HEADERS = ROOT / "frontend" / "headers.json"
OWN_NAMES = ("127.0.0.1", "localhost")
"""Another name in Host is a page from elsewhere, whose name was made to lead to this machine."""
READ_SECONDS = 35


class Dashboard(ThreadingHTTPServer):
    """Serves until it is shut down. `config` is what `/config.json` says."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, port: int, *, pages: Pages, relay: Relay, config: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.pages = pages
        self.relay = relay
        self.config = Answer(json.dumps(config).encode(), "application/json", ANEW)
        self.headers = headers

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away while it is answered is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Dashboard
    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS
    wbufsize = -1
    """Head and body leave at once; one after the other, the second would wait for the browser to confirm the first."""
    server_version = "Legwise"
    sys_version = ""

    def _handle(self) -> None:
        try:
            self._check_host()
            path = self.path.partition("?")[0]
            if self.server.relay.takes(path):
                self._pass_on()
            elif self.command in ("GET", "HEAD"):
                self.close_connection |= "Content-Length" in self.headers
                self._send(self._page(path))
            else:
                raise NotPassedOn(HTTPStatus.METHOD_NOT_ALLOWED, f"{self.command} is not for pages")
        except NotPassedOn as refused:
            # What was not read of the request would be taken for the next one.
            self.close_connection = True
            self._send(_refusal(refused))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _handle

    def _check_host(self) -> None:
        if self.headers.get("Host", "").partition(":")[0] not in OWN_NAMES:
            raise NotPassedOn(HTTPStatus.MISDIRECTED_REQUEST, f"this is {' or '.join(OWN_NAMES)} only")

    def _page(self, path: str) -> Answer:
        if path == "/config.json":
            return self.server.config
        try:
            return self.server.pages.answer(path, accepts=self.headers.get("Accept-Encoding", ""))
        except NoSuchPage:
            return Answer(b"Not found", "text/plain; charset=utf-8", ANEW, status=HTTPStatus.NOT_FOUND)

    def _pass_on(self) -> None:
        wanted = self.server.relay.wanted(self.command, self.path, self.headers.items())
        brought = self.server.relay.ask(wanted, self._body())
        self.send_response_only(brought.status)
        told = {name.lower() for name, _ in brought.headers}
        self._send_headers(brought.headers)
        if "date" not in told:
            self.send_header("Date", self.date_time_string())
        if "cache-control" not in told:
            self.send_header("Cache-Control", "no-store")
        self._finish(brought.body)

    def _body(self) -> bytes:
        """The whole body, of a length that is told beforehand. Raises NotPassedOn."""
        if "Transfer-Encoding" in self.headers:
            raise NotPassedOn(HTTPStatus.LENGTH_REQUIRED, "the body needs a Content-Length")
        told = self.headers.get("Content-Length", "0")
        if not (told.isascii() and told.isdigit()):
            raise NotPassedOn(HTTPStatus.BAD_REQUEST, "Content-Length is no number")
        if int(told) > MAX_REQUEST:
            raise NotPassedOn(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_REQUEST} bytes")
        return self.rfile.read(int(told))

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Cache-Control", answer.caching)
        if answer.encoding:
            self.send_header("Content-Encoding", answer.encoding)
        self.send_header("Vary", "Accept-Encoding")
        self._finish(answer.body)

    def _finish(self, body: bytes) -> None:
        self._send_headers(self.server.headers.items())
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_headers(self, headers: Any) -> None:
        for name, value in headers:
            self.send_header(name, value)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: addresses carry what brokers' login pages bring back."""


def config_of(*, region: str, client_id: str, demo: tuple[str, str] | None) -> dict[str, Any]:
    """What the pages are told; the shape is in `frontend/src/lib/config.ts`."""
    identity = identity_of(load_settings("local"), endpoint=SIGN_IN)
    auth: dict[str, Any] = {"kind": "direct", "client_id": client_id, "endpoint": SIGN_IN, "identity": identity}
    if demo is not None:
        auth["demo"] = {"username": demo[0], "password": demo[1]}
    return {"environment": "local", "region": region, "api": API, "auth": auth}


def _refusal(refused: NotPassedOn) -> Answer:
    body = json.dumps({"message": str(refused)}).encode()
    return Answer(body, "application/json", "no-store", status=refused.status)


def main() -> int:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m local.dashboard_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--emulator", required=True, metavar="URL")
    parser.add_argument("--api-path", required=True, help="where the emulator serves the HTTP API")
    parser.add_argument("--config", required=True, type=Path, metavar="JSON", help="what /config.json says")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = json.loads(options.config.read_text("utf-8"))
    relay = Relay(options.emulator, options.api_path)
    with Dashboard(options.port, pages=Pages(BUILT), relay=relay, config=config, headers=headers_of(HEADERS)) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
