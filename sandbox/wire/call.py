"""One request as the faces see it, and the ways to turn it down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from sandbox.accounts import Account
from sandbox.rate_limits import Limit


@dataclass(slots=True)
class Call:
    """A request with its body read. `fill_share` is set by a partial-fill fault."""

    request: Request
    body: bytes
    arrived: datetime
    account: Account | None = None
    fill_share: float | None = None

    @property
    def owner(self) -> Account:
        """The account of an authenticated call."""
        if self.account is None:
            raise RuntimeError("the call was not authenticated")
        return self.account


class WireError(Exception):
    """An answer that is an error in the broker's own words."""

    def response(self) -> Response:
        raise NotImplementedError


Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of a face: which faults and limits concern it, and whether a session is needed."""

    path: str
    method: str
    operation: str
    handler: Handler
    limit: str = ""
    limits: tuple[Limit, ...] = ()
    open: bool = False


class Dialect(Protocol):
    """How a broker identifies callers and words its refusals."""

    broker: str

    def identify(self, call: Call) -> Account | None: ...

    def authenticate(self, call: Call) -> None: ...

    def end_session(self, account: Account | None) -> None: ...

    def rate_limited(self) -> Response: ...

    def refused(self, message: str) -> Response: ...
