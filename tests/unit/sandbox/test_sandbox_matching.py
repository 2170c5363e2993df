"""Orders fill at the other side of the spread, rest, trigger, and keep to the exchange's checks."""

import pytest

from tests.unit.sandbox.conftest import Bench


def test_a_protected_market_order_fills_at_the_offer(traded: Bench) -> None:
    option = traded.option()
    assert traded.place_kite(option).status_code == 200
    traded.clock.advance(0.009)
    ask = traded.spread(option).ask
    traded.settle()
    (order,) = traded.kite_orders()
    assert (order["status"], order["average_price"]) == ("COMPLETE", ask / 100)
    assert order["price"] > order["average_price"]


def test_the_transient_statuses_can_be_seen(traded: Bench) -> None:
    traded.place_kite(traded.option())
    seen = []
    for _ in range(4):
        seen.append(traded.kite_orders()[0]["status"])
        traded.clock.advance(0.003)
    assert seen == ["PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "COMPLETE"]


def test_a_limit_below_the_offer_rests_until_the_price_comes(traded: Bench) -> None:
    option = traded.option()
    limit = traded.spread(option).ask - 20 * 5
    traded.place_kite(option, order_type="LIMIT", price=f"{limit / 100:.2f}")
    traded.settle()
    assert traded.kite_orders()[0]["status"] == "OPEN"
    traded.admin.post("/shifts", json={"underlying": "NIFTY", "points": -60})
    traded.settle()
    order = traded.kite_orders()[0]
    assert order["status"] == "COMPLETE"
    assert order["average_price"] <= limit / 100


def test_a_stop_limit_waits_for_its_trigger(traded: Bench) -> None:
    option = traded.option()
    traded.place_kite(option)
    traded.settle()
    last = traded.spread(option).last
    stop = {"transaction_type": "SELL", "order_type": "SL", "market_protection": None}
    prices = {"trigger_price": f"{(last - 200) / 100:.2f}", "price": f"{(last - 3000) / 100:.2f}"}
    traded.place_kite(option, **stop, **prices)
    traded.settle()
    assert traded.kite_orders()[1]["status"] == "TRIGGER PENDING"
    traded.admin.post("/shifts", json={"underlying": "NIFTY", "points": -15})
    traded.settle()
    order = traded.kite_orders()[1]
    assert order["status"] == "COMPLETE"
    assert order["average_price"] > (last - 3000) / 100


def test_an_immediate_order_cancels_what_does_not_fill(traded: Bench) -> None:
    option = traded.option()
    low = traded.spread(option).bid - 100
    traded.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}", validity="IOC")
    traded.settle()
    order = traded.kite_orders()[0]
    assert (order["status"], order["cancelled_quantity"]) == ("CANCELLED", option.lot)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": 64}, "multiples of 65"),
        ({"quantity": 0}, "multiples of 65"),
        ({"quantity": 65 * 28}, "freeze quantity of 1800"),
        ({"quantity": "1.5"}, "`quantity`"),
        ({"product": "CNC"}, "Invalid product"),
        ({"order_type": "LIMIT", "price": "100.03"}, "Tick size"),
        ({"order_type": "LIMIT", "price": "99999"}, "circuit limits"),
        ({"order_type": "LIMIT"}, "`price`"),
        ({"tradingsymbol": "NIFTY26NOV1CE"}, "does not exist"),
        ({"exchange": "NSE", "tradingsymbol": "NIFTY 50"}, "is an index"),
        ({"market_protection": None}, "without market protection"),
        ({"market_protection": "0"}, "without market protection"),
        ({"market_protection": "101"}, "`market_protection`"),
        ({"order_type": "SL-M"}, "SL-M"),
        ({"transaction_type": "HOLD"}, "`transaction_type`"),
        ({"tag": "a" * 21}, "`tag`"),
        ({"tag": "a-b"}, "`tag`"),
        ({"product": None}, "`product`"),
    ],
)
def test_kite_turns_down_at_once_what_breaks_a_rule(traded: Bench, fields: dict[str, object], said: str) -> None:
    answer = traded.place_kite(traded.option(), **fields)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "InputException")
    assert said in answer.json()["message"]
    assert traded.kite_orders() == []


def test_a_full_freeze_quantity_passes(traded: Bench) -> None:
    assert traded.place_kite(traded.option(), quantity=65 * 27).status_code == 200


def test_a_limit_outside_the_reference_range_is_rejected_at_the_exchange(traded: Bench) -> None:
    traded.place_kite(traded.option(), order_type="LIMIT", price="0.05")
    traded.settle()
    order = traded.kite_orders()[0]
    assert (order["status"], order["filled_quantity"]) == ("REJECTED", 0)
    assert "daily range" in order["status_message"]


def test_funds_that_do_not_suffice_reject_in_the_book_and_exits_still_pass(traded: Bench) -> None:
    option = traded.option()
    sell = {"transaction_type": "SELL", "quantity": 65 * 24}
    for _ in range(2):
        traded.place_kite(option, **sell)
    traded.settle()
    first, second = traded.kite_orders()
    assert (first["status"], second["status"]) == ("COMPLETE", "REJECTED")
    assert second["status_message"].startswith("Insufficient funds. Required margin is ")
    traded.place_kite(option, quantity=65 * 24)
    traded.settle()
    assert traded.kite_orders()[2]["status"] == "COMPLETE"


def test_a_long_of_the_same_right_cheapens_a_short(traded: Bench) -> None:
    def blocked() -> float:
        return float(traded.admin.get("/books/zerodha/SB0001").json()["funds"]["blocked"])

    traded.place_kite(traded.option(), transaction_type="SELL")
    traded.settle()
    naked = blocked()
    traded.place_kite(traded.option(steps=6))
    traded.settle()
    assert blocked() < naked / 2


def test_positions_net_and_keep_profit(traded: Bench) -> None:
    option = traded.option()
    traded.place_kite(option)
    traded.settle()
    traded.clock.advance(1)
    traded.place_kite(option, transaction_type="SELL")
    traded.settle()
    bought, sold = (order["average_price"] for order in traded.kite_orders())
    (position,) = traded.kite.get("/portfolio/positions").json()["data"]["net"]
    assert position["quantity"] == 0
    assert position["pnl"] == pytest.approx((sold - bought) * option.lot)


def test_resting_orders_end_with_the_day(traded: Bench) -> None:
    option = traded.option(steps=4)
    low = traded.spread(option).bid * 0.7 // 5 * 5
    traded.place_kite(option, order_type="LIMIT", price=f"{low / 100:.2f}")
    traded.settle()
    traded.clock.advance(14 * 3600)
    traded.login_kite()
    assert traded.kite_orders() == []
    (order,) = traded.admin.get("/books/zerodha/SB0001").json()["orders"]
    assert order["status"] == "cancelled"
