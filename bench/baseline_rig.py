"""The two usual ways to act each minute, beside the product in the same emulator.

`60 - second`: a Standard state machine that waits so many whole seconds and calls a function. `cron rule`: an
EventBridge rule that calls the same function each minute. Both only record when their request left.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bench.report import ROOT
from local.api import aws
from local.cluster import Cluster
from local.instance import ACCOUNT

LOOP: Final = "textbook-loop"
CRON: Final = "cron-rule"
WARM_UP: Final = "warm-up"
TABLE: Final = "bench-baselines"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/bench-baselines"
FILES: Final = (
    "bench/__init__.py",
    "bench/baselines/__init__.py",
    "bench/baselines/send.py",
    "bench/baselines/wait.py",
    "lambdas/__init__.py",
    "lambdas/domain/__init__.py",
    "lambdas/domain/moments.py",
)


@dataclass(frozen=True)
class Baselines:
    """Both baselines in one deployed instance; they end with it."""

    cluster: Cluster

    def start(self) -> None:
        """Create table, functions, state machine and rule; both baselines act from now on."""
        self._client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "baseline", "KeyType": "HASH"},
                {"AttributeName": "sent_at", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "baseline", "AttributeType": "S"},
                {"AttributeName": "sent_at", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        wait, send = self._function("wait"), self._function("send")
        for function, event in ((wait, {}), (send, {"baseline": WARM_UP})):  # no minute shall pay for a cold start
            self._client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        self._start_loop(wait, send)
        self._start_rule(send)

    def sent(self, baseline: str) -> list[datetime]:
        """When a baseline sent, in order."""
        pages = (
            self._client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=TABLE,
                KeyConditionExpression="baseline = :baseline",
                ExpressionAttributeValues={":baseline": {"S": baseline}},
            )
        )
        return sorted(datetime.fromisoformat(item["sent_at"]["S"]) for page in pages for item in page["Items"])

    def _client(self, service: str) -> Any:
        return aws(self.cluster, service)

    def _function(self, module: str) -> str:
        arn: str = self._client("lambda").create_function(
            FunctionName=f"bench-{module}",
            Runtime="python3.11",
            Handler=f"bench.baselines.{module}.handler",
            Role=ROLE,
            Code={"ZipFile": code()},
            MemorySize=1769,
            Timeout=30,
            Environment={
                "Variables": {
                    "BASELINE_HOST": f"127.0.0.1:{self.cluster.instance.sandbox_port}",
                    "BASELINE_TABLE": TABLE,
                }
            },
        )["FunctionArn"]
        return arn

    def _start_loop(self, wait: str, send: str) -> None:
        machines = self._client("stepfunctions")
        machine = machines.create_state_machine(
            name="bench-textbook-loop",
            definition=json.dumps(loop_definition(wait, send)),
            roleArn=ROLE,
            type="STANDARD",
        )
        machines.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")

    def _start_rule(self, send: str) -> None:
        rules = self._client("events")
        rule = rules.put_rule(Name="bench-cron", ScheduleExpression="cron(* * * * ? *)", State="ENABLED")
        self._client("lambda").add_permission(
            FunctionName=send,
            StatementId="bench-cron",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule["RuleArn"],
        )
        target = {"Id": "send", "Arn": send, "Input": json.dumps({"baseline": CRON})}
        rules.put_targets(Rule="bench-cron", Targets=[target])


def loop_definition(wait: str, send: str) -> dict[str, Any]:
    """Compute the wait, wait, send, again."""
    return {
        "StartAt": "ComputeWait",
        "States": {
            "ComputeWait": {"Type": "Task", "Resource": wait, "Next": "WaitForMinute"},
            "WaitForMinute": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Send"},
            "Send": {"Type": "Task", "Resource": send, "Parameters": {"baseline": LOOP}, "Next": "ComputeWait"},
        },
    }


def code() -> bytes:
    """The functions' files as a zip, under their own paths."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path, content in _contents():
            archive.writestr(path, content)
    return held.getvalue()


def _contents() -> Iterator[tuple[str, bytes]]:
    for path in FILES:
        yield path, (ROOT / path).read_bytes()
