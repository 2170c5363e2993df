"""The loop of the day: who starts it, that one runs it, and what becomes of minutes that were lost."""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from lambdas.domain.moments import IST, MINUTE, Tick, next_tick, ticks_between
from local import books
from shared_config.names import EXPORT_TRADING_DAY_ARN
from tests.local.deployment import Deployment, until
from tests.local.stage import RULE_SECONDS, Ended, Flows, Stage, flow, together
from tests.local.trader import ANGEL, STRATEGY, ZED, Trader, credit_spread, leg, today_at

pytestmark = pytest.mark.emulator


def executions(deployment: Deployment, **which: Any) -> list[dict[str, Any]]:
    """The loops, newest first."""
    arn = deployment.output("options", EXPORT_TRADING_DAY_ARN)
    found: list[dict[str, Any]] = deployment.aws("stepfunctions").list_executions(stateMachineArn=arn, **which)[
        "executions"
    ]
    return found


def described(deployment: Deployment, arn: str) -> dict[str, Any]:
    """One execution with its input, and its output when it has ended."""
    found: dict[str, Any] = deployment.aws("stepfunctions").describe_execution(executionArn=arn)
    return found


def ticks(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """What is recorded of today's minutes."""
    partition = f"TICK#{datetime.now(IST).date()}"
    items = deployment.table.query(KeyConditionExpression=Key("pk").eq(partition))["Items"]
    return {item["sk"]: item for item in items}


def iron_condor(entry: Tick, leave: Tick) -> dict[str, Any]:
    """The call spread at one broker, the put spread at the other, in different lots."""
    return {
        "name": "Flow iron condor",
        "underlying": "NIFTY",
        "schedule": today_at(entry, leave),
        "allocation": [{"account_id": ZED}, {"account_id": ANGEL}],
        "legs": [
            leg("CE", "SELL", 4, zed=2),
            leg("CE", "BUY", 8, zed=2),
            leg("PE", "SELL", -4, angel=3),
            leg("PE", "BUY", -8, zed=1, angel=2),
        ],
    }


@dataclass(frozen=True)
class WholeDay:
    """A strategy that nobody touched after saving it, and the loop that found it."""

    entry: Tick
    leave: Tick
    loop: dict[str, Any]
    end: Ended


def whole_day(stage: Stage) -> WholeDay:
    deployment, trader = stage.deployment, stage.trader()
    entry, leave = stage.minutes_of_the_loop()
    trader.save(iron_condor(entry, leave))
    (loop,) = until("a trading-day loop", lambda: executions(deployment, statusFilter="RUNNING"), seconds=120)
    end = stage.await_end(trader, entry, leave)
    return WholeDay(entry, leave, described(deployment, loop["executionArn"]), end)


@pytest.mark.emulator_only
@flow(whole_day)
def test_the_rule_alone_starts_the_loop_through_the_watchdog(ended: WholeDay) -> None:
    began = ended.loop["startDate"]
    assert began - ended.end.stage.deployment.ready_at <= timedelta(seconds=RULE_SECONDS)
    assert json.loads(ended.loop["input"]) == {"started_by": "watchdog", "reason": "no loop has started today"}


@flow(whole_day)
def test_a_saved_strategy_is_entered_and_left_at_second_0_of_its_minutes(ended: WholeDay) -> None:
    end = ended.end
    assert (end.run["status"], end.run["reason"]) == ("flat", "every position is closed")
    for phase, tick in (("entry", ended.entry), ("exit", ended.leave)):
        orders = end.orders(phase=phase)
        assert len(orders) == 5
        assert {order["status"] for order in orders} == {"filled"}
        assert {datetime.fromisoformat(order["intended_at"]) for order in orders} == {tick.instant}
        assert all(0 <= order["offset_ms"] < 20_000 for order in orders)
    assert {position["net"] for position in end.day["positions"]} == {0}
    assert end.event("RunEntered")["run_id"] == end.run["run_id"]
    assert end.event("RunFlat")["realised"] == end.run["realised"]


@flow(whole_day)
def test_every_leg_trades_the_lots_of_its_own_allocation(ended: WholeDay) -> None:
    shares = sorted((order["leg"], order["account_id"], order["lots"]) for order in ended.end.orders(phase="entry"))
    assert shares == [(1, ZED, 2), (2, ZED, 2), (3, ANGEL, 3), (4, ANGEL, 2), (4, ZED, 1)]


@flow(whole_day)
def test_the_books_of_both_brokers_agree_with_the_table(ended: WholeDay) -> None:
    end = ended.end
    clients = {name: (account.broker, account.client_id) for name, account in end.trader.accounts.items()}
    agreement = books.compare(end.stage.deployment.sandbox_url, end.day, clients)
    assert agreement.differences == ()
    assert agreement.compared == 10
    minutes = {order["tag"]: datetime.fromisoformat(order["intended_at"]) for order in end.day["orders"]}
    arrived = {row["tag"]: datetime.fromisoformat(row["received_at"]) for book in end.books.values() for row in book}
    assert all(arrived[tag] >= minute for tag, minute in minutes.items())


@dataclass(frozen=True)
class Takeover:
    """A loop that was replaced twice: by the winner of two, and after that one was stopped by a third.

    Everybody was halted meanwhile. The table says that the stopped loop died minutes before it did, so that the
    minutes since then are lost without anybody waiting for them.
    """

    began: datetime
    replaced: dict[str, Any]
    winner: dict[str, Any]
    loser: dict[str, Any]
    stopped: dict[str, Any]
    third: dict[str, Any]
    tokens: list[int]
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    lost: Tick
    first: Tick
    trader: Trader
    end: Ended


@pytest.fixture(scope="module")
def takeover(stage: Stage, flows: Flows) -> Takeover:
    """Plays it once for all rules, when nothing else needs the loop any more."""
    flows.finish()
    deployment = stage.deployment
    planned = Tick(next_tick(deployment.ready_at).instant - 6 * MINUTE)
    lost = Tick(planned.instant + MINUTE)
    if lost.date != (datetime.now(IST) + 2 * MINUTE).date():
        pytest.skip("the lost minutes would be yesterday's")
    trader = stage.trader()
    opened = trader.save(credit_spread(ZED, ANGEL, schedule=today_at(Tick(planned.instant - MINUTE), lost)))
    stage.enter(trader, opened)
    late = Tick(lost.instant.replace(hour=23, minute=59))
    trader.save(credit_spread(ZED, name="lost", schedule=today_at(lost, late)), "lost")

    (replaced,) = until("a trading-day loop", lambda: executions(deployment, statusFilter="RUNNING"), seconds=120)
    _await_first_half_of_minute()
    tokens = [_age_lease(deployment)]
    winner, loser = _two_at_once(deployment)
    tokens.append(_lease(deployment)["token"])

    with _everybody_halted(deployment):
        _await_first_half_of_minute()
        first = next_tick(datetime.now(IST))
        trader.save(credit_spread(ZED, name="halted", schedule=today_at(first, late)), "halted")
        deployment.aws("stepfunctions").stop_execution(executionArn=winner["executionArn"])
        before = ticks(deployment)
        _forget(deployment, before, since=planned)
        _age_lease(deployment, next_tick=str(planned))
        deployment.invoke("watchdog")
        until("a third loop", lambda: _lease(deployment)["token"] > tokens[-1], seconds=20)
        tokens.append(_lease(deployment)["token"])
        left = (first.instant - datetime.now(UTC)).total_seconds()
        until("the first minute of the third loop", lambda: first.hhmm in ticks(deployment), seconds=left + 30)
        until("the exit", lambda: _statuses(trader, first).get(STRATEGY) == "flat", seconds=left + 60, pause=1)
    until(
        "the end of the replaced loop", lambda: described(deployment, replaced["executionArn"])["stopDate"], seconds=60
    )
    return Takeover(
        began=min(one["startDate"] for one in executions(deployment)),
        replaced=described(deployment, replaced["executionArn"]),
        winner=winner,
        loser=loser,
        stopped=described(deployment, winner["executionArn"]),
        third=described(deployment, _lease(deployment)["holder"]),
        tokens=tokens,
        before=before,
        after=ticks(deployment),
        lost=lost,
        first=first,
        trader=trader,
        end=stage.seen(trader, first),
    )


def _await_first_half_of_minute() -> None:
    """The second half belongs to the loop: in it a dispatch renews the lease."""
    until("the first half of a minute", lambda: datetime.now(IST).second < 30, seconds=40)


def _lease(deployment: Deployment) -> dict[str, Any]:
    key = {"pk": "LEASE#trading-day", "sk": datetime.now(IST).date().isoformat()}
    item = deployment.table.get_item(Key=key, ConsistentRead=True)["Item"]
    return {**item, "token": int(item["lease_token"])}


def _age_lease(deployment: Deployment, **changes: Any) -> int:
    """Let the heartbeat end a minute ago instead of waiting for it; returns the token."""
    changes |= {"valid_until": int(time.time()) - 60}
    deployment.table.update_item(
        Key={"pk": "LEASE#trading-day", "sk": datetime.now(IST).date().isoformat()},
        UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in changes),
        ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
    )
    return int(_lease(deployment)["token"])


