"""A function inside a subnet, given by ids: they may come from this stack or from another's exports."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

# What the Lambda service does with the role of a function to join a subnet. Of these, describing takes no resource,
# and the ids of interfaces are not known before they are made (AWS Lambda, "Giving functions access to a VPC").
_JOIN: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
JOINS_EVERYWHERE: Final = "Joining a subnet makes network interfaces, whose ids nobody knows before."


@dataclass(frozen=True, kw_only=True)
class NetworkPlacement:
    """Where a function runs so that it leaves through the static address."""

    subnet_id: str
    security_group_id: str

    def put(self, function: lambda_.Function, role: iam.IRole) -> None:
        """Move `function` into the subnet. The grant comes first: Lambda tries it out when the function is made."""
        resource = function.node.default_child
        if not isinstance(resource, lambda_.CfnFunction):
            raise TypeError(f"{function.node.path} is not a function of CloudFormation")
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=[self.subnet_id], security_group_ids=[self.security_group_id]
        )
        iam.Grant.add_to_principal(grantee=role, actions=list(_JOIN), resource_arns=["*"]).apply_before(function)
