"""Index futures: listed by month, priced with the options, traded and carried at both faces."""

import csv
import io
import math
from typing import Any

import pytest

from sandbox.clock import ManualClock
from sandbox.exchange.black76 import RATE
from sandbox.exchange.indices import INDICES
from sandbox.exchange.instruments import Instrument
from sandbox.kite.names import instrument_token
from sandbox.world import build_world
from tests.unit.sandbox.conftest import MONDAY, SMART, Bench

EVERY_INDEX = pytest.mark.parametrize("name", sorted(INDICES))
MONTHS = {"NFO": ["2026-11-23", "2026-12-29", "2027-01-26"], "BFO": ["2026-11-26", "2026-12-31", "2027-01-28"]}
MASTER = "/OpenAPI_File/files/OpenAPIScripMaster.json"


def funds(bench: Bench, broker: str = "zerodha/SB0001") -> dict[str, float]:
    """The account's money straight from the exchange, in rupees."""
    book: dict[str, Any] = bench.admin.get(f"/books/{broker}").json()
    return {name: float(amount) for name, amount in book["funds"].items()}


def share(bench: Bench, future: Instrument, percent: int) -> float:
    """That share of one lot's notional, in rupees."""
    spot = bench.world.exchange.market.spot_paise(future.underlying, bench.clock.now())
    return spot / 100 * future.lot * percent / 100


@EVERY_INDEX
def test_each_index_has_three_monthly_futures_on_its_options_terms(bench: Bench, name: str) -> None:
    index, option = INDICES[name], bench.option(name)
    futures = [i for i in bench.world.exchange.listing(MONDAY) if (i.underlying, i.kind) == (name, "FUT")]
    assert [str(future.expiry) for future in futures] == MONTHS[index.derivatives]
    for future in futures:
        assert (future.lot, future.freeze, future.exchange) == (option.lot, option.freeze, option.exchange)
        assert (future.strike, future.monthly, future.is_option) == (0, True, False)


def test_no_two_contracts_share_a_token_or_a_symbol(bench: Bench) -> None:
    listed = list(bench.world.exchange.listing(MONDAY))
    assert len({instrument_token(i) for i in listed}) == len(listed)
    rows = bench.smart.get(MASTER).json()
    assert len({(row["exch_seg"], row["token"]) for row in rows}) == len({row["symbol"] for row in rows}) == len(rows)


@EVERY_INDEX
@pytest.mark.parametrize("month", [0, 1, 2])
def test_the_future_is_the_forward_of_its_months_options(bench: Bench, name: str, month: int) -> None:
    """Put-call parity: call - put = discount x (future - strike), to the ticks that three prices round to."""
    future, market = bench.future(name, month), bench.world.exchange.market
    assert future.expiry is not None
    years = (bench.world.exchange.session.expires_at(future.expiry) - MONDAY).total_seconds() / (365 * 86_400)
    last = {
        (i.strike, i.kind): market.spread(i, MONDAY).last
        for i in bench.world.exchange.listing(MONDAY)
        if (i.underlying, i.expiry) == (name, future.expiry) and i.is_option
    }
    for strike in {strike for strike, _ in last}:
        fair = math.exp(-RATE * years) * (bench.spread(future).last - strike * 100)
        # A premium below half a tick is still quoted at one.
        assert last[strike, "CE"] - last[strike, "PE"] == pytest.approx(fair, abs=12.5)


@EVERY_INDEX
def test_futures_rise_with_their_month_and_their_book_is_narrow(bench: Bench, name: str) -> None:
    spot = bench.world.exchange.market.spot_paise(name, MONDAY)
    spreads = [bench.spread(bench.future(name, month)) for month in range(3)]
    assert spot <= spreads[0].last < spreads[1].last < spreads[2].last < spot * 1.02
    for spread in spreads:
        assert spread.bid < spread.last < spread.ask
        assert spread.ask - spread.bid < spread.last * 0.0002


def test_a_future_follows_a_move_of_its_index(bench: Bench) -> None:
    before = bench.spread(bench.future(month=1)).last
    bench.admin.post("/shifts", json={"underlying": "NIFTY", "points": -100})
    assert bench.spread(bench.future(month=1)).last == pytest.approx(before - 100_00, abs=1_00)


