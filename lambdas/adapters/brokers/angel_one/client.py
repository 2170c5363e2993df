"""SmartAPI's envelope and errors: `{status, message, errorcode, data}`, and a plain text when it is busy."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "angel_one"
SESSION_CODES = frozenset({"AG8001", "AG8002", "AG8003", "AG8004", "AB8050", "AB8051", "AB1010", "AB1011"})
"""Invalid, expired or missing token; invalid API key; invalid or expired refresh token; session expired; not logged in
(smartapi.angelbroking.com/docs/Exceptions)."""
UNDECIDED_CODES = frozenset({"", "AB1004", "AB1007", "AB2000", "AB2001"})
"""No code, "something went wrong", an error of the order system (AMX), "not specified", "internal error":
none of them says that the request had no effect."""
BUSY_CODES = frozenset({"AB1021"})
"""Seen in the field with "Too many requests"; not in the documentation."""
_BUSY_TEXT = b"exceeding access"


class SmartClient:
    """Speaks to SmartAPI with one account's session; shows neither key nor token."""

    def __init__(self, wire: Wire, endpoints: Endpoints, *, api_key: str, jwt_token: str = "") -> None:
        self.wire = wire
        self._api_url = endpoints.api_url.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "X-PrivateKey": api_key,
            "X-UserType": "USER",
            "X-SourceID": "WEB",
            "X-ClientLocalIP": endpoints.local_ip,
            "X-ClientPublicIP": endpoints.public_ip,
            "X-MACAddress": endpoints.mac_address,
        }
        if jwt_token:
            self._headers["Authorization"] = f"Bearer {jwt_token.removeprefix('Bearer ')}"

    def request(self, method: str, path: str, json: dict[str, Any] | None = None) -> httpx.Request:
        """A request with SmartAPI's headers and a JSON body."""
        return self.wire.build(method, self._api_url + path, headers=self._headers, json=json)

    async def call(self, request: httpx.Request, *, undecided: frozenset[str] = UNDECIDED_CODES) -> Any:
        """The `data` of a success. Raises the BrokerError branch that the answer means.

        An error whose code is in `undecided` is BrokerGarbled: asking again may succeed.
        """
        reply, payload = await self.wire.exchange(request, read_envelope)
        if is_success(reply, payload):
            return payload.get("data")
        raise self._error(reply, payload, undecided)

    def _error(self, reply: Reply, payload: dict[str, Any], undecided: frozenset[str]) -> BrokerError:
        code, said = code_of(payload), self.told(payload)
        if code in SESSION_CODES:
            return SessionOver(f"{said}; log in again")
        if code in undecided or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: dict[str, Any]) -> str:
        """SmartAPI's own words with their code, `angel_one: AB1009: Symbol Not Found`."""
        words = f"{code_of(payload) or 'no code'}: {payload.get('message') or 'no message'}"
        return f"{NAME}: {self.wire.quote(words)}"


def code_of(payload: Mapping[str, Any]) -> str:
    """The error code; the gateway in front of SmartAPI spells its field `errorCode`."""
    return str(payload.get("errorcode") or payload.get("errorCode") or "")


def is_success(reply: Reply, payload: dict[str, Any]) -> bool:
    """True only for HTTP 200 with `status` true."""
    return reply.status == HTTPStatus.OK and payload.get("status") is True


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for a rate limit and BrokerGarbled.

    Over the limit SmartAPI answers HTTP 403 with the plain text "Access denied because of exceeding access
    rate" (or "… limits"); a 403 that says something else is not taken for it.
    """
    limited = reply.status == HTTPStatus.FORBIDDEN and _BUSY_TEXT in reply.body.lower()
    if limited or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP {reply.status})")
    payload = read_json(NAME, reply.status, reply.body)
    if code_of(payload) in BUSY_CODES:
        raise BrokerBusy(f"{NAME}: rate limited ({code_of(payload)})")
    return payload
