"""What a strategy can say, from its definition over the preview to the brokers' books."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml
from boto3.dynamodb.conditions import Key

from shared_config.names import INDEX_DUE, index_key
from tests.local.deployment import Deployment, until
from tests.local.stage import LEAD_SECONDS, Ended, Stage, flow
from tests.local.trader import ANGEL, ZED, Trader, credit_spread, never_due, own_lots, strike_at, tick_in

pytestmark = pytest.mark.emulator

BASKET = "doubled"
NEXT_WEEK = {"kind": "next_week"}


@dataclass(frozen=True)
class Previewed:
    """What a preview said, and what became of it."""

    preview: dict[str, Any]
    end: Ended

    @property
    def legs(self) -> list[dict[str, Any]]:
        """The legs at market prices."""
        legs: list[dict[str, Any]] = self.preview["at_market"]["legs"]
        return legs


def option(right: str, side: str, strike: dict[str, Any], lots: int, **more: Any) -> dict[str, Any]:
    """An option leg of next week, which has time value on every day of the tests."""
    return {"right": right, "side": side, "strike": strike, "expiry": NEXT_WEEK, "lots": lots, **more}


def chosen_by_price(stage: Stage) -> Previewed:
    """An iron condor by four kinds of strike rule: 1.5 times in a basket that counts twice."""
    trader = stage.trader()
    trader.save_basket(BASKET, {"name": "Doubled", "multiplier": "2"})
    definition = credit_spread(ZED, ANGEL, name="Condor by price") | {
        "basket_id": BASKET,
        "multiplier": "1.5",
        "allocation": [{"account_id": ZED, "weight": 3}, {"account_id": ANGEL, "weight": 2}],
        "legs": [
            option("CE", "SELL", {"by": "delta", "delta": "0.35"}, 1),
            option("CE", "BUY", {"by": "closest_premium", "premium": "5"}, 1),
            option("PE", "SELL", {"by": "percent_of_atm", "percent": "-1"}, 3, allocation=own_lots(zed=1, angel=2)),
            option("PE", "BUY", {"by": "straddle_width", "times": "-2"}, 2),
        ],
    }
    preview = trader.preview(definition)
    return Previewed(preview, stage.enter(trader, trader.save(definition)))


CHOSEN_LOTS = {
    (1, ZED): 2,
    (1, ANGEL): 1,
    (2, ZED): 2,
    (2, ANGEL): 1,
    (3, ZED): 3,
    (3, ANGEL): 6,
    (4, ZED): 4,
    (4, ANGEL): 2,
}
"""3 lots in the ratio 3:2 are 1.8 and 1.2: the one that is left goes to the larger remainder. 6 are 3.6 and 2.4."""


@flow(chosen_by_price)
def test_a_preview_applies_both_multipliers_and_says_what_rounding_did(ended: Previewed) -> None:
    lots = {(leg["leg"], share["account_id"]): share for leg in ended.preview["lots"] for share in leg["accounts"]}
    assert {key: share["lots"] for key, share in lots.items()} == CHOSEN_LOTS
    assert (lots[1, ZED]["exact_lots"], lots[1, ANGEL]["exact_lots"]) == ("1.8", "1.2")
    assert f"legs[1]: {ZED} trades 2 instead of 1.8 lots" in ended.preview["rounding"]
    assert f"legs[4]: {ANGEL} trades 2 instead of 2.4 lots" in ended.preview["rounding"]
    assert not [note for note in ended.preview["rounding"] if note.startswith("legs[3]")]
    assert ended.preview["problems"] == []


@flow(chosen_by_price)
def test_every_strike_rule_chooses_a_listed_contract_where_it_should(ended: Previewed) -> None:
    spot = Decimal(ended.preview["at_market"]["spot"])
    short_call, long_call, short_put, long_put = (Decimal(leg["strike"]) for leg in ended.legs)
    assert long_put < short_put < spot < short_call < long_call
    assert abs(short_put - spot * Decimal("0.99")) <= spot * Decimal("0.005")
    premium = Decimal(ended.legs[1]["premium"])
    assert abs(premium - 5) < 3
    for leg in ended.legs:
        assert leg["reason"]


@flow(chosen_by_price)
def test_the_books_show_what_the_preview_showed(ended: Previewed) -> None:
    """Contracts may move with the spot in between; sides, lots and slices may not."""
    assert ended.end.run["status"] == "open", ended.end.run["reason"]
    previewed = Counter(
        (order["account_id"], leg["side"], leg["right"], quantity)
        for leg in ended.legs
        for order in leg["orders"]
        for quantity in order["slices"]
    )
    booked = Counter(
        (account_id, row["side"], row["kind"], row["quantity"])
        for account_id, book in ended.end.books.items()
        for row in book
    )
    assert booked == previewed
    orders = {(order["leg"], order["account_id"]): order["lots"] for order in ended.end.day["orders"]}
    assert orders == CHOSEN_LOTS
    for book in ended.end.books.values():
        for row in book:
            assert (row["status"], row["filled"]) == ("complete", row["quantity"])


@flow(chosen_by_price)
def test_both_brokers_trade_the_same_contracts_in_the_order_that_was_asked_for(ended: Previewed) -> None:
    legs = {order["tag"]: order["leg"] for order in ended.end.day["orders"]}
    chosen = {(legs[row["tag"]], row["expiry"], row["strike"]) for book in ended.end.books.values() for row in book}
    assert [leg for leg, _, _ in sorted(chosen)] == [1, 2, 3, 4]
    assert len({expiry for _, expiry, _ in chosen}) == 1
    strikes = {leg: strike for leg, _, strike in chosen}
    assert strikes[4] < strikes[3] < strikes[1] < strikes[2]


def future_and_hedge(stage: Stage) -> Ended:
    trader = stage.trader()
    definition = credit_spread(ZED, ANGEL, name="Hedged future") | {
        "legs": [
            {"right": "FUT", "side": "BUY", "expiry": {"kind": "current_month"}, "lots": 2},
            {
                "right": "PE",
                "side": "BUY",
                "strike": strike_at("PE", -4),
                "expiry": {"kind": "current_month"},
                "lots": 2,
            },
        ]
    }
    strategy = trader.save(definition)
    stage.enter(trader, strategy)
    tick = tick_in(LEAD_SECONDS)
    stage.execute(trader, tick, ("exit", strategy))
    return stage.seen(trader, tick)


@flow(future_and_hedge)
def test_a_future_and_its_hedge_enter_and_leave_at_both_brokers(ended: Ended) -> None:
    assert ended.run["status"] == "flat", ended.run["reason"]
    assert {position["net"] for position in ended.day["positions"]} == {0}
    for book in ended.books.values():
        assert Counter((row["kind"], row["side"], row["status"]) for row in book) == Counter(
            {(kind, side, "complete"): 1 for kind in ("FUT", "PE") for side in ("BUY", "SELL")}
        )
    assert ended.event("RunFlat")["realised"] == ended.run["realised"]


@flow(future_and_hedge)
def test_both_brokers_trade_the_same_future(ended: Ended) -> None:
    futures = {
        (row["underlying"], row["expiry"]) for book in ended.books.values() for row in book if row["kind"] == "FUT"
    }
    assert len(futures) == 1
    assert len({order["contract"] for order in ended.orders(leg=1)}) == 1


def calendar_spread(stage: Stage) -> Previewed:
    trader = stage.trader()
    at_the_money = strike_at("CE", 0)
    definition = credit_spread(ZED, ANGEL, name="Calendar") | {
        "legs": [
            {"right": "CE", "side": "SELL", "strike": at_the_money, "expiry": {"kind": "current_week"}, "lots": 2},
            {"right": "CE", "side": "BUY", "strike": at_the_money, "expiry": NEXT_WEEK, "lots": 2},
        ]
    }
    preview = trader.preview(definition)
    return Previewed(preview, stage.enter(trader, trader.save(definition)))


@flow(calendar_spread)
def test_a_calendar_spread_sells_this_week_and_buys_the_next(ended: Previewed) -> None:
    assert ended.end.run["status"] == "open", ended.end.run["reason"]
    sold, bought = (
        {row["expiry"] for book in ended.end.books.values() for row in book if row["side"] == side}
        for side in ("SELL", "BUY")
    )
    (near,), (far,) = sold, bought
    assert 0 < (date.fromisoformat(far) - date.fromisoformat(near)).days <= 8
    assert near >= str(ended.end.tick.date)


@flow(calendar_spread)
def test_a_preview_shows_the_contracts_of_the_day_on_which_it_runs(ended: Previewed) -> None:
    shown = date.fromisoformat(ended.preview["at_market"]["contracts_for"])
    assert shown == next(date.fromisoformat(day["date"]) for day in ended.preview["coming"] if day["runs"])
    near, far = (date.fromisoformat(leg["expiry"]) for leg in ended.legs)
    assert shown <= near < far


def basket_off_and_on(stage: Stage) -> tuple[Ended, Ended]:
    trader = stage.trader()
    trader.save_basket(BASKET, {"name": "Off", "enabled": False})
    strategy = trader.save(credit_spread(ZED, ANGEL) | {"basket_id": BASKET})
    off = stage.enter(trader, strategy, lead=6)
    trader.api.post(f"/baskets/{BASKET}/enable?replaces=1")
    return off, stage.enter(trader, strategy)


@flow(basket_off_and_on)
def test_a_basket_that_is_off_lets_nothing_enter(ended: tuple[Ended, Ended]) -> None:
    off, _ = ended
    assert (off.day["runs"], off.day["orders"]) == ([], [])
    assert off.books == {ZED: [], ANGEL: []}


@flow(basket_off_and_on)
def test_a_basket_that_is_on_again_lets_its_strategies_enter(ended: tuple[Ended, Ended]) -> None:
    _, on = ended
    assert on.run["status"] == "open", on.run["reason"]
    assert {account_id: len(book) for account_id, book in on.books.items()} == {ZED: 2, ANGEL: 2}


IMPORTED = """
legwise: 1
baskets:
  - basket_id: weekly
    definition: {name: Weekly, multiplier: "2", capital: "500000.00"}
