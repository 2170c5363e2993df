"""The Fyers face: login, tokens, the limits that all calls share, refusals, the symbol masters."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from sandbox.exchange.instruments import Instrument
from sandbox.fyers.app import fyers_app
from sandbox.fyers.names import ticker_of
from sandbox.fyers.sessions import FyersSessions
from tests.unit.sandbox.conftest import Bench, in_process

APP, SECRET, REDIRECT = "SBXFYERS01-100", "SANDBOXFYERSSECRET", "http://127.0.0.1:9600/callback-shown"
HASH = hashlib.sha256(f"{APP}:{SECRET}".encode()).hexdigest()
LOGIN = {"client_id": APP, "redirect_uri": REDIRECT, "response_type": "code", "state": "x&y"}
PAGE, SYNC = "/api/v3/generate-authcode", "/api/v3/orders/sync"


class Desk:
    """A bench with the Fyers face, and what a client does there."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.http: httpx.Client = in_process(fyers_app(bench.world, FyersSessions()))

    def decide(self, decision: str) -> dict[str, str]:
        answer = self.http.post(PAGE, data={**LOGIN, "decision": decision})
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def exchange(self, code: str, app_hash: str = HASH) -> httpx.Response:
        body = {"grant_type": "authorization_code", "appIdHash": app_hash, "code": code}
        return self.http.post("/api/v3/validate-authcode", json=body)

    def login(self) -> dict[str, Any]:
        tokens: dict[str, Any] = self.exchange(self.decide("approve")["auth_code"]).json()
        self.http.headers["Authorization"] = f"{APP}:{tokens['access_token']}"
        return tokens

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(path, params=query).json()

    def place(self, instrument: Instrument, **fields: Any) -> httpx.Response:
        body = {
            "symbol": ticker_of(instrument),
            "qty": instrument.lot,
            "type": 1,
            "side": 1,
            "productType": "INTRADAY",
            "limitPrice": round(self.bench.spread(instrument).ask * 1.02 / 5) * 5 / 100,
            "stopPrice": 0,
            "validity": "DAY",
            "disclosedQty": 0,
            "offlineOrder": False,
            "stopLoss": 0,
            "takeProfit": 0,
            "orderTag": "t3",
            **fields,
        }
        return self.http.post(SYNC, json=body)

    def change(self, method: str, body: Mapping[str, Any]) -> Any:
        return self.http.request(method, SYNC, json=body).json()

    def book(self, **query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get("/api/v3/orders", **query)["orderBook"]
        return rows


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


@pytest.fixture
def traded(desk: Desk) -> Desk:
    desk.login()
    return desk


def test_the_page_leads_back_to_the_app_with_the_state(desk: Desk) -> None:
    page = desk.http.get(PAGE, params=LOGIN)
    assert page.status_code == 200
    assert 'value="x&amp;y"' in page.text
    approved, refused = desk.decide("approve"), desk.decide("refuse")
    assert (approved["s"], approved["state"]) == ("ok", "x&y")
    assert (refused["s"], refused["state"], "auth_code" in refused) == ("error", "x&y", False)


@pytest.mark.parametrize("field", ["client_id", "redirect_uri", "response_type"])
def test_the_page_knows_its_apps(desk: Desk, field: str) -> None:
    answer = desk.http.get(PAGE, params={**LOGIN, field: "other"})
    assert (answer.status_code, answer.json()["s"]) == (400, "error")


def test_a_code_is_good_once_for_minutes_with_the_right_hash(desk: Desk) -> None:
    code = desk.decide("approve")["auth_code"]
    assert desk.exchange(code, "wrong").json()["message"] == "invalid app id hash"
    assert desk.exchange(code).json()["s"] == "ok"
    assert desk.exchange(code).json()["message"] == "invalid auth code"
    late = desk.decide("approve")["auth_code"]
    desk.bench.clock.advance(301)
    assert desk.exchange(late).json()["message"] == "invalid auth code"


def test_a_token_ends_at_six_and_is_renewed_with_the_pin(desk: Desk) -> None:
    tokens = desk.login()
    assert desk.get("/api/v3/profile")["data"]["fy_id"] == "SB0004"
    six = desk.bench.clock.now().replace(hour=6, minute=0) + timedelta(days=1)
    desk.bench.clock.set(six)
    expired = desk.http.get("/api/v3/profile")
    assert (expired.status_code, expired.json()["code"]) == (401, -8)
    body = {"grant_type": "refresh_token", "appIdHash": HASH, "refresh_token": tokens["refresh_token"], "pin": "0000"}
    assert desk.http.post("/api/v3/validate-refresh-token", json=body).json()["message"] == "invalid pin"
    fresh = desk.http.post("/api/v3/validate-refresh-token", json={**body, "pin": "1234"}).json()
    desk.http.headers["Authorization"] = f"{APP}:{fresh['access_token']}"
    assert desk.get("/api/v3/profile")["s"] == "ok"
    desk.bench.clock.set(six + timedelta(days=15))
    assert desk.http.post("/api/v3/validate-refresh-token", json={**body, "pin": "1234"}).status_code == 401


@pytest.mark.parametrize(("header", "code"), [("", -15), (APP, -15), (f"{APP}:x", -16), ("other:x", -16)])
def test_a_call_without_a_session_is_told_what_is_wrong(traded: Desk, header: str, code: int) -> None:
    answer = traded.http.get("/api/v3/funds", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"], answer.json()["s"]) == (401, code, "error")


def test_all_calls_share_ten_a_second(traded: Desk) -> None:
    paths = ["/api/v3/profile", "/api/v3/funds", "/api/v3/orders", "/data/quotes?symbols=NSE:NIFTY50-INDEX"]
    answers = [traded.http.get(paths[n % 4]) for n in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].json() == {"s": "error", "code": -429, "message": "request limit reached"}
    assert traded.place(traded.bench.option()).status_code == 429
    traded.bench.clock.advance(1)
    assert traded.http.get("/api/v3/profile").status_code == 200


def test_the_fourth_minute_over_the_limit_blocks_the_user_for_the_day(traded: Desk) -> None:
    def minute() -> list[int]:
        traded.bench.clock.advance(61)
        codes = []
        for _ in range(205):
            traded.bench.clock.advance(0.11)
            codes.append(traded.http.get("/api/v3/profile").status_code)
        return codes

    for _ in range(3):
        assert minute() == [200] * 200 + [429] * 5
        traded.bench.clock.advance(61)
        assert traded.http.get("/api/v3/profile").status_code == 200
    minute()
    traded.bench.clock.advance(3600)
    assert traded.http.get("/api/v3/profile").status_code == 429
    traded.bench.world.limits.relaxed = True
    assert traded.http.get("/api/v3/profile").status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"symbol": "NSE:NOSUCH"}, -300),
        ({"symbol": "NSE:NIFTY50-INDEX"}, -300),
        ({"qty": 64}, -50),
        ({"qty": 1.5}, -50),
        ({"qty": 0}, -50),
        ({"side": 2}, -50),
        ({"productType": "CNC"}, -50),
        ({"limitPrice": 100.01}, -50),
        ({"limitPrice": 0}, -50),
        ({"limitPrice": "x"}, -50),
        ({"orderTag": "a b"}, -50),
        ({"orderTag": "a" * 31}, -50),
        ({"orderTag": "SB0004"}, -50),
        ({"validity": "GTC"}, -50),
        ({"disclosedQty": 65}, -50),
        ({"type": 2}, -99),
        ({"type": 3}, -99),
        ({"qty": 65 * 28}, -99),
    ],
)
def test_an_order_that_breaks_a_rule_never_reaches_the_book(traded: Desk, fields: dict[str, Any], code: int) -> None:
    answer = traded.place(traded.bench.option(), **fields)
    assert (answer.status_code, answer.json()["s"], answer.json()["code"]) == (400, "error", code)
    assert traded.book() == []