def _forget(deployment: Deployment, recorded: dict[str, dict[str, Any]], *, since: Tick) -> None:
    for item in recorded.values():
        if Tick.parse(item["tick"]) >= since:
            deployment.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})


def _two_at_once(deployment: Deployment) -> tuple[dict[str, Any], dict[str, Any]]:
    """Start two loops at the same instant; the one that goes on and the one that ended."""
    sfn, arn = deployment.aws("stepfunctions"), deployment.output("options", EXPORT_TRADING_DAY_ARN)

    def start() -> str:
        name = f"flow-{secrets.token_hex(6)}"
        begun: str = sfn.start_execution(stateMachineArn=arn, name=name, input='{"started_by": "flow"}')["executionArn"]
        return begun

    both = together(start, start)

    def look() -> list[dict[str, Any]] | None:
        seen = sorted((described(deployment, one) for one in both), key=lambda one: str(one["status"]))
        return seen if [one["status"] for one in seen] == ["RUNNING", "SUCCEEDED"] else None

    winner, loser = until("exactly one of two loops ends", look, seconds=20)
    return winner, loser


class _everybody_halted:
    """The platform's halt, while the block runs."""

    def __init__(self, deployment: Deployment) -> None:
        self._table = deployment.table

    def __enter__(self) -> None:
        item = {"scope": "PLATFORM", "halted": True, "reason": "maintenance", "by": "flow"}
        self._table.put_item(Item={"pk": "CONTROL", "sk": "HALT#PLATFORM", **item})

    def __exit__(self, *_: object) -> None:
        self._table.delete_item(Key={"pk": "CONTROL", "sk": "HALT#PLATFORM"})


