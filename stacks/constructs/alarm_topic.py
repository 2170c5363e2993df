"""Where alarms and notices for people go."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.lifecycle import removal_policy


class AlarmTopic(Construct):
    """One encrypted topic that AWS services may publish to, with the operator's e-mail if there is one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, prefix: str, dead_letters: sqs.IQueue
    ) -> None:
        super().__init__(scope, construct_id)
        # The key that AWS manages for SNS does not let other services publish.
        key = kms.Key(
            self,
            "Key",
            alias=f"{prefix}-alarms",
            description=f"Encrypts the notices of {prefix}",
            enable_key_rotation=True,
            removal_policy=removal_policy(settings),
        )
        self.topic = sns.Topic(self, "Topic", topic_name=f"{prefix}-alarms", master_key=key, enforce_ssl=True)
        for service in ("budgets", "cloudwatch", "events"):
            principal = iam.ServicePrincipal(f"{service}.amazonaws.com")
            key.grant(principal, "kms:Decrypt", "kms:GenerateDataKey*")
            self.topic.grant_publish(principal)
        if settings.alarm_email is not None:
            self.topic.add_subscription(
                subscriptions.EmailSubscription(settings.alarm_email, dead_letter_queue=dead_letters)
            )
