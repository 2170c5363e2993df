"""Accounts are compared with their brokers: what agrees, what a trader did by hand, and what a run cannot know of."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.local.deployment import until
from tests.local.exchange import BROKERS, ZERODHA
from tests.local.stage import Ended, Stage, flow
from tests.local.trader import OWN, ZED, Trader, credit_spread

pytestmark = pytest.mark.emulator

JUDGED_AFTER = timedelta(seconds=30)
"""Beyond the last moment of sending and the time of confirming, orders are compared."""
TWICE = 200
"""Seconds in which the schedule compares twice, a minute apart."""


@dataclass(frozen=True)
class ClosedByHand:
    """A run in accounts at six brokers, compared; then its short at one of them is bought back by hand."""

    end: Ended
    agreed: dict[str, dict[str, Any]]
    told: dict[str, Any]
    differing: dict[str, Any]
    others: dict[str, dict[str, Any]]


def closed_by_hand(stage: Stage) -> ClosedByHand:
    trader = stage.trader(*BROKERS)
    end = stage.enter(trader, trader.save(credit_spread(*OWN.values())))
    timing = stage.deployment.settings.timing
    sent = end.tick.instant + timedelta(seconds=timing.not_after_seconds + timing.confirm_seconds)
    time.sleep(max(0.0, (sent + JUDGED_AFTER + timedelta(seconds=1) - datetime.now(UTC)).total_seconds()))
    stage.deployment.invoke("reconcile", {"compare": "everyone"})
    agreed = {account_id: comparison(trader, account_id) for account_id in trader.accounts}
    buy_back(trader, end.order(account_id=ZED, side="SELL"))

    def told() -> dict[str, Any] | None:
        found = comparison(trader, ZED)
        return found if any(one["persists"] for one in found["differences"]) else None

    differing: dict[str, Any] = until("a difference that persists", told, seconds=TWICE, pause=2)
    others = {account_id: comparison(trader, account_id) for account_id in trader.accounts if account_id != ZED}
    return ClosedByHand(end, agreed, end.event("BooksDiffer"), differing, others)


def comparison(trader: Trader, account_id: str) -> dict[str, Any]:
    """What the API tells of an account's last comparison."""
    found: dict[str, Any] = trader.api.get(f"/accounts/{account_id}/comparison")
    return found


def buy_back(trader: Trader, order: dict[str, Any]) -> None:
    """Close a short of a run at Zerodha, as a trader does in the broker's own app: without a tag."""
    keys = json.loads(trader.stored_secret(ZED))
    urls = trader.deployment.settings.runtime().brokers[ZERODHA]
    answer = httpx.post(
        f"{urls.api_url}/orders/regular",
        headers={
            "X-Kite-Version": "3",
            "Authorization": f"token {keys['credentials']['api_key']}:{keys['tokens']['access_token']}",
        },
        data={
            "tradingsymbol": order["symbol"],
            "exchange": "NFO",
            "transaction_type": "BUY",
            "quantity": str(order["quantity"]),
            "order_type": "MARKET",
            "market_protection": "-1",
            "product": "MIS",
            "validity": "DAY",
        },
        timeout=20,
    )
    assert answer.is_success, answer.text


@flow(closed_by_hand)
def test_what_six_brokers_say_agrees_with_the_ledger(ended: ClosedByHand) -> None:
    assert {order["status"] for order in ended.end.day["orders"]} == {"filled"}
    assert ended.agreed.keys() == set(OWN.values())
    for account_id, found in ended.agreed.items():
        assert found["compared_at"] is not None, account_id
        assert (found["unreadable"], found["differences"], found["strangers"]) == (None, [], []), account_id


@flow(closed_by_hand)
def test_a_short_that_was_bought_back_by_hand_is_told_with_what_to_do(ended: ClosedByHand) -> None:
    short = ended.end.order(account_id=ZED, side="SELL")
    (difference,) = ended.differing["differences"]
    assert difference["kind"] == "not_held"
    assert f"the runs hold -{short['quantity']}, the broker has +0" in difference["what"]
    assert ended.told == {
        "user_id": ended.end.trader.user_id,
        "account_id": ZED,
        "label": "Flow zerodha",
        "broker": ZERODHA,
        "what": difference["what"],
        "since": ended.told["since"],
        "advice": difference["advice"],
    }


@flow(closed_by_hand)
def test_the_trade_by_hand_is_shown_as_a_strangers(ended: ClosedByHand) -> None:
    short = ended.end.order(account_id=ZED, side="SELL")
    (stranger,) = ended.differing["strangers"]
    assert (stranger["kind"], stranger["symbol"], stranger["quantity"]) == ("order", short["symbol"], short["quantity"])


@flow(closed_by_hand)
def test_the_other_accounts_go_on_agreeing(ended: ClosedByHand) -> None:
    assert [found["differences"] for found in ended.others.values()] == [[]] * (len(BROKERS) - 1)
