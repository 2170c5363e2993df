"""Every function is made the same way, and has the size and the variables that its work needs."""

import json
from datetime import timedelta
from pathlib import Path

from aws_cdk import Duration, Stack

from lambdas.use_cases.mark_runs import BEGINS, ENDS, NOBODY_BEGINS
from shared_config import names
from shared_config.runtime import Runtime
from stacks.constructs.python_function import PythonFunction
from stacks.packaging import ROOT
from tests.stacks.synthesized import Synthesized, Template, new_app, text, trivial_package

FUNCTION = "AWS::Lambda::Function"
IN_AUTH = {"accounts_api"}
IN_OPTIONS = {
    "trading_api",
    "preview_api",
    "change_calendar",
    "square_off",
    "trading_day",
    "dispatch_tick",
    "prepare_runs",
    "place_orders",
    "confirm_orders",
    "settle_runs",
    "watchdog",
    "load_instruments",
    "reconcile",
    "mark_runs",
    "take_postback",
    "read_postbacks",
    "check_sessions",
    "check_egress",
}


def test_each_stack_has_its_functions(each: Synthesized) -> None:
    assert modules(each.auth.of_type(FUNCTION)) == IN_AUTH
    assert modules(each.options.of_type(FUNCTION)) == IN_OPTIONS


def test_all_are_of_one_make(each: Synthesized) -> None:
    functions = each.all_of_type(FUNCTION)
    assert {function["Runtime"] for function in functions} == {"python3.11"}
    assert {tuple(function["Architectures"]) for function in functions} == {("arm64",)}
    assert len({json.dumps(function["Code"], sort_keys=True) for function in functions}) == 1


def test_only_one_module_makes_functions() -> None:
    makers = {
        path.name
        for path in (ROOT / "stacks").rglob("*.py")
        if "lambda_.Function(" in path.read_text("utf-8") or "lambda_.CfnFunction(" in path.read_text("utf-8")
    }
    assert makers == {"python_function.py"}


def test_each_has_its_own_role_without_managed_policies(each: Synthesized) -> None:
    functions = each.all_of_type(FUNCTION)
    assert len({text(function["Role"]) for function in functions}) == len(functions)
    assert all("ManagedPolicyArns" not in role for role in each.all_of_type("AWS::IAM::Role"))


def test_each_logs_to_its_own_group(each: Synthesized) -> None:
    functions = each.all_of_type(FUNCTION)
    assert len({text(function["LoggingConfig"]["LogGroup"]) for function in functions}) == len(functions)


def test_a_failed_asynchronous_call_is_not_repeated(each: Synthesized) -> None:
    configurations = each.all_of_type("AWS::Lambda::EventInvokeConfig")
    assert len(configurations) == len(IN_AUTH | IN_OPTIONS)
    assert {configuration["MaximumRetryAttempts"] for configuration in configurations} == {0}


def test_what_starts_by_the_clock_leaves_its_failures_in_the_queue(prod: Synthesized) -> None:
    (queue,) = (
        name
        for name, made in prod.options.of_type("AWS::SQS::Queue").items()
        if made["QueueName"].endswith("dead-letters")
    )
    functions = prod.options.of_type(FUNCTION)
    kept = {
        modules({"": functions[configuration["FunctionName"]["Ref"]]}).pop()
        for configuration in prod.options.of_type("AWS::Lambda::EventInvokeConfig").values()
        if configuration.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        == {"Fn::GetAtt": [queue, "Arn"]}
    }
    assert kept == {"watchdog", "load_instruments", "reconcile", "mark_runs", "check_sessions", "check_egress"}


def test_the_order_worker_has_a_whole_cpu(each: Synthesized) -> None:
    assert each.options.function("place_orders")["MemorySize"] == 1769


def test_the_steps_of_a_tick_together_fit_into_their_workflow(each: Synthesized) -> None:
    steps = ("prepare_runs", "place_orders", "confirm_orders", "settle_runs")
    together = sum(each.options.function(step)["Timeout"] for step in steps)
    assert together < each.options.machine("execute_tick")["Definition"]["TimeoutSeconds"]


