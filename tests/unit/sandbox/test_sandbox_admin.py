"""The admin face: accounts, neutral books, status, prices."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.accounts import BROKERS
from sandbox.clock import ManualClock, epoch_micros
from sandbox.world import build_world
from tests.unit.sandbox.conftest import MONDAY, Bench


def test_the_book_says_when_each_request_arrived(traded: Bench) -> None:
    arrived = traded.clock.now()
    traded.place_kite(traded.option(), tag="k1")
    traded.settle()
    book = traded.admin.get("/books/zerodha/SB0001").json()
    (order,) = book["orders"]
    assert (order["received_at"], order["received_at_us"]) == (
        arrived.isoformat(timespec="microseconds"),
        epoch_micros(arrived),
    )
    assert (order["tag"], order["status"], order["strike"]) == ("k1", "complete", traded.option().strike)
    (position,) = book["positions"]
    assert (position["net"], position["symbol"]) == (65, order["symbol"])
    assert traded.admin.get("/books/zerodha/SB0002").status_code == 404


def test_status_tells_seed_mode_and_that_prices_are_samples(traded: Bench) -> None:
    traded.place_smart(traded.option())
    status = traded.admin.get("/status").json()
    assert status["about"] == "sample prices, not a market feed"
    assert (status["seed"], status["mode"], status["session"], status["open"]) == (5, "seeded", "continuous", True)
    assert {line["client_id"]: line["orders"] for line in status["orders"] if line["orders"]} == {"SB0002": 1}
    assert [line["broker"] for line in status["orders"]] == list(BROKERS)
    assert set(status["spots"]) == {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"broker": "x"}, "broker"),
        ({"broker": "zerodha", "user_id": "A", "api_key": "k"}, "api_secret"),
        ({"broker": "angel_one", "clientcode": "A", "api_key": "k", "pin": "1", "totp_secret": "1!"}, "totp_secret"),
        (
            {"broker": "zerodha", "user_id": "SB0001", "api_key": "k", "api_secret": "s", "redirect_url": "u"},
            "client_id",
        ),
        ({"broker": "zerodha", "funds": "lots"}, "funds"),
        ({"broker": "zerodha", "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_account_is_refused_by_field(bench: Bench, body: dict[str, Any], said: str) -> None:
    answer = bench.admin.post("/accounts", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


def test_only_an_account_whose_orders_can_name_an_algo_may_have_to(bench: Bench) -> None:
    body = {"client_id": "SB0103", "api_key": "k103", "api_secret": "s", "redirect_url": "u", "algo_name": "Morning"}
    refused = bench.admin.post("/accounts", json={"broker": "zerodha", **body})
    assert (refused.status_code, refused.json()["error"]) == (400, "algo_name: orders at zerodha carry none")
    assert bench.admin.post("/accounts", json={"broker": "upstox", **body}).json()["algo_name"] == "Morning"


def test_accounts_are_listed_without_secrets(bench: Bench) -> None:
    text = bench.admin.get("/accounts").text
    assert "SB0002" in text
    assert "sandboxkitesecret01" not in text
    assert "JBSWY3DPEHPK3PXP" not in text


def test_prices_show_the_chain_near_the_money(bench: Bench) -> None:
    prices = bench.admin.get("/prices", params={"underlying": "SENSEX"}).json()
    assert len(prices["options"]) >= 20
    assert all(float(line["bid"]) < float(line["ask"]) for line in prices["options"])
    assert bench.admin.get("/prices", params={"underlying": "GOLD"}).status_code == 400


def test_the_callback_page_shows_and_escapes_what_it_got(bench: Bench) -> None:
    page = bench.admin.get("/callback-shown", params={"status": "success", "x": "<b>"}).text
    assert "success" in page
    assert "<b>" not in page


def test_in_exchange_hours_orders_are_taken_only_while_open() -> None:
    clock = ManualClock(MONDAY.replace(hour=15, minute=39, second=59))
    bench = Bench(clock, build_world(clock, continuous=False))
    bench.login_kite()
    option = bench.option(steps=-4)
    low = bench.spread(option).bid * 3 // 4 // 5 * 5
    assert bench.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}").status_code == 200
    clock.advance(1)
    closed = bench.place_kite(option)
    assert (closed.status_code, closed.json()["error_type"]) == (400, "OrderException")
    assert bench.kite_orders()[0]["status"] == "CANCELLED"
    held = bench.spread(option)
    clock.advance(3600)
    assert bench.spread(option) == held
    clock.set(MONDAY + timedelta(days=1))
    assert bench.admin.get("/status").json()["open"] is False


def test_a_caller_is_told_its_address_as_text(bench: Bench) -> None:
    answer = bench.admin.get("/my-ip")
    assert (answer.status_code, answer.text) == (200, "127.0.0.1\n")
    assert answer.headers["content-type"].startswith("text/plain")
