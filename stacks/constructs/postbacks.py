"""Order updates that brokers post: the one route without a user, and the queue in which they wait for a moment."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.api_routes import ApiRoutes

POSTBACK_ROUTES: Final = (("POST", "/postbacks/{user_id}/{account_id}/{proof}"),)
# No answer of a broker to an order takes longer (7 s to read it): by then its worker has written down what it knows.
_DELAY: Final = Duration.seconds(10)
_LETTERS_AT_ONCE: Final = 100
_READERS_AT_ONCE: Final = 2


class Postbacks(Construct):
    """`take` answers brokers at once; `read` looks into many letters with one book of each account."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        api_id: str,
        take: lambda_.Function,
        read: lambda_.Function,
        read_timeout: Duration,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        routes = ApiRoutes(self, "Routes", api_id=api_id, authorizer_id=None, function=take, routes=POSTBACK_ROUTES)
        acknowledge(
            routes,
            "AwsSolutions-APIG4",
            "Brokers cannot sign in: the function checks the proof in the address, and a signature if there is one.",
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{prefix}-postbacks",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            delivery_delay=_DELAY,
            # Later the reconciler has looked by itself.
            retention_period=Duration.minutes(30),
            visibility_timeout=Duration.seconds(6 * read_timeout.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=2),
        )
        self.queue.grant_send_messages(take)
        read.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=_LETTERS_AT_ONCE,
                max_batching_window=Duration.seconds(1),
                max_concurrency=_READERS_AT_ONCE,
                report_batch_item_failures=True,
            )
        )
        acknowledge(
            read,
            "Serverless-LambdaEventSourceMappingDestination",
            "What fails twice goes to the dead letters of the queue; a queue's mapping has no destination of its own.",
        )