def test_an_order_fills_and_is_told_with_its_tag(traded: Desk) -> None:
    option = traded.bench.option("SENSEX", "PE")
    placed = traded.place(option).json()
    assert (placed["s"], placed["code"]) == ("ok", 1101)
    (passing,) = traded.book()
    assert (passing["status"], passing["exchOrdId"]) == (4, None)
    traded.bench.settle()
    (row,) = traded.book(id=placed["id"])
    assert (row["id"], row["status"], row["orderTag"], row["symbol"]) == (placed["id"], 2, "1:t3", ticker_of(option))
    assert (row["exchange"], row["segment"], row["instrument"], row["filledQty"]) == (12, 11, 14, 20)
    assert row["orderDateTime"] == "23-Nov-2026 10:00:00"
    assert traded.book(order_tag="1:t3") == [row]
    assert traded.book(order_tag="1:t4") == []
    assert traded.get("/api/v3/orders", id="1")["code"] == -51
    (trade,) = traded.get("/api/v3/tradebook")["tradeBook"]
    assert (trade["orderNumber"], trade["tradePrice"]) == (row["id"], row["tradedPrice"])
    (position,) = traded.get("/api/v3/positions")["netPositions"]
    assert (position["netQty"], position["side"], position["buyAvg"]) == (20, 1, row["tradedPrice"])
    assert position["id"] == f"{ticker_of(option)}-INTRADAY"
    titles = {row["title"]: row["equityAmount"] for row in traded.get("/api/v3/funds")["fund_limit"]}
    assert titles["Available Balance"] == pytest.approx(5_000_000 - 20 * row["tradedPrice"])


def test_an_order_without_a_tag_is_untagged(traded: Desk) -> None:
    traded.place(traded.bench.option(), orderTag="")
    assert [row["orderTag"] for row in traded.book()] == ["2:Untagged"]


def test_an_order_beyond_the_funds_is_refused_and_rejected_in_the_book(traded: Desk) -> None:
    option = traded.bench.option()
    low = traded.bench.spread(option).bid // 5 * 5 / 100
    answer = traded.place(option, side=-1, qty=65 * 27, limitPrice=low)
    assert (answer.status_code, answer.json()["code"], "id" in answer.json()) == (400, -99, False)
    (last,) = traded.book()
    assert (last["status"], last["filledQty"]) == (5, 0)
    assert "Insufficient funds" in last["message"]


