"""Fyers' envelope and errors: `{s: "ok", code, message, …}` or `{s: "error", code, message}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.http import Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "fyers"
SESSION_CODES = frozenset({-8, -15, -16, -17})
"""Expired, invalid, not authenticated, invalid or expired (myapi.fyers.in/docsv3, "Common API Error Codes")."""
BUSY_CODES = frozenset({-429, 429})
UNDECIDED_CODES = frozenset({-201, -202, -204, -205})
"""Connection issue, timed out, not processed, market not able to process: third-party tables, not in the
documentation; the order book decides."""
UNDECIDED_WORDS = ("went wrong", "timed out", "timeout", "internal", "try again")
"""Code -99 is a rejection, and also stands before messages that decide nothing."""
_BUSY_TEXT = "request limit"


class FyersClient:
    """Speaks to Fyers with one account's session; shows neither key nor token."""

    def __init__(self, wire: Wire, api_url: str, *, app_id: str, access_token: str = "") -> None:
        self.wire = wire
        self._api_url = api_url.rstrip("/")
        self._headers = {"version": "3"}
        if access_token:
            self._headers["Authorization"] = f"{app_id}:{access_token}"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> httpx.Request:
        """A request with Fyers' headers; a body is JSON, with DELETE too."""
        return self.wire.build(method, self._api_url + path, headers=self._headers, query=query, json=json)

    async def call(self, request: httpx.Request) -> dict[str, Any]:
        """The whole object of a success; its data lie under a name of each call's own.

        Raises the BrokerError branch that the answer means.
        """
        reply, payload = await self.wire.exchange(request, read_envelope)
        if is_success(reply, payload):
            return payload
        raise self._error(reply, payload)

    def _error(self, reply: Reply, payload: dict[str, Any]) -> BrokerError:
        code, said = code_of(payload), self.told(payload)
        if is_over(reply, payload):
            return SessionOver(f"{said}; log in again")
        if is_undecided(reply, payload) or code is None:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: dict[str, Any]) -> str:
        """Fyers' own words with their code, `fyers: -300: Please provide a valid symbol`."""
        code = code_of(payload)
        words = f"{'no code' if code is None else code}: {payload.get('message') or 'no message'}"
        return f"{NAME}: {self.wire.quote(words)}"


def code_of(payload: Mapping[str, Any]) -> int | None:
    """The code, None where there is no whole number."""
    code = payload.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def is_success(reply: Reply, payload: Mapping[str, Any]) -> bool:
    """True only for HTTP 200 with `s` ok."""
    return reply.status == HTTPStatus.OK and payload.get("s") == "ok"


def is_over(reply: Reply, payload: Mapping[str, Any]) -> bool:
    """True when the session is not accepted: one of its codes, or a readable error with HTTP 401."""
    if payload.get("s") != "error":
        return False
    return code_of(payload) in SESSION_CODES or reply.status == HTTPStatus.UNAUTHORIZED


def is_undecided(reply: Reply, payload: Mapping[str, Any]) -> bool:
    """True when an error does not say that the request had no effect."""
    code, words = code_of(payload), str(payload.get("message") or "").lower()
    return (
        payload.get("s") != "error"
        or code is None
        or code >= 0
        or code in UNDECIDED_CODES
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
        or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or any(undecided in words for undecided in UNDECIDED_WORDS)
    )


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for a rate limit, however it is told, and BrokerGarbled."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP 429)")
    payload = read_json(NAME, reply.status, reply.body)
    if payload.get("s") == "error" and (
        code_of(payload) in BUSY_CODES or _BUSY_TEXT in str(payload.get("message") or "").lower()
    ):
        raise BrokerBusy(f"{NAME}: rate limited (code {code_of(payload)})")
    return payload
