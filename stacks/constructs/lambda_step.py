"""One state that calls a function and hands on what the function answered."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge_resource

WHOLE_INPUT: Final = "{% $states.input %}"
# Failures of the Lambda service itself, before or beside the function.
SERVICE_ERRORS: Final = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
)


def lambda_step(
    scope: Construct,
    name: str,
    function: lambda_.IFunction,
    *,
    payload: Mapping[str, Any] | str = WHOLE_INPUT,
    assign: Mapping[str, Any] | None = None,
) -> tasks.LambdaInvoke:
    """A state `name` without any retry of its own; its output is the function's answer."""
    return tasks.LambdaInvoke.jsonata(
        scope,
        name,
        lambda_function=function,
        payload=sfn.TaskInput.from_text(payload)
        if isinstance(payload, str)
        else sfn.TaskInput.from_object(dict(payload)),
        outputs="{% $states.result.Payload %}",
        assign=None if assign is None else dict(assign),
        retry_on_service_exceptions=False,
    )


def acknowledge_invocations(machine: sfn.StateMachine, functions: list[lambda_.IFunction]) -> None:
    """Accept that a state machine may call any version of the functions it is made of."""
    for function in functions:
        acknowledge_resource(
            machine, f"{function.function_arn}:*", "The wildcard stands for the versions of this one function."
        )
    acknowledge_resource(machine, "*", "Delivering logs and sending traces have no narrower resource.")
