"""The official clients and our adapters send the same requests for the same order, but for what is explained."""

import asyncio
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.domain.contracts import Listing, Quote, Right, Side
from lambdas.ports.broker import Broker, OrderRequest
from tests.contract.sandboxed import BROKERS, CREDENTIALS, Linked, Sandbox, log_in, start_sandbox
from tests.sdk.conftest import offline
from tests.sdk.differences import ABSENT, CALLS, CLIENTS, DIFFERENCES, TRANSPORT
from tests.sdk.prepare import ROOT, prepare
from tests.sdk.recorder import Field, Masks, Recorded, Recorder, fields, recording

pytestmark = pytest.mark.sdk
ORDER_IDS = frozenset({"groww_order_id", "id", "orderId", "order_id", "order_ids", "orderid"})
"""How the brokers call an order's number in their answer to it; Angel One has a second one, `uniqueorderid`."""
SHORTEST_SECRET = 6
"""A shorter one (a PIN) would be found inside other numbers; none of these calls carries one."""
TICK = Decimal("0.05")
Found = tuple[str, str, str, str, str]
"""Call, part, field, the client's value, ours."""


@dataclass(frozen=True)
class Sender:
    """What one side sent, by call."""

    calls: Mapping[str, Sequence[Recorded]]
    masks: Masks

    def requests(self, call: str) -> list[dict[Field, str]]:
        return [fields(recorded, self.masks, TRANSPORT) for recorded in self.calls.get(call, ())]


@dataclass(frozen=True)
class Compared:
    """One broker's official client and our adapter over the same calls; `addresses` are those in the client."""

    broker: str
    client: Sender
    ours: Sender
    addresses: frozenset[str]

    def found(self) -> set[Found]:
        """Every value that differs."""
        return {
            (call, *difference)
            for call in CALLS
            for difference in _differing(self.client.requests(call), self.ours.requests(call))
        }


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox without rate limits, for these tests alone: the books of the drivers stay as they are."""
    process, sandbox = start_sandbox(tmp_path_factory.mktemp("requests") / "sandbox.log")
    try:
        sandbox.admin("POST", "/relax", relaxed=True)
        yield sandbox
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module", params=sorted(CLIENTS))
def compared(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Both sides over one session: the client first, then the adapter with the same order under another tag."""
    broker: str = request.param
    linked = Linked(broker, asyncio.run(log_in(broker, sandbox)), sandbox)
    order, new_price = asyncio.run(_an_order(linked))
    with recording(sandbox.face(broker)) as recorder:
        _rests_when_placed(linked)
        addresses = _send_with_client(linked, recorder, order, new_price, tmp_path_factory.mktemp(broker))
    client = Sender(recorder.calls, _masks(linked, order, new_price, recorder))
    again = OrderRequest(**{**vars(order), "tag": f"{order.tag[:-1]}2"})
    with recording(sandbox.face(broker)) as recorder:
        _rests_when_placed(linked)
        asyncio.run(_send_with_adapter(linked, recorder, again, new_price))
    ours = Sender(recorder.calls, _masks(linked, again, new_price, recorder))
    return Compared(broker, client, ours, addresses)


def test_both_sides_send_each_call_and_are_understood(compared: Compared) -> None:
    for side in (compared.client, compared.ours):
        statuses = {call: {one.status for one in side.calls.get(call, ())} for call in CALLS}
        assert statuses == {call: {200} for call in CALLS}


def test_every_difference_is_explained(compared: Compared) -> None:
    assert sorted(compared.found() - _explained(compared.broker)) == []


def test_no_explanation_outlives_its_difference(compared: Compared) -> None:
    assert sorted(_explained(compared.broker) - compared.found()) == []


def test_production_is_configured_with_the_addresses_in_the_client(compared: Compared) -> None:
    configured = json.loads((ROOT / "shared_config" / "environments.json").read_text("utf-8"))["defaults"]["brokers"]
    urls = configured[compared.broker]
    assert {urls["api_url"], urls.get("order_url", urls["api_url"])} == compared.addresses


def test_no_secret_reaches_a_comparison(compared: Compared) -> None:
    for side in (compared.client, compared.ours):
        shown = json.dumps([[*request.items()] for call in CALLS for request in side.requests(call)])
        assert [name for secret, name in side.masks.secrets.items() if secret in shown] == []


def test_every_broker_is_compared() -> None:
    assert set(CLIENTS) == set(BROKERS)


def _explained(broker: str) -> set[Found]:
    return {
        (call, one.part, one.field, one.client, one.ours)
        for one in DIFFERENCES
        if one.broker == broker
        for call in one.calls
    }


