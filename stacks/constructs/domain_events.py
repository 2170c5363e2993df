"""The bus of what happened to runs and orders, and which of it a person must see."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared_config.names import EVENT_SOURCE

NOTICED: Final = (
    "BooksAgree",
    "BooksDiffer",
    "EgressDrift",
    "MasterFailed",
    "MasterWarning",
    "OrderRefused",
    "RunIncomplete",
    "RunLeftOpen",
    "RunMending",
    "RunMissed",
    "RunRefused",
    "SessionEnded",
    "TickFailed",
)


class DomainEvents(Construct):
    """The event bus, with one rule that sends the events of `NOTICED` to the topic."""

    def __init__(
        self, scope: Construct, construct_id: str, *, prefix: str, topic: sns.ITopic, dead_letters: sqs.IQueue
    ) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Bus", event_bus_name=f"{prefix}-events")
        events.Rule(
            self,
            "Notices",
            rule_name=f"{prefix}-notices",
            event_bus=self.bus,
            event_pattern=events.EventPattern(source=[EVENT_SOURCE], detail_type=list(NOTICED)),
            targets=[
                targets.SnsTopic(
                    topic, dead_letter_queue=dead_letters, retry_attempts=3, max_event_age=Duration.hours(1)
                )
            ],
        )
