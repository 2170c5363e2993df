"""Each fault does what it says, to whom it says, as often as it says."""

import time
from typing import Any

import pytest

from tests.unit.sandbox.conftest import SMART, Bench


def set_fault(bench: Bench, **fields: Any) -> None:
    assert bench.admin.post("/faults", json=fields).status_code == 201


def test_a_dropped_reply_loses_the_answer_but_not_the_order(traded: Bench) -> None:
    set_fault(traded, broker="zerodha", operation="place", kind="drop_reply", times=1)
    with pytest.raises(ConnectionAbortedError):
        traded.place_kite(traded.option(), tag="lost1")
    traded.settle()
    assert [order["tag"] for order in traded.kite_orders()] == ["lost1"]
    assert traded.place_kite(traded.option()).status_code == 200


def test_a_reply_can_be_dropped_before_anything_is_done(traded: Bench) -> None:
    set_fault(traded, operation="place", kind="drop_reply", processed=False, times=1)
    with pytest.raises(ConnectionAbortedError):
        traded.place_kite(traded.option())
    assert traded.kite_orders() == []


def test_garbage_is_html_with_a_good_status_and_the_order_stands(traded: Bench) -> None:
    set_fault(traded, operation="place", kind="garbage", times=1)
    answer = traded.place_kite(traded.option())
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")
    assert len(traded.kite_orders()) == 1


def test_a_refusal_speaks_each_brokers_language(traded: Bench) -> None:
    set_fault(traded, operation="place", kind="refuse", message="Not today", times=2)
    assert traded.place_kite(traded.option()).json()["message"] == "Not today"
    answer = traded.place_smart(traded.option()).json()
    assert (answer["status"], answer["message"]) == (False, "Not today")


def test_a_partial_fill_leaves_whole_lots_until_the_order_is_changed(traded: Bench) -> None:
    set_fault(traded, broker="zerodha", operation="*", kind="partial_fill", share=0.5)
    option = traded.option()
    order_id = traded.place_kite(option, quantity=65 * 5).json()["data"]["order_id"]
    traded.clock.advance(1)
    order = traded.kite_orders()[0]
    assert (order["status"], order["filled_quantity"], order["pending_quantity"]) == ("OPEN", 130, 195)
    price = f"{(traded.spread(option).ask + 50) / 100:.2f}"
    traded.kite.put(f"/orders/regular/{order_id}", data={"price": price})
    assert traded.kite_orders()[0]["status"] == "COMPLETE"


def test_rate_limit_down_and_killed_sessions(traded: Bench) -> None:
    set_fault(traded, operation="orders", kind="rate_limit", times=2)
    assert traded.kite.get("/orders").status_code == 429
    assert traded.smart.get(f"{SMART}/order/v1/getOrderBook").status_code == 403
    set_fault(traded, broker="angel_one", kind="down", times=1)
    with pytest.raises(ConnectionAbortedError):
        traded.smart.get(f"{SMART}/user/v1/getProfile")
    set_fault(traded, operation="account", kind="session_killed", times=1)
    assert traded.kite.get("/user/profile").status_code == 403
    assert traded.kite.get("/user/profile").status_code == 403
    traded.login_kite()
    assert traded.kite.get("/user/profile").status_code == 200


def test_a_delay_holds_the_request(traded: Bench) -> None:
    set_fault(traded, operation="account", kind="delay", ms=80, times=1)
    began = time.monotonic()
    traded.kite.get("/user/profile")
    assert time.monotonic() - began >= 0.08


def test_faults_hit_their_account_and_operation_only(traded: Bench) -> None:
    set_fault(traded, broker="zerodha", account="SB0999", kind="down")
    set_fault(traded, broker="angel_one", operation="quotes", kind="down")
    assert traded.place_kite(traded.option()).status_code == 200
    assert traded.place_smart(traded.option()).json()["status"] is True
    assert len(traded.admin.get("/faults").json()) == 2
    assert traded.admin.delete("/faults").json() == {"removed": 2}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "explode"}, "kind"),
        ({"kind": "delay", "operation": "dance"}, "operation"),
        ({"kind": "delay", "broker": "nobody"}, "broker"),
        ({"kind": "delay", "times": 0}, "times"),
        ({"kind": "delay", "ms": "1"}, "ms"),
        ({"kind": "delay", "colour": 1}, "colour"),
    ],
)
def test_a_wrong_fault_is_refused_by_name(bench: Bench, fields: dict[str, Any], said: str) -> None:
    answer = bench.admin.post("/faults", json=fields)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


def test_a_fault_can_let_the_first_calls_pass(traded: Bench) -> None:
    set_fault(traded, broker="zerodha", operation="place", kind="refuse", message="Not today", after=2, times=1)
    answers = [traded.place_kite(traded.option()).status_code for _ in range(4)]
    assert [code == 200 for code in answers] == [True, True, False, True]
