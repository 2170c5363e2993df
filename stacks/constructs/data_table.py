"""The one table of the product and the key that encrypts it."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from shared_config.names import INDEXES, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE, index_key
from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.lifecycle import removal_policy


class DataTable(Construct):
    """Users, accounts, strategies, runs and intents, with the indexes that `names.INDEXES` lists."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, prefix: str) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            alias=f"{prefix}-table",
            description=f"Encrypts the table of {prefix}",
            enable_key_rotation=True,
            removal_policy=removal_policy(settings),
        )
        # Table, not TableV2: local deployments replace an unnamed TableV2 when an index is added.
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text(PARTITION_KEY),
            sort_key=_text(SORT_KEY),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            time_to_live_attribute=TTL_ATTRIBUTE,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=settings.features.point_in_time_recovery
            ),
            deletion_protection=settings.features.deletion_protection,
            removal_policy=removal_policy(settings),
        )
        if not settings.features.point_in_time_recovery:
            acknowledge(self.table, "AwsSolutions-DDB3", "This environment holds nothing worth restoring.")
        for index in INDEXES:
            partition, sort = index_key(index)
            self.table.add_global_secondary_index(
                index_name=index,
                partition_key=_text(partition),
                sort_key=_text(sort),
                projection_type=dynamodb.ProjectionType.ALL,
            )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
