"""Dhan's answers: bare JSON. Its errors: `{errorType, errorCode, errorMessage}`, or `{status, data: {code: text}}`."""

from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.http import Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "dhan"
SESSION_CODES = frozenset({"DH-901", "807", "808", "809", "810"})
"""Client id or access token invalid or expired (trading APIs); token expired, authentication failed, token or
client id invalid (data APIs). Source: dhanhq.co/docs/v2/annexure, "Trading API Error" and "Data API Error"."""
BUSY_CODES = frozenset({"DH-904", "805"})
UNDECIDED_CODES = frozenset({"", "DH-908", "DH-909", "DH-910", "800"})
"""No code, internal server error, the API could not reach the system behind it, "other reasons": none of them
says that the request had no effect."""


class DhanClient:
    """Speaks to DhanHQ with one account's session; shows no token."""

    def __init__(self, wire: Wire, api_url: str, *, client_id: str, access_token: str = "") -> None:
        self.wire = wire
        self.client_id = client_id
        self._api_url = f"{api_url.rstrip('/')}/v2"
        self._headers = {"Accept": "application/json", "client-id": client_id, "dhanClientId": client_id}
        if access_token:
            self._headers["access-token"] = access_token

    def request(self, method: str, path: str, json: dict[str, Any] | None = None) -> httpx.Request:
        """A request below `/v2` with Dhan's headers and a JSON body."""
        return self.wire.build(method, self._api_url + path, headers=self._headers, json=json)

    async def call(self, request: httpx.Request) -> Any:
        """What a success holds: an object or an array. Raises the BrokerError branch that the answer means."""
        reply, payload = await self.wire.exchange(request, read_answer)
        if is_success(reply, payload):
            return payload
        raise self.error(reply, payload)

    def error(self, reply: Reply, payload: Any) -> BrokerError:
        """What to do about an answer that is not a success. A 401 is about the session whatever its code."""
        code, said = code_of(payload), self.told(payload)
        if code in SESSION_CODES or reply.status == HTTPStatus.UNAUTHORIZED:
            return SessionOver(f"{said}; log in again")
        if code in UNDECIDED_CODES or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: Any) -> str:
        """Dhan's own words with their code, `dhan: DH-906: Incorrect request for order`."""
        code, words = error_in(payload)
        if not words and isinstance(payload, dict):
            words = str(payload.get("message") or "")
        said = f"{code or 'no code'}: {words or 'no message'}"
        return f"{NAME}: {self.wire.quote(said)}"


def read_answer(reply: Reply) -> Any:
    """The JSON of an answer, object or array, fractions exact. Raises BrokerBusy for a rate limit and BrokerGarbled."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP 429)")
    payload = _read_array(reply) if reply.body.lstrip()[:1] == b"[" else read_json(NAME, reply.status, reply.body)
    if (code := code_of(payload)) in BUSY_CODES:
        raise BrokerBusy(f"{NAME}: rate limited ({code})")
    return payload


def code_of(payload: Any) -> str:
    """The error code of either shape; empty where there is none."""
    return error_in(payload)[0]


def is_success(reply: Reply, payload: Any) -> bool:
    """True for HTTP 2xx without an error in either shape."""
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES and error_in(payload) == ("", "")


def _read_array(reply: Reply) -> list[Any]:
    """An array is read inside an object, so that it passes the same exact reader."""
    wrapped = b'{"rows":' + reply.body + b"}"
    rows = read_json(NAME, reply.status, wrapped)["rows"]
    if not isinstance(rows, list):
        raise BrokerGarbled(f"{NAME}: HTTP {reply.status} without a readable JSON array")
    return rows


def error_in(payload: Any) -> tuple[str, str]:
    """Code and words of an error of either shape; both empty where there is none."""
    if not isinstance(payload, dict):
        return "", ""
    code = payload.get("errorCode") or payload.get("internalErrorCode") or ""
    words = payload.get("errorMessage") or payload.get("internalErrorMessage") or payload.get("errorType") or ""
    if code or words:
        return str(code), str(words)
    data = payload.get("data")
    if str(payload.get("status", "")).lower() in ("failed", "failure", "error") or _is_coded(data):
        return _data_error(data or payload.get("message"))
    return "", ""


def _data_error(data: Any) -> tuple[str, str]:
    if isinstance(data, dict) and data:
        code, words = next(iter(data.items()))
        return str(code), str(words)
    return "", str(data or "failed")


def _is_coded(data: Any) -> bool:
    """`{"805": "Too many requests"}`: what the data APIs put where the data would be."""
    return (
        isinstance(data, dict)
        and bool(data)
        and all(str(key).isdecimal() and isinstance(value, str) for key, value in data.items())
    )
