"""The Kite face: login, tokens, limits, order changes, the instrument list."""

import csv
import gzip
import io
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.kite.sessions import REQUEST_TOKEN_LIFE
from tests.unit.sandbox.conftest import KITE_KEY, Bench, checksum


def test_the_login_page_shows_the_app_and_escapes_what_it_echoes(bench: Bench) -> None:
    page = bench.kite.get("/connect/login", params={"v": 3, "api_key": KITE_KEY, "redirect_params": '"><b>'})
    assert "SB0001" in page.text
    assert '"><b>' not in page.text
    assert bench.kite.get("/connect/login", params={"api_key": "nobody"}).status_code == 400


def test_the_redirect_carries_the_token_and_echoes_the_params(bench: Bench) -> None:
    form = {"api_key": KITE_KEY, "decision": "approve", "redirect_params": "state=a%20b&n=1"}
    answer = bench.kite.post("/connect/login", data=form)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 302
    assert (query["status"], query["action"], query["state"], query["n"]) == (["success"], ["login"], ["a b"], ["1"])


def test_a_refused_login_carries_no_token(bench: Bench) -> None:
    answer = bench.kite.post("/connect/login", data={"api_key": KITE_KEY, "decision": "refuse"})
    assert "request_token" not in answer.headers["location"]
    assert "status=cancelled" in answer.headers["location"]


def test_a_wrong_checksum_is_refused_and_leaves_the_token_usable(bench: Bench) -> None:
    token = bench.request_token()
    data = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token, "other secret")}
    answer = bench.kite.post("/session/token", data=data)
    assert (answer.status_code, answer.json()["message"]) == (403, "Invalid `checksum`.")
    good = data | {"checksum": checksum(token)}
    assert bench.kite.post("/session/token", data=good).status_code == 200
    assert bench.kite.post("/session/token", data=good).status_code == 403


def test_a_request_token_expires(bench: Bench) -> None:
    token = bench.request_token()
    bench.clock.advance(REQUEST_TOKEN_LIFE.total_seconds())
    data = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token)}
    assert bench.kite.post("/session/token", data=data).status_code == 403


def test_an_access_token_dies_at_six_the_next_morning(traded: Bench) -> None:
    traded.clock.set(traded.clock.now().replace(hour=5, minute=59) + timedelta(days=1))
    assert traded.kite.get("/user/profile").status_code == 200
    traded.clock.advance(60)
    answer = traded.kite.get("/user/profile")
    assert (answer.status_code, answer.json()["error_type"]) == (403, "TokenException")


def test_a_new_login_replaces_the_old_token(traded: Bench) -> None:
    old = dict(traded.kite.headers)
    traded.login_kite()
    answer = traded.kite.get("/user/profile", headers={"Authorization": old["authorization"]})
    assert answer.status_code == 403


def test_headers_are_enforced(traded: Bench) -> None:
    assert traded.kite.get("/orders", headers={"X-Kite-Version": "2"}).status_code == 400
    assert traded.kite.get("/orders", headers={"Authorization": "Bearer x"}).status_code == 403
    missing = traded.kite.get("/nothing")
    assert (missing.status_code, missing.json()["message"]) == (404, "Route not found")


def test_an_eleventh_order_in_a_second_is_too_many(traded: Bench) -> None:
    codes = [traded.place_kite(traded.option()).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    traded.clock.advance(1)
    assert traded.place_kite(traded.option()).status_code == 200


def test_limits_can_be_relaxed_and_restored(traded: Bench) -> None:
    traded.admin.post("/relax")
    assert {traded.kite.get("/quote/ltp", params={"i": "NSE:NIFTY 50"}).status_code for _ in range(5)} == {200}
    traded.admin.post("/relax", json={"relaxed": False})
    codes = [traded.kite.get("/quote/ltp", params={"i": "NSE:NIFTY 50"}).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_an_order_is_changed_up_to_25_times(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid * 4 // 5 // 5 * 5
    order_id = traded.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}").json()["data"]["order_id"]
    traded.admin.post("/relax")
    path = f"/orders/regular/{order_id}"
    codes = [traded.kite.put(path, data={"price": f"{(low - 5 * n) / 100:.2f}"}).status_code for n in range(1, 27)]
    assert codes == [200] * 25 + [400]
    outside = traded.kite.put(path, data={"price": "0.05"})
    assert outside.status_code == 400
    traded.settle()
    order = traded.kite_orders()[0]
    assert (order["status"], order["modified"], order["price"]) == ("OPEN", True, (low - 125) / 100)


def test_one_account_cannot_see_or_touch_anothers_order(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid * 4 // 5 // 5 * 5
    placed = traded.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}")
    order_id = placed.json()["data"]["order_id"]
    body = {"broker": "zerodha", "user_id": "SB0009", "api_key": "other", "api_secret": "s", "redirect_url": "http://x"}
    assert traded.admin.post("/accounts", json=body).status_code == 201
    answer = traded.kite.post("/connect/login", data={"api_key": "other", "decision": "approve"})
    token = parse_qs(urlsplit(answer.headers["location"]).query)["request_token"][0]
    stolen = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token)}
    assert traded.kite.post("/session/token", data=stolen).status_code == 403
    own = {"api_key": "other", "request_token": token, "checksum": sha256(f"other{token}s".encode()).hexdigest()}
    access = traded.kite.post("/session/token", data=own).json()["data"]["access_token"]
    traded.kite.headers["Authorization"] = f"token other:{access}"
    assert traded.kite_orders() == []
    path = f"/orders/regular/{order_id}"
    assert traded.kite.get(f"/orders/{order_id}").status_code == 404
    assert traded.kite.put(path, data={"quantity": 130}).status_code == 404
    assert traded.kite.delete(path).status_code == 404
    traded.kite.headers["Authorization"] = f"token {KITE_KEY}:{access}"
    assert traded.kite.get("/orders").status_code == 403


