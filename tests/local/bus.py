"""What the product tells the world: its bus, listened to through a queue of the tests' own."""

import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from shared_config.names import EVENT_SOURCE
from tests.local.deployment import Deployment, until

NAME_OF_TARGET = "queue"


@dataclass
class BusTap:
    """A queue and a rule that brings every event of the product into it."""

    deployment: Deployment
    bus: str
    rule: str
    queue_url: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def attach(cls, deployment: Deployment) -> "BusTap":
        """Begin to listen."""
        bus = f"{deployment.prefix('options')}-events"
        rule = f"{deployment.prefix('options')}-flows-{secrets.token_hex(4)}"
        sqs, events = deployment.aws("sqs"), deployment.aws("events")
        url = sqs.create_queue(QueueName=rule)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        rule_arn = events.put_rule(
            Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": [EVENT_SOURCE]}), State="ENABLED"
        )["RuleArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": NAME_OF_TARGET, "Arn": arn}])
        return cls(deployment, bus, rule, url)

    def named(self, name: str) -> list[dict[str, Any]]:
        """The details of all events of a name that have been heard until now."""
        with self.lock:
            self._receive()
            return [event["detail"] for event in self.heard if event["detail-type"] == name]

    def wait_for_named(self, name: str, *, more_than: int) -> list[dict[str, Any]]:
        """As `named`, once there are more than so many. Raises AssertionError when no more come."""

        def look() -> list[dict[str, Any]] | None:
            heard = self.named(name)
            return heard if len(heard) > more_than else None

        heard: list[dict[str, Any]] = until(f"another event {name}", look, seconds=15)
        return heard

    def events_of(self, user_id: str) -> list[dict[str, Any]]:
        """What has been heard about a user until now, in the order of hearing."""
        with self.lock:
            self._receive()
            return [event for event in self.heard if event["detail"].get("user_id") == user_id]

    def wait_for(self, user_id: str, name: str) -> dict[str, Any]:
        """The detail of a user's first event of a name. Raises AssertionError when none comes."""

        def look() -> dict[str, Any] | None:
            named = [event["detail"] for event in self.events_of(user_id) if event["detail-type"] == name]
            return named[0] if named else None

        detail: dict[str, Any] = until(f"the event {name} of {user_id}", look, seconds=15)
        return detail

    def detach(self) -> None:
        """Remove rule and queue."""
        events = self.deployment.aws("events")
        events.remove_targets(Rule=self.rule, EventBusName=self.bus, Ids=[NAME_OF_TARGET])
        events.delete_rule(Name=self.rule, EventBusName=self.bus)
        self.deployment.aws("sqs").delete_queue(QueueUrl=self.queue_url)

    def _receive(self) -> None:
        sqs = self.deployment.aws("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
