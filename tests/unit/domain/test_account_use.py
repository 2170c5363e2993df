"""What depends on a broker account."""

from datetime import datetime
from typing import Any

import pytest

from lambdas.domain.account_use import enabled_strategies_of, open_runs_in, why_no_trade
from lambdas.domain.accounts import Account, SessionStatus
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.runs import CLOSED, RunStatus
from tests.doubles.examples import USER, a_run, a_strategy, an_account, an_order, at

NOW = at("09:00")
OWN = [
    {"right": "CE", "side": "BUY", "lots": 1, "allocation": [{"account_id": "angel-one", "lots": 1}]},
    {"right": "PE", "side": "BUY", "lots": 1},
]


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_run_is_open_in_an_account_until_it_is_closed(status: RunStatus) -> None:
    found = open_runs_in("zerodha-one", [a_run(status=status)], [an_order()])
    assert bool(found) is (status not in CLOSED)


def test_a_run_without_an_order_in_the_account_is_none_of_it() -> None:
    runs = [a_run(status=RunStatus.OPEN), a_run("other-20261123", status=RunStatus.OPEN)]
    orders = [an_order(account_id="angel-one"), an_order(run_id="other-20261123")]
    assert [run.run_id for run in open_runs_in("zerodha-one", runs, orders)] == ["other-20261123"]


def test_strategies_use_the_accounts_of_their_allocation_and_of_their_legs() -> None:
    strategies = [a_strategy("one"), a_strategy("two", legs=OWN), a_strategy("off", enabled=False)]
    assert [one.strategy_id for one in enabled_strategies_of("zerodha-one", strategies, {})] == ["one", "two"]
    assert [one.strategy_id for one in enabled_strategies_of("angel-one", strategies, {})] == ["two"]
    assert enabled_strategies_of("dhan-one", strategies, {}) == []


def a_basket(*, enabled: bool) -> dict[str, Basket]:
    definition = BasketDefinition(name="Income", enabled=enabled)
    return {"income": Basket(user_id=USER, basket_id="income", version=1, definition=definition)}


@pytest.mark.parametrize(
    ("changes", "baskets", "account", "reasons"),
    [
        ({}, {}, an_account(), []),
        ({"enabled": False}, {}, an_account(), ["it is not enabled"]),
        ({"basket_id": "income"}, a_basket(enabled=True), an_account(), []),
        ({"basket_id": "income"}, a_basket(enabled=False), an_account(), ["its basket income is switched off"]),
        ({"basket_id": "income"}, {}, an_account(), ["its basket income does not exist"]),
        ({}, {}, None, ["account zerodha-one is not linked"]),
        ({}, {}, an_account(enabled=False), ["account zerodha-one is disabled"]),
        (
            {},
            {},
            an_account(session_expires_at=at("06:00")),
            ["the zerodha session of account zerodha-one ended at 23 Nov 06:00; log in again"],
        ),
        (
            {},
            {},
            an_account(session_expires_at=NOW, session_end_reason="revoked"),
            ["the zerodha session of account zerodha-one ended at 23 Nov 09:00 (revoked); log in again"],
        ),
        (
            {"enabled": False},
            {},
            an_account(session_expires_at=None),
            ["it is not enabled", "account zerodha-one has never been logged in to zerodha"],
        ),
    ],
)
def test_a_strategy_tells_every_reason_why_it_would_not_trade(
    changes: dict[str, Any], baskets: dict[str, Basket], account: Account | None, reasons: list[str]
) -> None:
    accounts = {account.account_id: account} if account else {}
    assert why_no_trade(a_strategy(**changes), baskets, accounts, NOW) == reasons


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        (None, SessionStatus.NONE),
        (NOW, SessionStatus.ENDED),
        (at("09:00:00.000001"), SessionStatus.ACTIVE),
    ],
)
def test_a_session_is_active_until_its_end(ends: datetime | None, status: SessionStatus) -> None:
    for enabled in (True, False):
        assert an_account(session_expires_at=ends, enabled=enabled).session_status(NOW) is status
