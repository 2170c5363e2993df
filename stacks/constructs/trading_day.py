"""The loop of a trading day: wait until a minute's lead, dispatch the minute, again until the day ends.

A turn of the loop writes 9 to 10 events into the history of the execution, of which there may be 25,000;
so whatever runs once for a user or an account belongs into `execute_tick`, never into this loop.
"""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.lambda_step import acknowledge_invocations, lambda_step
from stacks.constructs.lifecycle import log_group


class TradingDay(Construct):
    """The Standard state machine that makes the time; `begin` and `dispatch` decide what it does next.

    Both functions answer `{"action": "wait", "wait_until": <UTC timestamp>, …}` or `{"action": "end", …}`,
    and the answer is the input of the next state.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        prefix: str,
        begin: lambda_.IFunction,
        dispatch: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=f"{prefix}-trading_day",
            state_machine_type=sfn.StateMachineType.STANDARD,
            query_language=sfn.QueryLanguage.JSONATA,
            definition_body=sfn.DefinitionBody.from_chainable(self._loop(begin, dispatch)),
            logs=sfn.LogOptions(
                destination=log_group(self, "Logs", settings=settings),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
            tracing_enabled=settings.features.tracing,
        )
        acknowledge(
            self.machine,
            "AwsSolutions-SF1",
            "The history of the execution keeps every event for 90 days; logging it again costs more than the loop.",
        )
        if not settings.features.tracing:
            for rule in ("AwsSolutions-SF2", "Serverless-StepFunctionStateMachineXray"):
                acknowledge(self.machine, rule, "This environment switches tracing off.")
        acknowledge_invocations(self.machine, [begin, dispatch])

    def _loop(self, begin: lambda_.IFunction, dispatch: lambda_.IFunction) -> sfn.IChainable:
        begin_day = lambda_step(
            self,
            "Begin",
            begin,
            payload={
                "execution": "{% $states.context.Execution.Id %}",
                # Not the state's input: after Recover that is no longer what started the execution.
                "started_by": "{% $exists($states.context.Execution.Input.started_by)"
                " ? $states.context.Execution.Input.started_by : 'hand' %}",
            },
        )
        wait_for_lead = sfn.Wait.jsonata(
            self, "WaitForLead", time=sfn.WaitTime.timestamp("{% $states.input.wait_until %}")
        )
        dispatch_tick = lambda_step(self, "DispatchTick", dispatch)
        for step in (begin_day, dispatch_tick):
            step.add_retry(errors=[sfn.Errors.ALL], interval=Duration.seconds(1), max_attempts=3, backoff_rate=2)
        # The day must not die of one error: begin again, which takes the lease back and records what was missed.
        recover = sfn.Wait.jsonata(self, "Recover", time=sfn.WaitTime.duration(Duration.seconds(1)))
        dispatch_tick.add_catch(recover.next(begin_day), errors=[sfn.Errors.ALL])
        decide = (
            sfn.Choice.jsonata(self, "Decide")
            .when(
                sfn.Condition.jsonata("{% $states.input.action = 'wait' %}"),
                wait_for_lead.next(dispatch_tick),
            )
            .when(sfn.Condition.jsonata("{% $states.input.action = 'end' %}"), sfn.Pass.jsonata(self, "Ended"))
            .otherwise(
                sfn.Fail.jsonata(
                    self,
                    "UnknownAction",
                    error="UnknownAction",
                    cause="The answer's action is neither 'wait' nor 'end'.",
                )
            )
        )
        dispatch_tick.next(decide)
        return begin_day.next(decide)
