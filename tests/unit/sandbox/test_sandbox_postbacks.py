"""Postbacks: what each broker posts and when, to whom, and what a receiver can do to the rest (nothing)."""

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.accounts import ANGEL_ONE, DHAN, FYERS, GROWW, UPSTOX, ZERODHA
from sandbox.exchange.orders import Order, Ticket
from sandbox.postbacks.deliverer import Deliverer
from sandbox.serve import PortInUse, bind
from tests.unit.sandbox.conftest import KITE_KEY, KITE_SECRET, Bench, checksum

ROOT = Path(__file__).parents[3]
CLIENTS = {ZERODHA: "SB0001", ANGEL_ONE: "SB0002", UPSTOX: "SB0003", FYERS: "SB0004", DHAN: "1000000005"}


class Receiver:
    """A receiver on loopback: keeps the bodies, answers `answer`, and not before `let_go` is set."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answer = 200
        self.location = ""
        self.reached, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies.append(json.loads(body))
                receiver.reached.set()
                receiver.let_go.wait()
                try:
                    self.send_response(receiver.answer)
                    self.send_header("Content-Length", "0")
                    if receiver.location:
                        self.send_header("Location", receiver.location)
                    self.end_headers()
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/orders"

    def hang(self) -> None:
        """Answer nobody until `let_go` is set."""
        self.let_go.clear()

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Makes receivers, and closes them."""
    made: list[Receiver] = []

    def make() -> Receiver:
        made.append(Receiver())
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    return receivers()


def register(bench: Bench, broker: str, receiver: Receiver) -> None:
    body = {"broker": broker, "account": CLIENTS[broker], "url": receiver.url}
    assert bench.admin.post("/postbacks", json=body).status_code == 201


def set_fault(bench: Bench, kind: str, **fields: Any) -> None:
    body = {"operation": "postback", "kind": kind, **fields}
    assert bench.admin.post("/faults", json=body).status_code == 201


def place(bench: Bench, broker: str, price_factor: float = 1.05, **fields: Any) -> Order:
    """An order of one lot straight at the exchange, through to where it stands or fills."""
    option = bench.option()
    price = round(bench.spread(option).ask * price_factor / 5) * 5
    lots = fields.pop("lots", 1)
    ticket = Ticket(
        f"{broker}:{CLIENTS[broker]}", option, "BUY", option.lot * lots, price, "NRML", bench.clock.now(),
        tag="p1", **fields,
    )  # fmt: skip
    order = bench.world.exchange.place(ticket, bench.clock.now())
    bench.settle()
    bench.world.exchange.advance_all(bench.clock.now())
    return order


@asynccontextmanager
async def delivering(bench: Bench, timeout_seconds: float = 600) -> AsyncIterator[None]:
    task = asyncio.create_task(Deliverer(bench.world.postbacks, timeout_seconds).run())
    yield
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)


async def until(happened: Callable[[], bool]) -> None:
    # What is waited for happens in the receivers' threads and on the board, which know no event of this loop.
    while not happened():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def pending(bench: Bench) -> int:
    return int(bench.world.postbacks.as_json()["pending"])


def deliver(bench: Bench, timeout_seconds: float = 600) -> list[dict[str, Any]]:
    """Deliver all that waits; returns what the admin face lists."""

    async def run() -> None:
        async with delivering(bench, timeout_seconds):
            await until(lambda: pending(bench) == 0)

    asyncio.run(run())
    listed: list[dict[str, Any]] = bench.admin.get("/postbacks").json()["delivered"]
    return listed


def is_signed(body: dict[str, Any]) -> bool:
    text = f"{body['order_id']}{body['order_timestamp']}{KITE_SECRET}"
    return bool(body["checksum"] == hashlib.sha256(text.encode()).hexdigest())


def test_zerodha_posts_a_complete_order_with_a_checksum_of_the_secret(traded: Bench, receiver: Receiver) -> None:
    register(traded, ZERODHA, receiver)
    traded.place_kite(traded.option(), tag="k1")
    traded.settle()
    (line,) = traded.kite_orders()
    (outcome,) = deliver(traded)
    (body,) = receiver.bodies
    assert is_signed(body)
    assert (outcome["http_status"], outcome["order_id"], outcome["status"]) == (200, line["order_id"], "complete")
    assert (body["user_id"], body["status"], body["unfilled_quantity"]) == ("SB0001", "COMPLETE", 0)
    shared = set(body) & set(line)
    assert {name: body[name] for name in shared} == {name: line[name] for name in shared}
    assert set(body) - set(line) == {"user_id", "app_id", "checksum", "unfilled_quantity"}


