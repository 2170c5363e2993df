"""One user's tick: prepare the runs, place and confirm the orders of every account at once, settle, and the same
for what mends a run."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.lambda_step import SERVICE_ERRORS, acknowledge_invocations, lambda_step
from stacks.constructs.lifecycle import log_group

ACCOUNTS_AT_ONCE: Final = 40

# `&` makes an empty text of a missing cause, so an error never looks like its absence.
_ERROR: Final = "$states.errorOutput.Error & ': ' & $states.errorOutput.Cause"


class ExecuteTick(Construct):
    """The Express state machine; its input is `{"user_id", "tick", "work"}`, or `{"user_id", "tick", "resume"}` for
    runs whose orders are planned already, or `{"user_id", "tick", "close": {"run_ids", "reason", "by"}}` for runs
    that are squared off."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        prefix: str,
        prepare_runs: lambda_.IFunction,
        place_orders: lambda_.IFunction,
        confirm_orders: lambda_.IFunction,
        settle_runs: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        settle = _settle(self, settle_runs)
        accounts = _accounts(self, place_orders, confirm_orders)
        mending = sfn.Choice.jsonata(self, "WantsMending")
        mending.when(sfn.Condition.jsonata("{% $count($states.input.accounts) > 0 %}"), accounts)
        mending.otherwise(sfn.Succeed.jsonata(self, "Settled"))
        settle.next(mending)
        accounts.add_catch(
            settle,
            errors=[sfn.Errors.ALL],
            outputs="{% {'user_id': $user_id, 'tick': $tick, 'run_ids': $run_ids, 'accounts': [], 'error': "
            + _ERROR
            + "} %}",
        )
        prepare = _prepare(self, prepare_runs)
        prepare.add_catch(
            settle,
            errors=[sfn.Errors.ALL],
            outputs="{% {'user_id': $states.input.user_id, 'tick': $states.input.tick, "
            "'run_ids': [$states.input.resume, $states.input.close.run_ids], 'accounts': [], "
            "'work': $states.input.work, 'error': " + _ERROR + "} %}",
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=f"{prefix}-execute_tick",
            state_machine_type=sfn.StateMachineType.EXPRESS,
            query_language=sfn.QueryLanguage.JSONATA,
            definition_body=sfn.DefinitionBody.from_chainable(prepare.next(accounts).next(settle)),
            timeout=Duration.seconds(290),
            logs=sfn.LogOptions(
                destination=log_group(self, "Logs", settings=settings),
                level=sfn.LogLevel.ALL,
                # Orders and positions stay out of the log.
                include_execution_data=False,
            ),
            tracing_enabled=settings.features.tracing,
        )
        if not settings.features.tracing:
            for rule in ("AwsSolutions-SF2", "Serverless-StepFunctionStateMachineXray"):
                acknowledge(self.machine, rule, "This environment switches tracing off.")
        acknowledge_invocations(self.machine, [prepare_runs, place_orders, confirm_orders, settle_runs])


def _prepare(scope: Construct, function: lambda_.IFunction) -> sfn.TaskStateBase:
    prepare = lambda_step(
        scope,
        "PrepareRuns",
        function,
        assign={
            "user_id": "{% $states.input.user_id %}",
            "tick": "{% $states.input.tick %}",
            "run_ids": "{% $states.result.Payload.run_ids %}",
        },
    )
    prepare.add_retry(errors=list(SERVICE_ERRORS), interval=Duration.seconds(1), max_attempts=1)
    return prepare


def _accounts(scope: Construct, place: lambda_.IFunction, confirm: lambda_.IFunction) -> sfn.Map:
    """Every account on its own: what fails in one becomes its result and leaves the others alone."""
    failed = sfn.Pass.jsonata(scope, "AccountFailed")
    # No retry: what was claimed may be at the broker already, and a second try would come after T.
    place_orders = lambda_step(scope, "PlaceOrders", place, assign={"account_id": "{% $states.input.account_id %}"})
    place_orders.add_catch(
        failed,
        errors=[sfn.Errors.ALL],
        outputs="{% {'account_id': $states.input.account_id, 'error': " + _ERROR + "} %}",
    )
    confirm_orders = lambda_step(scope, "ConfirmOrders", confirm)
    confirm_orders.add_retry(errors=[sfn.Errors.ALL], interval=Duration.seconds(1), max_attempts=2, backoff_rate=2)
    confirm_orders.add_catch(
        failed,
        errors=[sfn.Errors.ALL],
        outputs="{% {'account_id': $account_id, 'error': " + _ERROR + "} %}",
    )
    each = sfn.Map.jsonata(
        scope,
        "EachAccount",
        items=sfn.ProvideItems.jsonata("{% $states.input.accounts %}"),
        max_concurrency=ACCOUNTS_AT_ONCE,
        outputs={
            "user_id": "{% $user_id %}",
            "tick": "{% $tick %}",
            "run_ids": "{% $run_ids %}",
            "accounts": "{% $states.result %}",
        },
    )
    each.item_processor(place_orders.next(confirm_orders))
    return each


def _settle(scope: Construct, function: lambda_.IFunction) -> sfn.TaskStateBase:
    settle = lambda_step(scope, "SettleRuns", function)
    settle.add_retry(errors=[sfn.Errors.ALL], interval=Duration.seconds(1), max_attempts=2, backoff_rate=2)
    return settle