@pytest.mark.parametrize(
    ("name", "symbol", "expiry"), [("NIFTY", "NIFTY26NOVFUT", "2026-11-23"), ("SENSEX", "SENSEX26NOVFUT", "2026-11-26")]
)
def test_kite_lists_a_future_without_a_strike(traded: Bench, name: str, symbol: str, expiry: str) -> None:
    exchange = INDICES[name].derivatives
    rows = csv.DictReader(io.StringIO(traded.kite.get(f"/instruments/{exchange}").text))
    (row,) = [row for row in rows if row["tradingsymbol"] == symbol]
    assert row | {"instrument_token": "", "exchange_token": ""} == {
        "instrument_token": "", "exchange_token": "", "tradingsymbol": symbol, "name": name, "last_price": "0",
        "expiry": expiry, "strike": "0", "tick_size": "0.05", "lot_size": str(INDICES[name].lot),
        "instrument_type": "FUT", "segment": f"{exchange}-FUT", "exchange": exchange,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "symbol", "expiry"),
    [("NIFTY", "NIFTY23NOV26FUT", "23NOV2026"), ("SENSEX", "SENSEX26NOVFUT", "26NOV2026")],
)
def test_angel_one_lists_a_future_with_the_strike_minus_one(bench: Bench, name: str, symbol: str, expiry: str) -> None:
    (row,) = [row for row in bench.smart.get(MASTER).json() if row["symbol"] == symbol]
    assert row == {
        "token": str(bench.future(name).token), "symbol": symbol, "name": name, "expiry": expiry,
        "strike": "-1.000000", "lotsize": str(INDICES[name].lot), "instrumenttype": "FUTIDX",
        "exch_seg": INDICES[name].derivatives, "tick_size": "5.000000",
    }  # fmt: skip


@EVERY_INDEX
def test_both_faces_quote_a_future_with_its_book(traded: Bench, name: str) -> None:
    future = traded.future(name, 1)
    spread, key = traded.spread(future), f"{future.exchange}:{future.symbol}"
    best = {"buy": spread.bid / 100, "sell": spread.ask / 100}
    kite = traded.kite.get("/quote", params={"i": key}).json()["data"][key]
    asked = {"mode": "FULL", "exchangeTokens": {future.exchange: [str(future.token)]}}
    (smart,) = traded.smart.post(f"{SMART}/market/v1/quote/", json=asked).json()["data"]["fetched"]
    assert kite["last_price"] == smart["ltp"] == spread.last / 100
    for quote in (kite, smart):
        assert {side: levels[0]["price"] for side, levels in quote["depth"].items()} == best
        assert all(level["quantity"] % future.lot == 0 for side in best for level in quote["depth"][side])


@EVERY_INDEX
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_protected_market_order_fills_at_the_touch_at_kite(traded: Bench, name: str, side: str) -> None:
    future = traded.future(name, 1)
    assert traded.place_kite(future, transaction_type=side).status_code == 200
    traded.settle()
    (order,) = traded.kite_orders()
    touch = traded.spread(future).ask if side == "BUY" else traded.spread(future).bid
    assert (order["status"], order["tradingsymbol"]) == ("COMPLETE", future.symbol)
    assert order["average_price"] == pytest.approx(touch / 100, rel=1e-4)
    (position,) = traded.kite.get("/portfolio/positions").json()["data"]["net"]
    assert (position["tradingsymbol"], position["exchange"]) == (future.symbol, future.exchange)
    assert position["quantity"] == (future.lot if side == "BUY" else -future.lot)


