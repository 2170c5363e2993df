"""One static public address for the functions that talk to brokers. Modes and costs: docs/decisions/0012-egress.md.

Subnets are made one by one and not by `ec2.Vpc`, which would ask AWS for the zones of the account at synth.
"""

from typing import Final
from urllib.parse import urlsplit

from aws_cdk import Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.lifecycle import log_group, removal_policy
from stacks.constructs.nat_instance import NatInstance
from stacks.constructs.network_placement import NetworkPlacement

_ALL: Final = "10.73.0.0/24"
_PUBLIC: Final = "10.73.0.0/28"
_PRIVATE: Final = "10.73.0.128/25"
_ANYWHERE: Final = "0.0.0.0/0"
_HTTPS: Final = 443


class EgressNetwork(Construct):
    """A small VPC in one zone: functions in a private subnet, one way out with an Elastic IP, nothing comes in.

    One address can be in one zone only. When that zone fails so does trading, which a second NAT with a second
    address would not mend unless every broker had both registered.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, prefix: str) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._prefix = prefix
        self._zone = Fn.select(0, Fn.get_azs())
        self._vpc_id = ec2.CfnVPC(
            self, "Vpc", cidr_block=_ALL, enable_dns_support=True, enable_dns_hostnames=True
        ).attr_vpc_id
        self._log_flows()
        self._open_to_the_internet()
        self._private = ec2.PrivateSubnet(
            self, "Private", availability_zone=self._zone, cidr_block=_PRIVATE, vpc_id=self._vpc_id
        )
        self._outward = outbound_rules(settings)
        address = self._address()
        if settings.network.mode == "nat_gateway":
            self._route_through_gateway(address)
        else:
            self._route_through_instance(address)
        self._reach_the_table()
        self.address = address.attr_public_ip
        self.placement = NetworkPlacement(
            subnet_id=self._private.subnet_id, security_group_id=self._security_group().attr_group_id
        )

    def _open_to_the_internet(self) -> None:
        gateway = ec2.CfnInternetGateway(self, "Internet")
        self._attachment = ec2.CfnVPCGatewayAttachment(
            self, "Attachment", vpc_id=self._vpc_id, internet_gateway_id=gateway.attr_internet_gateway_id
        )
        self._public = ec2.PublicSubnet(
            self,
            "Public",
            availability_zone=self._zone,
            cidr_block=_PUBLIC,
            vpc_id=self._vpc_id,
            map_public_ip_on_launch=False,
        )
        self._public.add_default_internet_route(gateway.attr_internet_gateway_id, self._attachment)

    def _address(self) -> ec2.CfnEIP:
        """Each mode has its own: an address cannot move from one to the other within a deployment.

        It stays where data stays: a broker lets its customers register another one once a week at most.
        """
        name = "GatewayAddress" if self._settings.network.mode == "nat_gateway" else "InstanceAddress"
        address = ec2.CfnEIP(self, name, domain="vpc")
        address.apply_removal_policy(removal_policy(self._settings))
        address.add_dependency(self._attachment)
        return address

    def _route_through_gateway(self, address: ec2.CfnEIP) -> None:
        gateway = self._public.add_nat_gateway(address.attr_allocation_id)
        self._private.add_default_nat_route(gateway.attr_nat_gateway_id)

    def _route_through_instance(self, address: ec2.CfnEIP) -> None:
        instance = NatInstance(
            self,
            "NatInstance",
            prefix=self._prefix,
            vpc_id=self._vpc_id,
            subnet_id=self._public.subnet_id,
            serves=_PRIVATE,
            outward=self._outward,
        )
        ec2.CfnEIPAssociation(
            self, "Association", allocation_id=address.attr_allocation_id, instance_id=instance.instance_id
        )
        # By the same name as the route to a gateway, so that a change of the mode changes it in place.
        self._private.add_route(
            "DefaultRoute",
            router_type=ec2.RouterType.INSTANCE,
            router_id=instance.instance_id,
            enables_internet_connectivity=True,
        )

    def _reach_the_table(self) -> None:
        """DynamoDB costs nothing through its gateway endpoint; through a NAT every byte would."""
        ec2.CfnVPCEndpoint(
            self,
            "Table",
            service_name=f"com.amazonaws.{Stack.of(self).region}.dynamodb",
            vpc_id=self._vpc_id,
            route_table_ids=[self._private.route_table.route_table_id],
        )

    def _security_group(self) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            "Functions",
            group_description="Functions that talk to brokers: nothing comes in",
            vpc_id=self._vpc_id,
            security_group_egress=self._outward,
        )

    def _log_flows(self) -> None:
        logs = log_group(self, "Flows", settings=self._settings)
        role = iam.Role(self, "FlowsRole", assumed_by=iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"))
        writing = logs.grant(role, "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
        flow_log = ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self._vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            max_aggregation_interval=600,
            log_destination_type="cloud-watch-logs",
            log_group_name=logs.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
        writing.apply_before(flow_log)


def outbound_rules(settings: Settings) -> list[ec2.CfnSecurityGroup.EgressProperty]:
    """HTTPS, and whatever other ports the configured brokers, proxies and the address check have."""
    urls = {settings.egress_check_url}
    urls |= {route.proxy_url for route in settings.egress.values() if route.proxy_url}
    urls |= {url for broker in settings.brokers.values() for url in broker.model_dump().values() if url}
    return [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol="tcp",
            cidr_ip=_ANYWHERE,
            from_port=port,
            to_port=port,
            description=f"Brokers, their proxies and AWS on port {port}",
        )
        for port in sorted({_HTTPS} | {_port(url) for url in urls})
    ]


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (80 if parts.scheme == "http" else _HTTPS)
