"""How our requests differ from those of the official clients, and why: `docs/requests.md` as data.

`python -m tests.sdk.differences > docs/requests.md` writes the document.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lambdas.adapters.brokers.registry import BROKERS

ABSENT = "not sent"
CLIENTS = {
    "angel_one": "smartapi",
    "dhan": "dhanhq",
    "fyers": "fyers",
    "groww": "growwapi",
    "upstox": "upstox",
    "zerodha": "kiteconnect",
}
"""The environment of each broker's official client (`tests/sdk/<name>.in` has its version)."""
CALLS = ("profile", "funds", "quotes", "place", "order", "orders", "modify", "cancel", "positions")
READS = ("profile", "funds", "order", "orders", "positions")
TRANSPORT = {
    "accept-encoding": "the compressions that the HTTP library can undo",
    "connection": "whether a connection is used again",
    "content-length": "follows from the body; some libraries write 0 where there is none",
    "host": "the recorder here; the addresses of production are compared with the client's by themselves",
    "user-agent": "the name of the HTTP library",
}
"""Headers that say how a request travels, not what it asks, and why each is not compared."""


@dataclass(frozen=True)
class Difference:
    """One value that differs in each of `calls`: what the client sends there, and what we do.

    `part` is method, path, header, query, body, or request for one that only one side sends.
    """

    broker: str
    calls: tuple[str, ...]
    part: str
    field: str
    client: str
    ours: str
    why: str


_EMPTY = "The client names the type of a body that it does not send."
_ITSELF = "The client's own name and version; the broker's documentation asks nobody for them."
_JSON = "Says that the answer is to be JSON, which it is either way."

_ZERODHA = (
    Difference(
        "zerodha", ("place", "modify"), "body", "variety", "regular", ABSENT,
        "The client repeats in the form what stands in the path.",
    ),
    Difference(
        "zerodha", ("modify",), "body", "order_id", "<order id>", ABSENT,
        "The client repeats in the form what stands in the path.",
    ),
)  # fmt: skip
_ANGEL_ONE = (
    Difference("angel_one", READS, "header", "content-type", "application/json", ABSENT, _EMPTY),
    Difference(
        "angel_one", ("funds", "orders", "positions"), "query", "{}", "", ABSENT,
        "The client writes its parameters, of which there are none, as JSON behind the question mark.",
    ),
    Difference(
        "angel_one", ("profile",), "query", '{"refreshToken": "<refresh_token>"}', "", ABSENT,
        "The client writes the refresh token into the address, where logs keep it; the session's own token is enough.",
    ),
    Difference(
        "angel_one", ("quotes",), "path", "",
        "/rest/secure/angelbroking/market/v1/quote", "/rest/secure/angelbroking/market/v1/quote/",
        "Ours is the address in SmartAPI's documentation; both are in use.",
    ),
    Difference(
        "angel_one", ("place", "modify"), "body", "squareoff", '"0"', ABSENT,
        "Only bracket orders (variety ROBO) have a target; 0 says that there is none.",
    ),
    Difference(
        "angel_one", ("place", "modify"), "body", "stoploss", '"0"', ABSENT,
        "Only bracket orders (variety ROBO) have a stop; 0 says that there is none.",
    ),
    Difference(
        "angel_one", ("modify",), "body", "transactiontype", '"BUY"', ABSENT,
        "The client passes on the whole order again; an order cannot change sides, and SmartAPI documents no such "
        "field for a modification.",
    ),
    Difference(
        "angel_one", ("modify",), "request",
        "GET /rest/secure/angelbroking/order/v1/details/<unique order id>", ABSENT, "sent",
        "A modification names the whole order. The client leaves it to the caller to know it; we read it first.",
    ),
)  # fmt: skip
_UPSTOX = (
    Difference("upstox", CALLS, "header", "x-upstox-sdk-language", "python", ABSENT, _ITSELF),
    Difference("upstox", CALLS, "header", "x-upstox-sdk-version", "2.30.0", ABSENT, _ITSELF),
    Difference(
        "upstox", ("profile", "funds", "quotes", "orders", "positions"), "header", "api-version", "2.0", ABSENT,
        "The version stands in the path (/v2, /v3), and the client itself sends none with the other calls.",
    ),
    Difference("upstox", ("place", "modify", "cancel"), "header", "accept", "*/*", "application/json", _JSON),
    Difference(
        "upstox", (*READS, "quotes", "cancel"), "header", "content-type", "application/json", ABSENT,
        "The client names the type of a body that it does not send, or sends empty.",
    ),
    Difference(
        "upstox", ("quotes",), "query", "symbol", "<token>", ABSENT,
        "The client's name for the list of instruments; Upstox documents `instrument_key`.",
    ),
    Difference(
        "upstox", ("quotes",), "query", "instrument_key", ABSENT, "<token>",
        "The documented name of the list of instruments.",
    ),
    Difference(
        "upstox", ("place",), "body", "slice", ABSENT, "false",
        "An order is never to become several: we say so instead of relying on the default.",
    ),
    Difference(
        "upstox", ("cancel",), "body", "", "{}", ABSENT,
        "The client sends an empty object with DELETE; the order stands in the query.",
    ),
)  # fmt: skip
_FYERS = (
    Difference("fyers", (*READS, "quotes"), "header", "content-type", "application/json", ABSENT, _EMPTY),
    Difference(
        "fyers", ("place",), "body", "stopLoss", ABSENT, "0",
        "0 says that there is no stop, as it does in the margin calculator; the client would leave it out.",
    ),
    Difference(
        "fyers", ("place",), "body", "takeProfit", ABSENT, "0",
        "0 says that there is no target, as it does in the margin calculator; the client would leave it out.",
    ),
)  # fmt: skip
_DHAN = (
    Difference(
        "dhan", ("funds", "order", "orders", "cancel", "positions"), "header", "content-type",
        "application/json", ABSENT, _EMPTY,
    ),
    Difference("dhan", ("profile",), "header", "accept", "*/*", "application/json", _JSON),
    Difference(
        "dhan", ("profile",), "header", "client-id", ABSENT, "<client_id>",
        "The client asks for the profile with the headers of its login; ours are the same with each call.",
    ),
    Difference(
        "dhan", tuple(call for call in CALLS if call != "profile"), "header", "dhanclientid", ABSENT, "<client_id>",
        "Profile and renewal know the client id under this name, the other calls under `client-id`; ours have both.",
    ),
    Difference(
        "dhan", ("quotes",), "body", "dhanClientId", '"<client_id>"', ABSENT,
        "The client adds its id to every body. That of a quote holds segments with their securities only; the id "
        "is in the header.",
    ),
    Difference(
        "dhan", ("place",), "body", "boProfitValue", "null", ABSENT,
        "Only bracket orders have a target; null says that there is none.",
    ),
    Difference(
        "dhan", ("place",), "body", "boStopLossValue", "null", ABSENT,
        "Only bracket orders have a stop; null says that there is none.",
    ),
    Difference(
        "dhan", ("modify",), "body", "legName", '"ENTRY_LEG"', ABSENT,
        "The client demands a leg of every order; Dhan needs it for bracket and cover orders only.",
    ),
)  # fmt: skip
_GROWW = (
    Difference("groww", CALLS, "header", "accept", "*/*", "application/json", _JSON),
    Difference("groww", (*READS, "quotes"), "header", "content-type", "application/json", ABSENT, _EMPTY),
    Difference("groww", CALLS, "header", "x-client-id", "growwapi", ABSENT, _ITSELF),
    Difference("groww", CALLS, "header", "x-client-platform", "growwapi-python-client", ABSENT, _ITSELF),
    Difference("groww", CALLS, "header", "x-client-platform-version", "1.5.0", ABSENT, _ITSELF),
    Difference(
        "groww", CALLS, "header", "x-request-id", "<uuid>", ABSENT,
        "A number for the support of the client's users; the broker's documentation asks nobody for it.",
    ),
    Difference(
        "groww", ("place", "modify"), "body", "trigger_price", "null", ABSENT,
        "Only stop orders have a trigger; null says that there is none.",
    ),
    Difference(
        "groww", ("orders",), "query", "page_size", ABSENT, "100",
        "The client takes a page size and does not send it; with the largest page one call reads most books.",
    ),
)  # fmt: skip
DIFFERENCES: tuple[Difference, ...] = (*_ANGEL_ONE, *_DHAN, *_FYERS, *_GROWW, *_UPSTOX, *_ZERODHA)

