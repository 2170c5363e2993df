"""Kite's envelope and errors: `{status, data}` or `{status, error_type, message}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from lambdas.adapters.brokers.http import ANSWER_BYTES, ANSWER_SECONDS, Reply, Wire
from lambdas.adapters.brokers.reading import read_json
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerGarbled, BrokerRefused, SessionOver

NAME = "zerodha"
UNDECIDED = frozenset({"NetworkException", "DataException", "GeneralException"})
"""Kite could not reach its order system, could not read its answer, or does not know what happened:
none of them says that the request had no effect (kite.trade/docs/connect/v3/exceptions)."""


class KiteClient:
    """Speaks to Kite Connect with one account's session; shows neither key nor token."""

    def __init__(self, wire: Wire, api_url: str, *, api_key: str, access_token: str = "") -> None:
        self.wire = wire
        self._api_url = api_url.rstrip("/")
        self._headers = {"X-Kite-Version": "3"}
        if access_token:
            self._headers["Authorization"] = f"token {api_key}:{access_token}"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> httpx.Request:
        """A request with Kite's headers; a form is url-encoded, as Kite wants it everywhere but at the calculators."""
        return self.wire.build(method, self._api_url + path, headers=self._headers, query=query, form=form, json=json)

    async def call(self, request: httpx.Request) -> Any:
        """The `data` of a success. Raises the BrokerError branch that the answer means."""
        reply, payload = await self.wire.exchange(request, read_envelope)
        if reply.status == HTTPStatus.OK and payload.get("status") == "success" and "data" in payload:
            return payload["data"]
        raise self.error(reply, payload)

    async def text(self, request: httpx.Request, *, max_bytes: int = ANSWER_BYTES) -> str:
        """The text of an answer that is not JSON (the instrument master)."""
        reply = await self.wire.ask(request, max_bytes=max_bytes, seconds=6 * ANSWER_SECONDS)
        if reply.status != HTTPStatus.OK:
            raise self.error(reply, read_envelope(reply))
        return reply.body.decode("utf-8", errors="replace")

    def error(self, reply: Reply, payload: dict[str, Any]) -> BrokerError:
        """What to do about an answer that is not a success."""
        kind, said = payload.get("error_type"), self.told(payload)
        if kind == "TokenException":
            return SessionOver(f"{said}; log in again")
        if kind in UNDECIDED or not kind or reply.status > HTTPStatus.INTERNAL_SERVER_ERROR:
            return BrokerGarbled(f"{said} (HTTP {reply.status})")
        return BrokerRefused(said)

    def told(self, payload: dict[str, Any]) -> str:
        """Kite's own words with their kind, `zerodha: InputException: …`."""
        words = f"{payload.get('error_type') or 'no error type'}: {payload.get('message') or 'no message'}"
        return f"{NAME}: {self.wire.quote(words)}"


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for 429, whatever its body, and BrokerGarbled."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BrokerBusy(f"{NAME}: rate limited (HTTP 429)")
    return read_json(NAME, reply.status, reply.body)