def test_zerodha_posts_updates_and_the_end_of_an_order_but_not_that_it_rests(traded: Bench, receiver: Receiver) -> None:
    register(traded, ZERODHA, receiver)
    resting = place(traded, ZERODHA, 0.9)
    exchange, now = traded.world.exchange, traded.clock.now()
    assert deliver(traded) == []
    exchange.modify(resting, now, price_paise=resting.price_paise - 5, trigger_paise=None, quantity=None)
    exchange.cancel(resting, now)
    place(traded, ZERODHA, lots=4, fill_share=0.5)
    place(traded, ZERODHA, lots=10_000)
    deliver(traded)
    assert [body["status"] for body in receiver.bodies] == ["UPDATE", "CANCELLED", "UPDATE", "REJECTED"]
    modified, cancelled, part, rejected = receiver.bodies
    assert modified["price"] == cancelled["price"] == resting.price_paise / 100
    assert (part["filled_quantity"], part["unfilled_quantity"]) == (130, 130)
    assert rejected["status_message"]
    assert all(is_signed(body) for body in receiver.bodies)


def test_other_brokers_post_every_status_in_their_own_words(bench: Bench, receivers: Callable[[], Receiver]) -> None:
    read = {UPSTOX: "status", ANGEL_ONE: "status", FYERS: "status", DHAN: "orderStatus"}
    order_id = {UPSTOX: "order_id", ANGEL_ONE: "orderid", FYERS: "id", DHAN: "orderId"}
    posted = {broker: receivers() for broker in read}
    orders = {}
    for broker, receiver in posted.items():
        register(bench, broker, receiver)
        orders[broker] = place(bench, broker)
    deliver(bench)
    assert {broker: [body[read[broker]] for body in got.bodies] for broker, got in posted.items()} == {
        UPSTOX: ["put order req received", "validation pending", "open pending", "open", "complete"],
        ANGEL_ONE: ["put order req received", "validation pending", "open pending", "open", "complete"],
        FYERS: [6, 2],
        DHAN: ["TRANSIT", "PENDING", "TRADED"],
    }
    for broker, receiver in posted.items():
        assert {body[order_id[broker]] for body in receiver.bodies} == {orders[broker].order_id}


def test_each_body_is_as_the_broker_documents_it(bench: Bench, receivers: Callable[[], Receiver]) -> None:
    posted = {broker: receivers() for broker in (UPSTOX, FYERS, DHAN, ANGEL_ONE)}
    for broker, receiver in posted.items():
        register(bench, broker, receiver)
        place(bench, broker)
    deliver(bench)
    upstox, fyers, dhan, angel = (receiver.bodies[-1] for receiver in posted.values())
    first = posted[UPSTOX].bodies[0]
    assert (first["update_type"], first["exchange_order_id"], first["status_message"]) == ("order", "", "")
    assert upstox["instrument_key"] == upstox["instrument_token"]
    assert upstox["userId"] == upstox["user_id"] == "SB0003"
    assert (fyers["clientId"], fyers["filledQty"], fyers["remainingQuantity"]) == ("SB0004", 65, 0)
    assert {"orderTag", "lp", "slNo"}.isdisjoint(fyers)
    assert (dhan["dhanClientId"], dhan["correlationId"], dhan["quantity"]) == ("1000000005", "p1", 65)
    assert {"filledQty", "remainingQuantity", "averageTradedPrice"}.isdisjoint(dhan)
    assert (angel["clientcode"], angel["ordertag"], angel["filledshares"]) == ("SB0002", "p1", "65")


def test_dhan_posts_partial_fills_and_modifications_fyers_new_statuses_only(
    bench: Bench, receivers: Callable[[], Receiver]
) -> None:
    posted = {broker: receivers() for broker in (DHAN, FYERS)}
    exchange = bench.world.exchange
    for broker, receiver in posted.items():
        register(bench, broker, receiver)
        order = place(bench, broker, lots=4, fill_share=0.5)
        low = round(order.price_paise * 0.9 / 5) * 5
        exchange.modify(order, bench.clock.now(), price_paise=low, trigger_paise=None, quantity=None)
    deliver(bench)
    dhan, fyers = (receiver.bodies for receiver in posted.values())
    assert [body["orderStatus"] for body in dhan] == ["TRANSIT", "PENDING", "PART_TRADED", "PART_TRADED"]
    assert dhan[-1]["price"] < dhan[-2]["price"]
    assert [body["status"] for body in fyers] == [6]


