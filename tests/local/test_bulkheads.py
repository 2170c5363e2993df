"""One poison strategy, one hanging broker, one account over its rate limit: none moves the orders of the others."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.domain.moments import Tick
from local import books
from tests.local.exchange import ANGEL_ONE, DHAN, FYERS, GROWW, UPSTOX, ZERODHA
from tests.local.stage import LEAD_SECONDS, Ended, Stage, flow, together
from tests.local.trader import ANGEL, DHA, FY, GRO, UP, ZED, ZED_TWO, Trader, credit_spread, tick_in

pytestmark = pytest.mark.emulator

HANG_MS = 20_000
HANGS, HANGS_AT_0, LIMITED, CUT, DEAD = GRO, FY, DHA, ANGEL, ZED_TWO
"""The first hangs when its strategy is prepared. The second tells prices and nothing else: its worker hangs from before
second 0 until the last moment at which an order may be sent."""
ALL_BUT_QUOTES = ("place", "modify", "cancel", "orders", "positions", "account", "session")
POISON, UNLISTED = "a-poison", "999950"
TROUBLED = {f"b-{account_id}": account_id for account_id in (HANGS, HANGS_AT_0, LIMITED, CUT, DEAD)}
SOUND = {f"c-{account_id}": account_id for account_id in (ZED, UP)}
OF_THE_OTHER = {f"d-{account_id}": account_id for account_id in (GRO, DHA)}
"""The other user trades where the first one has trouble: at a broker that hangs and at the one that limits."""
LEGS = 2
KEEP = {"policies": {"on_refusal": "keep", "on_broker_failure": "keep"}}
LOOKS_FROM = timedelta(seconds=3)
"""After second 0, so that looking costs the senders nothing."""


@dataclass(frozen=True)
class Sides:
    """The user with the trouble and the one without, at one moment."""

    hit: Ended
    other: Ended

    def sound_runs(self) -> list[dict[str, Any]]:
        """The runs of both users that have no trouble."""
        runs = [*self.hit.day["runs"], *self.other.day["runs"]]
        return [run for run in runs if run["strategy_id"] in SOUND | OF_THE_OTHER]

    def sound_orders(self, **facts: Any) -> list[dict[str, Any]]:
        """The orders of these runs that have these values."""
        runs = {run["run_id"] for run in self.sound_runs()}
        return [one for one in (*self.hit.orders(**facts), *self.other.orders(**facts)) if one["run_id"] in runs]

    def run(self, strategy_id: str) -> dict[str, Any]:
        """A run of the user with the trouble."""
        (run,) = (run for run in self.hit.day["runs"] if run["strategy_id"] == strategy_id)
        found: dict[str, Any] = run
        return found


@dataclass(frozen=True)
class Bulkheads:
    """What was stored while a broker hung, when everybody had entered or was given up, and when the sound ones had
    left. `hanging` is None when nothing hung."""

    hanging: Sides | None
    entered: Sides
    left: Sides
    leave: Tick


def troubled_beside_sound(stage: Stage) -> Bulkheads:
    hit, other = stage.trader(ANGEL_ONE, DHAN, FYERS, GROWW, UPSTOX), stage.trader(DHAN, GROWW)
    for account_id in (ZED_TWO, ZED):
        hit.link_as(account_id, stage.exchange, ZERODHA)
    troubled = [_poison(hit), *(_saved(hit, *one, KEEP) for one in TROUBLED.items())]
    sound, others = ([_saved(who, *one) for one in ids.items()] for who, ids in ((hit, SOUND), (other, OF_THE_OTHER)))
    _let_go_wrong(stage, hit)
    try:
        tick = tick_in(LEAD_SECONDS)
        with ThreadPoolExecutor(2) as pool:
            entering = [
                pool.submit(stage.execute, who, tick, *(("entry", strategy) for strategy in work))
                for who, work in ((hit, [*troubled, *sound]), (other, others))
            ]
            hanging = _last_look_while_it_hangs(stage, hit, other, tick, entering)
        for execution in entering:
            execution.result()
        entered, leave = Sides(stage.seen(hit, tick), stage.seen(other, tick)), tick_in(LEAD_SECONDS)
        together(
            lambda: stage.execute(hit, leave, *(("exit", strategy) for strategy in sound)),
            lambda: stage.execute(other, leave, *(("exit", strategy) for strategy in others)),
        )
    finally:
        _hang(stage, hit, ms=0)
    return Bulkheads(hanging, entered, Sides(stage.seen(hit, tick), stage.seen(other, tick)), leave)


def _saved(trader: Trader, strategy_id: str, account_id: str, rules: dict[str, Any] | None = None) -> dict[str, Any]:
    return trader.save(credit_spread(account_id, name=strategy_id) | (rules or {}), strategy_id)


def _poison(trader: Trader) -> dict[str, Any]:
    """A strategy whose first strike nobody lists, in an account that trades for a sound one too."""
    definition = credit_spread(UP, name=POISON)
    definition["legs"][0]["strike"] = {"by": "strike", "strike": UNLISTED}
    return trader.save(definition, POISON)


def _let_go_wrong(stage: Stage, hit: Trader) -> None:
    """From before the strategies are prepared. What does not hang stays so: nobody uses these accounts afterwards."""
    _hang(stage, hit, ms=HANG_MS)
    stage.exchange.fault(hit.accounts[LIMITED], "rate_limit", operation="place")
    stage.exchange.fault(hit.accounts[CUT], "drop_reply", operation="place")
    stage.exchange.fault(hit.accounts[DEAD], "session_killed", operation="account", times=1)


def _hang(stage: Stage, hit: Trader, *, ms: int) -> None:
    """Of several delays of a call the sandbox takes the one that was set last, so 0 ends it."""
    stage.exchange.fault(hit.accounts[HANGS], "delay", ms=ms)
    for operation in ALL_BUT_QUOTES:
        stage.exchange.fault(hit.accounts[HANGS_AT_0], "delay", operation=operation, ms=ms)


def _last_look_while_it_hangs(
    stage: Stage, hit: Trader, other: Trader, tick: Tick, entering: list[Future[Any]]
) -> Sides | None:
    """What is stored while the worker of the account that hangs over second 0 has not given it up yet. That account is
    read last: all that is seen was stored before it was given up."""
    found = None
    time.sleep(max(0.0, (tick.instant + LOOKS_FROM - datetime.now(UTC)).total_seconds()))
    while not all(execution.done() for execution in entering):
        others, mine = (Ended(stage, who, tick, who.day(tick.date), {}) for who in (other, hit))
        if {order["status"] for order in mine.orders(account_id=HANGS_AT_0)} == {"sending"}:
            found = Sides(mine, others)
        time.sleep(0.5)
    return found


def _sent_at(order: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(order["sent_at"])


def _tags(orders: list[dict[str, Any]]) -> set[str]:
    return {order["tag"] for order in orders}


@flow(troubled_beside_sound)
def test_every_sound_order_has_left_while_a_broker_still_hangs(ended: Bulkheads) -> None:
    assert ended.hanging is not None, "no look fell into the time in which the broker hung"
    left = [order for order in ended.hanging.sound_orders() if order["sent_at"]]
    assert len(left) == LEGS * len(SOUND | OF_THE_OTHER)
    assert _tags(left) == _tags(ended.entered.sound_orders())


@flow(troubled_beside_sound)
def test_every_sound_order_leaves_before_the_limited_account_is_given_up(ended: Bulkheads) -> None:
    last_try = _sent_at(ended.entered.hit.order(account_id=LIMITED, side="BUY"))
    assert max(map(_sent_at, ended.entered.sound_orders())) < last_try


@flow(troubled_beside_sound)
def test_every_sound_order_is_filled_in_its_time_and_none_is_early(ended: Bulkheads) -> None:
    may_wait = timedelta(seconds=ended.left.hit.stage.deployment.settings.timing.not_after_seconds)
    for phase, tick in (("entry", ended.left.hit.tick), ("exit", ended.leave)):
        orders = ended.left.sound_orders(phase=phase)
        assert len(orders) == LEGS * len(SOUND | OF_THE_OTHER)
        assert {order["status"] for order in orders} == {"filled"}
        assert {datetime.fromisoformat(order["intended_at"]) for order in orders} == {tick.instant}
        assert all(tick.instant <= _sent_at(order) <= tick.instant + may_wait for order in orders)
        assert all(0 <= order["offset_ms"] <= may_wait.total_seconds() * 1000 for order in orders)


@flow(troubled_beside_sound)
def test_the_sound_runs_are_open_then_flat(ended: Bulkheads) -> None:
    assert [run["status"] for run in ended.entered.sound_runs()] == ["open"] * len(SOUND | OF_THE_OTHER)
    assert [run["status"] for run in ended.left.sound_runs()] == ["flat"] * len(SOUND | OF_THE_OTHER)
    assert {run["reason"] for run in ended.left.sound_runs()} == {"every position is closed"}


@flow(troubled_beside_sound)
def test_the_books_have_every_sound_order_once_and_none_of_those_given_up(ended: Bulkheads) -> None:
    for side, sound in ((ended.left.hit, SOUND), (ended.left.other, OF_THE_OTHER)):
        linked = {account_id: side.trader.accounts[account_id] for account_id in sound.values()}
        clients = {account_id: (account.broker, account.client_id) for account_id, account in linked.items()}
        agreement = books.compare(side.stage.deployment.sandbox_url, side.day, clients)
        assert agreement.differences == ()
        assert agreement.compared == 2 * LEGS * len(sound)
        assert {one: len(side.books[one]) for one in clients} == dict.fromkeys(clients, 2 * LEGS)
    for given_up in (HANGS, HANGS_AT_0, LIMITED, DEAD):
        assert ended.left.hit.books[given_up] == []


@flow(troubled_beside_sound)
def test_a_poison_strategy_is_refused_and_names_its_leg(ended: Bulkheads) -> None:
    run = ended.left.run(POISON)
    assert run["status"] == "refused"
    assert run["reason"].startswith(f"legs[1]: strike {UNLISTED} is not listed")
    assert ended.left.hit.orders(run_id=run["run_id"]) == []


@flow(troubled_beside_sound)
def test_a_broker_that_hangs_is_named_and_nothing_is_taken_for_done(ended: Bulkheads) -> None:
    prepared, at_0 = (ended.left.run(f"b-{account_id}") for account_id in (HANGS, HANGS_AT_0))
    assert (prepared["status"], at_0["status"]) == ("refused", "refused")
    assert f"{GROWW} account {HANGS} did not answer in time" in prepared["reason"]
    assert f"the broker could not be used: {FYERS}: no whole answer" in at_0["reason"]
    assert ended.left.hit.orders(account_id=HANGS) == []
    assert [order["status"] for order in ended.left.hit.orders(account_id=HANGS_AT_0)] == ["withheld"] * LEGS


@flow(troubled_beside_sound)
def test_an_account_over_its_rate_limit_says_so(ended: Bulkheads) -> None:
    hedge = ended.left.hit.order(account_id=LIMITED, side="BUY")
    assert (hedge["status"], hedge["refusal"]) == ("refused", "rate_limit")
    run = ended.left.run(f"b-{LIMITED}")
    assert run["status"] == "refused"
    assert f"{DHAN}: rate limited (HTTP 429)" in run["reason"]


@flow(troubled_beside_sound)
def test_an_account_whose_session_is_dead_asks_for_a_login(ended: Bulkheads) -> None:
    run = ended.left.run(f"b-{DEAD}")
    assert run["status"] == "refused"
    assert f"the broker could not be used: {ZERODHA}: " in run["reason"]
    assert "log in again" in run["reason"]


@flow(troubled_beside_sound)
def test_an_order_whose_reply_is_cut_is_found_by_its_tag_and_sent_once(ended: Bulkheads) -> None:
    """Whether its short may follow is a matter of how soon the book is read; the run says which it was."""
    hedge, short = (ended.left.hit.order(account_id=CUT, side=side) for side in ("BUY", "SELL"))
    assert hedge["status"] == "filled"
    entered = [order["tag"] for order in (hedge, short) if order["status"] == "filled"]
    assert sorted(row["tag"] for row in ended.left.hit.books[CUT]) == sorted(entered)
    assert ended.left.run(f"b-{CUT}")["status"] == {"filled": "open", "withheld": "incomplete"}[short["status"]]


MANY = 12
"""Accounts that hang; one after the other they would take the lead of the minute and all the time to send after it."""


def many_accounts_hang(stage: Stage) -> Ended:
    """Each when its strategy is prepared, before the only sound one of the same user."""
    trader = stage.trader(UPSTOX)
    hanging = [f"hangs-{count}" for count in range(MANY)]
    for account_id in hanging:
        trader.link_as(account_id, stage.exchange, GROWW)
    work = [_saved(trader, f"b-{account_id}", account_id) for account_id in hanging] + [_saved(trader, "c-sound", UP)]
    for account_id in hanging:
        stage.exchange.fault(trader.accounts[account_id], "delay", ms=HANG_MS)
    try:
        tick = tick_in(LEAD_SECONDS)
        stage.execute(trader, tick, *(("entry", strategy) for strategy in work))
    finally:
        for account_id in hanging:
            stage.exchange.fault(trader.accounts[account_id], "delay", ms=0)
    return stage.seen(trader, tick)


@flow(many_accounts_hang)
def test_many_accounts_that_hang_take_no_more_of_the_lead_than_one(ended: Ended) -> None:
    runs = {run["strategy_id"]: run for run in ended.day["runs"]}
    refused = [run["reason"] for name, run in runs.items() if name != "c-sound" and run["status"] == "refused"]
    assert len(refused) == MANY
    assert all("did not answer in time" in reason for reason in refused)
    assert runs["c-sound"]["status"] == "open"
    assert {order["status"] for order in ended.orders()} == {"filled"}
    assert len(ended.books[UP]) == LEGS
