"""One user's tick, through the deployed workflow, functions, table and brokers' wire protocols."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from lambdas.domain.moments import IST, Tick
from tests.local.exchange import ZERODHA
from tests.local.stage import LEAD_SECONDS, Ended, Stage, flow, together
from tests.local.trader import ANGEL, STRATEGY, ZED, credit_spread, leg, tick_in

pytestmark = pytest.mark.emulator

KEEP = {"policies": {"on_refusal": "keep", "on_partial_fill": "keep", "on_broker_failure": "keep"}}
STILL_ASKING_MS = 10_000
"""So long after T the worker of a dead broker is still asking; others must not have waited for it."""


def two_workflows_of_one_tick(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy, tick = trader.save(credit_spread(ZED, ANGEL) | KEEP), tick_in(12)
    together(*[lambda: stage.execute(trader, tick, ("entry", strategy))] * 2)
    return stage.seen(trader, tick)


@flow(two_workflows_of_one_tick)
def test_a_tick_delivered_twice_sends_every_order_once(ended: Ended) -> None:
    sent = Counter(row["tag"] for book in ended.books.values() for row in book)
    assert sent == Counter({order["tag"]: 1 for order in ended.orders(status="filled")})
    assert len(ended.day["orders"]) == 4
    assert {order["side"] for order in ended.orders(status="filled")} >= {"BUY"}


@flow(two_workflows_of_one_tick)
def test_a_tick_delivered_twice_ends_with_the_truth(ended: Ended) -> None:
    """Where two workers divided a run between them, its short stays at home."""
    withheld = ended.orders(status="withheld")
    assert ended.run["status"] == ("incomplete" if withheld else "open"), ended.run["reason"]
    assert all(order["reason"].endswith("and not sent here") for order in withheld)
    for order in ended.orders(status="filled"):
        assert order["broker_order_id"]
        assert order["offset_ms"] >= 0
        assert order["sent_at"] < order["acknowledged_at"]


def one_broker_down(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL) | KEEP)
    stage.exchange.fault(trader.accounts[ANGEL], "down")
    return stage.enter(trader, strategy)


@flow(one_broker_down)
def test_a_dead_broker_delays_nobody_else(ended: Ended) -> None:
    for order in ended.orders(account_id=ZED):
        assert order["status"] == "filled"
        assert 0 <= order["offset_ms"] < STILL_ASKING_MS
    assert not ended.books[ANGEL]


@flow(one_broker_down)
def test_a_dead_broker_is_named_with_the_cause_and_told_to_the_world(ended: Ended) -> None:
    assert ended.run["status"] == "incomplete"
    assert f"at {ANGEL}) withheld: not sent: the broker could not be used: angel_one: " in ended.run["reason"]
    assert "RemoteProtocolError" in ended.run["reason"] or "ReadError" in ended.run["reason"]
    assert ended.event("RunIncomplete")["reason"] == ended.run["reason"]
    told = ended.event("OrderRefused")
    assert (told["account_id"], told["status"]) == (ANGEL, "withheld")


def hedge_without_reply(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED) | KEEP)
    stage.exchange.fault(trader.accounts[ZED], "drop_reply", operation="place", times=1)
    return stage.enter(trader, strategy)


@flow(hedge_without_reply)
def test_a_lost_reply_is_resolved_by_the_tag_and_never_sent_again(ended: Ended) -> None:
    hedge = ended.order(side="BUY")
    (row,) = [row for row in ended.books[ZED] if row["side"] == "BUY"]
    assert (row["tag"], row["order_id"]) == (hedge["tag"], hedge["broker_order_id"])
    assert hedge["status"] == "filled"
    assert hedge["filled_quantity"] == hedge["quantity"]
    assert hedge["acknowledged_at"] is None


@flow(hedge_without_reply)
def test_a_short_follows_when_the_book_shows_the_hedge_whose_reply_was_lost(ended: Ended) -> None:
    hedge, short = (next(row for row in ended.books[ZED] if row["side"] == side) for side in ("BUY", "SELL"))
    assert max(fill["at"] for fill in hedge["fills"]) <= short["received_at"]
    assert ended.order(side="SELL")["status"] == "filled"
    assert ended.run["status"] == "open"


def hedge_without_reply_or_book(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED) | KEEP)
    stage.exchange.fault(trader.accounts[ZED], "drop_reply", operation="place", times=1)
    stage.exchange.fault(trader.accounts[ZED], "garbage", operation="orders", times=3)
    return stage.enter(trader, strategy)


@flow(hedge_without_reply_or_book)
def test_a_short_is_withheld_while_its_hedge_is_unknown(ended: Ended) -> None:
    short = ended.order(side="SELL")
    assert short["status"] == "withheld"
    assert "is unknown: zerodha: no whole answer" in short["reason"]
    assert [row["side"] for row in ended.books[ZED]] == ["BUY"]
    assert ended.run["status"] in ("incomplete", "unresolved")
    assert ended.event("RunIncomplete")["run_id"] == ended.run["run_id"]


def hedge_refused(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED))
    stage.exchange.fault(
        trader.accounts[ZED], "refuse", operation="place", times=1, message="RMS: margin exceeds the funds"
    )
    return stage.enter(trader, strategy)


@flow(hedge_refused)
def test_a_short_is_never_sent_when_its_hedge_was_refused(ended: Ended) -> None:
    assert ended.books[ZED] == []
    assert ended.order(side="BUY")["status"] == "refused"
    assert "RMS: margin exceeds the funds" in ended.order(side="BUY")["reason"]
    assert ended.order(side="SELL")["status"] == "withheld"
    assert "RMS: margin exceeds the funds" in ended.order(side="SELL")["reason"]
    assert ended.run["status"] == "refused"
    assert ended.event("RunRefused")["reason"].startswith("nothing was entered: ")


def hedge_of_another_worker(stage: Stage) -> Ended:
    """A worker that died after claiming the hedge, and the same work delivered once more."""
    trader = stage.trader(ZERODHA)
    strategy, tick = trader.save(credit_spread(ZED)), tick_in(6)
    work = [{"phase": "entry", "strategy": strategy}]
    invoke = stage.deployment.invoke
    (prepared,) = invoke("prepare_runs", {"user_id": trader.user_id, "tick": str(tick), "work": work})["accounts"]
    (hedge,) = [order for order in trader.day(tick.date)["orders"] if order["side"] == "BUY"]
    stage.deployment.table.update_item(
        Key={"pk": f"USER#{trader.user_id}#DAY#{tick.date}", "sk": f"ORDER#{hedge['intent_id']}"},
        UpdateExpression="SET #status = :sending",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":sending": "sending"},
    )
    invoke("place_orders", prepared)
    return stage.seen(trader, tick)


@flow(hedge_of_another_worker)
def test_a_short_is_never_sent_by_a_worker_that_does_not_hold_its_hedge(ended: Ended) -> None:
    assert ended.books[ZED] == []
    assert ended.order(side="SELL")["sent_at"] is None


def garbage_quotes(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED))
    stage.exchange.fault(trader.accounts[ZED], "garbage", operation="quotes")
    return stage.enter(trader, strategy)


@flow(garbage_quotes)
def test_unreadable_quotes_refuse_the_run_and_say_so(ended: Ended) -> None:
    assert ended.run["status"] == "refused"
    assert ended.run["reason"].startswith(f"no quote for NIFTY: zerodha account {ZED}: zerodha: ")
    assert "without a readable JSON object" in ended.run["reason"]
    assert ended.day["orders"] == []
    assert ended.books[ZED] == []
    assert ended.event("RunRefused")["reason"] == ended.run["reason"]


def garbage_at_placing(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL) | KEEP)
    stage.exchange.fault(trader.accounts[ZED], "garbage", operation="place", http_status=502, processed=False)
    stage.exchange.fault(trader.accounts[ANGEL], "garbage", operation="place", times=1)
    return stage.enter(trader, strategy)


@flow(garbage_at_placing)
def test_an_unreadable_answer_is_neither_success_nor_refusal_until_the_book_tells(ended: Ended) -> None:
    never_arrived = ended.order(account_id=ZED, side="BUY")
    assert never_arrived["status"] == "missed"
    assert "the broker's book has no order with its tag" in never_arrived["reason"]
    arrived = ended.order(account_id=ANGEL, side="BUY")
    assert arrived["status"] == "filled"
    assert [row["tag"] for row in ended.books[ANGEL] if row["side"] == "BUY"] == [arrived["tag"]]
    assert ended.books[ZED] == []


@flow(garbage_at_placing)
def test_a_short_leaves_behind_an_unreadable_answer_only_where_the_book_shows_its_hedge(ended: Ended) -> None:
    withheld = ended.order(account_id=ZED, side="SELL")
    assert withheld["status"] == "withheld"
    assert "without a readable JSON object" in withheld["reason"]
    assert ended.order(account_id=ANGEL, side="SELL")["status"] == "filled"
    assert ended.run["status"] == "incomplete"
    assert ended.event("RunIncomplete")["run_id"] == ended.run["run_id"]


def session_killed(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL) | KEEP)
    stage.exchange.fault(trader.accounts[ZED], "session_killed", times=1)
    return stage.enter(trader, strategy)


@flow(session_killed)
def test_a_dead_session_withholds_its_orders_and_asks_for_a_login(ended: Ended) -> None:
    for order in ended.orders(account_id=ZED):
        assert order["status"] == "withheld"
        assert "zerodha" in order["reason"]
        assert "log in again" in order["reason"]
    assert ended.books[ZED] == []
    assert {order["status"] for order in ended.orders(account_id=ANGEL)} == {"filled"}
    assert ended.run["status"] == "incomplete"
    assert "log in again" in ended.event("RunIncomplete")["reason"]


def half_a_minute_ahead(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy = trader.save(
        credit_spread(ZED, ANGEL)
        | {"legs": [leg("CE", "SELL", 4, zed=1, angel=3), leg("CE", "BUY", 8, zed=1, angel=3)]}
    )
    return stage.enter(trader, strategy, lead=30)


@flow(half_a_minute_ahead)
def test_no_order_leaves_before_its_second_however_early_the_worker_is(ended: Ended) -> None:
    assert ended.run["status"] == "open", ended.run["reason"]
    rows = [row for book in ended.books.values() for row in book]
    assert len(rows) == 4
    for row in rows:
        assert datetime.fromisoformat(row["received_at"]) >= ended.tick.instant
    for order in ended.day["orders"]:
        assert order["offset_ms"] >= 0
        assert datetime.fromisoformat(order["sent_at"]) >= ended.tick.instant


@flow(half_a_minute_ahead)
def test_a_short_leaves_when_its_hedge_is_filled(ended: Ended) -> None:
    for book in ended.books.values():
        (hedge,), (short,) = ([row for row in book if row["side"] == side] for side in ("BUY", "SELL"))
        assert max(fill["at"] for fill in hedge["fills"]) <= short["received_at"]


@flow(half_a_minute_ahead)
def test_a_leg_is_divided_over_accounts_as_the_leg_says(ended: Ended) -> None:
    assert {(order["account_id"], order["lots"]) for order in ended.day["orders"]} == {(ZED, 1), (ANGEL, 3)}
    for account_id, lots in ((ZED, 1), (ANGEL, 3)):
        assert {row["quantity"] for row in ended.books[account_id]} == {
            lots * row["lot"] for row in ended.books[account_id]
        }


def a_tick_long_past(stage: Stage) -> Ended:
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL))
    tick = Tick((datetime.now(IST) - timedelta(seconds=90)).replace(microsecond=0))
    stage.execute(trader, tick, ("entry", strategy))
    return stage.seen(trader, tick)


@flow(a_tick_long_past)
def test_nothing_is_sent_past_the_limit_of_a_tick(ended: Ended) -> None:
    assert ended.books == {ZED: [], ANGEL: []}
    for hedge in ended.orders(side="BUY"):
        assert hedge["status"] == "missed"
        assert hedge["reason"].startswith("not sent: it is past ")
    assert {order["status"] for order in ended.orders(side="SELL")} == {"withheld"}
    assert ended.run["status"] == "missed"
    assert ended.event("RunMissed")["reason"] == ended.run["reason"]


def one_bad_strategy(stage: Stage) -> Ended:
    """The account of one strategy disappears after the strategy was saved."""
    trader = stage.trader()
    bad = trader.save(credit_spread(ANGEL, name="bad"), "bad")
    good = trader.save(credit_spread(ZED, name="good"), "good")
    account = {"pk": f"USER#{trader.user_id}", "sk": f"ACCOUNT#{ANGEL}"}
    gone = stage.deployment.table.delete_item(Key=account, ReturnValues="ALL_OLD")["Attributes"]
    tick = tick_in(LEAD_SECONDS)
    stage.execute(trader, tick, ("entry", bad), ("entry", good))
    stage.deployment.table.put_item(Item=gone)
    return stage.seen(trader, tick)


@flow(one_bad_strategy)
def test_one_bad_strategy_fails_alone(ended: Ended) -> None:
    runs = {run["strategy_id"]: run for run in ended.day["runs"]}
    assert runs["bad"]["status"] == "refused"
    assert runs["bad"]["reason"] == f"account {ANGEL!r} is not linked; link it or change the allocation"
    assert ended.event("RunRefused")["strategy"] == "bad"
    assert runs["good"]["status"] == "open"
    assert ended.event("RunEntered")["strategy"] == "good"
    assert {row["status"] for row in ended.books[ZED]} == {"complete"}
    assert ended.books[ANGEL] == []


def halted_user(stage: Stage) -> Ended:
    """Entered, then halted: one strategy wants to enter and one to leave."""
    trader = stage.trader()
    first = trader.save(credit_spread(ZED, ANGEL))
    stage.enter(trader, first)
    second = trader.save(credit_spread(ZED, ANGEL, name="second"), "second")
    scope = f"USER#{trader.user_id}"
    halt = {"pk": "CONTROL", "sk": f"HALT#{scope}"}
    stage.deployment.table.put_item(
        Item={**halt, "scope": scope, "halted": True, "reason": "the trader asked", "by": "flow"}
    )
    tick = tick_in(LEAD_SECONDS)
    try:
        stage.execute(trader, tick, ("entry", second), ("exit", first))
    finally:
        stage.deployment.table.delete_item(Key=halt)
    return stage.seen(trader, tick)


@flow(halted_user)
def test_a_halt_stops_entries_and_lets_exits_go(ended: Ended) -> None:
    runs = {run["strategy_id"]: run for run in ended.day["runs"]}
    assert (runs["second"]["status"], runs["second"]["reason"]) == ("refused", "halted (user): the trader asked")
    assert ended.event("RunRefused")["reason"] == "halted (user): the trader asked"
    assert runs[STRATEGY]["status"] == "flat"
    assert runs[STRATEGY]["realised"] == ended.event("RunFlat")["realised"]
    assert {position["net"] for position in ended.day["positions"]} == {0}
    assert [len(book) for book in ended.books.values()] == [4, 4]


def short_refused(stage: Stage) -> Ended:
    """The hedge fills, and the short that leans on it is refused."""
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED))
    stage.exchange.fault(trader.accounts[ZED], "refuse", operation="place", times=1, after=1, message="RMS: no margin")
    return stage.enter(trader, strategy)


@flow(short_refused)
def test_a_refused_short_closes_its_hedge_and_the_run_ends_flat(ended: Ended) -> None:
    assert ended.run["status"] == "flat", ended.run["reason"]
    assert "RMS: no margin" in ended.run["reason"]
    bought, sold = ended.books[ZED]
    assert (bought["side"], sold["side"]) == ("BUY", "SELL")
    assert bought["symbol"] == sold["symbol"]
    assert {position["net"] for position in ended.day["positions"]} == {0}


@flow(short_refused)
def test_what_closes_a_run_is_told_and_has_no_offset(ended: Ended) -> None:
    assert ended.event("RunMending")["reason"].startswith("squaring off: leg ")
    assert ended.event("RunFlat")["realised"] == ended.run["realised"]
    (closing,) = ended.orders(phase="exit")
    assert closing["offset_ms"] is None
    assert closing["sent_at"] > ended.order(side="BUY", phase="entry")["sent_at"]


def short_refused_once(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    strategy = trader.save(credit_spread(ZED) | {"policies": {"on_refusal": "retry_then_square_off"}})
    stage.exchange.fault(
        trader.accounts[ZED],
        "refuse",
        operation="place",
        times=1,
        after=1,
        message="17070 : The Price is out of the LPP range",
    )
    return stage.enter(trader, strategy)


@flow(short_refused_once)
def test_a_refusal_that_passes_is_survived(ended: Ended) -> None:
    assert ended.run["status"] == "open", ended.run["reason"]
    first, second = sorted(ended.orders(side="SELL"), key=lambda order: order["intent_id"])
    assert (first["status"], second["status"]) == ("refused", "filled")
    assert [row["side"] for row in ended.books[ZED]] == ["BUY", "SELL"]


def one_broker_gone(stage: Stage) -> Ended:
    """One account's broker is down; what the other account entered is closed."""
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL))
    stage.exchange.fault(trader.accounts[ANGEL], "down")
    return stage.enter(trader, strategy)


@flow(one_broker_gone)
def test_a_run_that_is_half_at_a_dead_broker_is_closed_where_it_can_be(ended: Ended) -> None:
    assert ended.run["status"] == "flat", ended.run["reason"]
    assert ended.books[ANGEL] == []
    assert sorted(row["side"] for row in ended.books[ZED]) == ["BUY", "BUY", "SELL", "SELL"]
    assert {position["net"] for position in ended.day["positions"]} == {0}
