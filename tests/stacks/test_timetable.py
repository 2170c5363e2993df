"""What starts by the clock, in UTC, and where it goes when it cannot be delivered."""

import json
from typing import Any

import pytest

from lambdas.entrypoints.reconcile import EVERYONE
from tests.stacks.synthesized import Synthesized, logical_ids

RULE = "AWS::Events::Rule"


def test_the_market_opens_the_day_except_where_it_never_closes(each: Synthesized) -> None:
    assert ("open" in scheduled(each)) is (each.settings.market.sessions == "exchange")


@pytest.mark.parametrize(
    ("rule", "schedule"),
    [
        ("open", "cron(30 3 ? * * *)"),  # 09:00 IST on every day: the calendar decides
        ("instruments", "cron(0/15 2-9 ? * * *)"),  # 07:30 to 15:15 IST
        ("sessions1", "cron(15 3 ? * * *)"),  # 08:45 IST
        ("sessions2", "cron(35 3 ? * * *)"),  # 09:05 IST
        ("egress", "cron(10 3 ? * * *)"),  # 08:40 IST, before the open
        ("watchdog", "rate(1 minute)"),
        ("reconcile", "rate(1 minute)"),
        ("marks", "rate(1 minute)"),
        ("books", "cron(20 3 ? * * *)"),  # 08:50 IST, when the sessions were checked
    ],
)
def test_rules_fire_at_their_time(prod: Synthesized, rule: str, schedule: str) -> None:
    assert scheduled(prod)[rule]["ScheduleExpression"] == schedule


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        ("open", "TradingDayMachine"),
        ("instruments", "LoadInstrumentsFunction"),
        ("sessions1", "CheckSessionsFunction"),
        ("sessions2", "CheckSessionsFunction"),
        ("egress", "CheckEgressFunction"),
        ("watchdog", "WatchdogFunction"),
        ("reconcile", "ReconcileFunction"),
        ("marks", "MarkRunsFunction"),
        ("books", "ReconcileFunction"),
    ],
)
def test_rules_start_what_they_are_named_after(prod: Synthesized, rule: str, target: str) -> None:
    (only,) = scheduled(prod)[rule]["Targets"]
    (logical_id,) = logical_ids(only["Arn"])
    assert logical_id.startswith(target)


def test_the_day_knows_what_started_it(prod: Synthesized) -> None:
    (target,) = scheduled(prod)["open"]["Targets"]
    assert json.loads(target["Input"]) == {"started_by": "open"}


def test_before_the_open_every_account_is_compared(prod: Synthesized) -> None:
    (target,) = scheduled(prod)["books"]["Targets"]
    assert json.loads(target["Input"]) == {"compare": EVERYONE}


def test_what_cannot_be_delivered_is_kept(each: Synthesized) -> None:
    queues = each.options.of_type("AWS::SQS::Queue")
    (queue,) = (name for name, queue in queues.items() if queue["QueueName"].endswith("-dead-letters"))
    for rule in each.options.of_type(RULE).values():
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 3600


def test_every_queue_is_encrypted_and_speaks_tls_only(each: Synthesized) -> None:
    queues, policies = each.options.of_type("AWS::SQS::Queue"), each.options.of_type("AWS::SQS::QueuePolicy")
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())
    plain_is_denied = [
        policy["Queues"]
        for policy in policies.values()
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement.get("Condition")) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    ]
    assert sorted(queue["Ref"] for of in plain_is_denied for queue in of) == sorted(queues)


def scheduled(stacks: Synthesized) -> dict[str, dict[str, Any]]:
    return {
        rule["Name"].rsplit("-", 1)[1]: rule
        for rule in stacks.options.of_type(RULE).values()
        if "ScheduleExpression" in rule
    }
