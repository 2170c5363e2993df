"""The broker's envelope and errors: headers of every call, what a success looks like, what an error means.

`NAME`, the registry's name for the broker, begins every message. Decide for each error code which branch of
`BrokerError` it is: SessionOver (log in again), BrokerBusy (wait), BrokerRefused (tell the user), and
BrokerGarbled for an answer that decides nothing. `UNDECIDED` collects the codes that do not say whether the
request had an effect; unknown codes with HTTP 5xx belong to them. Quote the broker by `wire.quote` alone: it
masks secrets and bounds the length.
"""

from typing import Any

import httpx

from lambdas.adapters.brokers.http import Reply, Wire

NAME = "template"


class TemplateClient:
    """Speaks to the broker with one account's session; shows neither key nor token."""

    def __init__(self, wire: Wire, api_url: str, *, access_token: str = "") -> None:
        raise NotImplementedError("keep the wire, the base URL and the headers of every call")

    def request(self, method: str, path: str, json: Any = None) -> httpx.Request:
        """A request, ready to be sent: use `wire.build`."""
        raise NotImplementedError("build the request with the broker's headers")

    async def call(self, request: httpx.Request) -> Any:
        """The data of a success. Raises the BrokerError branch that the answer means."""
        raise NotImplementedError("exchange over the wire with read_envelope, translate errors")


def read_envelope(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises BrokerBusy for a rate limit, however disguised, and BrokerGarbled."""
    raise NotImplementedError("recognise rate limits first, then read_json")
