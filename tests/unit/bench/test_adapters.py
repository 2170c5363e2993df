"""What the measurement of the adapters counts, checks and shows."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from bench.adapters import COLUMNS, cases, check_booked, rounds, time_rows, turns
from bench.broker_wire import Sent, wire_to_broker
from bench.import_cost import COLUMNS as IMPORT_COLUMNS
from bench.import_cost import Cost, read_cost, rows
from bench.official import MODULES, NAMES, Official, official_client
from bench.official_client import CLIENTS, fail, timed
from bench.order_count import COLUMNS as COUNT_COLUMNS
from bench.order_count import Counted, accepted, new_tag, span
from bench.sandbox_rig import client_id
from lambdas.ports.broker import Outcome, Placement
from local.instance import BROKERS
from local.steps import CannotContinue

KEYS = [("zerodha", "adapter"), ("zerodha", "bare httpx"), ("dhan", "adapter")]


def sent(body: bytes, kind: str = "application/json") -> Sent:
    return Sent("POST", "/orders", {"content-type": kind}, body)


@pytest.mark.parametrize(
    ("counts", "text"), [([], "–"), ([1, 1], "1"), ([3, 2, 3], "2–3")], ids=["nothing", "always", "not always"]
)
def test_requests_of_an_order_are_shown_as_a_span(counts: list[int], text: str) -> None:
    assert span(counts) == text


def test_a_count_without_an_official_client_has_dashes() -> None:
    row = Counted(place=[1], filled=[2, 3], cancelled=[2], connections=1).row("dhan")
    assert row == ("dhan", "1", "2–3", "2", "–", "1", "–")
    assert len(row) == len(COUNT_COLUMNS)


def test_tags_differ_and_have_one_length() -> None:
    tags = {new_tag() for _ in range(20)}
    assert len(tags) == 20
    assert {len(tag) for tag in tags} == {17}


def test_a_request_gets_another_tag_and_nothing_else() -> None:
    again = sent(b'{"price":1,"tag":"LW01"}').tagged("LW01", "LW02")
    assert again == sent(b'{"price":1,"tag":"LW02"}')


@pytest.mark.parametrize(("body", "tag"), [(b"tag=other", "LW02"), (b"a=LW01&b=LW01", "LW02"), (b"tag=LW01", "LW002")])
def test_a_tag_that_cannot_be_replaced_is_an_error(body: bytes, tag: str) -> None:
    with pytest.raises(ValueError, match="LW01"):
        sent(body).tagged("LW01", tag)


def test_fields_are_read_from_json_and_from_a_form() -> None:
    assert sent(b'{"price":1.5,"tag":"x"}').fields() == {"price": 1.5, "tag": "x"}
    form = sent(b"price=1.5&tag=x+y", "application/x-www-form-urlencoded")
    assert form.fields() == {"price": "1.5", "tag": "x y"}


class _Echo(BaseHTTPRequestHandler):
    """Answers with the method and the body of what it was sent."""

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = f"{self.command} {body.decode()}".encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_DELETE = do_PUT

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def face() -> Iterator[str]:
    """The address of something that answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_wire_counts_requests_and_connections_and_passes_answers_on(face: str) -> None:
    with wire_to_broker(face) as wire:
        with httpx.Client(trust_env=False) as client:
            changed = client.put(f"{wire.url}/orders?id=1", content=b"a body", headers={"X-Key": "k"})
            client.delete(f"{wire.url}/orders")
        with httpx.Client(trust_env=False) as another:
            another.delete(f"{wire.url}/orders")
        first, *others = wire.taken()
        assert wire.taken() == []
    assert (changed.status_code, changed.text) == (201, "PUT a body")
    assert (first.method, first.path, first.body, first.headers["x-key"]) == ("PUT", "/orders?id=1", b"a body", "k")
    assert not {"host", "content-length", "connection"} & set(first.headers)
    assert (len(others), wire.connections) == (2, 2)


