"""Six brokers side by side: linking, logging in, being tried out, trading; and logins that are refused."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from lambdas.domain.moments import IST, Tick
from local import books
from tests.local.exchange import ANGEL_ONE, BROKERS, DHAN, FYERS, GROWW, UPSTOX, ZERODHA
from tests.local.stage import Ended, Stage, flow
from tests.local.trader import DHA, FY, GRO, OWN, UP, ZED, ZED_TWO, Trader, leg, sign_up, today_at

pytestmark = pytest.mark.emulator

TRADING = (ZED, ZED_TWO, UP, FY, DHA, GRO)
FUNDS = 50_00_000
"""What every account at the sandbox begins with, in rupees."""
ENDS = {ZERODHA: time(6), ANGEL_ONE: time(0), UPSTOX: time(3, 30), FYERS: time(0), GROWW: time(6)}
"""When in the day, IST, sessions end; at Dhan they last for 24 hours."""
LOGGING_IN = timedelta(minutes=2)
"""More than all logins of the flow take."""


@dataclass(frozen=True)
class SixBrokers:
    """A user with accounts at all brokers, two of them at one, and a strategy that traded through six."""

    began: datetime
    accounts: dict[str, dict[str, Any]]
    tried: dict[str, dict[str, Any]]
    entry: Tick
    leave: Tick
    end: Ended


def over_all_brokers(entry: Tick, leave: Tick) -> dict[str, Any]:
    """The call spread at three brokers, the put spread at three others, in different lots."""
    return {
        "name": "Flow over six accounts",
        "underlying": "NIFTY",
        "schedule": today_at(entry, leave),
        "allocation": [{"account_id": account_id} for account_id in TRADING],
        "legs": [
            leg("CE", "SELL", 4, upstox=1, fyers=2, zed=1),
            leg("CE", "BUY", 8, upstox=1, fyers=2, zed=1),
            leg("PE", "SELL", -4, dhan=1, groww=2, zed_two=3),
            leg("PE", "BUY", -8, dhan=1, groww=2, zed_two=3),
        ],
    }


def six_brokers(stage: Stage) -> SixBrokers:
    began = datetime.now(IST)
    trader = stage.trader(*BROKERS)
    trader.link_as(ZED_TWO, stage.exchange, ZERODHA)
    accounts = {account["account_id"]: account for account in trader.api.get("/accounts")}
    tried = {account_id: trader.api.post(f"/accounts/{account_id}/test") for account_id in accounts}
    entry, leave = stage.minutes_of_the_loop()
    trader.save(over_all_brokers(entry, leave))
    return SixBrokers(began, accounts, tried, entry, leave, stage.await_end(trader, entry, leave))


@flow(six_brokers)
def test_an_account_at_every_broker_is_logged_in_until_the_end_that_the_broker_sets(ended: SixBrokers) -> None:
    assert {account["broker"] for account in ended.accounts.values()} == set(BROKERS)
    for account in ended.accounts.values():
        assert (account["session"], account["will_not_trade"]) == ("active", None)
        until = datetime.fromisoformat(account["session_expires_at"])
        if account["broker"] == DHAN:
            assert timedelta(0) <= until - (ended.began + timedelta(hours=24)) < LOGGING_IN
        else:
            assert until.astimezone(IST).time() == ENDS[account["broker"]]
            assert timedelta(0) < until - ended.began <= timedelta(hours=24), account


@flow(six_brokers)
def test_trying_an_account_out_tells_whose_it_is_and_its_funds(ended: SixBrokers) -> None:
    at_the_brokers = ended.end.trader.accounts
    assert ended.tried.keys() == at_the_brokers.keys() == {*OWN.values(), ZED_TWO}
    for account_id, found in ended.tried.items():
        assert found["client_id"] == ended.accounts[account_id]["client_id"] == at_the_brokers[account_id].client_id
        assert Decimal(found["available"]) == FUNDS, account_id
        assert Decimal(found["used"]) == 0
        assert found["problems"] == []
    assert at_the_brokers[ZED].client_id != at_the_brokers[ZED_TWO].client_id


@flow(six_brokers)
def test_every_broker_gets_its_legs_at_second_0_and_all_orders_fill(ended: SixBrokers) -> None:
    end = ended.end
    assert (end.run["status"], end.run["reason"]) == ("flat", "every position is closed")
    for phase, tick in (("entry", ended.entry), ("exit", ended.leave)):
        orders = end.orders(phase=phase)
        shares = sorted((order["leg"], order["account_id"], order["lots"]) for order in orders)
        calls, puts = ((FY, 2), (ZED, 1), (UP, 1)), ((DHA, 1), (GRO, 2), (ZED_TWO, 3))
        assert shares == sorted(
            (n, *share) for n, row in ((1, calls), (2, calls), (3, puts), (4, puts)) for share in row
        )
        assert {order["status"] for order in orders} == {"filled"}
        assert {datetime.fromisoformat(order["intended_at"]) for order in orders} == {tick.instant}
        assert all(order["offset_ms"] >= 0 for order in orders)
        assert all(order["broker_order_id"] for order in orders)
    assert {position["net"] for position in end.day["positions"]} == {0}


@flow(six_brokers)
def test_the_books_of_every_broker_show_the_same_orders_by_their_tags_and_none_early(ended: SixBrokers) -> None:
    end = ended.end
    clients = {name: (account.broker, account.client_id) for name, account in end.trader.accounts.items()}
    agreement = books.compare(end.stage.deployment.sandbox_url, end.day, clients)
    assert agreement.differences == ()
    assert agreement.compared == 24
    assert Counter({name: len(book) for name, book in end.books.items()}) == Counter(dict.fromkeys(TRADING, 4))
    minutes = {order["tag"]: datetime.fromisoformat(order["intended_at"]) for order in end.day["orders"]}
    for book in end.books.values():
        for row in book:
            assert row["status"] == "complete"
            assert datetime.fromisoformat(row["received_at"]) >= minutes[row["tag"]]


@flow(six_brokers)
def test_a_hedge_is_at_its_broker_before_the_short(ended: SixBrokers) -> None:
    for account_id in TRADING:
        entered = {order["tag"] for order in ended.end.orders(phase="entry", account_id=account_id)}
        rows = [row for row in ended.end.books[account_id] if row["tag"] in entered]
        in_order = sorted(rows, key=lambda row: row["received_at_us"])
        assert [row["side"] for row in in_order] == ["BUY", "SELL"], account_id


PAGES = (ZERODHA, UPSTOX, FYERS, DHAN)
"""The brokers that log a user in at a page of theirs."""


@dataclass(frozen=True)
class Refusals:
    """What was answered to callbacks that must not begin a session, by kind and broker."""

    trader: Trader
    stranger: Trader
    told: dict[tuple[str, str], tuple[int, list[str]]] = field(default_factory=dict)
    sessions: dict[tuple[str, str], str] = field(default_factory=dict)

    def send(self, who: Trader, kind: str, broker: str, answer: dict[str, str]) -> None:
        """Finish a login with this, and note what came of it."""
        response = who.ask("POST", f"/accounts/{OWN[broker]}/session", answer)
        self.told[kind, broker] = response.status_code, response.json().get("problems", [])
        self.sessions[kind, broker] = who.api.get(f"/accounts/{OWN[broker]}")["session"]

    def audited(self, who: Trader, broker: str) -> list[str]:
        """The reasons of a user's refused logins of one account, in their order."""
        month = f"AUDIT#{datetime.now(IST):%Y-%m}"
        items = who.deployment.table.query(KeyConditionExpression=Key("pk").eq(month), ConsistentRead=True)["Items"]
        subject = f"LOGIN#{who.user_id}#{OWN[broker]}"
        return [item["after"] for item in items if (item["subject"], item["what"]) == (subject, "refuse")]


