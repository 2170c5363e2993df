"""Order updates that the sandbox posts, through the deployed route, queue and functions.

Three workers die after the answers to their orders were lost; nobody confirms. Two brokers post the truth, and in the
name of the third a stranger does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from lambdas.domain.moments import IST, Tick
from tests.local.deployment import until
from tests.local.exchange import FYERS, GROWW, ZERODHA
from tests.local.stage import Ended, Stage, flow, together
from tests.local.trader import FY, GRO, ZED, ZED_TWO, Trader, credit_spread, leg, tick_in

pytestmark = [pytest.mark.emulator, pytest.mark.emulator_only]

KEEP = {"policies": {"on_refusal": "keep", "on_partial_fill": "keep", "on_broker_failure": "keep"}}
LEGS = [leg("CE", "BUY", 4, zed=1, zed_two=1, fyers=1)]
"""Nothing waits for these, so no worker looks for them in the book."""
POSTING = (ZED, FY)
RECONCILED_AFTER = timedelta(seconds=100)
"""From T on: the last instant of sending, the longest chase, and half a minute."""


@dataclass(frozen=True)
class Posted:
    """What the ledger knew right after placing, and when the letters had been looked into; and what was answered."""

    before: dict[str, str]
    end: Ended
    answered: dict[str, set[tuple[bool, int | None]]]
    refused: dict[str, int]
    no_address: dict[str, Any]


def letters_of_lost_answers(stage: Stage) -> Posted:
    trader = stage.trader(ZERODHA, FYERS, GROWW)
    trader.link_as(ZED_TWO, stage.exchange, ZERODHA)
    urls = {account_id: url_of(trader, account_id) for account_id in (ZED, ZED_TWO, FY)}
    for account_id, url in urls.items():
        stage.exchange.fault(trader.accounts[account_id], "drop_reply", operation="place", times=1)
        stage.exchange.post_to(trader.accounts[account_id], url)
    stage.exchange.fault(trader.accounts[ZED_TWO], "postback_forged", operation="postback")
    refused = strangers(urls)
    strategy = trader.save(credit_spread(*urls) | KEEP | {"legs": LEGS})
    tick = tick_in(8)
    place(stage, trader, strategy, tick)
    before = {order["account_id"]: order["status"] for order in trader.day(tick.date)["orders"]}

    def are_known() -> bool:
        orders = trader.day(tick.date)["orders"]
        return {order["status"] for order in orders if order["account_id"] in POSTING} == {"filled"}

    left = (tick.instant + RECONCILED_AFTER - datetime.now(IST)).total_seconds()
    until("what the letters are about", are_known, seconds=left)
    answered = {account_id: letters(stage, trader, account_id) for account_id in urls}
    return Posted(before, stage.seen(trader, tick), answered, refused, trader.api.get(f"/accounts/{GRO}/postback"))


def letters(stage: Stage, trader: Trader, account_id: str) -> set[tuple[bool, int | None]]:
    """Whether a letter was forged, and how it was answered; None when that took longer than a broker waits."""
    rows = until(f"the letters of {account_id}", lambda: stage.exchange.posted(trader.accounts[account_id]), seconds=30)
    return {(row["forged"], row["http_status"]) for row in rows}


def url_of(trader: Trader, account_id: str) -> str:
    """Where its broker posts to, on this machine: the emulator's API is reached by path."""
    return trader.deployment.api_url + httpx.URL(trader.api.get(f"/accounts/{account_id}/postback")["url"]).path


def place(stage: Stage, trader: Trader, strategy: dict[str, Any], tick: Tick) -> None:
    """Prepare and place as a workflow does that dies then."""
    invoke = stage.deployment.invoke
    work = [{"phase": "entry", "strategy": strategy}]
    prepared = invoke("prepare_runs", {"user_id": trader.user_id, "tick": str(tick), "work": work})["accounts"]
    together(*[lambda account=account: invoke("place_orders", account) for account in prepared])


def strangers(urls: dict[str, str]) -> dict[str, int]:
    """What is answered to those who do not know an address, by what is wrong with it."""
    url, other = urls[FY], urls[ZED]
    path, proof = url.rsplit("/", 1)
    wrong = {
        "made up": f"{path}/{proof[::-1]}",
        "of another account": f"{path}/{other.rsplit('/', 1)[1]}",
        "unknown account": f"{path.removesuffix(FY)}no-account/{proof}",
    }
    with httpx.Client(timeout=30) as client:
        return {name: client.post(address, json={"id": "1"}).status_code for name, address in wrong.items()}


@flow(letters_of_lost_answers)
def test_a_letter_makes_an_order_known_before_the_reconciler_would(ended: Posted) -> None:
    assert ended.before == {ZED: "unknown", ZED_TWO: "unknown", FY: "unknown"}
    for account_id in POSTING:
        (row,) = ended.end.books[account_id]
        order = ended.end.order(account_id=account_id)
        assert (order["status"], order["broker_order_id"]) == ("filled", row["order_id"])
        assert order["filled_quantity"] == order["quantity"]


@flow(letters_of_lost_answers)
def test_every_letter_was_answered_and_the_forged_ones_refused(ended: Posted) -> None:
    for account_id in POSTING:
        assert ended.answered[account_id] <= {(False, 200), (False, None)}
    assert ended.answered[ZED_TWO] <= {(True, 403), (True, None)}


@flow(letters_of_lost_answers)
def test_a_forged_letter_changes_nothing(ended: Posted) -> None:
    assert len(ended.end.books[ZED_TWO]) == 1
    assert ended.end.order(account_id=ZED_TWO)["status"] == "unknown"


@flow(letters_of_lost_answers)
def test_who_does_not_know_the_address_finds_none(ended: Posted) -> None:
    assert ended.refused == {"made up": 404, "of another account": 404, "unknown account": 404}


@flow(letters_of_lost_answers)
def test_a_broker_that_posts_nothing_has_no_address(ended: Posted) -> None:
    assert ended.no_address == {"url": None, "enter_at": None}