strategies:
  - strategy_id: straddle
    definition:
      name: Straddle of Monday
      underlying: BANKNIFTY
      schedule: {weekdays: [MON], entry: "09:20", exit: "15:10"}
      allocation: [{account_id: my-zerodha, weight: 1}]
      legs:
        - {right: CE, side: SELL, lots: 1, expiry: {kind: current_month}}
        - {right: PE, side: SELL, lots: 1, expiry: {kind: current_month}}
  - strategy_id: condor
    definition:
      name: Condor
      underlying: NIFTY
      basket_id: weekly
      multiplier: "1.5"
      schedule:
        weekdays: [TUE, WED]
        entry: "09:30"
        exit: "15:00"
        days: [{weekday: WED, entry: "10:00", exit: "14:00"}]
      allocation: [{account_id: my-zerodha, weight: 2}, {account_id: my-angel, weight: 1}]
      legs:
        - {right: CE, side: SELL, lots: 2, strike: {by: delta, delta: "0.2"}}
        - {right: CE, side: BUY, lots: 2, strike: {by: closest_premium, premium: "5"}}
  - strategy_id: with-a-stop
    definition:
      name: With a stop
      underlying: NIFTY
      schedule: {weekdays: [FRI], entry: "11:00", exit: "12:00"}
      allocation: [{account_id: my-angel}]
      legs:
        - {right: PE, side: SELL, lots: 1, stop: {unit: percent, value: "40"}}
