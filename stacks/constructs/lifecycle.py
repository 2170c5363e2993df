"""How long an environment keeps what its stacks made."""

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from shared_config.settings import Settings

_RETENTION: Final = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}


def removal_policy(settings: Settings) -> RemovalPolicy:
    """Whether data outlives its stack."""
    return RemovalPolicy.DESTROY if settings.removal_policy == "destroy" else RemovalPolicy.RETAIN


def log_group(scope: Construct, construct_id: str, *, settings: Settings) -> logs.LogGroup:
    """A log group with the environment's retention and no fixed name.

    A fixed name would collide with a group that a failed or removed deployment left behind.
    """
    return logs.LogGroup(
        scope,
        construct_id,
        retention=_RETENTION[settings.log_retention_days],
        removal_policy=removal_policy(settings),
    )
