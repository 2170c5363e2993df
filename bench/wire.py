"""A forwarder on the loopback that remembers every request to DynamoDB which passes through it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60
OF_ONE_HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"})


@dataclass(frozen=True)
class Exchange:
    """One request with its answer: the operation, both bodies, and the bytes of each with its headers."""

    operation: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    sent: int
    received: int

    @property
    def continues(self) -> bool:
        """Whether it asks for a further page."""
        return "ExclusiveStartKey" in self.request

    @property
    def has_more(self) -> bool:
        """Whether its answer names a further page."""
        return "LastEvaluatedKey" in self.answer


@dataclass
class Wire:
    """A running forwarder; clients use `url` in place of the endpoint."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def operations(self) -> Counter[str]:
        """How often each operation was asked."""
        return Counter(exchange.operation for exchange in self.exchanges)


@contextmanager
def wire_to(endpoint: str) -> Iterator[Wire]:
    """Forward to an endpoint (`http://127.0.0.1:4566`) until left. Close the clients before."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Forward) as server:
        server.daemon_threads = True
        wire = Wire(f"http://127.0.0.1:{server.server_address[1]}")
        server.__dict__ |= {"upstream": urlsplit(endpoint).netloc, "wire": wire}
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield wire
        finally:
            server.shutdown()
            thread.join()


class _Forward(BaseHTTPRequestHandler):
    """One kept connection of a client, and one to the endpoint."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.upstream = HTTPConnection(self.server.__dict__["upstream"], timeout=SECONDS)

    def finish(self) -> None:
        self.upstream.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.upstream.request("POST", self.path, body, dict(self.headers.items()))
        answer = self.upstream.getresponse()
        content = answer.read()
        wire: Wire = self.server.__dict__["wire"]
        wire.exchanges.append(
            Exchange(
                self.headers["X-Amz-Target"].split(".")[-1],
                json.loads(body),
                json.loads(content),
                len(self.requestline) + _size(self.headers.items()) + len(body),
                _size(answer.getheaders()) + len(content),
            )
        )
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: what passed is in the wire."""


def _size(headers: Sequence[tuple[str, str]]) -> int:
    """Bytes of header lines: name, colon, blank, value, line end."""
    return sum(len(name) + len(value) + 4 for name, value in headers)
