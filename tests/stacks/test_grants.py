"""Least privilege: who may read secrets, write the table, start machines, publish events."""

import pytest

from shared_config.names import INDEXES
from tests.stacks.grants import Grant, grants_of_functions, grants_of_machines
from tests.stacks.synthesized import Synthesized

READ_TABLE = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}
NO_DATA = {"check_egress"}
ONLY_READ = {"watchdog", "preview_api", "take_postback"}
WRITE_TABLE = {"dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}


@pytest.fixture
def grants(each: Synthesized) -> dict[str, set[Grant]]:
    return grants_of_functions(each.auth) | grants_of_functions(each.options)


def test_only_those_who_talk_to_brokers_and_who_checks_what_they_post_read_secrets(
    grants: dict[str, set[Grant]],
) -> None:
    readers = holders(grants, "secretsmanager:GetSecretValue")
    assert readers == {
        "accounts_api",
        "preview_api",
        "prepare_runs",
        "place_orders",
        "confirm_orders",
        "reconcile",
        "mark_runs",
        "take_postback",
        "read_postbacks",
        "load_instruments",
        "check_sessions",
    }


def test_only_the_accounts_api_makes_and_destroys_secrets(grants: dict[str, set[Grant]]) -> None:
    for action in ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"):
        assert holders(grants, action) == {"accounts_api"}


def test_only_those_who_begin_sessions_renew_secrets(grants: dict[str, set[Grant]]) -> None:
    assert holders(grants, "secretsmanager:PutSecretValue") == {"accounts_api", "check_sessions"}


def test_secrets_are_granted_below_one_path(each: Synthesized, grants: dict[str, set[Grant]]) -> None:
    prefix = each.settings.prefix(each.settings.modules.auth)
    resources = {resource for held in grants.values() for action, resource in held if action.startswith("secrets")}
    (resource,) = resources
    assert resource.endswith(f":secret:{prefix}/accounts/*")


def test_everyone_works_on_the_table_and_some_only_read(grants: dict[str, set[Grant]]) -> None:
    for module, held in grants.items():
        actions = {action for action, _ in held if action.startswith("dynamodb:")} - {"dynamodb:DeleteItem"}
        if module in NO_DATA:
            assert not actions, module
        else:
            assert actions == (READ_TABLE if module in ONLY_READ else READ_TABLE | WRITE_TABLE), module


def test_only_the_apis_that_remove_what_a_user_made_delete(grants: dict[str, set[Grant]]) -> None:
    assert holders(grants, "dynamodb:DeleteItem") == {"trading_api", "accounts_api"}


def test_nobody_scans(grants: dict[str, set[Grant]]) -> None:
    for action in ("dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:*"):
        assert not holders(grants, action)


def test_indexes_are_named(grants: dict[str, set[Grant]]) -> None:
    for held in (held for module, held in grants.items() if module not in NO_DATA):
        tables = {resource for action, resource in held if action == "dynamodb:Query"}
        assert {resource.partition("/index/")[2] for resource in tables} == {"", *INDEXES}


def test_machines_are_started_by_whoever_has_to(grants: dict[str, set[Grant]]) -> None:
    starters = {
        (module, resource.strip("<>"))
        for module, held in grants.items()
        for action, resource in held
        if action == "states:StartExecution"
    }
    assert {(module, "TradingDay" in resource) for module, resource in starters} == {
        ("watchdog", True),
        ("dispatch_tick", False),
        ("reconcile", False),
        ("read_postbacks", False),
        ("square_off", False),
        ("trading_api", False),
    }


def test_those_who_find_out_publish(grants: dict[str, set[Grant]]) -> None:
    assert holders(grants, "events:PutEvents") == {
        "trading_day",
        "dispatch_tick",
        "prepare_runs",
        "settle_runs",
        "reconcile",
        "read_postbacks",
        "load_instruments",
        "check_sessions",
        "check_egress",
    }


def test_only_traces_have_no_resource(grants: dict[str, set[Grant]]) -> None:
    for module, held in grants.items():
        actions = {action for action, resource in held if resource == "*"}
        assert actions <= {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, module
        assert not {action for action, _ in held if action.endswith("*")}, module


def test_machines_call_their_own_functions_only(prod: Synthesized) -> None:
    called = {
        name.rsplit("-", 1)[1]: {
            resource.strip("<").partition("Function")[0]
            for action, resource in held
            if action == "lambda:InvokeFunction"
        }
        for name, held in grants_of_machines(prod.options).items()
    }
    assert called == {
        "trading_day": {"TradingDay", "DispatchTick"},
        "execute_tick": {"PrepareRuns", "PlaceOrders", "ConfirmOrders", "SettleRuns"},
    }


def holders(grants: dict[str, set[Grant]], action: str) -> set[str]:
    return {module for module, held in grants.items() if action in {granted for granted, _ in held}}
