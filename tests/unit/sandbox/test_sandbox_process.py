"""The running process: its ready line, ports, signals, lost connections, and how fast it answers."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.unit.sandbox.conftest import KITE_KEY, checksum

ROOT = Path(__file__).parents[3]


def start(port: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--demo-accounts"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    """A port with two free neighbours (checked, not reserved)."""
    for base in range(29_000, 60_000, 3):
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            try:
                for offset, listener in enumerate((first, second, third)):
                    listener.bind(("127.0.0.1", base + offset))
            except OSError:
                continue
            return base
    raise AssertionError("no three free ports")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A running sandbox that stops at once, cleanly and silently."""
    base = free_port()
    process = start(base)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield base
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert time.monotonic() - began < 3


@pytest.fixture
def kite(port: int) -> Iterator[httpx.Client]:
    """A client that is logged in at the Kite face."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port + 1}") as client:
        form = {"api_key": KITE_KEY, "decision": "approve"}
        location = client.post("/connect/login", data=form).headers["location"]
        token = httpx.URL(location).params["request_token"]
        data = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token)}
        access = client.post("/session/token", data=data).json()["data"]["access_token"]
        client.headers.update({"X-Kite-Version": "3", "Authorization": f"token {KITE_KEY}:{access}"})
        httpx.post(f"http://127.0.0.1:{port}/relax").raise_for_status()
        yield client


def chain(port: int) -> list[dict[str, str]]:
    """Options near the money of the second expiry: the nearest may be about to end."""
    prices = f"http://127.0.0.1:{port}/prices"
    second = httpx.get(prices).json()["expiries"][1]
    options: list[dict[str, str]] = httpx.get(prices, params={"expiry": second}).json()["options"]
    return options


@pytest.fixture
def order(port: int) -> dict[str, str]:
    """The form of a protected market order of one lot near the money."""
    options = chain(port)
    symbol = options[len(options) // 2]["symbol"]
    return {
        "exchange": "NFO", "tradingsymbol": symbol, "transaction_type": "BUY", "quantity": "65",
        "product": "NRML", "order_type": "MARKET", "market_protection": "-1", "tag": "p1",
    }  # fmt: skip


def test_a_port_in_use_is_said_in_one_line_with_code_2(port: int) -> None:
    second = start(port)
    out, errors = second.communicate(timeout=20)
    assert (second.returncode, out, errors.count("\n")) == (2, "", 1)
    assert f"port {port} (admin)" in errors


def test_a_lost_reply_closes_the_connection_and_the_order_is_in_the_book(
    port: int, kite: httpx.Client, order: dict[str, str]
) -> None:
    fault = {"broker": "zerodha", "operation": "place", "kind": "drop_reply", "times": 1}
    httpx.post(f"http://127.0.0.1:{port}/faults", json=fault).raise_for_status()
    with pytest.raises(httpx.RemoteProtocolError):
        kite.post("/orders/regular", data={**order, "tag": "lost"})
    assert [line["tag"] for line in kite.get("/orders").json()["data"]].count("lost") == 1


def test_resting_orders_are_matched_without_being_read(port: int, kite: httpx.Client, order: dict[str, str]) -> None:
    admin = f"http://127.0.0.1:{port}"
    ask = next(float(line["ask"]) for line in chain(port) if line["symbol"] == order["tradingsymbol"])
    limit = round(ask * 0.85 / 0.05) * 0.05
    form = {**order, "order_type": "LIMIT", "price": f"{limit:.2f}", "tag": "timer"}
    kite.post("/orders/regular", data=form).raise_for_status()
    # Down for a moment and back: only an exchange that looks by itself can have seen it.
    toward = -200 if order["tradingsymbol"].endswith("CE") else 200
    for points in (toward, -toward):
        httpx.post(f"{admin}/shifts", json={"underlying": "NIFTY", "points": points}).raise_for_status()
        time.sleep(0.3)
    book = httpx.get(f"{admin}/books/zerodha/SB0001").json()
    (line,) = [line for line in book["orders"] if line["tag"] == "timer"]
    moments = [at for at, _ in line["history"]]
    assert [status for _, status in line["history"]] == ["received", "validating", "opening", "open", "complete"]
    assert moments == sorted(moments)
    assert line["received_at"] <= moments[0]