def _differing(client: list[dict[Field, str]], ours: list[dict[Field, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Of both sides' requests for a call the last ones belong together; what comes before is the one side's own."""
    while client and ours:
        theirs, mine = client.pop(), ours.pop()
        for field in theirs.keys() | mine.keys():
            values = theirs.get(field, ABSENT), mine.get(field, ABSENT)
            if values[0] != values[1]:
                yield (*field, *values)
    for request in client:
        yield "request", _line(request), "sent", ABSENT
    for request in ours:
        yield "request", _line(request), ABSENT, "sent"


def _line(request: Mapping[Field, str]) -> str:
    return f"{request['method', '']} {request['path', '']}"


async def _an_order(linked: Linked) -> tuple[OrderRequest, Decimal]:
    """A buy of one lot of the NIFTY call of the second expiry nearest to the spot (the first expiry may be about
    to end), below the market, and another limit for it. Both limits have paise: no other number of a request can
    be mistaken for them."""
    account = linked.open()
    try:
        listing, quote = await _near_the_money(account)
    finally:
        await account.aclose()
    limit = Decimal(int((quote.bid or quote.last) * Decimal("0.85"))) + 7 * TICK
    order = OrderRequest(
        exchange=listing.exchange,
        symbol=listing.symbol,
        token=listing.token,
        side=Side.BUY,
        quantity=listing.lot_size,
        product="NRML",
        limit_price=limit,
        protection_percent=Decimal(3),
        tag="SDKREQUEST0001",
    )
    return order, limit - TICK


async def _near_the_money(account: Broker) -> tuple[Listing, Quote]:
    spot = (await account.index_quote("NIFTY")).last
    calls = [one for one in await account.listings(frozenset({"NIFTY"})) if one.contract.right is Right.CE]
    second = sorted({one.contract.expiry for one in calls})[1]
    chain = [one for one in calls if one.contract.expiry == second]
    listing = min(chain, key=lambda one: abs(one.contract.strike - spot))
    quotes = await account.quotes([(listing.exchange, listing.symbol, listing.token)])
    return listing, quotes[listing.symbol]


def _rests_when_placed(linked: Linked) -> None:
    """The exchange leaves the next order open, a protected market order too: it can be changed and cancelled."""
    linked.sandbox.admin(
        "POST", "/faults", broker=linked.broker, operation="place", kind="partial_fill", share=0, times=1
    )


def _send_with_client(
    linked: Linked, recorder: Recorder, order: OrderRequest, new_price: Decimal, folder: Path
) -> frozenset[str]:
    """Run the client's sender; the addresses of the broker that it would have asked."""
    name = CLIENTS[linked.broker]
    task = {
        "root": recorder.url,
        "credentials": dict(CREDENTIALS[linked.broker]),
        "tokens": dict(linked.session.tokens),
        "order": {
            "exchange": order.exchange,
            "symbol": order.symbol,
            "token": order.token,
            "quantity": order.quantity,
            "limit_price": float(order.limit_price),
            "new_price": float(new_price),
            "percent": int(order.protection_percent),
            "tag": order.tag,
        },
    }
    done = subprocess.run(
        [str(prepare(name)), str(Path(__file__).parent / "scripts" / f"send_{name}.py")],
        input=json.dumps(task),
        cwd=folder,
        env=offline(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    masks = _masks(linked, order, new_price, recorder)
    assert done.returncode == 0, masks.text(done.stderr[-2000:])
    lines = done.stdout.splitlines()
    return frozenset(line.removeprefix("address ") for line in lines if line.startswith("address "))


async def _send_with_adapter(linked: Linked, recorder: Recorder, order: OrderRequest, new_price: Decimal) -> None:
    account = linked.open(endpoints=Endpoints(recorder.url, recorder.url, recorder.url, recorder.url))
    try:
        recorder.begin("profile")
        await account.warm(1)
        recorder.begin("funds")
        await account.funds()
        recorder.begin("quotes")
        await account.quotes([(order.exchange, order.symbol, order.token)])
        recorder.begin("place")
        placed = (await account.prepare(order)()).broker_order_id
        assert placed is not None
        recorder.begin("order")
        await account.order(placed)
        recorder.begin("orders")
        await account.orders()
        recorder.begin("modify")
        await account.modify(placed, new_price, order.quantity)
        recorder.begin("cancel")
        await account.cancel(placed)
        recorder.begin("positions")
        await account.positions()
    finally:
        await account.aclose()


def _masks(linked: Linked, order: OrderRequest, new_price: Decimal, recorder: Recorder) -> Masks:
    """The session and what is of this order alone become names."""
    values = {
        order.tag: "<tag>",
        order.token: "<token>",
        f"{order.limit_price.normalize():f}": "<limit>",
        f"{new_price.normalize():f}": "<new limit>",
    }
    for placed in recorder.calls.get("place", ()):
        values |= _order_ids(json.loads(placed.answer))
    known = {**CREDENTIALS[linked.broker], **linked.session.tokens}
    secrets = {value: f"<{name}>" for name, value in known.items() if len(value) >= SHORTEST_SECRET}
    return Masks(values, {**secrets, order.symbol: "<symbol>"})


def _order_ids(answer: Any, name: str = "") -> dict[str, str]:
    """The numbers of the order, wherever they stand in the answer."""
    if isinstance(answer, dict):
        return {key: kind for name, child in answer.items() for key, kind in _order_ids(child, name).items()}
    if isinstance(answer, list):
        return {key: kind for child in answer for key, kind in _order_ids(child, name).items()}
    if name == "uniqueorderid":
        return {str(answer): "<unique order id>"}
    return {str(answer): "<order id>"} if name in ORDER_IDS else {}
