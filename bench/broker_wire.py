"""A forwarder on the loopback that remembers every request to a broker, and how many connections brought them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECONDS = 60
OF_ONE_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "date", "server"})


@dataclass(frozen=True)
class Sent:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, Any]:
        """What its body says, whether that is JSON or a form."""
        if "json" in self.headers.get("content-type", ""):
            return dict(json.loads(self.body))
        return dict(parse_qsl(self.body.decode()))

    def tagged(self, was: str, tag: str) -> "Sent":
        """The same request with another tag of the same length. Raises ValueError when the body does not hold `was`."""
        if self.body.count(was.encode()) != 1 or len(was) != len(tag):
            raise ValueError(f"the body does not hold the tag {was} once, or {tag} has another length")
        return Sent(self.method, self.path, self.headers, self.body.replace(was.encode(), tag.encode()))


@dataclass
class BrokerWire:
    """A running forwarder; clients use `url` in place of the broker's."""

    url: str
    sent: list[Sent] = field(default_factory=list)
    connections: int = 0

    def taken(self) -> list[Sent]:
        """The requests since the last call."""
        taken, self.sent = self.sent, []
        return taken


@contextmanager
def wire_to_broker(face: str) -> Iterator[BrokerWire]:
    """Forward to a broker's face (`http://127.0.0.1:9601`) until left. Close the clients before."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Forward) as server:
        server.daemon_threads = True
        wire = BrokerWire(f"http://127.0.0.1:{server.server_address[1]}")
        server.__dict__ |= {"upstream": urlsplit(face).netloc, "wire": wire}
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield wire
        finally:
            server.shutdown()
            thread.join()


class _Forward(BaseHTTPRequestHandler):
    """One kept connection of a client; a connection to the broker for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._wire.connections += 1

    @property
    def _wire(self) -> BrokerWire:
        wire: BrokerWire = self.server.__dict__["wire"]
        return wire

    def do_GET(self) -> None:
        self._forward()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._wire.sent.append(Sent(self.command, self.path, _of_the_request(headers), body))
        upstream = HTTPConnection(self.server.__dict__["upstream"], timeout=SECONDS)
        try:
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            self._give(answer.status, answer.getheaders(), answer.read())
        finally:
            upstream.close()

    def _give(self, status: int, headers: Sequence[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in OF_ONE_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: what passed is in the wire."""


def _of_the_request(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that another connection can carry too."""
    return {name: value for name, value in headers.items() if name not in OF_ONE_HOP | {"host", "content-length"}}
