"""Upstox's envelope and errors: `{status, data}` or `{status: error, errors: [{errorCode, message}]}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "upstox"
NOT_FOUND = frozenset({"UDAPI100010"})
"""The broker knows no such order (upstox.com/developer/api-documentation/v3/cancel-order)."""
UNDECIDED_CODES = frozenset({"", "UDAPI100500"})
"""No code, or "something went wrong": neither says that the request had no effect."""
BUSY_CODES = frozenset({"UDAPI10005"})
SESSION_CODES = frozenset({"UDAPI100050", "UDAPI100016", "UDAPI100067"})
"""Invalid token, invalid credentials, a token that may only read
(upstox.com/developer/api-documentation/error-codes)."""


class UpstoxClient:
    """Speaks to Upstox with one account's session; does not show the token."""

    def __init__(self, wire: Wire, endpoints: Endpoints, *, access_token: str = "", algo_name: str = "") -> None:
        self.wire = wire
        self.api_url = endpoints.api_url.rstrip("/")
        self.order_url = endpoints.order_url.rstrip("/") or self.api_url
        self._headers = {"Accept": "application/json"}
        if access_token:
            self._headers["Authorization"] = f"Bearer {access_token}"
        self._order_headers = self._headers | ({"X-Algo-Name": algo_name} if algo_name else {})

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: dict[str, Any] | None = None,
    ) -> httpx.Request:
        """A request with Upstox's headers."""
        return self._build(self.api_url, self._headers, method, path, query, form, json)

    def order_request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, json: dict[str, Any] | None = None
    ) -> httpx.Request:
        """The same to the address that takes orders, their changes and their cancellations; all three name the algo.

        The name is the one in the app at Upstox, not the exchange's id; without an approved algo no header is
        needed (upstox.com/developer/api-documentation/v3/place-order; upstox-python-sdk 2.30 for all three).
        """
        return self._build(self.order_url, self._order_headers, method, path, query, None, json)

    async def call(self, request: httpx.Request, *, absent: frozenset[str] = frozenset()) -> Any:
        """The `data` of a success; None for an error whose codes are all in `absent`.

        Raises the BrokerError branch that the answer means.
        """
        reply, payload = await self.wire.exchange(request, read_envelope)
        if is_success(reply, payload) and "data" in payload:
            return payload["data"]
        if absent and codes_of(payload) <= absent:
            return None
        raise self.error(reply, payload)

    def error(self, reply: Reply, payload: dict[str, Any]) -> BrokerError:
        """What to do about an answer that is not a success."""
        codes, said = codes_of(payload), self.told(payload)
        if codes & SESSION_CODES or (reply.status == HTTPStatus.UNAUTHORIZED and codes != {""}):
            return SessionOver(f"{said}; log in again")
        if codes & UNDECIDED_CODES or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: dict[str, Any]) -> str:
        """Upstox's own words with their codes, `upstox: UDAPI100010: Order not found`."""
        words = "; ".join(
            f"{_code(error) or 'no code'}: {error.get('message') or 'no message'}" for error in _errors(payload)
        )
        return f"{NAME}: {self.wire.quote(words or 'no error in the answer')}"

    def _build(
        self,
        url: str,
        headers: Mapping[str, str],
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        json: dict[str, Any] | None,
    ) -> httpx.Request:
        pairs = tuple(query.items()) if query else None
        return self.wire.build(method, url + path, headers=headers, query=pairs, form=form, json=json)


def codes_of(payload: Mapping[str, Any]) -> frozenset[str]:
    """The codes of all errors in an answer; a single empty one where there is none."""
    return frozenset(_code(error) for error in _errors(payload)) or frozenset({""})


def words_of(payload: Mapping[str, Any]) -> str:
    """What all errors in an answer say, one a line."""
    return "\n".join(str(error.get("message") or "") for error in _errors(payload))


def is_success(reply: Reply, payload: dict[str, Any]) -> bool:
    """True only for HTTP 200 with the status "success"."""
    return reply.status == HTTPStatus.OK and payload.get("status") == "success"


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for a rate limit and BrokerGarbled."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP 429)")
    payload = read_json(NAME, reply.status, reply.body)
    if busy := codes_of(payload) & BUSY_CODES:
        raise BrokerBusy(f"{NAME}: rate limited ({min(busy)})")
    return payload


def _errors(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = payload.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _code(error: dict[str, Any]) -> str:
    """The field was renamed; both spellings are sent."""
    return str(error.get("errorCode") or error.get("error_code") or "")
