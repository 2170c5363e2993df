"""No secret appears where it does not belong. Searches all that the flows before it left behind."""

import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from shared_config.names import EXPORT_EXECUTE_TICK_ARN, EXPORT_TRADING_DAY_ARN
from tests.local.deployment import Deployment, FunctionFailed, until
from tests.local.exchange import BROKERS, FYERS, ZERODHA
from tests.local.stage import RULE_SECONDS, Ended, Flows, Stage, flow
from tests.local.trader import LONG, OWN, ZED, ZED_TWO, Trader, credit_spread

pytestmark = pytest.mark.emulator

SAID = "no rights for"
MASKED = f"{SAID} ***"
ALL_TOKENS = {
    "my-zerodha": {"access_token"},
    "my-angel": {"jwt_token", "refresh_token", "feed_token"},
    "my-upstox": {"access_token"},
    "my-fyers": {"access_token", "refresh_token"},
    "my-dhan": {"access_token"},
    "my-groww": {"access_token"},
}
GONE = "a-route-that-is-gone"
SEALED = "SECRET#"
"""The items that may hold secrets, sealed, where the configuration keeps them in the table."""
Canaries = dict[str, str]


@dataclass(frozen=True)
class Echoed:
    """A user all of whose brokers say back what they were sent; only a second account at one of them trades.

    `tests` and `logins` are what the API answered to testing and to logging in, by account.
    """

    trader: Trader
    end: Ended
    tests: dict[str, str]
    logins: dict[str, str]


def logged_and_refused(stage: Stage) -> Echoed:
    trader = stage.trader(*BROKERS)
    trader.link_as(ZED_TWO, stage.exchange, ZERODHA)
    strategy = trader.save(credit_spread(*OWN.values(), ZED_TWO))
    for account_id in OWN.values():
        _echo(stage, trader, account_id, _sent_with_orders(trader, account_id), operation="place")
    end = stage.enter(trader, strategy)
    tests, logins = {}, {}
    for account_id in OWN.values():
        _echo(stage, trader, account_id, _sent_with_orders(trader, account_id), operation="account", times=1)
        tests[account_id] = trader.ask("POST", f"/accounts/{account_id}/test").text
        answer = trader.callback(account_id)
        _echo(stage, trader, account_id, _sent_at_login(trader, account_id, answer), operation="*", times=1)
        logins[account_id] = trader.ask("POST", f"/accounts/{account_id}/session", answer).text
    return Echoed(trader, end, tests, logins)


def _sent_with_orders(trader: Trader, account_id: str) -> list[str]:
    """What the session of an account is made of."""
    stored = json.loads(trader.stored_secret(account_id))
    secrets = trader.accounts[account_id].secrets
    return [value for name, value in (secrets | stored["tokens"]).items() if name != "app_id_hash"]


def _sent_at_login(trader: Trader, account_id: str, answer: dict[str, str]) -> list[str]:
    """What a login is made of. Fyers does not know who sends a code: it refuses the profile after it."""
    account = trader.accounts[account_id]
    codes = [value for name, value in answer.items() if name in ("request_token", "code", "tokenId")]
    return [*account.secrets.values(), *(codes if account.broker != FYERS else [])]


def _echo(stage: Stage, trader: Trader, account_id: str, values: list[str], **where: Any) -> None:
    assert values
    stage.exchange.fault(trader.accounts[account_id], "refuse", message=f"{SAID} {' '.join(values)}", **where)


@pytest.fixture(scope="module")
def crash(stage: Stage, flows: Flows) -> str:
    """The last words of a function that failed, in a way nobody foresaw, while it held an account's secrets."""
    flows.finish()
    if not stage.deployment.is_emulator:
        return ""
    trader = stage.traders[0]
    key = {"pk": "SESSIONS", "sk": f"{trader.user_id}#{ZED}"}
    item = stage.deployment.table.get_item(Key=key)["Item"]
    stage.deployment.table.put_item(Item=item | {"egress": GONE})
    try:
        with pytest.raises(FunctionFailed, match="sub-exception"):
            stage.deployment.invoke("check_sessions")
    finally:
        stage.deployment.table.put_item(Item=item)
    return stage.deployment.told[-1]


@pytest.fixture(scope="module")
def canaries(stage: Stage, crash: str) -> Canaries:
    """Every secret of every trader, with the name of what it is: those that were stored, and those stored now."""
    found: Canaries = {}
    for trader in stage.traders:
        for account_id in trader.accounts:
            trader.note_tokens(account_id)
        found |= trader.secrets
    return found


