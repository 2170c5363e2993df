"""The cheap way out: one small instance that forwards what a subnet sends."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge

_MANAGED: Final = "AmazonSSMManagedInstanceCore"
_MENDED: Final = {
    "StatusCheckFailed_System": actions.Ec2InstanceAction.RECOVER,
    "StatusCheckFailed_Instance": actions.Ec2InstanceAction.REBOOT,
}


class NatInstance(Construct):
    """A t4g.nano with Amazon Linux that masquerades the addresses of `serves`.

    It keeps no state. When its host fails it is recovered, when it hangs it is rebooted, both with the same
    address and within minutes. There is no SSH: an operator enters through Session Manager.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        vpc_id: str,
        subnet_id: str,
        serves: str,
        outward: Sequence[ec2.CfnSecurityGroup.EgressProperty],
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            group_description="NAT: forwards what the private subnet sends",
            vpc_id=vpc_id,
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp", cidr_ip=serves, from_port=0, to_port=65535, description="The private subnet"
                )
            ],
            security_group_egress=list(outward),
        )
        profile = self._profile()
        instance = ec2.CfnInstance(
            self,
            "Instance",
            image_id=ec2.MachineImage.latest_amazon_linux2023(cpu_type=ec2.AmazonLinuxCpuType.ARM_64)
            .get_image(self)
            .image_id,
            instance_type="t4g.nano",
            # The burst of an hour's orders is small; without this it could cost more than the instance.
            credit_specification=ec2.CfnInstance.CreditSpecificationProperty(cpu_credits="standard"),
            subnet_id=subnet_id,
            security_group_ids=[group.attr_group_id],
            source_dest_check=False,
            iam_instance_profile=profile.ref,
            metadata_options=ec2.CfnInstance.MetadataOptionsProperty(http_tokens="required"),
            block_device_mappings=[_encrypted_disk()],
            user_data=Fn.base64(forwarding_script(serves)),
        )
        self.instance_id = instance.attr_instance_id
        self._mend()
        self._acknowledge()

    def _profile(self) -> iam.CfnInstanceProfile:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_MANAGED)],
        )
        return iam.CfnInstanceProfile(self, "Profile", roles=[role.role_name])

    def _mend(self) -> None:
        for metric, action in _MENDED.items():
            cloudwatch.Alarm(
                self,
                metric.replace("_", ""),
                alarm_name=f"{self._prefix}-nat-{metric}",
                metric=cloudwatch.Metric(
                    namespace="AWS/EC2",
                    metric_name=metric,
                    dimensions_map={"InstanceId": self.instance_id},
                    statistic="Maximum",
                    period=Duration.minutes(1),
                ),
                threshold=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=2,
            ).add_alarm_action(actions.Ec2Action(action))

    def _acknowledge(self) -> None:
        acknowledge(
            self,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_MANAGED}]",
            "AWS keeps the list of what Session Manager needs; the instance has no other permission.",
        )
        acknowledge(self, "AwsSolutions-EC28", "Status checks come each minute without detailed monitoring.")
        acknowledge(self, "AwsSolutions-EC29", "It keeps no state, and a deployment must be able to replace it.")


def forwarding_script(serves: str) -> str:
    """What the instance does at its first start; the rule and the switch outlive a reboot.

    The packages come only once the Elastic IP is there, which is after the instance was made.
    """
    return f"""#!/bin/bash
set -euo pipefail
until dnf install -y iptables-services; do sleep 5; done
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-forwarding.conf
sysctl --system
systemctl enable --now iptables
iptables -F FORWARD
iptables -t nat -A POSTROUTING -s {serves} -j MASQUERADE
service iptables save
"""


def _encrypted_disk() -> ec2.CfnInstance.BlockDeviceMappingProperty:
    return ec2.CfnInstance.BlockDeviceMappingProperty(
        device_name="/dev/xvda", ebs=ec2.CfnInstance.EbsProperty(encrypted=True, volume_type="gp3", volume_size=8)
    )