def test_nothing_is_posted_before_an_address_is_given_and_after_it_is_cleared(bench: Bench, receiver: Receiver) -> None:
    place(bench, ZERODHA)
    register(bench, ZERODHA, receiver)
    place(bench, ANGEL_ONE)
    listed = bench.admin.get("/postbacks").json()
    address = {"broker": ZERODHA, "account": "SB0001", "url": receiver.url, "pending": 0, "blocked_until": None}
    assert listed == {"pending": 0, "addresses": [address], "delivered": []}
    place(bench, ZERODHA)
    assert bench.admin.get("/postbacks").json()["pending"] == 1
    assert bench.admin.delete("/postbacks").json() == {"removed": 1}
    place(bench, ZERODHA)
    assert deliver(bench) == []
    assert receiver.bodies == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"broker": "nobody"}, "broker: 'nobody' is not one of"),
        ({"broker": GROWW, "account": "SB0006"}, "broker: groww has no postbacks"),
        ({"account": "SB0999"}, "account"),
        ({"account": None}, "account"),
        ({"url": None}, "url"),
        ({"url": "https://example.com/orders"}, "url"),
        ({"url": "http://example.com/orders"}, "url"),
        ({"url": "http://127.0.0.1@example.com/orders"}, "url"),
        ({"url": "http://127.0.0.1.example.com/orders"}, "url"),
        ({"url": "http://0.0.0.0/orders"}, "url"),
        ({"url": "http://10.0.0.1/orders"}, "url"),
        ({"url": "http://127.0.0.1:99999/orders"}, "url"),
        ({"url": "/orders"}, "url"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_address_off_this_machine_or_of_nobody_is_refused_by_field(
    bench: Bench, fields: dict[str, Any], said: str
) -> None:
    body = {"broker": ZERODHA, "account": "SB0001", "url": "http://127.0.0.1:9/x", **fields}
    answer = bench.admin.post("/postbacks", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)
    assert bench.admin.get("/postbacks").json()["addresses"] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
def test_loopback_has_several_names(bench: Bench, host: str) -> None:
    body = {"broker": ZERODHA, "account": "SB0001", "url": f"http://{host}:9999/x"}
    assert bench.admin.post("/postbacks", json=body).json()["url"] == body["url"]


def test_a_forged_checksum_differs_in_nothing_else(bench: Bench, receiver: Receiver) -> None:
    register(bench, ZERODHA, receiver)
    set_fault(bench, "postback_forged", times=1)
    set_fault(bench, "postback_twice", times=1)
    place(bench, ZERODHA)
    place(bench, ZERODHA)
    forged = [line["forged"] for line in deliver(bench)]
    first, copy, sound = receiver.bodies
    assert forged == [True, True, False]
    assert first == copy
    assert not is_signed(first)
    assert is_signed(sound)
    text = f"{first['order_id']}{first['order_timestamp']}{KITE_SECRET}"
    assert is_signed(first | {"checksum": hashlib.sha256(text.encode()).hexdigest()})


def test_a_forgery_without_a_signature_claims_a_fill_that_never_was(
    bench: Bench, receivers: Callable[[], Receiver]
) -> None:
    posted = {broker: receivers() for broker in (UPSTOX, ANGEL_ONE, FYERS, DHAN)}
    set_fault(bench, "postback_forged")
    for broker, receiver in posted.items():
        register(bench, broker, receiver)
        assert place(bench, broker, 0.9).filled == 0
    deliver(bench)
    upstox, angel, fyers, dhan = (receiver.bodies[-1] for receiver in posted.values())
    assert (upstox["status"], upstox["filled_quantity"], upstox["pending_quantity"]) == ("complete", 65, 0)
    assert (angel["orderstatus"], angel["filledshares"], angel["unfilledshares"]) == ("complete", "65", "0")
    assert (fyers["status"], fyers["filledQty"], fyers["orderNumStatus"]) == (2, 65, f"{fyers['id']}:2")
    assert dhan["orderStatus"] == "TRADED"


def test_a_dropped_postback_is_listed_and_never_sent(bench: Bench, receiver: Receiver) -> None:
    register(bench, ZERODHA, receiver)
    set_fault(bench, "no_postback", broker=ZERODHA, account="SB0001", times=1)
    dropped, sent = place(bench, ZERODHA), place(bench, ZERODHA)
    lines = [(line["order_id"], line["http_status"], line["note"]) for line in deliver(bench)]
    assert lines == [(dropped.order_id, None, "dropped by a fault"), (sent.order_id, 200, None)]
    assert [body["order_id"] for body in receiver.bodies] == [sent.order_id]


def test_a_delayed_postback_keeps_its_place(bench: Bench, receiver: Receiver) -> None:
    register(bench, ZERODHA, receiver)
    set_fault(bench, "delay", ms=50, times=1)
    late, next_one = place(bench, ZERODHA), place(bench, ZERODHA)
    deliver(bench)
    assert [body["order_id"] for body in receiver.bodies] == [late.order_id, next_one.order_id]


def test_a_fault_of_every_call_leaves_postbacks_alone_and_theirs_leaves_calls_alone(
    traded: Bench, receiver: Receiver
) -> None:
    register(traded, ZERODHA, receiver)
    for kind in ("refuse", "postback_twice"):
        assert traded.admin.post("/faults", json={"kind": kind, "times": 1}).status_code == 201
    place(traded, ZERODHA)
    deliver(traded)
    assert len(receiver.bodies) == 2
    assert [fault["kind"] for fault in traded.admin.get("/faults").json()] == ["refuse"]
    assert traded.place_kite(traded.option()).status_code != 200


@pytest.mark.parametrize(
    ("operation", "kind", "said"),
    [("postback", "refuse", "kind"), ("place", "postback_twice", "operation")],
)
def test_a_fault_that_could_never_hit_is_refused(bench: Bench, operation: str, kind: str, said: str) -> None:
    answer = bench.admin.post("/faults", json={"operation": operation, "kind": kind})
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, said)


