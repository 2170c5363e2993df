"""Reports: what the API answers, to whom, and how it refuses."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus, Phase, Quoted
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import EXIT_TICK, a_run, an_account, an_order, at
from tests.unit.api.house import OTHER, House, store

DAY = {"from": "2026-11-23", "to": "2026-11-23"}
NOTHING = {"orders": 0, "filled": 0, "refused": 0, "unpriced": 0, "realised": "0", "priced": 0, "slippage": None}


def traded(house: House, **changes: Any) -> None:
    """A long that was sold again at a profit of 1300 rupees."""
    house.runs.put(an_order(sent_at=at("09:20:00.001500"), **changes))
    house.runs.put(
        an_order(
            price="110", phase=Phase.EXIT, side=Side.SELL, intended_at=EXIT_TICK, sent_at=at("15:15:00.004"), **changes
        )
    )


def test_a_range_without_runs_is_an_empty_report(house: House) -> None:
    status, report = house.ask("GET", "/reports", query={"from": "2026-11-16", "to": "2026-11-22"})
    assert (status, report["first"], report["last"]) == (200, "2026-11-16", "2026-11-22")
    assert report["as_of"] == "2026-11-23T10:00:00+05:30"
    for book in (report["money"], report["paper"]):
        assert [book[name] for name in ("days", "strategies", "legs", "accounts")] == [[], [], [], []]
        assert book["total"] == {**NOTHING, "runs": [], "days_with_profit": 0, "days_with_loss": 0, "drawdown": "0"}
        assert (book["timing"]["orders"], book["timing"]["max_ms"]) == (0, None)


def test_a_day_is_told_by_day_strategy_leg_and_account_with_its_times(house: House) -> None:
    store(house.accounts.save_account(an_account()), house.runs.begin_run(a_run(status=RunStatus.FLAT)))
    traded(house)
    house.runs.put(an_order(IntentStatus.REFUSED, leg=2, account_id="unlinked-since"))
    money = house.ask("GET", "/reports", query=DAY)[1]["money"]
    whole = {"orders": 3, "filled": 2, "refused": 1, "unpriced": 0, "realised": "1300", "priced": 0, "slippage": None}
    made = {**whole, "orders": 2, "refused": 0}
    refused = {**NOTHING, "orders": 1, "refused": 1}
    assert money["days"] == [{"date": "2026-11-23", "runs": [{"status": "flat", "runs": 1}], "equity": "1300", **whole}]
    spread = {"strategy_id": "spread", "name": "Morning spread"}
    assert money["strategies"] == [{**spread, "runs": 1, **whole}]
    assert money["legs"] == [{**spread, "leg": 1, **made}, {**spread, "leg": 2, **refused}]
    assert money["accounts"] == [
        {"account_id": "unlinked-since", "label": None, "broker": None, **refused},
        {"account_id": "zerodha-one", "label": "Mine", "broker": "zerodha", **made},
    ]
    assert (money["timing"]["p50_ms"], money["timing"]["max_ms"]) == (1.5, 4)
    told = [bucket for bucket in money["timing"]["buckets"] if bucket["orders"]]
    assert told == [{"from_ms": 1, "to_ms": 2, "orders": 1}, {"from_ms": 2, "to_ms": 5, "orders": 1}]


def test_slippage_is_told_with_the_number_of_orders_that_count_in_it(house: House) -> None:
    traded(house, quoted=Quoted(Quote(Decimal("99.95"), Decimal("99.85"), Decimal(100)), at("09:19:57")))
    house.runs.put(an_order(leg=2))
    money = house.ask("GET", "/reports", query=DAY)[1]["money"]
    of_legs = [(leg["priced"], leg["slippage"]) for leg in money["legs"]]
    assert of_legs == [(2, "-1300.00"), (0, None)]
    assert (money["total"]["priced"], money["total"]["slippage"]) == (2, "-1300.00")


def test_paper_accounts_are_told_apart(house: House) -> None:
    store(house.accounts.save_account(an_account("on-paper", broker=PAPER, quotes_from="zerodha-one")))
    traded(house, account_id="on-paper")
    report = house.ask("GET", "/reports", query=DAY)[1]
    assert (report["money"]["days"], report["paper"]["total"]["realised"]) == ([], "1300")


def test_runs_without_an_order_are_counted_in_neither_book(house: House) -> None:
    store(house.runs.begin_run(a_run(status=RunStatus.MISSED)))
    report = house.ask("GET", "/reports", query=DAY)[1]
    assert report["without_orders"] == [{"date": "2026-11-23", "runs": [{"status": "missed", "runs": 1}]}]
    assert (report["money"]["days"], report["paper"]["days"]) == ([], [])


def test_the_days_of_another_are_not_told(house: House) -> None:
    traded(house, user_id=OTHER)
    assert house.ask("GET", "/reports", query=DAY)[1]["money"]["days"] == []
    assert len(house.ask("GET", "/reports", query=DAY, user_id=OTHER)[1]["money"]["days"]) == 1


def test_both_ends_of_the_range_count_and_nothing_beyond(house: House) -> None:
    first, last = date(2026, 11, 17), date(2026, 11, 19)
    for day in (first - timedelta(days=1), first, last, last + timedelta(days=1)):
        store(house.runs.begin_run(a_run(f"spread-{day:%Y%m%d}", date=day, status=RunStatus.MISSED)))
    report = house.ask("GET", "/reports", query={"from": str(first), "to": str(last)})[1]
    assert [one["date"] for one in report["without_orders"]] == [str(first), str(last)]


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ({}, ["from: is missing; add it", "to: is missing; add it"]),
        ({**DAY, "from": "yesterday"}, ["from: is no date; write it like 2026-11-23"]),
        ({**DAY, "to": "1700000000"}, ["to: is no date; write it like 2026-11-23"]),
        ({**DAY, "to": "2026-11-24"}, ["to: is in the future; choose 2026-11-23 or an earlier date"]),
        ({"from": "2026-11-22", "to": "2026-11-20"}, ["from: is after to; choose an earlier date"]),
        ({**DAY, "from": "2026-08-23"}, ["from: makes more than 92 days; choose 2026-08-24 or a later date"]),
    ],
)
def test_a_range_that_cannot_be_told_names_its_field(
    house: House, query: Mapping[str, str], problems: list[str]
) -> None:
    assert house.refused("GET", "/reports", 422, query=query) == problems


def test_a_quarter_is_told(house: House) -> None:
    assert house.ask("GET", "/reports", query={**DAY, "from": "2026-08-24"})[0] == 200
