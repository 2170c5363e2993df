"""The only maker of Lambda functions."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared_config.names import ENV_RUNTIME, ENV_TABLE
from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge, acknowledge_resource
from stacks.constructs.lifecycle import log_group
from stacks.constructs.network_placement import JOINS_EVERYWHERE, NetworkPlacement

# From this size on a function has a whole CPU, so a wait for second 0 is not throttled.
WHOLE_CPU_MB: Final = 1769


class PythonFunction(Construct):
    """One entry module of `lambdas/entrypoints` as a function with its own role and log group."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        prefix: str,
        module: str,
        code: lambda_.Code,
        table_name: str,
        timeout: Duration,
        memory_mb: int = 512,
        environment: Mapping[str, str] | None = None,
        reserved_concurrency: int | None = None,
        on_failure: sqs.IQueue | None = None,
        placement: NetworkPlacement | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.module = module
        logs = log_group(self, "Logs", settings=settings)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        logs.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=function_name(prefix, module),
            runtime=lambda_.Runtime.PYTHON_3_11,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"lambdas.entrypoints.{module}.handler",
            code=code,
            role=self.role,
            log_group=logs,
            memory_size=memory_mb,
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE if settings.features.tracing else lambda_.Tracing.DISABLED,
            environment={
                ENV_RUNTIME: settings.runtime().model_dump_json(),
                ENV_TABLE: table_name,
                "POWERTOOLS_SERVICE_NAME": module,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **(environment or {}),
            },
            reserved_concurrent_executions=reserved_concurrency,
            # An asynchronous invocation that failed is not repeated: what it began may have reached a broker.
            retry_attempts=0,
            on_failure=None if on_failure is None else destinations.SqsDestination(on_failure),
        )
        if placement is not None:
            placement.put(self.function, self.role)
        self._acknowledge(settings, called_and_awaited=on_failure is None, placed=placement is not None)

    def _acknowledge(self, settings: Settings, *, called_and_awaited: bool, placed: bool) -> None:
        for rule in ("AwsSolutions-L1", "Serverless-LambdaLatestVersion"):
            acknowledge(self, rule, "The product is built and tested on Python 3.11; a newer one is a decision.")
        acknowledge(
            self,
            "Serverless-LambdaDLQ",
            "Its caller waits for the answer and sees the failure, or it has a failure destination.",
        )
        if called_and_awaited:
            acknowledge(
                self,
                "Serverless-LambdaAsyncFailureDestination",
                "The HTTP API and the state machines wait for the answer and handle the failure themselves.",
            )
        if not settings.features.tracing:
            acknowledge(self, "Serverless-LambdaTracing", "This environment switches tracing off.")
        everywhere = ["Sending traces to X-Ray has no narrower resource."] if settings.features.tracing else []
        everywhere += [JOINS_EVERYWHERE] if placed else []
        if everywhere:
            acknowledge_resource(self.role, "*", " ".join(everywhere))


def function_name(prefix: str, module: str) -> str:
    """`{company}-{project}-{env}-{module}-{function}`."""
    return f"{prefix}-{module}"
