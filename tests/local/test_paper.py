"""A strategy on paper, through the deployed stacks: real quotes of a live account, no order at its broker."""

from datetime import timedelta

import pytest

from lambdas.domain.moments import Tick
from tests.local.exchange import ANGEL_ONE, ZERODHA
from tests.local.stage import Ended, Stage, flow
from tests.local.trader import ANGEL, ZED, Trader, credit_spread, tick_in

pytestmark = pytest.mark.emulator
ON_PAPER = {ZED: "paper-zerodha", ANGEL: "paper-angel"}
CAPITAL = "5000000"


def link_paper(trader: Trader, source: str, capital: str = CAPITAL) -> None:
    """Link the paper account of a live one, and begin its session."""
    keys = {"quotes_from": source, "capital": capital}
    body = {"broker": "paper", "label": f"Paper of {source}", "credentials": keys}
    trader.api.put(f"/accounts/{ON_PAPER[source]}", body)
    trader.api.post(f"/accounts/{ON_PAPER[source]}/session", {})


def in_and_out_on_paper(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA, ANGEL_ONE)
    for source in ON_PAPER:
        link_paper(trader, source)
    strategy = trader.save(credit_spread(ZED, ANGEL) | {"mode": "paper"})
    entry = tick_in(8)
    stage.execute(trader, entry, ("entry", strategy))
    leave = Tick(max(tick_in(6).instant, entry.instant + timedelta(seconds=1)))
    stage.execute(trader, leave, ("exit", strategy))
    return stage.seen(trader, leave)


@flow(in_and_out_on_paper)
def test_a_strategy_on_paper_is_traded_by_the_paper_accounts_of_its_allocation(ended: Ended) -> None:
    assert ended.run["status"] == "flat", ended.run["reason"]
    assert {order["account_id"] for order in ended.day["orders"]} == set(ON_PAPER.values())
    assert {order["status"] for order in ended.day["orders"]} == {"filled"}
    assert len(ended.day["orders"]) == 8
    assert {position["net"] for position in ended.day["positions"]} == {0}


@flow(in_and_out_on_paper)
def test_nothing_of_it_reaches_a_broker(ended: Ended) -> None:
    assert all(book == [] for book in ended.books.values())


@flow(in_and_out_on_paper)
def test_its_profit_or_loss_is_told_as_of_money(ended: Ended) -> None:
    assert ended.run["realised"] is not None
    assert ended.run["realised"] == ended.event("RunFlat")["realised"]


def beyond_its_capital(stage: Stage) -> Ended:
    trader = stage.trader(ZERODHA)
    link_paper(trader, ZED, capital="1")
    strategy = trader.save(credit_spread(ZED) | {"mode": "paper"})
    return stage.enter(trader, strategy)


@flow(beyond_its_capital)
def test_paper_without_money_refuses_and_says_what_it_would_need(ended: Ended) -> None:
    assert ended.run["status"] == "refused", ended.run["reason"]
    assert ended.books[ZED] == []
    hedge = ended.order(side="BUY")
    assert (hedge["status"], hedge["refusal"]) == ("refused", "funds")
    assert "available" in hedge["reason"]