def _statuses(trader: Trader, tick: Tick) -> dict[str, str]:
    return {run["strategy_id"]: run["status"] for run in trader.day(tick.date)["runs"]}


@pytest.mark.emulator_only
class TestLoops:
    """Loops that come and go."""

    def test_of_two_loops_one_goes_on_and_the_other_names_it(self, takeover: Takeover) -> None:
        reason = json.loads(takeover.loser["output"])["reason"]
        assert reason == f"the day is run by {takeover.winner['executionArn']} (token {takeover.tokens[1]})"

    def test_a_replaced_loop_ends_at_its_next_minute(self, takeover: Takeover) -> None:
        assert takeover.replaced["status"] == "SUCCEEDED"
        reason = json.loads(takeover.replaced["output"])["reason"]
        assert reason == f"a newer loop has taken over from token {takeover.tokens[0]}"

    def test_the_watchdog_replaces_a_stopped_loop_with_a_higher_token(self, takeover: Takeover) -> None:
        assert takeover.stopped["status"] == "ABORTED"
        assert takeover.third["status"] == "RUNNING"
        assert takeover.third["name"].startswith("watchdog-")
        why = json.loads(takeover.third["input"])["reason"]
        assert why.startswith(
            f"the heartbeat of {takeover.winner['executionArn']} (token {takeover.tokens[1]}) ended at "
        )
        assert takeover.tokens == sorted(set(takeover.tokens))

    def test_every_minute_is_dispatched_once_and_by_the_newest_loop(self, takeover: Takeover) -> None:
        minutes = [Tick.parse(item["tick"]) for _, item in sorted(takeover.before.items())]
        assert minutes == [Tick(minutes[0].instant + n * MINUTE) for n in range(len(minutes))]
        others = {item["tick"]: item for item in takeover.before.values() if item["what"] != "dispatched"}
        assert {tick: item for tick, item in others.items() if not self._began_too_late(takeover, item)} == {}
        tokens = [item["token"] for _, item in sorted(takeover.before.items())]
        assert tokens == sorted(tokens)
        assert takeover.after[takeover.first.hhmm]["what"] == "dispatched"
        assert takeover.after[takeover.first.hhmm]["token"] == takeover.tokens[2]

    def test_lost_minutes_are_recorded_as_skipped_without_a_gap(self, takeover: Takeover) -> None:
        skipped = [item for _, item in sorted(takeover.after.items()) if Tick.parse(item["tick"]) < takeover.first]
        planned = Tick(takeover.lost.instant - MINUTE)
        assert [item["tick"] for item in skipped] == [str(planned), *map(str, ticks_between(planned, takeover.first))]
        assert {item["what"] for item in skipped} == {"skipped"}
        assert all("the loop was late" in item["reason"] for item in skipped)

    def test_an_exit_of_a_lost_minute_is_made_at_the_next_one(self, takeover: Takeover) -> None:
        exits = takeover.end.orders(phase="exit")
        assert len(exits) == 4
        assert {datetime.fromisoformat(order["intended_at"]) for order in exits} == {takeover.first.instant}
        assert {order["status"] for order in exits} == {"filled"}
        assert _statuses(takeover.trader, takeover.first)[STRATEGY] == "flat"

    def test_an_entry_of_a_lost_minute_is_missed_aloud(self, takeover: Takeover) -> None:
        run = next(run for run in takeover.end.day["runs"] if run["strategy_id"] == "lost")
        reason = f"the platform was late: {takeover.lost.hhmm} was skipped"
        assert (run["status"], run["reason"]) == ("missed", reason)
        assert reason in self._missed(takeover)

    def test_an_entry_of_a_halted_platform_is_missed_with_the_reason_of_the_halt(self, takeover: Takeover) -> None:
        run = next(run for run in takeover.end.day["runs"] if run["strategy_id"] == "halted")
        assert (run["status"], run["reason"]) == ("missed", "halted (platform): maintenance")
        assert "halted (platform): maintenance" in self._missed(takeover)
        assert not takeover.end.orders(run_id=run["run_id"])

    def _began_too_late(self, takeover: Takeover, item: dict[str, Any]) -> bool:
        """Whether this minute was past when its loop was up: the day's first, of a loop begun within the lead of it."""
        tick = Tick.parse(item["tick"])
        is_first = str(tick) == min(one["tick"] for one in takeover.before.values())
        lead = timedelta(seconds=takeover.end.stage.deployment.settings.timing.lead_seconds)
        return is_first and item["what"] == "skipped" and tick.instant - lead < takeover.began

    def _missed(self, takeover: Takeover) -> list[str]:
        takeover.end.event("RunMissed")
        heard = takeover.end.stage.bus.events_of(takeover.trader.user_id)
        return [event["detail"]["reason"] for event in heard if event["detail-type"] == "RunMissed"]