def test_the_instrument_list_has_kites_columns_and_is_compressed(traded: Bench) -> None:
    plain = traded.kite.get("/instruments/NFO", headers={"Accept-Encoding": "identity"})
    packed = traded.kite.get("/instruments/NFO")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    rows = list(csv.DictReader(io.StringIO(plain.text)))
    row = next(row for row in rows if row["tradingsymbol"] == traded.option().symbol)
    assert (row["segment"], row["lot_size"], row["tick_size"], row["name"]) == ("NFO-OPT", "65", "0.05", "NIFTY")
    assert int(row["instrument_token"]) >> 8 == int(row["exchange_token"])
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_quotes_leave_out_what_is_unknown_and_take_tokens(traded: Bench) -> None:
    answer = traded.kite.get("/quote", params={"i": ["NSE:NIFTY 50", "NFO:NONE", "256265"]}).json()["data"]
    assert sorted(answer) == ["256265", "NSE:NIFTY 50"]
    traded.clock.advance(1)
    assert traded.kite.get("/quote").status_code == 400


def test_an_order_is_followed_through_history_trades_and_margins(traded: Bench) -> None:
    order_id = traded.place_kite(traded.option()).json()["data"]["order_id"]
    traded.settle()
    statuses = [line["status"] for line in traded.kite.get(f"/orders/{order_id}").json()["data"]]
    assert statuses == ["PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN", "COMPLETE"]
    (trade,) = traded.kite.get("/trades").json()["data"]
    assert traded.kite.get(f"/orders/{order_id}/trades").json()["data"] == [trade]
    equity = traded.kite.get("/user/margins/equity").json()["data"]
    assert equity["net"] == pytest.approx(5_000_000 - trade["average_price"] * trade["quantity"])
    assert traded.kite.get("/user/margins/nothing").status_code == 400
    late = traded.kite.put(f"/orders/regular/{order_id}", data={"price": "10"})
    assert (late.status_code, late.json()["error_type"]) == (400, "OrderException")


def test_a_cancelled_order_keeps_its_pending_quantity_in_the_book(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid * 4 // 5 // 5 * 5
    placed = traded.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}")
    traded.settle()
    path = f"/orders/regular/{placed.json()['data']['order_id']}"
    assert traded.kite.delete(path).status_code == 200
    order = traded.kite_orders()[0]
    assert (order["status"], order["pending_quantity"], order["cancelled_quantity"]) == ("CANCELLED", 65, 65)
    assert traded.kite.delete(path).status_code == 400


def test_logging_out_needs_the_token_it_ends(traded: Bench) -> None:
    access = traded.kite.headers["authorization"].split(":")[1]
    wrong = traded.kite.delete("/session/token", params={"api_key": KITE_KEY, "access_token": "x"})
    assert wrong.status_code == 403
    assert traded.kite.delete("/session/token", params={"api_key": KITE_KEY, "access_token": access}).json()["data"]
    assert traded.kite.get("/orders").status_code == 403


def test_a_resting_order_can_be_sent_to_market_with_protection_only(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid * 4 // 5 // 5 * 5
    fields = {"order_type": "LIMIT", "price": f"{low / 100:.2f}", "market_protection": None}
    path = f"/orders/regular/{traded.place_kite(option, **fields).json()['data']['order_id']}"
    traded.settle()
    bare = traded.kite.put(path, data={"order_type": "MARKET"})
    assert (bare.status_code, bare.json()["message"][:20]) == (400, "Market orders withou")
    assert traded.kite.put(path, data={"order_type": "MARKET", "market_protection": "2"}).status_code == 200
    order = traded.kite_orders()[0]
    assert (order["status"], order["order_type"], order["modified"]) == ("COMPLETE", "LIMIT", True)
    assert order["average_price"] == traded.spread(option).ask / 100
