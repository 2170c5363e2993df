"""The Upstox face: login, tokens, limits, orders and their errors, margins, the instrument files."""

import gzip
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.exchange.instruments import Instrument
from sandbox.upstox.app import upstox_app
from sandbox.upstox.names import instrument_key
from sandbox.upstox.sessions import CODE_LIFE, UpstoxSessions
from tests.unit.sandbox.conftest import Bench, in_process

KEY, SECRET, BACK = "sandbox-upstox-key-0001", "sandboxupstoxsecret1", "http://127.0.0.1:9600/callback-shown"
DIALOG, TOKEN = "/v2/login/authorization/dialog", "/v2/login/authorization/token"
APP = {"client_id": KEY, "redirect_uri": BACK}


class Face:
    """A client of the face, with the bench behind it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.http = in_process(upstox_app(bench.world, UpstoxSessions()))

    def decide(self, decision: str = "approve", **form: str) -> dict[str, list[str]]:
        answer = self.http.post(DIALOG, data={**APP, "decision": decision, **form})
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(BACK)
        return parse_qs(urlsplit(answer.headers["location"]).query)

    def exchange(self, code: str, **changes: str) -> httpx.Response:
        form = {**APP, "code": code, "client_secret": SECRET, "grant_type": "authorization_code", **changes}
        return self.http.post(TOKEN, data=form)

    def login(self) -> str:
        token: str = self.exchange(self.decide()["code"][0]).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def place(self, instrument: Instrument, **fields: Any) -> httpx.Response:
        body = {
            "quantity": instrument.lot,
            "product": "D",
            "validity": "DAY",
            "price": 0,
            "tag": "t3",
            "instrument_token": instrument_key(instrument),
            "order_type": "MARKET",
            "transaction_type": "BUY",
            "disclosed_quantity": 0,
            "trigger_price": 0,
            "is_amo": False,
            "slice": False,
            "market_protection": -1,
            **fields,
        }
        return self.http.post("/v3/order/place", json=body)

    def resting(self) -> str:
        """An order that no one sells to; its number."""
        option = self.bench.option()
        placed = self.place(option, order_type="LIMIT", price=self.low(option))
        order_id: str = placed.json()["data"]["order_ids"][0]
        self.bench.settle()
        return order_id

    def low(self, option: Instrument) -> float:
        return (self.bench.spread(option).bid * 4 // 5 // 5 * 5) / 100

    def get(self, path: str, **query: str) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    assert answer.json()["status"] == "error"
    assert error["errorCode"] == error["error_code"]
    return answer.status_code, error["errorCode"]


@pytest.fixture
def face(bench: Bench) -> Face:
    """The face without a session."""
    return Face(bench)


@pytest.fixture
def open_face(face: Face) -> Face:
    """The same with a session."""
    face.login()
    return face


def test_the_page_shows_the_app_and_escapes_what_it_echoes(face: Face) -> None:
    asked = {**APP, "response_type": "code", "state": '"><b>'}
    page = face.http.get(DIALOG, params=asked)
    assert "SB0003" in page.text
    assert '"><b>' not in page.text
    assert code_of(face.http.get(DIALOG, params={**asked, "redirect_uri": "http://elsewhere.test"}))[1] == "UDAPI100068"
    assert code_of(face.http.get(DIALOG, params={**asked, "client_id": "nobody"}))[1] == "UDAPI100068"
    assert face.http.get(DIALOG, params=APP).status_code == 400


def test_the_redirect_carries_code_and_state_or_neither_code_nor_blame(face: Face) -> None:
    approved = face.decide(state="a b&c")
    assert set(approved) == {"code", "state"}
    assert approved["state"] == ["a b&c"]
    assert face.decide("refuse", state="x") == {"error": ["access_denied"], "state": ["x"]}
    assert "state" not in face.decide()


def test_a_code_is_used_up_by_the_first_try_whatever_comes_of_it(face: Face) -> None:
    code = face.decide()["code"][0]
    assert code_of(face.exchange(code, client_secret="wrong")) == (401, "UDAPI100016")
    assert code_of(face.exchange(code)) == (401, "UDAPI100057")
    late = face.decide()["code"][0]
    face.bench.clock.advance(CODE_LIFE.total_seconds())
    assert code_of(face.exchange(late)) == (401, "UDAPI100057")
    assert code_of(face.exchange(face.decide()["code"][0], redirect_uri="http://x"))[1] == "UDAPI100068"


def test_the_token_comes_without_an_envelope_and_dies_at_half_past_three(face: Face) -> None:
    body = face.exchange(face.decide()["code"][0]).json()
    assert "status" not in body
    assert (body["user_id"], body["broker"]) == ("SB0003", "UPSTOX")
    face.http.headers["Authorization"] = f"Bearer {body['access_token']}"
    face.bench.clock.set(face.bench.clock.now().replace(hour=3, minute=29) + timedelta(days=1))
    assert face.get("/v2/user/profile")["user_id"] == "SB0003"
    face.bench.clock.advance(60)
    assert code_of(face.http.get("/v2/user/profile")) == (401, "UDAPI100050")


def test_a_logout_ends_the_session(open_face: Face) -> None:
    assert open_face.http.delete("/v2/logout").json() == {"status": "success", "data": True}
    assert code_of(open_face.http.get("/v2/order/retrieve-all")) == (401, "UDAPI100050")
    assert code_of(open_face.http.get("/v2/nothing")) == (404, "UDAPI10000")


def test_a_market_order_needs_protection_and_fills_with_it(open_face: Face) -> None:
    option = open_face.bench.option()
    assert code_of(open_face.place(option, market_protection=0)) == (400, "UDAPI1158")
    assert code_of(open_face.place(option, market_protection=25.5)) == (400, "UDAPI100036")
    assert code_of(open_face.place(option, order_type="SL-M", trigger_price=1)) == (400, "UDAPI1158")
    answer = open_face.place(option).json()
    assert answer["metadata"]["latency"] >= 0
    open_face.bench.settle()
    (row,) = open_face.get("/v2/order/retrieve-all")
    assert [row["order_id"]] == answer["data"]["order_ids"]
    assert (row["status"], row["filled_quantity"], row["tag"]) == ("complete", option.lot, "t3")
    assert (row["instrument_token"], row["trading_symbol"]) == (instrument_key(option), option.symbol)
    assert open_face.get("/v2/order/details", order_id=row["order_id"]) == row
    (trade,) = open_face.get("/v2/order/trades/get-trades-for-day")
    assert trade["average_price"] == row["average_price"]
    assert open_face.get("/v2/order/trades", order_id=row["order_id"]) == [trade]
    (position,) = open_face.get("/v2/portfolio/short-term-positions")
    assert (position["quantity"], position["day_buy_quantity"], position["product"]) == (option.lot, option.lot, "D")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"instrument_token": "NSE_FO|1"}, "UDAPI100011"),
        ({"instrument_token": "NSE_INDEX|Nifty 50"}, "UDAPI100011"),
        ({"product": "CNC"}, "UDAPI1054"),
        ({"validity": "GTC"}, "UDAPI1055"),
        ({"order_type": "FAST"}, "UDAPI1056"),
        ({"transaction_type": "HOLD"}, "UDAPI1057"),
        ({"quantity": 0}, "UDAPI1052"),
        ({"tag": "x" * 41}, "UDAPI100036"),
        ({"order_type": "LIMIT", "price": "many"}, "UDAPI100036"),
    ],
)
def test_what_the_broker_itself_refuses_is_in_no_book(open_face: Face, fields: dict[str, Any], code: str) -> None:
    assert code_of(open_face.place(open_face.bench.option(), **fields)) == (400, code)
    assert open_face.get("/v2/order/retrieve-all") == []


def test_an_odd_lot_is_rejected_in_the_book(open_face: Face) -> None:
    assert open_face.place(open_face.bench.option(), quantity=1).status_code == 200
    (row,) = open_face.get("/v2/order/retrieve-all")
    assert row["status"] == "rejected"
    assert "multiples of 65" in row["status_message"]


def test_slicing_makes_orders_within_the_freeze_quantity(open_face: Face) -> None:
    option = open_face.bench.option()
    far = {"order_type": "LIMIT", "price": open_face.low(option), "quantity": 1755 + 65}
    assert len(open_face.place(option, slice=True, **far).json()["data"]["order_ids"]) == 2
    assert sorted(row["quantity"] for row in open_face.get("/v2/order/retrieve-all")) == [65, 1755]


def test_an_order_is_changed_and_cancelled_once(open_face: Face) -> None:
    order_id = open_face.resting()
    price = open_face.get("/v2/order/details", order_id=order_id)["price"]
    change = {"order_id": order_id, "quantity": 65, "validity": "DAY", "price": round(price - 0.05, 2)}
    change["order_type"] = "LIMIT"
    assert open_face.http.put("/v3/order/modify", json=change).json()["data"] == {"order_id": order_id}
    assert open_face.get("/v2/order/details", order_id=order_id)["price"] == pytest.approx(price - 0.05)
    query = {"order_id": order_id}
    assert open_face.http.delete("/v3/order/cancel", params=query).json()["data"] == query
    assert open_face.get("/v2/order/details", order_id=order_id)["status"] == "cancelled"
    assert code_of(open_face.http.delete("/v3/order/cancel", params=query)) == (400, "UDAPI100040")
    assert code_of(open_face.http.put("/v3/order/modify", json=change)) == (400, "UDAPI100041")
    assert code_of(open_face.http.delete("/v3/order/cancel", params={"order_id": "1"})) == (404, "UDAPI100010")
    assert code_of(open_face.http.delete("/v3/order/cancel")) == (400, "UDAPI1023")


def test_an_account_with_an_algo_name_takes_no_order_change_or_cancellation_without_it(face: Face) -> None:
    key = "sandbox-upstox-key-0103"
    fields = {"client_id": "SB0103", "api_key": key, "api_secret": SECRET, "redirect_url": BACK}
    named = {"broker": "upstox", "algo_name": "Morning spread", **fields}
    assert face.bench.admin.post("/accounts", json=named).status_code == 201
    code = face.decide(client_id=key)["code"][0]
    token = face.exchange(code, client_id=key).json()["access_token"]
    face.http.headers["Authorization"] = f"Bearer {token}"
    option = face.bench.option()
    refused = face.place(option)
    face.http.headers["X-Algo-Name"] = "Evening spread"
    assert code_of(refused) == code_of(face.place(option)) == (400, "UDAPI1156")
    face.http.headers["X-Algo-Name"] = "Morning spread"
    change = {"order_id": face.resting(), "order_type": "LIMIT", "validity": "DAY", "price": face.low(option)}
    del face.http.headers["X-Algo-Name"]
    cancellation = f"/v3/order/cancel?order_id={change['order_id']}"
    assert code_of(face.http.put("/v3/order/modify", json=change)) == (400, "UDAPI1156")
    assert code_of(face.http.delete(cancellation)) == (400, "UDAPI1156")
    face.http.headers["X-Algo-Name"] = "Morning spread"
    assert face.http.put("/v3/order/modify", json=change).status_code == 200
    assert face.http.delete(cancellation).status_code == 200
    (known,) = face.bench.admin.get("/books/upstox/SB0103").json()["orders"]
    assert (known["algo_name"], known["algo_id"], known["status"]) == ("Morning spread", "", "cancelled")


def test_the_history_is_found_by_number_and_by_tag(open_face: Face) -> None:
    order_id = open_face.resting()
    states = open_face.get("/v2/order/history", order_id=order_id)
    assert [state["status"] for state in states] == [
        "put order req received", "validation pending", "open pending", "open",
    ]  # fmt: skip
    assert open_face.get("/v2/order/history", tag="t3") == states
    assert open_face.get("/v2/order/history", tag="t4") == []
    assert open_face.get("/v2/order/history", tag="t4", order_id=order_id) == []


def test_an_eleventh_order_in_a_second_is_too_many(open_face: Face) -> None:
    option = open_face.bench.option()
    answers = [open_face.place(option, order_type="LIMIT", price=open_face.low(option)) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert code_of(answers[-1]) == (429, "UDAPI10005")
    open_face.bench.clock.advance(1)
    assert open_face.place(option).status_code == 200


def test_quotes_go_by_key_in_and_by_symbol_out(open_face: Face) -> None:
    option = open_face.bench.option()
    keys = f"{instrument_key(option)},NSE_INDEX|Nifty 50,BSE_INDEX|SENSEX,NSE_FO|1"
    rows = open_face.get("/v2/market-quote/quotes", instrument_key=keys)
    assert set(rows) == {f"NSE_FO:{option.symbol}", "NSE_INDEX:Nifty 50", "BSE_INDEX:SENSEX"}
    quote = rows[f"NSE_FO:{option.symbol}"]
    assert quote["instrument_token"] == instrument_key(option)
    assert len(quote["depth"]["buy"]) == len(quote["depth"]["sell"]) == 5
    assert quote["depth"]["buy"][0]["price"] < quote["depth"]["sell"][0]["price"]
    assert set(open_face.get("/v2/market-quote/ltp", symbol=keys)) == set(rows)
    for asked, code in (("", "UDAPI1009"), ("1", "UDAPI1011"), (",".join(["NSE_FO|1"] * 501), "UDAPI100043")):
        answer = open_face.http.get("/v2/market-quote/quotes", params={"instrument_key": asked})
        assert code_of(answer) == (400, code)


def test_a_hedge_lowers_the_margin_of_the_basket(open_face: Face) -> None:
    legs = [
        {"instrument_key": instrument_key(option), "quantity": 65, "product": "D", "transaction_type": side}
        for option, side in ((open_face.bench.option(), "SELL"), (open_face.bench.option(steps=10), "BUY"))
    ]
    alone = open_face.http.post("/v2/charges/margin", json={"instruments": legs[:1]}).json()["data"]
    both = open_face.http.post("/v2/charges/margin", json={"instruments": legs}).json()["data"]
    assert alone["required_margin"] == alone["final_margin"] > both["final_margin"] > 0
    assert both["required_margin"] == pytest.approx(sum(one["total_margin"] for one in both["margins"]))
    for rows in ([], legs * 11, "legs"):
        assert code_of(open_face.http.post("/v2/charges/margin", json={"instruments": rows}))[0] == 400


def test_funds_are_told_for_one_segment_or_both(open_face: Face) -> None:
    both = open_face.get("/v2/user/get-funds-and-margin")
    assert (both["equity"]["available_margin"], both["commodity"]["available_margin"]) == (5000000.0, 0.0)
    assert open_face.get("/v2/user/get-funds-and-margin", segment="SEC") == {"equity": both["equity"]}
    open_face.place(open_face.bench.option())
    open_face.bench.settle()
    assert open_face.get("/v2/user/get-funds-and-margin")["equity"]["used_margin"] > 0


@pytest.mark.parametrize(("exchange", "indices"), [("NSE", 4), ("BSE", 2)])
def test_the_instrument_files_are_packed_public_and_have_the_fields_of_the_real_ones(
    face: Face, exchange: str, indices: int
) -> None:
    answer = face.http.get(f"/market-quote/instruments/exchange/{exchange}.json.gz")
    assert "content-encoding" not in answer.headers
    rows = json.loads(gzip.decompress(answer.content))
    assert len([row for row in rows if row["instrument_type"] == "INDEX"]) == indices
    assert len([row for row in rows if row["instrument_type"] == "FUT"]) == 3 * indices
    contracts = [row for row in rows if row["instrument_type"] != "INDEX"]
    assert {tuple(sorted(row)) for row in contracts} == {
        (
            "asset_key", "asset_symbol", "asset_type", "exchange", "exchange_token", "expiry", "freeze_quantity",
            "instrument_key", "instrument_type", "lot_size", "minimum_lot", "name", "qty_multiplier", "segment",
            "strike_price", "tick_size", "trading_symbol", "underlying_key", "underlying_symbol", "underlying_type",
            "weekly",
        )
    }  # fmt: skip
    assert all(row["freeze_quantity"] % row["lot_size"] == 0 for row in contracts)
    assert len({row["instrument_key"] for row in rows}) == len(rows)
    assert face.http.get("/market-quote/instruments/exchange/MCX.json.gz").status_code == 404


def test_one_account_sees_none_of_anothers_orders(open_face: Face) -> None:
    order_id = open_face.resting()
    body = {"broker": "upstox", "user_id": "SB0009", "api_key": "other", "api_secret": "s", "redirect_url": "http://x"}
    assert open_face.bench.admin.post("/accounts", json=body).status_code == 201
    app = {"client_id": "other", "redirect_uri": "http://x"}
    back = open_face.http.post(DIALOG, data={**app, "decision": "approve"}).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    token = open_face.exchange(code, **app, client_secret="s").json()["access_token"]
    open_face.http.headers["Authorization"] = f"Bearer {token}"
    assert open_face.get("/v2/order/retrieve-all") == []
    assert code_of(open_face.http.get("/v2/order/details", params={"order_id": order_id})) == (404, "UDAPI100010")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("refuse", 400, "UDAPI100036"), ("rate_limit", 429, "UDAPI10005"), ("session_killed", 401, "UDAPI100050")],
)
def test_faults_speak_upstox(open_face: Face, kind: str, status: int, code: str) -> None:
    fault = {"broker": "upstox", "account": "SB0003", "operation": "orders", "kind": kind, "times": 1}
    assert open_face.bench.admin.post("/faults", json=fault).status_code == 201
    assert code_of(open_face.http.get("/v2/order/retrieve-all")) == (status, code)
