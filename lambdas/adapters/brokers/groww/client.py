"""Groww's envelope and errors: `{status: SUCCESS, payload}` or `{status: FAILURE, error: {code, message}}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.http import Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "groww"
DUPLICATE = "GA007"
"""An order with this reference exists already."""
UNDECIDED_CODES = frozenset({"", "GA000", "GA003", DUPLICATE})
"""No code, "internal error", "unable to serve request currently", and the duplicate: none of them says that
there is no such order (groww.in/trade-api/docs/curl, "Error Codes")."""
ABSENT_CODES = frozenset({"GA001", "GA004"})
"""How an instrument or an order that does not exist is answered: bad request, or no such entity."""


class GrowwClient:
    """Speaks to the Trade API with one bearer (a session's token, or the API key at the login) and never shows it."""

    def __init__(self, wire: Wire, api_url: str, *, bearer: str) -> None:
        self.wire = wire
        self._api_url = api_url.rstrip("/")
        self._headers = {"Accept": "application/json", "X-API-VERSION": "1.0"}
        if bearer:
            self._headers["Authorization"] = f"Bearer {bearer}"

    def request(
        self, method: str, path: str, *, query: tuple[tuple[str, str], ...] | None = None, json: Any = None
    ) -> httpx.Request:
        """A request with Groww's headers and a JSON body."""
        return self.wire.build(method, self._api_url + path, headers=self._headers, query=query, json=json)

    async def call(self, request: httpx.Request, *, absent: frozenset[str] = frozenset()) -> Any:
        """The `payload` of a success; None for an error whose code is in `absent`.

        Raises the BrokerError branch that any other answer means.
        """
        reply, payload = await self.wire.exchange(request, read_envelope)
        if is_success(reply, payload) and "payload" in payload:
            return payload["payload"]
        error = self.error(reply, payload)
        if isinstance(error, BrokerRefused) and code_of(payload) in absent:
            return None
        raise error

    def error(self, reply: Reply, payload: dict[str, Any]) -> BrokerError:
        """What to do about an answer that is not a success; asking again may succeed after BrokerGarbled."""
        said = self.told(payload)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            return SessionOver(f"{said}; log in again")
        if code_of(payload) in UNDECIDED_CODES or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: dict[str, Any]) -> str:
        """Groww's own words with their code, `groww: GA001: Bad request`; the login writes `displayMessage`."""
        said = f"{code_of(payload) or 'no code'}: {words_of(payload) or 'no message'}"
        return f"{NAME}: {self.wire.quote(said)}"


def code_of(payload: Mapping[str, Any]) -> str:
    """The error code; empty where there is none."""
    return str(_error_of(payload).get("code") or "")


def words_of(payload: Mapping[str, Any]) -> str:
    """What the error says; empty where it says nothing."""
    error = _error_of(payload)
    return str(error.get("message") or error.get("displayMessage") or payload.get("message") or "")


def is_success(reply: Reply, payload: dict[str, Any]) -> bool:
    """True only for HTTP 200 with `status` SUCCESS."""
    return reply.status == HTTPStatus.OK and payload.get("status") == "SUCCESS"


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for 429, whatever its body, and BrokerGarbled."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP 429)")
    return read_json(NAME, reply.status, reply.body)


def _error_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    error = payload.get("error")
    return error if isinstance(error, dict) else {}