def test_a_hanging_receiver_holds_up_neither_orders_nor_other_accounts(
    traded: Bench, receivers: Callable[[], Receiver]
) -> None:
    hanging, other = receivers(), receivers()
    hanging.hang()
    register(traded, ZERODHA, hanging)
    register(traded, ANGEL_ONE, other)
    option = traded.option()
    form = {
        "exchange": option.exchange, "tradingsymbol": option.symbol, "transaction_type": "BUY", "quantity": option.lot,
        "product": "NRML", "order_type": "MARKET", "market_protection": "-1",
    }  # fmt: skip

    async def run() -> None:
        transport = httpx.ASGITransport(traded.kite_face)
        async with delivering(traded), httpx.AsyncClient(transport=transport, headers=traded.kite.headers) as kite:
            for _ in range(2):
                assert (await kite.post("http://sandbox/orders/regular", data=form)).status_code == 200
                traded.settle()
                book = (await kite.get("http://sandbox/orders")).json()["data"]
                assert book[-1]["status"] == "COMPLETE"
                await until(hanging.reached.is_set)
            place(traded, ANGEL_ONE)
            await until(lambda: pending(traded) == 2)
            assert (len(other.bodies), len(hanging.bodies)) == (5, 1)
            hanging.let_go.set()
            await until(lambda: pending(traded) == 0)

    asyncio.run(run())
    assert [body["status"] for body in hanging.bodies] == ["COMPLETE", "COMPLETE"]


def test_what_is_cleared_while_a_receiver_hangs_is_neither_sent_nor_listed(
    bench: Bench, receivers: Callable[[], Receiver]
) -> None:
    hanging, other = receivers(), receivers()
    hanging.hang()
    register(bench, ZERODHA, hanging)
    place(bench, ZERODHA)
    address = bench.world.postbacks.idle_addresses()[0]

    async def run() -> None:
        async with delivering(bench):
            await until(hanging.reached.is_set)
            place(bench, ZERODHA)
            bench.world.postbacks.clear()
            hanging.let_go.set()
            await until(lambda: not address.busy)

    asyncio.run(run())
    assert len(hanging.bodies) == 1
    assert bench.admin.get("/postbacks").json() == {"pending": 0, "addresses": [], "delivered": []}
    register(bench, ZERODHA, other)
    place(bench, ZERODHA)
    assert [line["url"] for line in deliver(bench)] == [other.url]


def test_a_receiver_that_does_not_answer_is_given_up_after_one_try(bench: Bench, receiver: Receiver) -> None:
    receiver.hang()
    register(bench, ZERODHA, receiver)
    place(bench, ZERODHA)
    (line,) = deliver(bench, timeout_seconds=0.05)
    assert (line["http_status"], line["note"]) == (None, "no answer within 0.05 s")