"""


def imported(trader: Trader, content: str, **choices: Any) -> dict[str, Any]:
    """The answer to an import of YAML."""
    found: dict[str, Any] = trader.api.post("/import", {"format": "yaml", "content": content, **choices})
    return found


def exported(trader: Trader) -> dict[str, dict[str, dict[str, Any]]]:
    """Definitions by kind and id, as an exported YAML file has them."""
    document = yaml.safe_load(trader.api.get("/export?format=yaml")["content"])
    assert document["legwise"] == 1
    return {
        kind: {row[f"{name}_id"]: row["definition"] for row in document[kind]}
        for kind, name in (("baskets", "basket"), ("strategies", "strategy"))
    }


@pytest.fixture
def newcomer(stage: Stage) -> Trader:
    """A user without strategies."""
    return stage.trader()


def test_a_file_comes_back_as_it_was_imported(newcomer: Trader) -> None:
    answer = imported(newcomer, IMPORTED, dry_run=True)
    assert (answer["stored"], newcomer.api.get("/strategies"), newcomer.api.get("/baskets")) == (False, [], [])
    answer = imported(newcomer, IMPORTED)
    assert answer["stored"]
    assert {row["definition"]["enabled"] for row in answer["strategies"] + answer["baskets"]} == {False}
    newcomer.api.post("/strategies/condor/enable?replaces=1")

    first = exported(newcomer)
    assert set(first["strategies"]) == {"straddle", "condor", "with-a-stop"}
    assert {name for name, definition in first["strategies"].items() if definition["enabled"]} == {"condor"}
    for kind, name in (("baskets", "basket"), ("strategies", "strategy")):
        for row in yaml.safe_load(IMPORTED)[kind]:
            assert _says(first[kind][row[f"{name}_id"]], row["definition"]) == []

    again = imported(newcomer, newcomer.api.get("/export?format=yaml")["content"], replace=True)
    assert {row["strategy_id"]: row["version"] for row in again["strategies"]} == {
        "straddle": 2,
        "condor": 3,
        "with-a-stop": 2,
    }
    first["strategies"]["condor"]["enabled"] = False
    assert exported(newcomer) == first


def _says(found: Any, wanted: Any, place: str = "") -> list[str]:
    """Where an exported value says something else than the file that it came from; it may say more."""
    if isinstance(wanted, dict):
        return [line for key in wanted for line in _says(found.get(key), wanted[key], f"{place}.{key}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = zip(found, wanted, strict=True)
        return [line for n, (one, other) in enumerate(pairs, 1) for line in _says(one, other, f"{place}[{n}]")]
    return [] if found == wanted else [f"{place}: {found!r} is not {wanted!r}"]


def test_a_file_with_one_mistake_stores_nothing(newcomer: Trader) -> None:
    status, problems = refusal(newcomer, "POST", "/import", {"format": "yaml", "content": IMPORTED + "      oops: 1\n"})
    assert status == 422
    assert problems == ["strategies[3].definition.oops: is not a field here; remove it"]
    assert (newcomer.api.get("/strategies"), newcomer.api.get("/baskets")) == ([], [])


def refusal(trader: Trader, method: str, path: str, body: Any = None) -> tuple[int, list[str]]:
    """Status and problem lines of a request that is refused."""
    answer = trader.ask(method, path, body)
    assert answer.is_error, answer.text
    return answer.status_code, answer.json()["problems"]


def due_in_index(deployment: Deployment, trader: Trader) -> Counter[str]:
    """How many entries and exits the due index itself has of each strategy of a user."""
    pk, sk = index_key(INDEX_DUE)
    found: Counter[str] = Counter()
    for partition in {item[pk] for item in trader.items("DUE#")}:
        wanted = Key(pk).eq(partition) & Key(sk).begins_with(f"{trader.user_id}#")
        answer = deployment.table.query(IndexName=INDEX_DUE, KeyConditionExpression=wanted)
        found += Counter(item["strategy_id"] for item in answer["Items"])
    return found


def test_a_deleted_strategy_is_due_no_more_and_its_id_is_free(newcomer: Trader, deployment: Deployment) -> None:
    definition = credit_spread(ZED, ANGEL) | {
        "schedule": {**never_due(), "weekdays": ["MON", "TUE"]},
        "enabled": True,
    }
    for strategy_id in ("going", "staying"):
        newcomer.save(definition, strategy_id)
    until("both in the index", lambda: due_in_index(deployment, newcomer)["going"] >= 2, seconds=10)
    assert newcomer.ask("DELETE", "/strategies/going", version=2).status_code == 409
    assert newcomer.ask("DELETE", "/strategies/going", version=1).json() == {"removed": "going"}
    until("gone from the index", lambda: not due_in_index(deployment, newcomer)["going"], seconds=10)
    assert due_in_index(deployment, newcomer)["staying"] >= 2
    assert not [item["sk"] for item in newcomer.items() if "going" in item["sk"]]
    assert newcomer.ask("GET", "/strategies/going").status_code == 404
    newcomer.strategies.pop("going")
    assert newcomer.save(definition | {"name": "Anew"}, "going")["version"] == 1


def test_a_strategy_with_a_stop_is_kept_but_not_enabled(newcomer: Trader) -> None:
    definition = credit_spread(ZED)
    definition["legs"][0]["stop"] = {"unit": "percent", "value": "30"}
    told = ["legs[1].stop: is kept, but not carried out yet; take it away, or save the strategy disabled"]
    assert refusal(newcomer, "PUT", "/strategies/stopped", definition) == (422, told)
    newcomer.save(definition | {"enabled": False}, "stopped")
    assert refusal(newcomer, "POST", "/strategies/stopped/enable?replaces=1") == (422, told)
    stored = newcomer.api.get("/strategies/stopped")
    assert (stored["version"], stored["definition"]["enabled"]) == (1, False)
    assert stored["definition"]["legs"][0]["stop"] == {"unit": "percent", "value": "30", "of": "premium"}
    assert newcomer.preview(definition)["problems"] == told


OPERATED = ("change_calendar", "preview_api")
"""The functions that are asked about exchange days."""


@pytest.fixture
def exchange_days(deployment: Deployment) -> Iterator[Deployment]:
    """The sessions of the exchange for the functions that the test asks; the others go on round the clock."""
    with ExitStack() as changed:
        for name in OPERATED:
            changed.enter_context(deployment.configured(name, _by_the_exchange))
        yield deployment


def _by_the_exchange(runtime: dict[str, Any]) -> None:
    runtime["market"]["sessions"] = "exchange"


@pytest.mark.emulator_only
def test_a_holiday_that_an_operator_adds_is_named_in_the_preview(
    newcomer: Trader, quiet: None, exchange_days: Deployment
) -> None:
    definition = credit_spread(ZED) | {
        "schedule": {"weekdays": ["MON", "TUE", "WED", "THU", "FRI"], "entry": "10:00", "exit": "15:00"}
    }
    before = newcomer.preview(definition)["coming"]
    far = [day["date"] for day in before if day["runs"]][-1]
    request = {"date": far, "by": "flow"}
    changed = exchange_days.invoke(
        "change_calendar", {**request, "action": "change", "kind": "HOLIDAY", "name": "Day of the flow"}
    )
    try:
        assert (changed["changed"], changed["after"]["kind"], changed["problems"]) == (True, "CLOSED", [])
        (told,) = [day for day in newcomer.preview(definition)["coming"] if day["date"] == far]
        assert (told["runs"], told["reason"]) == (False, "holiday: Day of the flow")
    finally:
        withdrawn = exchange_days.invoke("change_calendar", {**request, "action": "withdraw"})
    assert (withdrawn["changed"], withdrawn["problems"]) == (True, [])
    assert newcomer.preview(definition)["coming"] == before


def test_where_the_session_never_closes_a_holiday_is_refused(deployment: Deployment) -> None:
    if deployment.settings.market.sessions != "continuous":
        pytest.skip("the exchange's sessions count here")
    holiday = {"action": "change", "date": "2026-12-31", "kind": "HOLIDAY", "name": "None", "by": "flow"}
    told = deployment.invoke("change_calendar", holiday)
    assert told["problems"] == ["date: the session of this environment never closes; a change would do nothing"]
    assert not told["changed"]
