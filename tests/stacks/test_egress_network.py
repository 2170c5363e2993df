"""The static way out: off unless asked for, one address in each mode, and everybody who talks to brokers takes it."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared_config import names
from shared_config.settings import load_settings
from stacks.constructs.egress_network import outbound_rules
from stacks.constructs.nat_instance import forwarding_script
from tests.stacks.grants import grants_of_functions
from tests.stacks.synthesized import Properties, Synthesized, Template, synthesize, text
from tests.stacks.test_security_checks import findings

MODES = ("nat_gateway", "nat_instance")
IN_THE_CLOUD = ("dev", "staging", "prod")
FUNCTION, ROUTE, ADDRESS = "AWS::Lambda::Function", "AWS::EC2::Route", "AWS::EC2::EIP"
ANYWHERE = "0.0.0.0/0"


@pytest.fixture(scope="session")
def networked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Synthesized]:
    """The stacks of an environment with a mode, as if an account were known: synthesized once for all tests."""

    def make(environment: str, mode: str) -> Synthesized:
        settings = load_settings(environment, overrides={"network.mode": mode})
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("CDK_DEFAULT_ACCOUNT", "000000000000")
            return synthesize(environment, tmp_path_factory.mktemp(f"{environment}-{mode}"), settings=settings)

    return cache(make)


@pytest.fixture(params=MODES)
def prod_with(request: pytest.FixtureRequest, networked: Callable[[str, str], Synthesized]) -> Synthesized:
    """Production in each mode."""
    return networked("prod", request.param)


@pytest.fixture
def gateway(networked: Callable[[str, str], Synthesized]) -> Template:
    return networked("prod", "nat_gateway").auth


@pytest.fixture
def instance(networked: Callable[[str, str], Synthesized]) -> Template:
    return networked("prod", "nat_instance").auth


def test_without_a_mode_there_is_no_network(each: Synthesized) -> None:
    assert each.settings.network.mode == "none"
    for _, template in each.templates():
        assert not [body for body in template.document["Resources"].values() if body["Type"].startswith("AWS::EC2::")]
    assert not [function for function in each.all_of_type(FUNCTION) if "VpcConfig" in function]
    assert names.ENV_EGRESS_ADDRESS not in each.auth.function("accounts_api")["Environment"]["Variables"]


@pytest.mark.parametrize("environment", IN_THE_CLOUD)
@pytest.mark.parametrize("mode", MODES)
def test_every_finding_has_a_reason(networked: Callable[[str, str], Synthesized], environment: str, mode: str) -> None:
    assert findings(networked(environment, mode).app) == set()


def test_the_synthesis_asks_aws_for_nothing(prod_with: Synthesized) -> None:
    manifest = json.loads((Path(prod_with.app.synth().directory) / "manifest.json").read_text("utf-8"))
    assert "artifacts" in manifest
    assert "missing" not in manifest


def test_who_reads_secrets_or_checks_the_address_leaves_from_it_and_nobody_else(prod_with: Synthesized) -> None:
    inside, readers = set(), {"check_egress"}
    for _, template in prod_with.templates():
        inside |= {
            function["Handler"].split(".")[2]
            for function in template.of_type(FUNCTION).values()
            if "VpcConfig" in function
        }
        readers |= {
            module
            for module, held in grants_of_functions(template).items()
            if "secretsmanager:GetSecretValue" in {action for action, _ in held}
        }
    # It reads keys to check what brokers post, and calls none of them.
    assert inside == readers - {"take_postback"}
    assert {"accounts_api", "place_orders", "preview_api"} <= inside


def test_the_options_stack_takes_the_subnet_by_the_name_of_its_export(prod_with: Synthesized) -> None:
    prefix = prod_with.settings.prefix(prod_with.settings.modules.auth)
    exported = {output["Export"]["Name"] for output in prod_with.auth.document["Outputs"].values()}
    subnet, group = (
        names.export_name(prefix, name)
        for name in (names.EXPORT_EGRESS_SUBNET_ID, names.EXPORT_EGRESS_SECURITY_GROUP_ID)
    )
    assert {subnet, group, names.export_name(prefix, names.EXPORT_EGRESS_ADDRESS)} <= exported
    assert prod_with.options.function("place_orders")["VpcConfig"] == {
        "SubnetIds": [{"Fn::ImportValue": subnet}],
        "SecurityGroupIds": [{"Fn::ImportValue": group}],
    }


def test_a_function_may_join_before_it_is_made(prod_with: Synthesized) -> None:
    for _, template in prod_with.templates():
        policies = template.of_type("AWS::IAM::Policy")
        for function in template.whole(FUNCTION).values():
            joining = {
                name
                for name in policies
                if policies[name]["Roles"] == [{"Ref": text(function["Properties"]["Role"]).strip("<").split(".")[0]}]
                and "ec2:CreateNetworkInterface" in str(policies[name])
            }
            assert bool(joining) is ("VpcConfig" in function["Properties"])
            assert joining <= set(function["DependsOn"])


def test_the_address_is_an_output_and_stays_where_data_stays(
    prod_with: Synthesized, networked: Callable[[str, str], Synthesized]
) -> None:
    (address,) = prod_with.auth.of_type(ADDRESS)
    assert prod_with.auth.document["Outputs"][names.EXPORT_EGRESS_ADDRESS]["Value"] == {
        "Fn::GetAtt": [address, "PublicIp"]
    }
    assert prod_with.auth.whole(ADDRESS)[address]["DeletionPolicy"] == "Retain"
    dev = networked("dev", prod_with.settings.network.mode).auth
    assert dev.whole(ADDRESS)[address]["DeletionPolicy"] == "Delete"


def test_the_api_of_accounts_knows_the_address_and_nobody_else(prod_with: Synthesized) -> None:
    (address,) = prod_with.auth.of_type(ADDRESS)
    told = {
        function["Handler"].split(".")[2]: function["Environment"]["Variables"][names.ENV_EGRESS_ADDRESS]
        for function in prod_with.all_of_type(FUNCTION)
        if names.ENV_EGRESS_ADDRESS in function["Environment"]["Variables"]
    }
    assert told == {"accounts_api": {"Fn::GetAtt": [address, "PublicIp"]}}


def test_no_address_has_to_move_from_one_mode_to_the_other(gateway: Template, instance: Template) -> None:
    assert set(gateway.of_type(ADDRESS)).isdisjoint(instance.of_type(ADDRESS))


def test_functions_stay_in_their_subnet_when_the_mode_changes(gateway: Template, instance: Template) -> None:
    for name in (names.EXPORT_EGRESS_SUBNET_ID, names.EXPORT_EGRESS_SECURITY_GROUP_ID):
        assert gateway.document["Outputs"][name] == instance.document["Outputs"][name]
    assert set(gateway.of_type(ROUTE)) == set(instance.of_type(ROUTE))


def test_a_nat_gateway_has_the_address_and_is_the_private_way_out(gateway: Template) -> None:
    (nat,), (address,) = gateway.of_type("AWS::EC2::NatGateway"), gateway.of_type(ADDRESS)
    assert gateway.only("AWS::EC2::NatGateway")["AllocationId"] == {"Fn::GetAtt": [address, "AllocationId"]}
    assert text(private_route(gateway)["NatGatewayId"]) == f"<{nat}.NatGatewayId>"
    assert not gateway.of_type("AWS::EC2::Instance")


def test_a_nat_instance_has_the_address_and_is_the_private_way_out(instance: Template) -> None:
    (nat,), (address,) = instance.of_type("AWS::EC2::Instance"), instance.of_type(ADDRESS)
    assert instance.only("AWS::EC2::EIPAssociation") == {
        "AllocationId": {"Fn::GetAtt": [address, "AllocationId"]},
        "InstanceId": {"Fn::GetAtt": [nat, "InstanceId"]},
    }
    assert private_route(instance)["InstanceId"] == {"Fn::GetAtt": [nat, "InstanceId"]}
    assert not instance.of_type("AWS::EC2::NatGateway")


def test_a_nat_instance_forwards_what_is_not_its_own_and_lets_nobody_in_by_ssh(instance: Template) -> None:
    machine = instance.only("AWS::EC2::Instance")
    assert (machine["InstanceType"], machine["SourceDestCheck"]) == ("t4g.nano", False)
    assert "KeyName" not in machine
    assert machine["MetadataOptions"] == {"HttpTokens": "required"}
    private = subnets(instance)["Private"]["CidrBlock"]
    assert machine["UserData"] == {"Fn::Base64": forwarding_script(private)}
    assert f"POSTROUTING -s {private} -j MASQUERADE" in forwarding_script(private)
    entering = [rule for group in groups(instance) for rule in group.get("SecurityGroupIngress", [])]
    assert {rule["CidrIp"] for rule in entering} == {private}


def test_a_nat_instance_that_fails_is_mended(instance: Template) -> None:
    alarms = instance.of_type("AWS::CloudWatch::Alarm").values()
    mended = {alarm["MetricName"]: text(alarm["AlarmActions"][0]).rsplit(":", 1)[1] for alarm in alarms}
    assert mended == {"StatusCheckFailed_System": "recover", "StatusCheckFailed_Instance": "reboot"}


def test_nothing_comes_in_and_only_https_goes_out(prod_with: Synthesized) -> None:
    for group in groups(prod_with.auth):
        assert [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [
            ("tcp", 443, 443)
        ]
        assert ANYWHERE not in {rule["CidrIp"] for rule in group.get("SecurityGroupIngress", [])}


def test_the_ports_of_configured_proxies_are_open() -> None:
    proxies = {"egress.family": {"proxy_url": "http://10.0.0.9:3128"}, "egress.plain": {"proxy_url": "http://10.0.0.8"}}
    assert ports(outbound_rules(load_settings("prod", overrides=proxies))) == [80, 443, 3128]


def test_one_zone_two_subnets_and_the_table_beside_the_nat(prod_with: Synthesized) -> None:
    found = subnets(prod_with.auth)
    assert set(found) == {"Public", "Private"}
    assert len({str(subnet["AvailabilityZone"]) for subnet in found.values()}) == 1
    assert not [subnet for subnet in found.values() if subnet.get("MapPublicIpOnLaunch")]
    endpoint = prod_with.auth.only("AWS::EC2::VPCEndpoint")
    assert text(endpoint["ServiceName"]) == "com.amazonaws.ap-south-1.dynamodb"
    assert endpoint["RouteTableIds"] == [private_route(prod_with.auth)["RouteTableId"]]


def test_flows_are_logged_as_long_as_everything_else(prod_with: Synthesized) -> None:
    (vpc,) = prod_with.auth.of_type("AWS::EC2::VPC")
    flow_log = prod_with.auth.only("AWS::EC2::FlowLog")
    assert (flow_log["ResourceId"], flow_log["TrafficType"]) == ({"Fn::GetAtt": [vpc, "VpcId"]}, "ALL")
    retentions = {group["RetentionInDays"] for group in prod_with.all_of_type("AWS::Logs::LogGroup")}
    assert retentions == {prod_with.settings.log_retention_days}


def subnets(template: Template) -> dict[str, Properties]:
    return {
        "Public" if "Public" in name else "Private": properties
        for name, properties in template.of_type("AWS::EC2::Subnet").items()
    }


def groups(template: Template) -> list[Properties]:
    return list(template.of_type("AWS::EC2::SecurityGroup").values())


def private_route(template: Template) -> Properties:
    (route,) = (properties for name, properties in template.of_type(ROUTE).items() if "Private" in name)
    assert route["DestinationCidrBlock"] == ANYWHERE
    return route


def ports(rules: list[Any]) -> list[int]:
    return [rule.from_port for rule in rules]