def leaks(text: str, canaries: Canaries) -> list[str]:
    """What of the canaries is in a text, whole or, of a long one, the half that a shortened text would show."""
    found = [what for value, what in canaries.items() if value in text]
    halves = ((value[: len(value) // 2], what) for value, what in canaries.items() if len(value) >= 3 * LONG)
    return found + [f"half of {what}" for half, what in halves if half in text]


@flow(logged_and_refused)
def test_the_search_finds_every_secret_of_every_broker_where_it_is(
    ended: Echoed, stage: Stage, canaries: Canaries
) -> None:
    brokers = {broker["name"]: broker["fields"] for broker in ended.trader.api.get("/brokers")}
    assert {name for name, fields in brokers.items() if any(field["secret"] for field in fields)} == set(BROKERS)
    for broker, account_id in OWN.items():
        hidden = {field["name"] for field in brokers[broker] if field["secret"]}
        told = set(leaks(ended.trader.stored_secret(account_id), canaries))
        assert told >= {f"{name} of {account_id}" for name in hidden | ALL_TOKENS[account_id]}
        assert f"half of {sorted(ALL_TOKENS[account_id])[0]} of {account_id}" in told
    assert all(len(value) >= LONG for value in canaries)


@flow(logged_and_refused)
def test_no_log_of_a_function_holds_a_secret(ended: Echoed, stage: Stage, canaries: Canaries) -> None:
    logs = {group: "\n".join(_messages(stage.deployment, group)) for group in _log_groups(stage.deployment)}
    assert ended.trader.user_id in "".join(logs.values()), "the logs were not read"
    silent = {group.rsplit("-", 1)[1] for group, text in logs.items() if not text}
    assert not silent & {"accounts_api", "place_orders", "confirm_orders", "prepare_runs", "check_sessions"}
    assert {group: found for group, text in logs.items() if (found := leaks(text, canaries))} == {}


@flow(logged_and_refused)
def test_no_history_of_a_state_machine_holds_a_secret(ended: Echoed, stage: Stage, canaries: Canaries) -> None:
    exports = [EXPORT_TRADING_DAY_ARN] + [EXPORT_EXECUTE_TICK_ARN] * stage.deployment.is_emulator
    until(
        "a minute of the trading-day loop",
        lambda: "wait_until" in "".join(_histories(stage.deployment, exports[0])),
        seconds=2 * RULE_SECONDS,
    )
    histories = {name: "\n".join(_histories(stage.deployment, name)) for name in exports}
    if stage.deployment.is_emulator:  # on AWS the history of an Express execution is its log, which has no data
        assert ended.trader.user_id in histories[EXPORT_EXECUTE_TICK_ARN], "the histories were not read"
    assert {name: found for name, text in histories.items() if (found := leaks(text, canaries))} == {}


@flow(logged_and_refused)
def test_what_a_broker_says_back_is_masked_before_the_user_reads_it(ended: Echoed, canaries: Canaries) -> None:
    for account_id in OWN.values():
        refused = ended.end.order(account_id=account_id, side="BUY")
        assert refused["status"] == "refused"
        for told in (refused["reason"], ended.tests[account_id], ended.logins[account_id]):
            assert MASKED in told, account_id
            assert leaks(told, canaries) == []


@flow(logged_and_refused)
def test_no_answer_of_the_api_holds_a_secret(ended: Echoed, stage: Stage, canaries: Canaries) -> None:
    answers = "\n".join(text for trader in stage.traders for text in trader.answers)
    assert ended.end.run["run_id"] in answers
    assert ended.logins[ZED] in answers
    states = {value: what for value, what in canaries.items() if what.startswith("state of ")}
    assert leaks(answers, states), "the user gets the state of a login that it begins"
    assert leaks(answers, {value: what for value, what in canaries.items() if value not in states}) == []


@flow(logged_and_refused)
def test_no_event_holds_a_secret(ended: Echoed, stage: Stage, canaries: Canaries) -> None:
    ended.end.event("OrderRefused")
    heard = stage.bus.events_of(ended.trader.user_id)
    refused = {one["detail"]["account_id"]: one["detail"] for one in heard if one["detail-type"] == "OrderRefused"}
    assert refused.keys() == set(OWN.values())
    assert any(MASKED in detail["reason"] for detail in refused.values())
    assert leaks(json.dumps(stage.bus.heard), canaries) == []


@pytest.mark.emulator_only
@flow(logged_and_refused)
def test_no_item_of_the_table_holds_a_secret(ended: Echoed, stage: Stage, canaries: Canaries) -> None:
    found = [item for item in _items(stage.deployment) if not item["sk"].startswith(SEALED)]
    items = json.dumps(found, default=_readable)
    assert ended.end.run["run_id"] in items
    audited = [item for item in found if item["pk"].startswith("AUDIT#") and item["by"] == ended.trader.user_id]
    assert {item["subject"].rpartition("#")[2] for item in audited if MASKED in item["after"]} == set(OWN.values())
    assert leaks(items, canaries) == []


@pytest.mark.emulator_only
def test_no_text_of_an_exception_holds_a_secret(stage: Stage, crash: str, canaries: Canaries) -> None:
    log = "\n".join(_messages(stage.deployment, _log_group_of(stage.deployment, "check_sessions")))
    assert f"KeyError: '{GONE}'" in log, "the failure was not logged"
    told = "\n".join(stage.deployment.told)
    assert crash in told
    assert leaks(told + log, canaries) == []


def test_no_setting_of_a_function_holds_a_secret(stage: Stage, canaries: Canaries) -> None:
    settings = json.dumps([one["Environment"]["Variables"] for one in _functions(stage.deployment)])
    assert stage.deployment.table.table_name in settings
    assert leaks(settings, canaries) == []


def _readable(value: Any) -> str:
    """What JSON has no word for: numbers, the packed contracts of an expiry, and other bytes as they are."""
    binary = isinstance(value, Binary)
    if not binary:
        return str(value)
    held = bytes(value)
    with suppress(zlib.error):
        held = zlib.decompress(held)
    return held.decode("latin-1")


def _functions(deployment: Deployment) -> list[dict[str, Any]]:
    functions: list[dict[str, Any]] = []
    for page in deployment.aws("lambda").get_paginator("list_functions").paginate():
        functions += page["Functions"]
    prefixes = (deployment.prefix("auth"), deployment.prefix("options"))
    return [one for one in functions if one["FunctionName"].startswith(prefixes)]


def _log_groups(deployment: Deployment) -> list[str]:
    return [_log_group(one) for one in _functions(deployment)]


def _log_group_of(deployment: Deployment, name: str) -> str:
    (function,) = (one for one in _functions(deployment) if one["FunctionName"] == deployment.function("options", name))
    return _log_group(function)


def _log_group(function: dict[str, Any]) -> str:
    group: str = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}"
    return group


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