_BEGINNING = """\
# How our requests differ from the official clients'

Made by `python -m tests.sdk.differences`; `tests/sdk/test_requests.py` proves every line. In the same session and for
the same order (one lot of the same option, bought) the broker's official client and then our adapter make these calls
through a recording proxy: {calls}.

What both send is compared field by field: method, path, headers, query and body. A difference that is not here fails
the test, and so does a line here that is no longer true.

- Where the broker protects market orders (Zerodha, Upstox), the order is one of these, elsewhere it is a limit order.
- The clients of Angel One and Fyers pass on whatever fields they are given: theirs are those of the sample order in
  the client's description.
- Names in angle brackets stand for values of one session or one order. Addresses of the machine (IP, MAC), which
  Angel One demands, are compared as such: the client looks them up, ours are configured.
- Values of a JSON body are written as JSON: `"0"` is a string, `0` a number.
- `profile` is the call that `warm` makes, `order` asks by the broker's number, `quotes` is about one option.

Not compared, because they say how a request travels and not what it asks:

{transport}
"""


def document() -> str:
    """`docs/requests.md`."""
    beginning = _BEGINNING.format(
        calls=", ".join(f"`{call}`" for call in CALLS),
        transport=_table(("header", "why not"), ((f"`{name}`", why) for name, why in TRANSPORT.items())),
    )
    parts = [f"\n## {BROKERS[broker].label} (`{_pin(broker)}`)\n\n{_part(broker)}\n" for broker in CLIENTS]
    return beginning + "".join(parts)


def _pin(broker: str) -> str:
    """The client with its version."""
    lines = (Path(__file__).parent / f"{CLIENTS[broker]}.in").read_text("utf-8").splitlines()
    return next(line for line in lines if "==" in line)


def _part(broker: str) -> str:
    columns = ("calls", "where", "the client sends", "we send", "why")
    return _table(columns, (_row(one) for one in DIFFERENCES if one.broker == broker))


def _row(one: Difference) -> Iterator[str]:
    yield "all" if one.calls == CALLS else ", ".join(call for call in CALLS if call in one.calls)
    yield f"{one.part} `{one.field}`" if one.field else one.part
    yield _value(one.client)
    yield _value(one.ours)
    yield one.why


def _value(value: str) -> str:
    return value if value in (ABSENT, "sent") else f"`{value}`" if value else "(empty)"


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, ["---"] * len(columns), *rows))


if __name__ == "__main__":
    print(document(), end="")
