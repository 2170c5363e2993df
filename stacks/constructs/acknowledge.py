"""Accept one finding of the security checks, with the reason beside the thing it concerns."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(scope: IConstruct, finding: str, reason: str) -> None:
    """Accept `finding` (`AwsSolutions-COG3`) for `scope` and everything in it."""
    Validations.of(scope).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledge_resource(scope: IConstruct, resource: str, reason: str) -> None:
    """Accept that policies in `scope` name a resource with a wildcard, this one only."""
    acknowledge(scope, f"AwsSolutions-IAM5[Resource::{_as_found(Stack.of(scope).resolve(resource))}]", reason)


def _as_found(resolved: Any) -> str:
    """A resource as the checks write it: `<LogicalId.Arn>:*`, `arn:aws:…:<AWS::AccountId>:…`."""
    match resolved:
        case str():
            return resolved
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(_as_found(part) for part in parts)
        case {"Fn::GetAtt": [logical_id, attribute]}:
            return f"<{logical_id}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
    raise ValueError(f"a resource of a form that the security checks do not report: {resolved}")