def refused_logins(stage: Stage) -> Refusals:
    users = []
    for _ in range(2):
        user = sign_up(stage.deployment)
        stage.traders.append(user)
        stage.cleaning.callback(user.leave)
        for broker in PAGES:
            user.accounts[OWN[broker]] = user.link_only(OWN[broker], stage.exchange, broker)
        users.append(user)
    trader, stranger = users
    seen = Refusals(trader, stranger)
    for broker in PAGES:
        seen.send(trader, "refused", broker, trader.callback(OWN[broker], "refuse"))
        anothers, own = trader.callback(OWN[broker]), stranger.callback(OWN[broker])
        seen.send(stranger, "slipped in", broker, anothers | {"state": own["state"]})
        anothers = trader.callback(OWN[broker])
        seen.send(stranger, "anothers", broker, anothers)
        seen.send(trader, "good", broker, anothers)
        trader.note_tokens(OWN[broker])
        seen.send(trader, "replayed", broker, anothers)
    return seen


NOT_COMPLETED = "{}: the login was not completed; log in again"
FINISHED_BEFORE = "state: this login was finished before; begin a new one"
NOT_YOURS = "state: no login of yours began with it; begin a new one"


@flow(refused_logins)
def test_a_login_that_the_user_refuses_at_the_page_begins_no_session(ended: Refusals) -> None:
    for broker in PAGES:
        assert ended.told["refused", broker] == (422, [NOT_COMPLETED.format(broker)])
        assert ended.sessions["refused", broker] == "none"


@flow(refused_logins)
def test_a_callback_of_another_user_is_refused_and_not_used_up(ended: Refusals) -> None:
    for broker in PAGES:
        assert ended.told["anothers", broker] == (422, [NOT_YOURS])
        assert ended.sessions["anothers", broker] == "none"
        assert (ended.told["good", broker], ended.sessions["good", broker]) == ((200, []), "active")


@flow(refused_logins)
def test_a_code_of_another_user_under_ones_own_state_is_refused_by_the_broker(ended: Refusals) -> None:
    for broker in PAGES:
        status, (problem,) = ended.told["slipped in", broker]
        assert status == 422
        assert problem.startswith(f"{broker}: ")
        assert ended.sessions["slipped in", broker] == "none"


@flow(refused_logins)
def test_a_replayed_callback_is_refused_and_leaves_the_session(ended: Refusals) -> None:
    for broker in PAGES:
        assert ended.told["replayed", broker] == (422, [FINISHED_BEFORE])
        assert ended.sessions["replayed", broker] == "active"


@flow(refused_logins)
def test_every_refused_login_is_in_the_audit_with_its_reason(ended: Refusals) -> None:
    for broker in PAGES:
        _, (slipped_in,) = ended.told["slipped in", broker]
        assert ended.audited(ended.trader, broker) == [NOT_COMPLETED.format(broker), FINISHED_BEFORE]
        assert ended.audited(ended.stranger, broker) == [slipped_in, NOT_YOURS]


def test_every_broker_that_wants_a_secret_is_played(trader: Trader) -> None:
    told = {
        broker["name"]: broker["redirects"]
        for broker in trader.api.get("/brokers")
        if any(field["secret"] for field in broker["fields"])
    }
    assert told == {broker: broker in PAGES for broker in BROKERS}