def test_the_order_worker_outlives_the_last_instant_at_which_it_may_send(each: Synthesized) -> None:
    timing = each.settings.timing
    assert each.options.function("place_orders")["Timeout"] > 60 + timing.not_after_seconds - 1
    assert each.options.function("confirm_orders")["Timeout"] > timing.confirm_seconds + 15


def test_marks_are_read_before_the_next_tick_is_prepared(each: Synthesized) -> None:
    assert timedelta(seconds=60 - each.settings.timing.lead_seconds) >= ENDS


def test_marking_outlives_its_wait_and_its_part_of_the_minute(each: Synthesized) -> None:
    waits_at_most = timedelta(minutes=1) - NOBODY_BEGINS + BEGINS
    assert each.options.function("mark_runs")["Timeout"] > (waits_at_most + ENDS - BEGINS).total_seconds()


def test_api_functions_answer_before_the_api_gives_up(each: Synthesized) -> None:
    for template, module in (
        (each.auth, "accounts_api"),
        (each.options, "trading_api"),
        (each.options, "preview_api"),
    ):
        assert template.function(module)["Timeout"] < 30


def test_each_reads_the_settings_from_its_environment(each: Synthesized) -> None:
    for function in each.all_of_type(FUNCTION):
        variables = function["Environment"]["Variables"]
        assert Runtime.model_validate_json(variables[names.ENV_RUNTIME]) == each.settings.runtime()
        assert variables[names.ENV_TABLE]
        assert variables["POWERTOOLS_SERVICE_NAME"] == function["Handler"].split(".")[2]


def test_variables_fit_into_what_lambda_allows(each: Synthesized) -> None:
    for function in each.all_of_type(FUNCTION):
        assert len(json.dumps(function["Environment"]["Variables"])) < 4096


def test_names_of_other_things_go_to_whoever_uses_them(prod: Synthesized) -> None:
    for variable, expected in {
        names.ENV_SECRETS_PREFIX: {
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
        },
        names.ENV_EVENT_BUS: {
            "trading_day",
            "dispatch_tick",
            "prepare_runs",
            "settle_runs",
            "reconcile",
            "read_postbacks",
            "load_instruments",
            "check_sessions",
            "check_egress",
        },
        names.ENV_EXECUTE_TICK: {"dispatch_tick", "reconcile", "read_postbacks", "square_off", "trading_api"},
        names.ENV_POSTBACKS: {"take_postback"},
        names.ENV_TRADING_DAY: {"watchdog"},
    }.items():
        holders = {
            module for module in IN_OPTIONS if variable in prod.options.function(module)["Environment"]["Variables"]
        }
        assert holders == expected, variable
    accounts = prod.auth.function("accounts_api")["Environment"]["Variables"]
    assert accounts[names.ENV_SECRETS_PREFIX] == "legwise-options-prod-auth/accounts"


def test_tracing_follows_the_environment(each: Synthesized) -> None:
    modes = {function.get("TracingConfig", {}).get("Mode") for function in each.all_of_type(FUNCTION)}
    assert modes == ({"Active"} if each.settings.features.tracing else {None})


def test_concurrency_is_reserved_only_when_asked_for(tmp_path: Path, local: Synthesized) -> None:
    assert not [function for function in local.all_of_type(FUNCTION) if "ReservedConcurrentExecutions" in function]
    app = new_app(tmp_path / "cdk.out")
    stack = Stack(app, "Stack")
    PythonFunction(
        stack,
        "Function",
        settings=local.settings,
        prefix="p",
        module="m",
        code=trivial_package(tmp_path).code(),
        table_name="t",
        timeout=Duration.seconds(1),
        reserved_concurrency=5,
    )
    template = Template(app.synth().get_stack_artifact(stack.artifact_id).template)
    assert template.only(FUNCTION)["ReservedConcurrentExecutions"] == 5


def modules(functions: dict[str, dict[str, str]]) -> set[str]:
    return {function["Handler"].split(".")[2] for function in functions.values()}
