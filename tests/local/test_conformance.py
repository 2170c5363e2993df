"""What the product relies on in the emulator; run at every change of its pinned version.

Three more things are proven where the product uses them: a rule with a rate fires (`test_trading_day`), the
authorizer refuses tokens of another pool (`test_api`), and a rule on a bus delivers to a queue (`bus`).
"""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from shared_config.names import INDEX_IN_FLIGHT, index_key
from tests.local.deployment import Deployment, until
from tests.local.stage import together

pytestmark = [pytest.mark.emulator, pytest.mark.emulator_only]

CALLERS = 8
ROLE = "arn:aws:iam::000000000000:role/conformance"


@pytest.fixture
def pk(deployment: Deployment) -> Iterator[str]:
    """A partition of the one table for this test alone."""
    mine = f"CONFORMANCE#{secrets.token_hex(6)}"
    yield mine
    for item in deployment.table.query(KeyConditionExpression=Key("pk").eq(mine))["Items"]:
        deployment.table.delete_item(Key={"pk": mine, "sk": item["sk"]})


def accepted(call: Callable[[], Any]) -> bool:
    """Whether a conditional write happened."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ConditionalCheckFailedException", "TransactionCanceledException"):
            raise
        return False
    return True


def test_of_many_conditional_puts_one_wins(deployment: Deployment, pk: str) -> None:
    def put() -> bool:
        return accepted(
            lambda: deployment.table.put_item(Item={"pk": pk, "sk": "1"}, ConditionExpression=Attr("pk").not_exists())
        )

    assert sum(together(*[put] * CALLERS)) == 1


def test_of_many_conditional_updates_one_wins(deployment: Deployment, pk: str) -> None:
    deployment.table.put_item(Item={"pk": pk, "sk": "1", "version": 1})

    def update() -> bool:
        return accepted(
            lambda: deployment.table.update_item(
                Key={"pk": pk, "sk": "1"},
                UpdateExpression="SET version = :next",
                ConditionExpression=Attr("version").eq(1),
                ExpressionAttributeValues={":next": 2},
            )
        )

    assert sum(together(*[update] * CALLERS)) == 1


def test_a_transaction_writes_all_or_none(deployment: Deployment, pk: str) -> None:
    client, name = deployment.table.meta.client, deployment.table.name

    def write(*sort_keys: str) -> bool:
        puts = [
            {
                "Put": {
                    "TableName": name,
                    "Item": {"pk": pk, "sk": sk},
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for sk in sort_keys
        ]
        return accepted(lambda: client.transact_write_items(TransactItems=puts))

    assert write("1", "2")
    assert not write("0", "2", "3")
    items = deployment.table.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]
    assert [item["sk"] for item in items] == ["1", "2"]


def test_an_index_holds_only_items_with_its_keys(deployment: Deployment, pk: str) -> None:
    index_pk, index_sk = index_key(INDEX_IN_FLIGHT)
    deployment.table.put_item(Item={"pk": pk, "sk": "in", index_pk: pk, index_sk: "1"})
    deployment.table.put_item(Item={"pk": pk, "sk": "out"})

    def found() -> list[str]:
        rows = deployment.table.query(IndexName=INDEX_IN_FLIGHT, KeyConditionExpression=Key(index_pk).eq(pk))["Items"]
        return [row["sk"] for row in rows]

    assert found() == ["in"]
    deployment.table.update_item(Key={"pk": pk, "sk": "in"}, UpdateExpression=f"REMOVE {index_pk}, {index_sk}")
    assert found() == []


@pytest.fixture
def machine(deployment: Deployment) -> Iterator[str]:
    """A state machine with each kind of state that the product writes in JSONata."""
    function = deployment.function("options", "reconcile")
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Timestamp": "{% $states.input.wait_until %}", "Next": "Task"},
            "Task": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": function, "Payload": "{% $states.input %}"},
                "Assign": {"left": "{% $states.result.Payload.left %}"},
                "Output": "{% {'items': [1, 2, 3], 'action': 'go'} %}",
                "Next": "Choice",
            },
            "Choice": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.action = 'go' %}", "Next": "Map"}],
                "Default": "Wrong",
            },
            "Wrong": {"Type": "Fail", "Error": "Wrong"},
            "Map": {
                "Type": "Map",
                "Items": "{% $states.input.items %}",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "Double",
                    "States": {"Double": {"Type": "Pass", "Output": "{% $states.input * 2 %}", "End": True}},
                },
                "Output": "{% {'doubled': $states.result, 'left': $left} %}",
                "End": True,
            },
        },
    }
    sfn = deployment.aws("stepfunctions")
    arn: str = sfn.create_state_machine(
        name=f"conformance-{secrets.token_hex(4)}", definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    yield arn
    sfn.delete_state_machine(stateMachineArn=arn)


def test_jsonata_works_and_a_wait_for_the_past_returns_at_once(deployment: Deployment, machine: str) -> None:
    sfn = deployment.aws("stepfunctions")
    past = f"{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
    begun = sfn.start_execution(stateMachineArn=machine, input=json.dumps({"wait_until": past}))["executionArn"]

    def ended() -> dict[str, Any] | None:
        seen: dict[str, Any] = sfn.describe_execution(executionArn=begun)
        return None if seen["status"] == "RUNNING" else seen

    end = until("the execution", ended, seconds=15)
    assert end["status"] == "SUCCEEDED", end
    assert json.loads(end["output"])["doubled"] == [2, 4, 6]
    assert isinstance(json.loads(end["output"])["left"], int)
    history = sfn.get_execution_history(executionArn=begun)["events"]
    waits = {event["type"]: event["timestamp"] for event in history if event["type"].startswith("WaitState")}
    assert waits["WaitStateExited"] - waits["WaitStateEntered"] < timedelta(seconds=1)


def test_an_execution_name_is_taken_once(deployment: Deployment, machine: str) -> None:
    sfn, name = deployment.aws("stepfunctions"), f"once-{secrets.token_hex(4)}"
    start = {"stateMachineArn": machine, "name": name, "input": '{"wait_until": "2026-01-01T00:00:00Z"}'}
    sfn.start_execution(**start)
    with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
        sfn.start_execution(**start)


def test_a_secret_keeps_the_version_before(deployment: Deployment) -> None:
    client, name = deployment.aws("secretsmanager"), f"conformance/{secrets.token_hex(6)}"
    client.create_secret(Name=name, SecretString="first")
    client.put_secret_value(SecretId=name, SecretString="second")
    assert client.get_secret_value(SecretId=name)["SecretString"] == "second"
    assert client.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "first"
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId=name)
