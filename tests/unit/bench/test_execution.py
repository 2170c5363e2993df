"""What the measurement of execution counts, compares and shows."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from threading import Thread
from typing import Any

import httpx
import pytest

from bench.bare_orders import request_of
from bench.burst import COLUMNS as BURST_COLUMNS
from bench.burst import bare_row, burst_row, least_seconds, most_in_a_second
from bench.condor_times import account_at
from bench.counting_wire import CountingWire, counting_wire
from bench.crowd import Bulkheads, Size, crowd_strategies, poison
from bench.desk import Desk, credentials, iron_condor, never_due
from bench.execution import PARTS, QUICK, WHOLE, in_words
from bench.minutes import (
    TALLY_COLUMNS,
    Expected,
    at,
    group_samples,
    is_settled,
    minute_after,
    samples_of,
    schedule_of,
    strangers,
    tally,
)
from bench.sandbox_rig import Exchange
from bench.watched import Passage, Span, Watch, passage_of
from bench.worker_runs import COLUMNS, PASSAGE_COLUMNS, Entered, entry_row, passage_row, second_after, time_row
from lambdas.domain.contracts import Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState
from lambdas.domain.moments import IST, WEEKDAYS, Tick
from lambdas.domain.strategy import StrategyDefinition
from local.api import Api
from local.instance import BROKERS, Instance
from local.steps import CannotContinue
from tests.doubles.examples import an_intent

T = datetime(2026, 11, 23, 9, 20, tzinfo=IST)
TICK = Tick(T)


def after(milliseconds: float) -> datetime:
    return T + timedelta(milliseconds=milliseconds)


def an_order(side: Side, sent: float, answered: float, **intent: Any) -> Order:
    leg = 2 if side is Side.BUY else 1
    state = OrderState(
        IntentStatus.FILLED if side is Side.BUY else IntentStatus.ACCEPTED,
        broker_order_id=f"{side}-{sent}",
        sent_at=after(sent),
        acknowledged_at=after(answered),
    )
    return Order(an_intent(side=side, leg=leg, **intent), state)


HEDGE, SHORT = an_order(Side.BUY, 1, 101), an_order(Side.SELL, 210, 310)


def desk(*brokers: str) -> Desk:
    clients = {f"{broker}-{number}": (broker, f"c{number}") for number, broker in enumerate(brokers)}
    exchange = Exchange(Instance("none", 1, 1, "ap-south-1"))
    return Desk(exchange, Api(httpx.Client()), "user", clients)


# Entries of the workers


def test_an_entry_ends_with_the_last_acknowledgement() -> None:
    assert Entered(TICK, (HEDGE, SHORT), ()).last_answer_ms == 310.0


def test_an_entry_of_which_an_order_was_withheld_is_not_whole_and_not_timed() -> None:
    withheld = Order(SHORT.intent, OrderState(IntentStatus.WITHHELD, "its hedge was refused"))
    entries = [Entered(TICK, (HEDGE, SHORT), ()), Entered(TICK, (HEDGE, withheld), ()), Entered(TICK, (), ())]
    row = entry_row("four legs", entries, 100)
    assert row == ("four legs", "1", "310.0", "310.0", "310.0", "200", "110.0", "2")
    assert len(row) == len(COLUMNS)


def test_without_a_whole_entry_there_are_dashes() -> None:
    row = time_row("nothing", [], 50, "3")
    assert row == ("nothing", "0", "–", "–", "–", "100", "–", "3")


@pytest.mark.parametrize(("now", "tick"), [(0.0, 1000.0), (1.0, 1000.0), (999.0, 1000.0), (1000.0, 2000.0)])
def test_the_second_of_an_entry_is_ahead(now: float, tick: float) -> None:
    assert second_after(after(now)) == Tick(after(tick))


def test_what_a_bare_client_repeats_was_priced() -> None:
    with pytest.raises(CannotContinue, match="was not priced"):
        request_of(HEDGE)


# From the hedge to the short


class PausingStore:
    """Records after a pause."""

    def __init__(self) -> None:
        self.records: list[tuple[Intent, OrderState]] = []

    async def record(self, intent: Intent, state: OrderState) -> bool:
        await asyncio.sleep(0)
        self.records.append((intent, state))
        return True

    async def claim(self) -> str:
        return "claimed"


def test_watched_calls_do_what_they_did_and_only_the_named_ones_are_timed() -> None:
    watch, store = Watch(), PausingStore()
    seen = watch.seen(store, "record")
    assert asyncio.run(seen.record(HEDGE.intent, HEDGE.state))
    assert asyncio.run(seen.claim()) == "claimed"
    assert store.records == [(HEDGE.intent, HEDGE.state)]
    ((call, arguments, began, ended),) = [(s.call, s.arguments, s.began, s.ended) for s in watch.spans]
    assert (call, arguments) == ("record", (HEDGE.intent, HEDGE.state))
    assert began <= ended


def spans(watch: Watch) -> None:
    """The hedge left at 1 ms and was answered at 101 ms, the short left at 210 ms."""
    watch.spans += [
        Span("orders", (), after(5), after(107)),
        Span("orders", (), after(105), after(206)),
        Span("orders", (), after(205), after(306)),
    ]


def test_the_passage_to_the_short_ends_with_the_look_before_it() -> None:
    watch = Watch()
    spans(watch)
    assert passage_of([HEDGE, SHORT], watch.spans) == Passage(100.0, 205.0, 209.0, 3)


def test_there_is_no_passage_where_no_short_left() -> None:
    watch = Watch()
    spans(watch)
    unsent = Order(SHORT.intent, OrderState(IntentStatus.WITHHELD))
    assert passage_of([HEDGE, unsent], watch.spans) is None


def test_a_row_of_passages_has_a_cell_for_each_part() -> None:
    passages = (Passage(1, 2, 3, 1), Passage(3, 4, 5, 2))
    row = passage_row("one account", [Entered(TICK, (), passages)])
    assert row == ("one account", "2", "1.0", "2.0", "3.0", "1.0")
    assert len(row) == len(passage_row("none", [])) == len(PASSAGE_COLUMNS)


# The burst


@pytest.mark.parametrize(("orders", "seconds"), [(0, 0), (1, 0), (10, 0), (11, 1), (100, 9)])
def test_the_limit_takes_ten_at_once_and_ten_in_each_further_second(orders: int, seconds: float) -> None:
    assert least_seconds(orders) == seconds


def test_the_fullest_second_is_found_wherever_it_begins() -> None:
    assert most_in_a_second([]) == 0
    assert most_in_a_second([after(ms) for ms in (0, 900, 999, 1000, 1899, 1950)]) == 4


def test_a_burst_tells_what_was_taken_what_was_not_sent_and_what_was_refused() -> None:
    others = [Order(SHORT.intent, OrderState(status)) for status in (IntentStatus.WITHHELD, IntentStatus.MISSED)] + [
        Order(SHORT.intent, OrderState(IntentStatus.REFUSED))
    ]
    row = burst_row(Entered(TICK, (HEDGE, SHORT, *others), ()), 7)
    assert row == ("Legwise: the worker", "5", "2", "2", "1", "7", "0.31", "0.0")
    assert len(row) == len(BURST_COLUMNS) == len(bare_row(100, 10, 90, 1.0))


class Face(BaseHTTPRequestHandler):
    """Answers 429 to every second request of a connection, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        self.asked += 1
        self.send_response(200 if self.asked % 2 else 429)
        body = b"HTTP/1.1 500 is only quoted"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def face_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Face) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_the_forwarder_counts_statuses_and_changes_nothing(face_port: int) -> None:
    with counting_wire("127.0.0.1", face_port) as wire, httpx.Client(trust_env=False) as client:
        answers = [client.get(wire.url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert {answer.text for answer in answers} == {"HTTP/1.1 500 is only quoted"}
    assert wire.statuses[429] == 1


def test_what_does_not_begin_an_answer_is_not_counted() -> None:
    wire = CountingWire()
    for chunk in (b"HTTP/1.1 429 Too Many Requests\r\n", b'{"message": "HTTP/1.1 429 "}', b""):
        wire.see(chunk)
    assert wire.statuses == {429: 1}


# Minutes


def row_of(tag: str, *, account: str = "one", minute: datetime = T, side: str = "BUY") -> dict[str, Any]:
    return {
        "tag": tag,
        "run_id": "r",
        "phase": "entry",
        "account_id": account,
        "side": side,
        "intended_at": minute.isoformat(),
        "sent_at": after(2).isoformat(),
        "acknowledged_at": after(5).isoformat(),
        "offset_ms": 2.0,
    }


def booked(tag: str, ms: float) -> dict[str, Any]:
    return {"tag": tag, "received_at": after(ms).isoformat()}


def test_intents_are_counted_in_the_books_of_their_own_account() -> None:
    orders = [row_of("a"), row_of("b"), row_of("c"), row_of("d", account="two")]
    books = {"one": [booked("a", 1), booked("b", 2), booked("b", 3), booked("d", 4)], "two": [booked("c", 1)]}
    counted = tally(orders, books)
    assert (counted.intents, counted.once, counted.twice, counted.never) == (4, 1, 1, 2)
    assert strangers(orders, books) == 2
    assert len(counted.row("entries", 4, None)) == len(TALLY_COLUMNS)
    assert counted.row("entries", 6, 12.34)[1:3] == ("6", "4")


def test_an_order_that_reached_the_exchange_before_its_second_is_early() -> None:
    assert tally([row_of("a"), row_of("b")], {"one": [booked("a", -1), booked("b", 0)]}).early == 1


def test_only_the_orders_of_the_minute_count() -> None:
    later = row_of("b", minute=minute_after(TICK, 1).instant)
    assert at(TICK, [row_of("a"), later]) == [row_of("a")]


def test_what_mended_a_run_later_is_not_of_its_minute() -> None:
    mended, unsent = row_of("b") | {"offset_ms": None}, row_of("c") | {"offset_ms": None, "sent_at": None}
    assert at(TICK, [row_of("a"), mended, unsent]) == [row_of("a"), unsent]


def test_what_was_due_and_never_planned_is_lost() -> None:
    orders = [row_of("a"), row_of("b", side="SELL")]
    lost = [sample.lost for sample in samples_of("entries", orders, {"one": [booked("a", 1)], "two": []}, 8)]
    assert lost == [1, 1, 3, 3, 0]
    assert [sample.lost for sample in group_samples("others", orders, ["one", "two"], 8)] == [1, 3]


@pytest.mark.parametrize(
    ("statuses", "after_entries", "after_exits"),
    [
        (["open", "open"], True, False),
        (["open", "entering"], False, False),
        (["flat", "incomplete"], True, True),
        (["open"], False, False),
    ],
)
def test_a_minute_is_settled_when_no_run_is_under_way(
    statuses: list[str], after_entries: bool, after_exits: bool
) -> None:
    runs = [{"status": status, "entry": "09:20", "exit": "09:30"} for status in statuses]
    runs.append({"status": "entering", "entry": "09:25", "exit": "09:31"})
    assert is_settled(runs, Expected(TICK, 2, over=False)) is after_entries
    assert is_settled(runs, Expected(Tick(T + timedelta(minutes=10)), 2, over=True)) is after_exits


# What is set up


def test_a_crowd_gives_every_account_as_many_hedges_as_shorts() -> None:
    of, size = desk(*BROKERS[:4]), Size(1, 4, 20)
    definitions = dict(crowd_strategies(of, size, TICK, minute_after(TICK, 1)))
    sides: dict[tuple[str, str], int] = {}
    for definition in definitions.values():
        for leg in definition["legs"]:
            key = leg["allocation"][0]["account_id"], leg["side"]
            sides[key] = sides.get(key, 0) + 1
    assert len(definitions) == 20
    assert set(sides.values()) == {10}
    assert sum(sides.values()) == size.orders


@pytest.mark.parametrize(
    "definition",
    [
        iron_condor("Both in one", never_due(T), "one", "one"),
        iron_condor("Two accounts", schedule_of(TICK, minute_after(TICK, 1)), "one", "two"),
        poison("one", TICK),
    ],
    ids=lambda definition: str(definition["name"]),
)
def test_the_strategies_are_ones_that_can_be_saved(definition: dict[str, Any]) -> None:
    StrategyDefinition.model_validate(definition)


@pytest.mark.parametrize("day", range(7))
def test_what_is_never_due_is_due_neither_today_nor_tomorrow(day: int) -> None:
    now = T + timedelta(days=day)
    near = {WEEKDAYS[(now + timedelta(days=offset)).weekday()] for offset in (-1, 0, 1)}
    (due,) = never_due(now)["weekdays"]
    assert due in WEEKDAYS[:5]
    assert due not in near


def test_every_account_of_the_bulkheads_is_in_one_group() -> None:
    hit, other = desk(*BROKERS), desk("zerodha", "upstox")
    groups = Bulkheads(hit, other, 2).groups
    assert groups["the same user's others"] == ["zerodha-0", "angel_one-1", "upstox-2", "fyers-3"]
    assert sorted(chain(*groups.values())) == sorted([*hit.account_ids, *other.account_ids])
    entries = list(Bulkheads(hit, other, 2).definitions(TICK))
    assert len(entries) == len({(of.user_id, of is hit, name) for of, name, _ in entries}) == 16


def test_an_account_is_found_by_its_broker() -> None:
    assert account_at(desk("zerodha", "angel_one"), "angel_one") == "angel_one-1"


def test_accounts_have_keys_of_their_own() -> None:
    one, two = credentials(1, "http://sandbox"), credentials(2, "http://sandbox")
    assert one["api_key"] != two["api_key"]
    assert one["redirect_url"] == "http://sandbox/callback-shown"


def test_the_sizes_are_told() -> None:
    told = in_words(WHOLE)
    assert "100 strategies × 4 legs over 20 accounts" in told
    assert "burst of 100" in told
    assert QUICK.burst % 4 == WHOLE.burst % 4 == 0
    assert PARTS == ("condor", "burst", "minutes")
