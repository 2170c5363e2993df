"""What one stack gives another: CloudFormation exports with names spelled in `shared_config.names`."""

from aws_cdk import CfnOutput, Fn
from constructs import Construct

from shared_config.names import export_name


def export(scope: Construct, *, prefix: str, name: str, value: str) -> None:
    """Publish `value` as the export `{prefix}-{name}`."""
    CfnOutput(scope, name, value=value, export_name=export_name(prefix, name))


def imported(*, prefix: str, name: str) -> str:
    """The value that the stack with this prefix exported, as a token that the deployment resolves."""
    return Fn.import_value(export_name(prefix, name))
