"""The faces' margin calculators: one rule behind both, and the funds that real orders bind agree with it."""

from typing import Any

import pytest

from sandbox.exchange.instruments import Instrument
from sandbox.smartapi.names import token_of
from tests.unit.sandbox.conftest import SMART, Bench

BATCH = f"{SMART}/margin/v1/batch"
Leg = tuple[Instrument, str, float]


def kite_rows(*legs: Leg, lots: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "exchange": one.exchange,
            "tradingsymbol": one.symbol,
            "transaction_type": side,
            "variety": "regular",
            "product": "NRML",
            "order_type": "LIMIT",
            "quantity": one.lot * lots,
            "price": price,
        }
        for one, side, price in legs
    ]


def smart_positions(*legs: Leg) -> list[dict[str, Any]]:
    return [
        {
            "exchange": one.exchange,
            "qty": one.lot,
            "price": price,
            "productType": "CARRYFORWARD",
            "token": token_of(one),
            "tradeType": side,
            "orderType": "LIMIT",
        }
        for one, side, price in legs
    ]


def kite_margin(bench: Bench, *legs: Leg) -> dict[str, Any]:
    answer = bench.kite.post("/margins/basket?consider_positions=false", json=kite_rows(*legs))
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def share(bench: Bench, percent: int) -> float:
    spot = bench.world.exchange.market.spot_paise("NIFTY", bench.clock.now())
    return spot * 65 * percent // 100 / 100


def test_a_short_option_needs_its_share_and_a_bought_one_its_price(traded: Bench) -> None:
    put = traded.option(kind="PE")
    assert kite_margin(traded, (put, "SELL", 90.0))["final"]["total"] == share(traded, 12)
    assert kite_margin(traded, (put, "BUY", 90.0))["final"]["total"] == 90.0 * 65


def test_without_a_limit_the_last_price_counts(traded: Bench) -> None:
    put = traded.option(kind="PE")
    assert kite_margin(traded, (put, "BUY", 0))["final"]["total"] == traded.spread(put).last * 65 / 100


def test_a_hedge_counts_in_the_final_margin_and_not_in_the_initial_one(traded: Bench) -> None:
    short, wing = (traded.option(kind="PE"), "SELL", 90.0), (traded.option(kind="PE", steps=-4), "BUY", 40.0)
    data = kite_margin(traded, wing, short)
    assert data["initial"]["total"] == share(traded, 12) + 40.0 * 65
    assert data["final"]["total"] == share(traded, 4) + 40.0 * 65
    assert [one["total"] for one in data["orders"]] == [40.0 * 65, share(traded, 12)]


def test_buying_back_in_the_same_basket_needs_nothing(traded: Bench) -> None:
    put = traded.option(kind="PE")
    assert kite_margin(traded, (put, "SELL", 90.0), (put, "BUY", 90.0))["final"]["total"] == 0


def test_both_faces_tell_the_same(traded: Bench) -> None:
    legs = (traded.option(kind="PE"), "SELL", 90.0), (traded.option(kind="PE", steps=-4), "BUY", 40.0)
    told = traded.smart.post(BATCH, json={"positions": smart_positions(*legs)}).json()["data"]
    assert told["totalMarginRequired"] == kite_margin(traded, *legs)["final"]["total"]


def test_what_is_told_is_what_the_orders_bind(traded: Bench) -> None:
    put = traded.option(kind="PE")
    told = kite_margin(traded, (put, "SELL", 0))["final"]["total"]
    traded.place_kite(put, transaction_type="SELL")
    traded.settle()
    blocked = float(traded.admin.get("/books/zerodha/SB0001").json()["funds"]["blocked"])
    assert blocked == pytest.approx(told, rel=0.001)


def test_what_is_held_does_not_count(traded: Bench) -> None:
    legs = ((traded.option(kind="PE"), "SELL", 90.0),)
    traded.place_kite(traded.option(kind="PE", steps=-4))
    assert kite_margin(traded, *legs)["final"]["total"] == share(traded, 12)
    as_the_client_writes_it = traded.kite.post("/margins/basket?consider_positions=False", json=kite_rows(*legs))
    assert as_the_client_writes_it.json()["data"]["final"]["total"] == share(traded, 12)
    refused = traded.kite.post("/margins/basket", json=kite_rows(*legs))
    assert (refused.status_code, refused.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[1]", b"not json"])
def test_a_basket_that_is_no_list_of_orders_is_refused(traded: Bench, body: bytes) -> None:
    answer = traded.kite.post("/margins/basket?consider_positions=false", content=body)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize(
    "change",
    [
        {"tradingsymbol": "NOSUCH"},
        {"transaction_type": "HOLD"},
        {"order_type": "ICEBERG"},
        {"quantity": "65"},
        {"quantity": -65},
        {"price": "much"},
        {"product": ""},
    ],
)
def test_an_order_that_kite_cannot_calculate_is_refused(traded: Bench, change: dict[str, Any]) -> None:
    (row,) = kite_rows((traded.option(), "BUY", 90.0))
    answer = traded.kite.post("/margins/basket?consider_positions=false", json=[row | change])
    assert (answer.status_code, answer.json()["error_type"]) == (400, "InputException")


@pytest.mark.parametrize(
    "change",
    [
        {"token": "1"},
        {"productType": "MARGINX"},
        {"tradeType": "HOLD"},
        {"orderType": "ICEBERG"},
        {"qty": 0},
        {"price": "much"},
    ],
)
def test_a_position_that_smartapi_cannot_calculate_is_refused(traded: Bench, change: dict[str, Any]) -> None:
    (position,) = smart_positions((traded.option(), "BUY", 90.0))
    answer = traded.smart.post(BATCH, json={"positions": [position | change]}).json()
    assert answer["status"] is False
    assert answer["errorcode"].startswith("AB")


def test_smartapi_calculates_fifty_positions_and_no_more(traded: Bench) -> None:
    positions = smart_positions((traded.option(), "BUY", 90.0))
    assert traded.smart.post(BATCH, json={"positions": positions * 50}).json()["status"] is True
    assert traded.smart.post(BATCH, json={"positions": positions * 51}).json()["status"] is False
    assert traded.smart.post(BATCH, json={"positions": []}).json()["status"] is False
    assert traded.smart.post(BATCH, json={}).json()["status"] is False