def test_an_error_or_nobody_there_is_listed_and_not_tried_again(bench: Bench, receiver: Receiver) -> None:
    receiver.answer = 500
    register(bench, ZERODHA, receiver)
    place(bench, ZERODHA)
    assert [line["http_status"] for line in deliver(bench)] == [500]
    place(bench, ZERODHA)
    deliver(bench)
    assert len(receiver.bodies) == 2
    bench.admin.delete("/postbacks")
    body = {"broker": ZERODHA, "account": "SB0001", "url": "http://127.0.0.1:1/x"}
    assert bench.admin.post("/postbacks", json=body).status_code == 201
    place(bench, ZERODHA)
    assert [(line["http_status"], line["note"]) for line in deliver(bench)] == [(None, "no answer: ConnectError")]


def test_a_redirect_is_not_followed(bench: Bench, receivers: Callable[[], Receiver]) -> None:
    receiver, elsewhere = receivers(), receivers()
    receiver.answer, receiver.location = 307, elsewhere.url
    register(bench, ZERODHA, receiver)
    place(bench, ZERODHA)
    assert [line["http_status"] for line in deliver(bench)] == [307]
    assert elsewhere.bodies == []


def test_fyers_blocks_an_address_for_half_an_hour_after_anything_but_200(bench: Bench, receiver: Receiver) -> None:
    receiver.answer = 204
    register(bench, FYERS, receiver)
    register(bench, ZERODHA, receiver)
    place(bench, FYERS)
    place(bench, ZERODHA)
    lines = [line for line in deliver(bench) if line["broker"] == FYERS]
    assert [(line["http_status"], line["note"]) for line in lines] == [
        (204, None), (None, "not sent: the address is blocked"),
    ]  # fmt: skip
    fyers, zerodha = bench.admin.get("/postbacks").json()["addresses"]
    assert fyers["blocked_until"].startswith("2026-11-23T10:30:00")
    assert zerodha["blocked_until"] is None
    receiver.answer = 200
    bench.clock.advance(29 * 60)
    place(bench, FYERS)
    deliver(bench)
    assert len(receiver.bodies) == 2
    bench.clock.advance(60)
    place(bench, FYERS)
    deliver(bench)
    assert [body["status"] for body in receiver.bodies[2:]] == [6, 2]


def test_the_process_posts_by_itself_and_stops_with_a_delivery_under_way(receiver: Receiver) -> None:
    port = free_block()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--demo-accounts"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        receiver.hang()
        admin = f"http://127.0.0.1:{port}"
        body = {"broker": ZERODHA, "account": "SB0001", "url": receiver.url}
        httpx.post(f"{admin}/postbacks", json=body).raise_for_status()
        order_id = buy(port)
        receiver.reached.wait()
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")
    (posted,) = receiver.bodies
    assert (posted["order_id"], posted["status"], is_signed(posted)) == (order_id, "COMPLETE", True)


def free_block() -> int:
    """A port from which the sandbox can take its own."""
    for base in range(41_000, 60_000, 10):
        try:
            sockets = bind(base)
        except PortInUse:
            continue
        for listener in sockets.values():
            listener.close()
        return base
    raise AssertionError("no free ports")


def buy(port: int) -> str:
    """A protected market order of one lot at the Kite face; returns its number."""
    prices = f"http://127.0.0.1:{port}/prices"
    expiry = httpx.get(prices).json()["expiries"][1]
    options = httpx.get(prices, params={"expiry": expiry}).json()["options"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port + 1}") as kite:
        location = kite.post("/connect/login", data={"api_key": KITE_KEY, "decision": "approve"}).headers["location"]
        token = httpx.URL(location).params["request_token"]
        data = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token)}
        access = kite.post("/session/token", data=data).json()["data"]["access_token"]
        form = {
            "exchange": "NFO", "tradingsymbol": options[len(options) // 2]["symbol"], "transaction_type": "BUY",
            "quantity": "65", "product": "NRML", "order_type": "MARKET", "market_protection": "-1",
        }  # fmt: skip
        headers = {"X-Kite-Version": "3", "Authorization": f"token {KITE_KEY}:{access}"}
        answer = kite.post("/orders/regular", data=form, headers=headers).raise_for_status()
    return str(answer.json()["data"]["order_id"])
