"""A recording reverse proxy on loopback: notes each request, passes it on, and gives the answer back."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

MARK = "/recorder/"
"""`GET /recorder/<call>` goes no further: what follows belongs to that call."""
Field = tuple[str, str]
"""Where a value stands in a request: the part (method, path, header, query, body) and the name within it."""

_HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "date", "host", "transfer-encoding"})
_FRACTION = re.compile(r"-?\d+\.\d+")
_KINDS = {
    "<uuid>": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "<ip address>": re.compile(r"\d{1,3}(\.\d{1,3}){3}"),
    "<mac address>": re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE),
}


@dataclass(frozen=True)
class Recorded:
    """One request as it was sent (header names in lower case), and what was answered."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass(frozen=True)
class Masks:
    """What may not be compared by value or shown.

    `values` replace what equals them, `secrets` each of their occurrences; both lead to the name that is
    compared and shown in their place.
    """

    values: Mapping[str, str]
    secrets: Mapping[str, str]

    def text(self, text: str) -> str:
        """The text with names for values."""
        if text in self.values:
            return self.values[text]
        for kind, pattern in _KINDS.items():
            if pattern.fullmatch(text):
                return kind
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, self.secrets[secret])
        return text

    def argument(self, text: str) -> str:
        """As `text`, with equal amounts written alike (1.50 as 1.5)."""
        return self.text(f"{Decimal(text).normalize():f}" if _FRACTION.fullmatch(text) else text)

    def json(self, value: Any) -> str:
        """A JSON value: strings stay in quotation marks, so that "1" is not 1."""
        if isinstance(value, str):
            return f'"{self.argument(value)}"'
        whole = value is None or isinstance(value, bool | dict | list)
        return json.dumps(value) if whole else self.argument(str(value))


class Recorder:
    """Requests by the call that they belong to, in the order in which they came."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: defaultdict[str, list[Recorded]] = defaultdict(list)
        self._call = "before the first call"

    def begin(self, call: str) -> None:
        """What comes from now on belongs to this call."""
        self._call = call

    def note(self, recorded: Recorded) -> None:
        """Keep one request."""
        self.calls[self._call].append(recorded)


@contextmanager
def recording(face: str) -> Iterator[Recorder]:
    """A recorder in front of a face (its base URL), served until the end of the block."""
    recorder = Recorder()
    with httpx.Client(trust_env=False, timeout=30) as upstream:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(recorder, upstream, face))
        server.daemon_threads = True
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def fields(recorded: Recorded, masks: Masks, transport: Mapping[str, str]) -> dict[Field, str]:
    """A request as values by field: without the headers in `transport`, names for what `masks` covers."""
    url = urlsplit(recorded.target)
    path = "/".join(masks.text(unquote(segment)) for segment in url.path.split("/"))
    found = {("method", ""): recorded.method, ("path", ""): path}
    for name, value in recorded.headers.items():
        if name not in transport:
            found["header", name] = masks.text(value)
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        found["query", masks.text(name)] = masks.argument(value)
    return found | {("body", name): value for name, value in _body(recorded, masks).items()}


def _body(recorded: Recorded, masks: Masks) -> dict[str, str]:
    if not recorded.body:
        return {}
    if recorded.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(recorded.body.decode(), keep_blank_values=True)
        return {"": "a form"} | {name: masks.argument(value) for name, value in pairs}
    return {"": "JSON"} | dict(_leaves(json.loads(recorded.body), masks))


def _leaves(value: Any, masks: Masks, at: str = "") -> Iterator[tuple[str, str]]:
    """The values of a JSON tree, named by the path to them: `exchangeTokens.NFO.0`."""
    if value and isinstance(value, dict | list):
        for name, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(child, masks, f"{at}.{name}" if at else str(name))
    else:
        yield at, masks.json(value)


def _handler(recorder: Recorder, upstream: httpx.Client, face: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Every method alike: a mark is kept, any other request is passed on to the face."""

        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.startswith(MARK):
                recorder.begin(self.path.removeprefix(MARK))
                self._answer(200, b"", {})
                return
            answer = self._pass_on(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.note(Recorded(self.command, self.path, headers, body, answer.status_code, answer.content))
            self._answer(answer.status_code, answer.content, answer.headers)

        def _pass_on(self, body: bytes) -> httpx.Response:
            headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP]
            return upstream.request(self.command, face + self.path, headers=headers, content=body)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    return Handler