@pytest.mark.parametrize("keys", [KEYS, KEYS[:1], KEYS[:2]])
def test_everybody_has_a_turn_in_each_round_and_nobody_a_fixed_place(keys: list[tuple[str, str]]) -> None:
    orders = [turns(keys, number) for number in range(2 * len(keys))]
    assert all(sorted(order) == sorted(keys) for order in orders)
    for place in range(len(keys)):
        assert {order[place] for order in orders} == set(keys)


def test_the_first_rounds_do_not_count() -> None:
    calls: list[str] = []

    async def place() -> float:
        calls.append("placed")
        return float(len(calls))

    took = asyncio.run(rounds({KEYS[0]: place}, 3, 0.0, warm_up=2))
    assert took == {KEYS[0]: [3.0, 4.0, 5.0]}


def test_rows_keep_the_order_of_the_senders_whoever_began() -> None:
    async def place() -> float:
        return 1.0

    took = asyncio.run(rounds(dict.fromkeys(KEYS, place), 4, 0.0, warm_up=1))
    assert list(took) == KEYS


def test_times_without_and_with_delay_stand_in_one_row() -> None:
    (row,) = time_rows({KEYS[0]: [1.0, 3.0, 2.0]}, {KEYS[0]: [102.25]})
    assert row == ("zerodha, adapter", "3", "2.00", "3.00", "3.00", "1", "102.25", "102.25", "102.25", "2.25")
    assert len(row) == len(COLUMNS)


def test_orders_that_the_exchange_does_not_have_are_no_measurement() -> None:
    before = {"zerodha": 5, "dhan": 0}
    check_booked(before, {"zerodha": 25, "dhan": 10}, KEYS, 10)
    with pytest.raises(CannotContinue, match="dhan has 9 of 10"):
        check_booked(before, {"zerodha": 25, "dhan": 9}, KEYS, 10)


@pytest.mark.parametrize(
    "placement",
    [
        Placement(Outcome.REFUSED, "no money", None, None),
        Placement(Outcome.UNKNOWN, "no money", None, None),
        Placement(Outcome.ACCEPTED, "no money", None, None, None),
    ],
)
def test_an_order_that_was_not_taken_is_no_measurement(placement: Placement) -> None:
    with pytest.raises(CannotContinue, match="no money"):
        accepted(placement)


def test_memory_is_told_in_mib_and_unknown_memory_as_a_dash() -> None:
    assert read_cost("[12.5, 512, 300]", 4096) == Cost(12.5, 2.0, 300)
    told, untold = rows({"a": [Cost(1.0, 2.0, 300), Cost(3.0, 4.0, 300)], "b": [read_cost("[1, null, 2]", 4096)]})
    assert told == ("a", "2", "1.0", "3.0", "3.0", "2.0", "300")
    assert untold == ("b", "1", "1.0", "1.0", "1.0", "–", "2")
    assert len(told) == len(IMPORT_COLUMNS)


def test_every_broker_is_measured() -> None:
    names = {case.name for case in cases()}
    assert {f"lambdas.adapters.brokers.{broker}.adapter" for broker in BROKERS} < names
    assert {"httpx", "boto3"} < names
    assert set(NAMES) == set(MODULES) == set(BROKERS)
    assert set(NAMES.values()) == set(CLIENTS)
    assert len({client_id(broker) for broker in BROKERS}) == len(BROKERS)


def test_a_client_whose_environment_was_not_made_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.official.ROOT", tmp_path)
    assert official_client("dhan") is None
    assert not [case for case in cases() if "official" in case.name]
    python = tmp_path / ".sdk" / "dhanhq" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert official_client("dhan") == Official("dhanhq", python)
    assert [case.name for case in cases()][-1] == "dhanhq (official)"


def test_an_official_client_that_fails_says_why() -> None:
    assert timed(fail, {"tag": "x"}) == {"error": "RuntimeError: not placed: {'tag': 'x'}"}
    assert timed(lambda _: None, {}) == {"error": "no order number"}
    assert set(timed(lambda _: "1", {})) == {"ms"}
