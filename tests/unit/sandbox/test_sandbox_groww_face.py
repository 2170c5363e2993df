"""The Groww face: both logins, tokens, unique references, pages, limits, refusals, the instrument list."""

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.exchange.instruments import Instrument
from sandbox.groww.app import groww_app
from sandbox.groww.sessions import GrowwSessions
from tests.unit.sandbox.conftest import Bench, in_process

KEY, SECRET = "sandboxgrowwkey01", "sandboxgrowwsecret01"
VERSION = {"X-API-VERSION": "1.0"}
LOGIN = "/v1/token/api/access"
FNO = {"segment": "FNO"}


def checksum(seconds: int, secret: str = SECRET) -> dict[str, Any]:
    """The body of a login by key and secret."""
    text = f"{secret}{seconds}"
    return {"key_type": "approval", "checksum": hashlib.sha256(text.encode()).hexdigest(), "timestamp": seconds}


class Groww:
    """A client of the face, and the world behind it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.http = in_process(groww_app(bench.world, GrowwSessions()))
        self.http.headers.update(VERSION)
        self._numbers = 0

    @property
    def seconds(self) -> int:
        return int(self.bench.clock.now().timestamp())

    def enter(self, body: dict[str, Any], key: str = KEY) -> httpx.Response:
        return self.http.post(LOGIN, json=body, headers={"Authorization": f"Bearer {key}"})

    def login(self) -> str:
        """Log in; the token goes with every later call."""
        token: str = self.enter({"key_type": "totp", "totp": self.bench.totp()}).json()["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def place(self, instrument: Instrument, **fields: Any) -> httpx.Response:
        """One lot of a buy two per cent above the offer, with changes."""
        self._numbers += 1
        body = {
            "trading_symbol": instrument.symbol,
            "exchange": "NSE",
            "segment": "FNO",
            "quantity": instrument.lot,
            "price": round(self.bench.spread(instrument).ask * 1.02 / 5) * 5 / 100,
            "trigger_price": None,
            "validity": "DAY",
            "product": "MIS",
            "order_type": "LIMIT",
            "transaction_type": "BUY",
            "order_reference_id": f"REFERENCE{self._numbers}",
            **fields,
        }
        return self.http.post("/v1/order/create", json=body)

    def orders(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.http.get("/v1/order/list", params={**FNO, **query})
        rows: list[dict[str, Any]] = answer.json()["payload"]["order_list"]
        return rows


@pytest.fixture
def outside(bench: Bench) -> Groww:
    return Groww(bench)


@pytest.fixture
def groww(outside: Groww) -> Groww:
    outside.login()
    return outside


def failure(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["status"] == "FAILURE"
    return answer.status_code, answer.json()["error"]["code"]


def test_both_logins_give_a_token_of_the_account(outside: Groww) -> None:
    for body in (checksum(outside.seconds), {"key_type": "totp", "totp": outside.bench.totp()}):
        answer = outside.enter(body).json()
        assert "status" not in answer
        assert answer["expiry"] == "2026-11-24T06:00:00"
        detail = outside.http.get("/v1/user/detail", headers={"Authorization": f"Bearer {answer['token']}"})
        assert detail.json()["payload"]["ucc"] == "SB0006"


@pytest.mark.parametrize(("off", "passes"), [(-601, False), (-600, True), (600, True), (601, False)])
def test_a_checksum_is_taken_for_ten_minutes(outside: Groww, off: int, passes: bool) -> None:
    assert outside.enter(checksum(outside.seconds + off)).is_success is passes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"key_type": "totp", "totp": "000000"}, "Invalid TOTP"),
        ({"key_type": "approval", "checksum": "x", "timestamp": 1}, "Invalid checksum"),
        (checksum(0, "other"), "Invalid checksum"),
        ({"key_type": "password"}, "Invalid key_type"),
    ],
)
def test_a_wrong_login_is_told_as_the_official_client_reads_it(outside: Groww, body: dict[str, Any], said: str) -> None:
    answer = outside.enter(body)
    assert (answer.status_code, answer.json()["error"]["displayMessage"]) == (400, said)
    assert outside.enter(checksum(outside.seconds), key="nobody").status_code == 401


def test_logins_are_limited(outside: Groww) -> None:
    statuses = [outside.enter(checksum(outside.seconds)).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 429]


def test_a_token_ends_at_six_in_the_morning(groww: Groww) -> None:
    for hour, minute, expected in ((5, 59, 200), (6, 0, 401)):
        groww.bench.clock.set(groww.bench.clock.now().replace(day=24, hour=hour, minute=minute))
        assert groww.http.get("/v1/user/detail").status_code == expected


def test_a_new_login_ends_the_token_before(groww: Groww) -> None:
    old = groww.http.headers["Authorization"]
    groww.login()
    answer = groww.http.get("/v1/user/detail", headers={"Authorization": old})
    assert (answer.status_code, "status" in answer.json()) == (401, False)


def test_the_version_header_is_enforced(groww: Groww) -> None:
    assert failure(groww.http.get("/v1/user/detail", headers={"X-API-VERSION": "2.0"})) == (400, "GA001")


def test_an_order_passes_growws_statuses_and_fills(groww: Groww) -> None:
    option = groww.bench.option()
    placed = groww.place(option, product="NRML").json()["payload"]
    assert set(placed) == {"groww_order_id", "order_status", "order_reference_id", "remark"}
    assert placed["order_status"] == "NEW"
    groww.bench.settle()
    (order,) = groww.orders()
    assert order["groww_order_id"] == placed["groww_order_id"]
    assert (order["order_status"], order["filled_quantity"], order["remaining_quantity"]) == ("EXECUTED", 65, 0)
    assert (order["exchange"], order["segment"], order["product"]) == ("NSE", "FNO", "NRML")
    assert order["average_fill_price"] == groww.bench.spread(option).ask / 100
    assert order["exchange_time"].startswith("2026-11-23T10:00:00")
    assert groww.http.get(f"/v1/order/detail/{order['groww_order_id']}", params=FNO).json()["payload"] == order
    trades = groww.http.get(f"/v1/order/trades/{order['groww_order_id']}", params=FNO).json()["payload"]["trade_list"]
    assert [trade["quantity"] for trade in trades] == [65]


def test_a_reference_is_taken_once(groww: Groww) -> None:
    option = groww.bench.option()
    first = groww.place(option, order_reference_id="OURS-0000-1").json()["payload"]
    assert failure(groww.place(option, order_reference_id="OURS-0000-1")) == (400, "GA007")
    assert len(groww.orders()) == 1
    path = "/v1/order/status/reference/OURS-0000-1"
    found = groww.http.get(path, params=FNO).json()["payload"]
    assert (found["groww_order_id"], found["order_reference_id"]) == (first["groww_order_id"], "OURS-0000-1")
    assert failure(groww.http.get(f"{path}2", params=FNO)) == (404, "GA004")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"order_type": "MARKET", "price": 0}, (400, "GA001")),
        ({"order_type": "SL_M"}, (400, "GA001")),
        ({"order_reference_id": "SHORT12"}, (400, "GA001")),
        ({"order_reference_id": "A" * 21}, (400, "GA001")),
        ({"order_reference_id": "A-B-C-D-1"}, (400, "GA001")),
        ({"order_reference_id": None}, (400, "GA001")),
        ({"product": "CNC"}, (400, "GA001")),
        ({"quantity": "65"}, (400, "GA001")),
        ({"price": "100"}, (400, "GA001")),
        ({"validity": "GTC"}, (400, "GA001")),
        ({"trading_symbol": "NOSUCH"}, (404, "GA004")),
        ({"exchange": "BSE"}, (404, "GA004")),
        ({"segment": "CASH", "trading_symbol": "NIFTY"}, (404, "GA004")),
    ],
)
def test_malformed_orders_are_refused_at_once(groww: Groww, fields: dict[str, Any], expected: tuple[int, str]) -> None:
    assert failure(groww.place(groww.bench.option(), **fields)) == expected
    assert groww.orders() == []


@pytest.mark.parametrize(("fields", "said"), [({"quantity": 64}, "multiples of 65"), ({"price": 100.01}, "Tick size")])
def test_the_exchanges_checks_are_rejections_in_the_list(groww: Groww, fields: dict[str, Any], said: str) -> None:
    assert groww.place(groww.bench.option(), **fields).is_success
    (order,) = groww.orders()
    assert (order["order_status"], said in order["remark"]) == ("REJECTED", True)


def test_an_order_is_changed_then_cancelled(groww: Groww) -> None:
    option = groww.bench.option()
    low = groww.bench.spread(option).bid * 4 // 5 // 5 * 5
    number = groww.place(option, price=low / 100).json()["payload"]["groww_order_id"]
    groww.bench.settle()
    change = {**FNO, "groww_order_id": number, "order_type": "LIMIT", "quantity": 130, "price": (low - 5) / 100}
    assert groww.http.post("/v1/order/modify", json=change).json()["payload"]["order_status"] == "OPEN"
    assert failure(groww.http.post("/v1/order/modify", json={**change, "order_type": "MARKET"})) == (400, "GA001")
    (order,) = groww.orders()
    assert (order["order_status"], order["quantity"], order["price"]) == ("OPEN", 130, (low - 5) / 100)
    cancel = {**FNO, "groww_order_id": number}
    assert groww.http.post("/v1/order/cancel", json=cancel).json()["payload"]["order_status"] == "CANCELLED"
    assert failure(groww.http.post("/v1/order/cancel", json=cancel)) == (400, "GA006")
    assert failure(groww.http.post("/v1/order/cancel", json={**FNO, "groww_order_id": "GMKFO1"})) == (404, "GA004")


def test_the_order_list_comes_in_pages_the_newest_first(groww: Groww) -> None:
    option = groww.bench.option()
    for _ in range(4):
        groww.place(option)
        groww.bench.clock.advance(1)
    references = [row["order_reference_id"] for row in groww.orders(page_size=3)]
    assert references == ["REFERENCE4", "REFERENCE3", "REFERENCE2"]
    assert [row["order_reference_id"] for row in groww.orders(page=1, page_size=3)] == ["REFERENCE1"]
    assert groww.orders(page=2, page_size=3) == []
    assert failure(groww.http.get("/v1/order/list", params={**FNO, "page_size": 101})) == (400, "GA001")


def test_orders_are_limited_by_the_second_and_by_the_minute(groww: Groww) -> None:
    cancel = {**FNO, "groww_order_id": "GMKFO1"}
    statuses = [groww.http.post("/v1/order/cancel", json=cancel).status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]
    for _ in range(24):
        groww.bench.clock.advance(1)
        assert {groww.http.post("/v1/order/cancel", json=cancel).status_code for _ in range(10)} == {404}
    groww.bench.clock.advance(1)
    assert groww.http.post("/v1/order/cancel", json=cancel).status_code == 429


def test_positions_tell_the_day_and_what_was_carried_into_it(groww: Groww) -> None:
    future = groww.bench.future(month=1)
    groww.place(future, product="NRML", quantity=130)
    groww.bench.settle()
    assert groww.orders()[0]["order_status"] == "EXECUTED"
    groww.bench.clock.set(groww.bench.clock.now() + timedelta(hours=24))
    groww.login()
    below = round(groww.bench.spread(future).bid * 0.98 / 5) * 5 / 100
    groww.place(future, product="NRML", transaction_type="SELL", price=below)
    groww.bench.settle()
    (held,) = groww.http.get("/v1/positions/user", params=FNO).json()["payload"]["positions"]
    assert (held["trading_symbol"], held["exchange"], held["product"]) == (future.symbol, "NSE", "NRML")
    assert (held["quantity"], held["net_carry_forward_quantity"]) == (65, 130)
    assert (held["credit_quantity"], held["debit_quantity"], held["carry_forward_credit_quantity"]) == (0, 65, 130)
    one = groww.http.get("/v1/positions/trading-symbol", params={**FNO, "trading_symbol": future.symbol})
    assert one.json()["payload"]["positions"] == [held]


def test_the_margin_of_a_basket_counts_its_hedge(groww: Groww) -> None:
    at_the_money, wing = groww.bench.option(), groww.bench.option(steps=4)

    def asked(instrument: Instrument, side: str) -> dict[str, Any]:
        return {
            "trading_symbol": instrument.symbol,
            "exchange": "NSE",
            "transaction_type": side,
            "quantity": 65,
            "price": groww.bench.spread(instrument).last / 100,
            "order_type": "LIMIT",
            "product": "NRML",
        }

    path = "/v1/margins/detail/orders"
    short, hedge = asked(at_the_money, "SELL"), asked(wing, "BUY")
    alone = groww.http.post(path, params=FNO, json=[short]).json()["payload"]
    spread = groww.http.post(path, params=FNO, json=[short, hedge]).json()["payload"]
    assert spread["total_requirement"] < alone["total_requirement"]
    assert spread["option_buy_premium"] == pytest.approx(hedge["price"] * 65)
    assert failure(groww.http.post(path, params=FNO, json=[])) == (400, "GA001")
    assert failure(groww.http.post(path, params=FNO, json=[{**short, "trading_symbol": "?"}])) == (404, "GA004")


def test_quotes_name_one_instrument_and_last_prices_fifty(groww: Groww) -> None:
    option = groww.bench.option()
    query = {**FNO, "exchange": "NSE", "trading_symbol": option.symbol}
    quote = groww.http.get("/v1/live-data/quote", params=query).json()["payload"]
    spread = groww.bench.spread(option)
    assert quote["last_price"] == spread.last / 100
    assert (quote["depth"]["buy"][0]["price"], quote["offer_price"]) == (spread.bid / 100, spread.ask / 100)
    index = {"segment": "CASH", "exchange": "NSE", "trading_symbol": "NIFTYMIDSELECT"}
    assert groww.http.get("/v1/live-data/quote", params=index).json()["payload"]["depth"] is None
    keys = [f"NSE_{option.symbol}", "NSE_NOSUCH"]
    for written in (keys, ",".join(keys)):
        last = groww.http.get("/v1/live-data/ltp", params={**FNO, "exchange_symbols": written})
        assert last.json()["payload"] == {keys[0]: spread.last / 100}
    many = {**FNO, "exchange_symbols": ",".join(f"NSE_{n}" for n in range(51))}
    assert failure(groww.http.get("/v1/live-data/ltp", params=many)) == (400, "GA001")


def test_the_instrument_list_has_the_published_shape(outside: Groww) -> None:
    answer = outside.http.get("/instruments/instrument.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    by_symbol = {(row["exchange"], row["segment"], row["trading_symbol"]): row for row in rows}
    assert len(by_symbol) == len(rows)
    call = by_symbol["NSE", "FNO", "NIFTY26NOV26000CE"]
    assert (call["groww_symbol"], call["underlying_symbol"]) == ("NSE-NIFTY-23Nov26-26000-CE", "NIFTY")
    assert (call["expiry_date"], call["strike_price"], call["lot_size"]) == ("2026-11-23", "26000", "65")
    assert (call["tick_size"], call["freeze_quantity"], call["instrument_type"]) == ("0.05", "1801", "CE")
    future = by_symbol["BSE", "FNO", "SENSEX26NOVFUT"]
    assert (future["instrument_type"], future["strike_price"]) == ("FUT", "")
    assert by_symbol["NSE", "CASH", "NIFTYMIDSELECT"]["instrument_type"] == "IDX"
    assert {row["underlying_symbol"] for row in rows if row["segment"] == "FNO"} == {
        "NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX",
    }  # fmt: skip


def test_another_accounts_orders_are_not_found(groww: Groww) -> None:
    other = {"broker": "groww", "client_id": "X9", "api_key": "other", "api_secret": "s", "totp_secret": "JBSWY3DP"}
    assert groww.bench.admin.post("/accounts", json=other).status_code == 201
    number = groww.place(groww.bench.option(), order_reference_id="MINEALONE1").json()["payload"]["groww_order_id"]
    token = groww.enter(checksum(groww.seconds, "s"), key="other").json()["token"]
    groww.http.headers["Authorization"] = f"Bearer {token}"
    for path in (f"/v1/order/detail/{number}", f"/v1/order/status/{number}", "/v1/order/status/reference/MINEALONE1"):
        assert failure(groww.http.get(path, params=FNO)) == (404, "GA004")
    assert groww.orders() == []
    assert groww.place(groww.bench.option(), order_reference_id="MINEALONE1").is_success


def test_faults_speak_growws_words(groww: Groww) -> None:
    def faulted(**fault: Any) -> httpx.Response:
        groww.bench.admin.post("/faults", json={"broker": "groww", "operation": "orders", "times": 1, **fault})
        return groww.http.get("/v1/order/list", params=FNO)

    assert failure(faulted(kind="refuse", message="No")) == (400, "GA006")
    assert faulted(kind="rate_limit").status_code == 429
    assert faulted(kind="garbage", http_status=502).text.startswith("<html>")
    assert faulted(kind="session_killed").status_code == 401
    assert groww.http.get("/v1/user/detail").status_code == 401
    assert groww.http.get("/v1/nowhere").status_code == 404