@EVERY_INDEX
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_an_order_through_the_touch_fills_at_angel_one(traded: Bench, name: str, side: str) -> None:
    future = traded.future(name, 1)
    price = round(traded.spread(future).last * (1.01 if side == "BUY" else 0.99) / 5) * 5 / 100
    assert traded.place_smart(future, transactiontype=side, price=f"{price:.2f}").json()["status"] is True
    traded.settle()
    (order,) = traded.smart_orders()
    assert (order["status"], order["symboltoken"]) == ("complete", str(future.token))
    assert (order["instrumenttype"], order["strikeprice"], order["optiontype"]) == ("FUTIDX", -1.0, "")
    (position,) = traded.smart.get(f"{SMART}/order/v1/getPosition").json()["data"]
    assert (position["tradingsymbol"], position["instrumenttype"]) == (order["tradingsymbol"], "FUTIDX")
    assert position["netqty"] == str(future.lot if side == "BUY" else -future.lot)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": 64}, "multiples of 65"),
        ({"quantity": 65 * 28}, "freeze quantity of 1800"),
        ({"market_protection": None}, "without market protection"),
        ({"order_type": "LIMIT", "price": "20000.02"}, "Tick size"),
        ({"order_type": "LIMIT", "price": "20000"}, "circuit limits"),
    ],
)
def test_a_future_is_held_to_the_exchanges_rules(traded: Bench, fields: dict[str, object], said: str) -> None:
    answer = traded.place_kite(traded.future(), **fields)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_either_side_of_a_future_blocks_its_share_and_no_premium(traded: Bench, side: str) -> None:
    future = traded.future(month=1)
    traded.place_kite(future, transaction_type=side)
    traded.settle()
    held = funds(traded)
    assert held["blocked"] == pytest.approx(share(traded, future, 12), abs=1)
    assert held["premium"] == 0
    assert held["available"] == pytest.approx(5_000_000 - held["blocked"] + held["futures_profit"])


def test_a_calendar_spread_blocks_less_than_one_leg_but_not_nothing(traded: Bench) -> None:
    traded.place_kite(traded.future())
    traded.place_kite(traded.future(month=1), transaction_type="SELL")
    traded.settle()
    assert funds(traded)["blocked"] == pytest.approx(share(traded, traded.future(), 4), abs=1)


def test_a_futures_loss_is_taken_from_the_funds_while_held_and_after(traded: Bench) -> None:
    future = traded.future(month=1)
    traded.place_kite(future)
    traded.settle()
    traded.admin.post("/shifts", json={"underlying": "NIFTY", "points": -200})
    held = funds(traded)
    assert held["futures_profit"] == pytest.approx(-200 * future.lot, rel=0.05)
    equity = traded.kite.get("/user/margins/equity").json()["data"]
    assert equity["net"] == held["available"]
    assert equity["utilised"]["m2m_unrealised"] == -held["futures_profit"]
    assert equity["utilised"]["debits"] == pytest.approx(held["blocked"] - held["futures_profit"])
    traded.place_kite(future, transaction_type="SELL")
    traded.settle()
    bought, sold = (order["average_price"] for order in traded.kite_orders())
    after = funds(traded)
    assert after["futures_profit"] == pytest.approx((sold - bought) * future.lot)
    assert (after["blocked"], after["available"]) == (0, 5_000_000 + after["futures_profit"])


def test_a_resting_order_has_no_profit(traded: Bench) -> None:
    future = traded.future(month=1)
    low = traded.spread(future).last * 0.95 // 5 * 5 / 100
    traded.place_smart(future, price=f"{low:.2f}")
    traded.settle()
    (order,) = traded.smart_orders()
    held = funds(traded, "angel_one/SB0002")
    assert order["status"] == "open"
    assert held["futures_profit"] == 0
    assert held["blocked"] == pytest.approx(share(traded, future, 12), abs=1)


def test_an_account_without_the_margin_is_refused_and_may_still_close(traded: Bench) -> None:
    future = traded.future()
    for _ in range(2):
        traded.place_kite(future, quantity=65 * 20)
    traded.settle()
    first, second = traded.kite_orders()
    assert (first["status"], second["status"]) == ("COMPLETE", "REJECTED")
    assert second["status_message"].startswith("Insufficient funds.")
    traded.place_kite(future, transaction_type="SELL", quantity=65 * 20)
    traded.settle()
    assert traded.kite_orders()[2]["status"] == "COMPLETE"


def test_a_future_trades_at_its_index_on_the_last_afternoon() -> None:
    clock = ManualClock(MONDAY.replace(hour=15, minute=39, second=59))
    bench = Bench(clock, build_world(clock, continuous=False))
    spot = bench.world.exchange.market.spot_paise("NIFTY", clock.now())
    assert bench.spread(bench.future()).last == pytest.approx(spot, abs=5)
    clock.advance(24 * 3600)
    assert [str(bench.future(month=month).expiry) for month in range(3)] == ["2026-12-29", "2027-01-26", "2027-02-23"]