def test_an_order_is_changed_then_cancelled(traded: Desk) -> None:
    option = traded.bench.option()
    low = traded.bench.spread(option).bid * 4 // 5 // 5 * 5
    order_id = traded.place(option, limitPrice=low / 100).json()["id"]
    traded.bench.settle()
    changed = traded.change("PATCH", {"id": order_id, "type": 1, "limitPrice": (low - 5) / 100, "qty": 130})
    assert (changed["s"], changed["id"]) == ("ok", order_id)
    assert traded.change("PATCH", {"id": order_id, "type": 2})["code"] == -99
    (row,) = traded.book()
    assert (row["status"], row["qty"], row["limitPrice"]) == (6, 130, (low - 5) / 100)
    assert traded.change("DELETE", {"id": order_id})["code"] == 1103
    assert traded.change("DELETE", {"id": order_id})["s"] == "error"
    assert traded.change("DELETE", {"id": "1"})["code"] == -51
    assert [row["status"] for row in traded.book()] == [1]


def test_quotes_name_what_they_do_not_know(traded: Desk) -> None:
    option = traded.bench.option()
    asked = f"{ticker_of(option)},NSE:NOSUCH,NSE:NIFTY50-INDEX"
    known, unknown, index = traded.get("/data/quotes", symbols=asked)["d"]
    spread = traded.bench.spread(option)
    assert (known["s"], known["v"]["bid"], known["v"]["ask"]) == ("ok", spread.bid / 100, spread.ask / 100)
    assert (unknown["n"], unknown["s"]) == ("NSE:NOSUCH", "error")
    assert (index["v"]["bid"], index["v"]["ask"]) == (0, 0)
    many = ",".join(f"NSE:S{n}" for n in range(51))
    assert traded.get("/data/quotes", symbols=many)["code"] == -50
    depth = traded.get("/data/depth", symbol=ticker_of(option), ohlcv_flag="1")["d"][ticker_of(option)]
    assert (len(depth["bids"]), depth["ask"][0]["price"]) == (5, spread.ask / 100)


def test_a_hedge_counts_in_the_margin(traded: Desk) -> None:
    short, wing = traded.bench.option(kind="PE"), traded.bench.option(kind="PE", steps=-2)
    fields = {"qty": 65, "type": 2, "productType": "MARGIN", "limitPrice": 0.0}
    sold = {"symbol": ticker_of(short), "side": -1, **fields}
    bought = {"symbol": ticker_of(wing), "side": 1, **fields}
    path = "/api/v3/multiorder/margin"
    alone = traded.http.post(path, json={"data": [sold]}).json()["data"]["margin_total"]
    spread = traded.http.post(path, json={"data": [bought, sold]}).json()["data"]["margin_total"]
    assert 0 < spread < alone
    for data in (None, [], [{**sold, "symbol": "NSE:X"}], ["x"]):
        assert traded.http.post(path, json={"data": data}).json()["s"] == "error"


def test_the_symbol_masters_have_the_published_columns(desk: Desk) -> None:
    rows = [line.split(",") for line in desk.http.get("/sym_details/NSE_FO.csv").text.splitlines()]
    assert {len(row) for row in rows} == {21}
    by_ticker = {row[9]: row for row in rows}
    assert len(by_ticker) == len(rows)
    call = by_ticker["NSE:NIFTY26NOV26000CE"]
    assert call[1:9] == [
        "NIFTY 23 Nov 26 26000 CE", "14", "65", "0.05", "", "0915-1530|1815-1915:", "2026-11-23", "1795428000",
    ]  # fmt: skip
    assert call[0] == f"1011261123{call[12]}"
    assert call[10:12] + call[13:] == [
        "10", "11", "NIFTY", "26000", "26000.0", "CE", "101000000026000", "None", "0", "0.0",
    ]  # fmt: skip
    assert by_ticker["NSE:NIFTY26NOVFUT"][15:17] == ["-1.0", "XX"]
    assert {row[13] for row in rows} == {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"}
    bse = desk.http.get("/sym_details/BSE_FO.csv").text
    assert {line.split(",")[13] for line in bse.splitlines()} == {"SENSEX", "BANKEX"}
    assert "NSE:NIFTY50-INDEX" in desk.http.get("/sym_details/NSE_CM.csv").text


def test_faults_hit_the_face_in_its_own_words(traded: Desk) -> None:
    for kind, code in (("refuse", -99), ("rate_limit", -429)):
        traded.bench.world.faults.add({"broker": "fyers", "operation": "orders", "kind": kind, "times": 1})
        assert traded.get("/api/v3/orders")["code"] == code
    traded.bench.world.faults.add({"broker": "fyers", "operation": "orders", "kind": "session_killed", "times": 1})
    assert traded.get("/api/v3/orders")["code"] == -16


def test_a_session_ends_with_the_logout(traded: Desk) -> None:
    assert traded.http.post("/api/v3/logout").json()["s"] == "ok"
    assert traded.get("/api/v3/profile")["code"] == -16
