"""No secret appears where it does not belong. Searches all that the flows before it left behind."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from shared_config.names import EXPORT_EXECUTE_TICK_ARN, EXPORT_TRADING_DAY_ARN
from tests.local.deployment import Deployment
from tests.local.stage import Ended, Flows, Stage, flow
from tests.local.trader import ANGEL, ZED, credit_spread

pytestmark = pytest.mark.emulator

SECRET_FIELDS = ("api_secret", "pin", "totp_secret")


def logged_and_refused(stage: Stage) -> Ended:
    """An account whose broker answers its own token back, with every step of a tick on the other."""
    trader = stage.trader()
    strategy = trader.save(credit_spread(ZED, ANGEL))
    token = json.loads(trader.stored_secret(ZED))["tokens"]["access_token"]
    stage.exchange.fault(trader.accounts[ZED], "refuse", operation="place", message=f"no rights for token {token}")
    return stage.enter(trader, strategy)


@pytest.fixture(scope="module")
def canaries(stage: Stage, flows: Flows) -> dict[str, str]:
    """Every secret of every trader, with the name of what it is."""
    flows.finish()
    found: dict[str, str] = {}
    for trader in stage.traders:
        for account_id in trader.accounts:
            stored = json.loads(trader.stored_secret(account_id))
            secret = {name: stored["credentials"][name] for name in SECRET_FIELDS if name in stored["credentials"]}
            for name, value in (secret | stored["tokens"]).items():
                found[value] = f"{name} of {account_id}"
    return found


def leaks(text: str, canaries: dict[str, str]) -> list[str]:
    return [what for value, what in canaries.items() if value in text]


def test_the_search_finds_a_secret_that_is_there(stage: Stage, canaries: dict[str, str]) -> None:
    trader = stage.traders[0]
    told = set(leaks(trader.stored_secret(ZED) + trader.stored_secret(ANGEL), canaries))
    assert told >= {f"api_secret of {ZED}", f"access_token of {ZED}", f"pin of {ANGEL}", f"totp_secret of {ANGEL}"}
    assert all(len(value) >= 12 for value in canaries)


@flow(logged_and_refused)
def test_no_log_of_a_function_holds_a_secret(ended: Ended, stage: Stage, canaries: dict[str, str]) -> None:
    logs = {group: "\n".join(_messages(stage.deployment, group)) for group in _log_groups(stage.deployment)}
    assert ended.trader.user_id in "".join(logs.values()), "the logs were not read"
    assert len([text for text in logs.values() if text]) >= 6
    assert {group: found for group, text in logs.items() if (found := leaks(text, canaries))} == {}


@flow(logged_and_refused)
def test_no_history_of_a_state_machine_holds_a_secret(ended: Ended, stage: Stage, canaries: dict[str, str]) -> None:
    exports = [EXPORT_TRADING_DAY_ARN] + [EXPORT_EXECUTE_TICK_ARN] * stage.deployment.is_emulator
    histories = {name: "\n".join(_histories(stage.deployment, name)) for name in exports}
    if stage.deployment.is_emulator:  # on AWS the history of an Express execution is its log, which has no data
        assert ended.trader.user_id in histories[EXPORT_EXECUTE_TICK_ARN], "the histories were not read"
    assert '"wait_until' in histories[EXPORT_TRADING_DAY_ARN].replace("\\", "")
    assert {name: found for name, text in histories.items() if (found := leaks(text, canaries))} == {}


@flow(logged_and_refused)
def test_no_answer_of_the_api_holds_a_secret(ended: Ended, stage: Stage, canaries: dict[str, str]) -> None:
    answers = "\n".join(text for trader in stage.traders for text in trader.answers)
    assert ended.run["run_id"] in answers
    refused = ended.order(account_id=ZED, side="BUY")
    assert refused["status"] == "refused"
    assert "no rights for token ***" in refused["reason"]
    assert leaks(answers, canaries) == []


@flow(logged_and_refused)
def test_no_event_holds_a_secret(ended: Ended, stage: Stage, canaries: dict[str, str]) -> None:
    assert "no rights for token ***" in ended.event("OrderRefused")["reason"]
    assert leaks(json.dumps(stage.bus.heard), canaries) == []


@pytest.mark.emulator_only
@flow(logged_and_refused)
def test_no_item_of_the_table_holds_a_secret(ended: Ended, stage: Stage, canaries: dict[str, str]) -> None:
    items = json.dumps(list(_items(stage.deployment)), default=_readable)
    assert ended.run["run_id"] in items
    assert leaks(items, canaries) == []


def _readable(value: Any) -> str:
    """What JSON has no word for: numbers, and the packed contracts of an expiry."""
    packed = isinstance(value, Binary)
    return zlib.decompress(bytes(value)).decode() if packed else str(value)


def _log_groups(deployment: Deployment) -> list[str]:
    functions: list[dict[str, Any]] = []
    for page in deployment.aws("lambda").get_paginator("list_functions").paginate():
        functions += page["Functions"]
    prefixes = (deployment.prefix("auth"), deployment.prefix("options"))
    ours = [one for one in functions if one["FunctionName"].startswith(prefixes)]
    return [one.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{one['FunctionName']}" for one in ours]


def _messages(deployment: Deployment, group: str) -> Iterator[str]:
    since = int(deployment.ready_at.timestamp() * 1000)
    pages = deployment.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    for page in pages:
        yield from (event["message"] for event in page["events"])


def _histories(deployment: Deployment, export: str) -> Iterator[str]:
    sfn, arn = deployment.aws("stepfunctions"), deployment.output("options", export)
    for page in sfn.get_paginator("list_executions").paginate(stateMachineArn=arn):
        for execution in page["executions"]:
            if (execution.get("stopDate") or deployment.ready_at) < deployment.ready_at:
                continue
            for part in sfn.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"]):
                yield json.dumps(part["events"], default=str)


def _items(deployment: Deployment) -> Iterator[dict[str, Any]]:
    where: dict[str, Any] = {}
    while True:
        page = deployment.table.scan(**where)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        where = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
