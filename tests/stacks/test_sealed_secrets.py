"""Either way of keeping secrets is granted to the same functions, and the one that is not chosen to nobody."""

from pathlib import Path
from typing import Any

import pytest

from shared_config.names import ENV_SECRETS_KEY, ENV_SECRETS_PREFIX
from shared_config.runtime import Runtime
from shared_config.settings import load_settings
from tests.stacks.grants import grants_of_functions
from tests.stacks.synthesized import Synthesized, synthesize, text
from tests.stacks.test_security_checks import findings

VIA_TABLE = "dynamodb.<AWS::Region>.amazonaws.com"
SEALERS = {"accounts_api", "check_sessions"}
READERS = SEALERS | {
    "preview_api",
    "prepare_runs",
    "place_orders",
    "confirm_orders",
    "reconcile",
    "mark_runs",
    "take_postback",
    "read_postbacks",
    "load_instruments",
}
REACH_NOBODY = {"take_postback"}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The production stacks with secrets in the table."""
    settings = load_settings("prod", overrides={"secrets.store": "sealed_table"})
    return synthesize("prod", tmp_path_factory.mktemp("sealed"), settings=settings)


@pytest.fixture(params=["secrets_manager", "sealed_table"])
def either(request: pytest.FixtureRequest, prod: Synthesized, sealed: Synthesized) -> Synthesized:
    """The production stacks with either setting."""
    stacks = {"secrets_manager": prod, "sealed_table": sealed}[request.param]
    assert stacks.settings.secrets.store == request.param
    return stacks


def direct_key_uses(stacks: Synthesized) -> list[tuple[str, dict[str, Any]]]:
    """Every statement with which a function itself calls KMS, by function; DynamoDB's own calls left out."""
    found = []
    for _, template in stacks.templates():
        functions = template.of_type("AWS::Lambda::Function").values()
        modules = {text(function["Role"]): function["Handler"].split(".")[2] for function in functions}
        for policy in template.of_type("AWS::IAM::Policy").values():
            for role in policy["Roles"]:
                module = modules.get(f"<{role['Ref']}.Arn>")
                for statement in policy["PolicyDocument"]["Statement"]:
                    if module and "kms:" in str(statement["Action"]) and "kms:ViaService" not in str(statement):
                        found.append((module, statement))
    return found


def users_of_key(stacks: Synthesized, action: str) -> set[str]:
    return {module for module, statement in direct_key_uses(stacks) if action in listed(statement["Action"])}


def holders(stacks: Synthesized, service: str) -> set[str]:
    granted = grants_of_functions(stacks.auth) | grants_of_functions(stacks.options)
    return {module for module, held in granted.items() if any(action.startswith(service) for action, _ in held)}


def having(stacks: Synthesized, variable: str) -> set[str]:
    return {
        function["Handler"].split(".")[2]
        for function in stacks.all_of_type("AWS::Lambda::Function")
        if variable in function["Environment"]["Variables"]
    }


def listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_every_environment_keeps_secrets_in_secrets_manager_unless_told_otherwise(each: Synthesized) -> None:
    assert each.settings.secrets.store == "secrets_manager"


def test_the_same_functions_read_secrets_either_way(either: Synthesized) -> None:
    managed = either.settings.secrets.store == "secrets_manager"
    readers = {True: holders(either, "secretsmanager:"), False: users_of_key(either, "kms:Decrypt")}
    assert readers[managed] == READERS
    assert readers[not managed] == set()


def test_each_reader_and_nobody_else_is_told_where_the_secrets_are(either: Synthesized) -> None:
    managed = either.settings.secrets.store == "secrets_manager"
    told = {True: having(either, ENV_SECRETS_PREFIX), False: having(either, ENV_SECRETS_KEY)}
    assert told[managed] == READERS
    assert told[not managed] == set()


def test_only_linking_and_renewing_sessions_seals(sealed: Synthesized) -> None:
    assert users_of_key(sealed, "kms:GenerateDataKey") == SEALERS


def test_functions_use_the_key_of_the_table_for_opening_and_sealing_only(sealed: Synthesized) -> None:
    (key,) = sealed.auth.of_type("AWS::KMS::Key")
    keys = {f"<{key}.Arn>", "<export legwise-options-prod-auth-KeyArn>"}
    uses = direct_key_uses(sealed)
    assert {text(statement["Resource"]) for _, statement in uses} == keys
    actions = {action for _, statement in uses for action in listed(statement["Action"])}
    assert actions == {"kms:Decrypt", "kms:GenerateDataKey"}


def test_every_direct_use_of_the_key_names_a_user_and_an_account_and_nothing_else(sealed: Synthesized) -> None:
    for module, statement in direct_key_uses(sealed):
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["user", "account"]},
            "Null": {"kms:EncryptionContext:user": "false", "kms:EncryptionContext:account": "false"},
        }, module


def test_everybody_else_uses_the_key_through_the_table_alone(sealed: Synthesized) -> None:
    (key,) = sealed.auth.of_type("AWS::KMS::Key")
    keys = {f"<{key}.Arn>", "<export legwise-options-prod-auth-KeyArn>"}
    direct = [statement for _, statement in direct_key_uses(sealed)]
    others = [
        statement
        for policy in sealed.all_of_type("AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if keys & {text(resource) for resource in listed(statement["Resource"])} and statement not in direct
    ]
    assert len(others) >= len(READERS)
    for statement in others:
        ((operator, condition),) = statement["Condition"].items()
        assert (operator, list(condition)) == ("StringEquals", ["kms:ViaService"])
        assert text(condition["kms:ViaService"]) in ("dynamodb.ap-south-1.amazonaws.com", VIA_TABLE)


def test_the_key_itself_lets_in_who_the_account_lets_in_and_nobody_else(sealed: Synthesized) -> None:
    (key,) = sealed.auth.of_type("AWS::KMS::Key").values()
    (statement,) = key["KeyPolicy"]["Statement"]
    assert list(statement["Principal"]) == ["AWS"]
    assert text(statement["Principal"]["AWS"]).endswith(":root")


def test_who_opens_sealed_secrets_leaves_from_the_static_address(tmp_path: Path) -> None:
    overrides = {"secrets.store": "sealed_table", "network.mode": "nat_gateway"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CDK_DEFAULT_ACCOUNT", "000000000000")
        stacks = synthesize("prod", tmp_path, settings=load_settings("prod", overrides=overrides))
    inside = {
        function["Handler"].split(".")[2]
        for function in stacks.all_of_type("AWS::Lambda::Function")
        if "VpcConfig" in function
    }
    assert inside == users_of_key(stacks, "kms:Decrypt") - REACH_NOBODY | {"check_egress"}
    assert inside == READERS - REACH_NOBODY | {"check_egress"}


def test_who_seals_may_write_and_delete_in_the_table(sealed: Synthesized) -> None:
    held = {action for action, _ in grants_of_functions(sealed.auth)["accounts_api"]}
    assert held >= {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"}


def test_the_functions_read_the_choice(either: Synthesized) -> None:
    for function in either.all_of_type("AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        assert Runtime.model_validate_json(variables["LEGWISE_RUNTIME"]).secrets == either.settings.secrets


def test_the_security_checks_find_nothing_in_sealed_secrets(sealed: Synthesized) -> None:
    assert findings(sealed.app) == set()
