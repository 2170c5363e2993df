"""The HTTP API over the wire: what it refuses, and that nobody sees what is another's."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from lambdas.domain.moments import IST
from local.api import ApiRefused
from tests.local.deployment import Deployment
from tests.local.srp import Password, access_token
from tests.local.stage import Ended, Stage, flow
from tests.local.trader import STRATEGY, ZED, Trader, credit_spread, sign_up

pytestmark = pytest.mark.emulator

Definition = dict[str, Any]


def refusal(call: Callable[[], Any]) -> tuple[int, list[str]]:
    """The status and the problem lines of a refused call."""
    with pytest.raises(ApiRefused) as caught:
        call()
    return caught.value.status, json.loads(caught.value.body)["problems"]


def _with_leg(definition: Definition, **changes: Any) -> Definition:
    first, *others = definition["legs"]
    return definition | {"legs": [{**first, **changes}, *others]}


def _scheduled(definition: Definition, **changes: Any) -> Definition:
    return definition | {"schedule": {**definition["schedule"], **changes}}


NOT_SAVED: dict[str, tuple[Callable[[Definition], Definition], str]] = {
    "account-of-nobody": (
        lambda d: d | {"allocation": [{"account_id": "not-mine"}]},
        "allocation: account 'not-mine' is not linked; link it first (linked: my-angel, my-zerodha)",
    ),
    "account-of-nobody-on-a-leg": (
        lambda d: _with_leg(d, lots=1, allocation=[{"account_id": "not-mine", "lots": 1}]),
        "legs[1].allocation: account 'not-mine' is not linked; link it first (linked: my-angel, my-zerodha)",
    ),
    "lots-that-do-not-add-up": (
        lambda d: _with_leg(d, lots=5, allocation=[{"account_id": ZED, "lots": 2}]),
        "legs[1].allocation: adds up to 2 lots, but the leg has 5; make them equal",
    ),
    "too-many-lots": (
        lambda d: _with_leg(d, lots=101),
        "legs[1].lots: 101 is above the limit of 100; lower it",
    ),
    "exit-before-entry": (
        lambda d: _scheduled(d, exit="09:00"),
        "schedule.exit: 09:00 must be later in the day than entry 10:00; choose a later exit",
    ),
    "no-such-weekday": (
        lambda d: _scheduled(d, weekdays=["FUNDAY"]),
        "schedule.weekdays[1]: is not known; choose 'MON', 'TUE', 'WED', 'THU' or 'FRI'",
    ),
    "no-such-minute": (
        lambda d: _scheduled(d, entry="25:61"),
        "schedule.entry: is no time of day; write it like 09:20",
    ),
    "no-such-field": (
        lambda d: d | {"stoploss": 5},
        "stoploss: is not a field here; remove it",
    ),
}


@pytest.mark.parametrize("name", NOT_SAVED)
def test_what_cannot_be_traded_is_not_saved_and_the_field_is_named(trader: Trader, name: str) -> None:
    change, problem = NOT_SAVED[name]
    status, problems = refusal(lambda: trader.api.put("/strategies/wrong", change(credit_spread(ZED))))
    assert status == 422
    assert [line for line in problems if line.startswith(problem)], problems
    assert "wrong" not in {strategy["strategy_id"] for strategy in trader.api.get("/strategies")}


def test_a_strategy_of_special_sessions_alone_needs_no_weekday(trader: Trader) -> None:
    special = _scheduled(credit_spread(ZED) | {"enabled": False}, weekdays=[], special_sessions=True)
    saved = trader.save(special, "special")["definition"]["schedule"]
    assert (saved["weekdays"], saved["special_sessions"]) == ([], True)


def test_a_stale_version_is_refused_and_changes_nothing(trader: Trader) -> None:
    trader.save(credit_spread(ZED, name="first"), "versions")
    trader.save(credit_spread(ZED, name="second"), "versions")
    for held in (0, 1, 3):
        stale = f"/strategies/versions?replaces={held}"
        status, _ = refusal(lambda stale=stale: trader.api.put(stale, credit_spread(ZED, name="stale")))  # type: ignore[misc]
        assert status == 409
    stored = trader.api.get("/strategies/versions")
    assert (stored["version"], stored["definition"]["name"]) == (2, "second")


ROUTES = ("/me", "/strategies", "/accounts", "/brokers", "/egress", "/days/2026-11-23")


@pytest.mark.parametrize("path", ROUTES)
def test_without_a_token_of_this_product_every_route_is_closed(
    trader: Trader, deployment: Deployment, foreign_token: str, path: str
) -> None:
    real = trader.api.client.headers["Authorization"].removeprefix("Bearer ")
    with httpx.Client(base_url=deployment.api_url, timeout=20) as stranger:
        assert stranger.get(path).status_code == 401
        for token in ("garbage", "a.b.c", real[:-6] + "AAAAAA", _as_somebody_else(real), foreign_token):
            assert stranger.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401, token
        assert stranger.get(path, headers={"Authorization": f"Bearer {real}"}).status_code == 200


def _as_somebody_else(token: str) -> str:
    """The token with another subject, under the signature of the real one."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | {"sub": "somebody-else"}
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature))


@pytest.fixture(scope="module")
def foreign_token(deployment: Deployment) -> Iterator[str]:
    """A token that is good, but in a user pool that has nothing to do with the product."""
    cognito, user, password = deployment.aws("cognito-idp"), "stranger@legwise.example", "Aa1!" + secrets.token_hex(12)
    pool = cognito.create_user_pool(PoolName=f"{deployment.prefix('auth')}-flows-{secrets.token_hex(4)}")["UserPool"][
        "Id"
    ]
    try:
        client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="flows", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        )["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
        yield access_token(cognito, client, Password(pool, user, password))
    finally:
        cognito.delete_user_pool(UserPoolId=pool)


def entered(stage: Stage) -> Ended:
    trader = stage.trader()
    return stage.enter(trader, trader.save(credit_spread(ZED)))


@flow(entered)
def test_nobody_sees_what_is_anothers(ended: Ended, stage: Stage) -> None:
    owner = ended.trader.api
    assert ended.run["status"] == "open"
    other = sign_up(stage.deployment)
    stage.traders.append(other)
    stage.cleaning.callback(other.leave)
    today = datetime.now(IST).date()
    assert other.api.get("/strategies") == []
    assert other.api.get("/accounts") == []
    assert other.api.get("/me")["accounts"] == []
    assert other.day(ended.tick.date)["runs"] == other.day(today)["orders"] == []
    for call in (
        lambda: other.api.get(f"/strategies/{STRATEGY}"),
        lambda: other.api.post(f"/accounts/{ZED}/login"),
        lambda: other.api.post(f"/accounts/{ZED}/session", {"request_token": "stolen"}),
    ):
        assert refusal(call)[0] == 404
    status, problems = refusal(lambda: other.api.put("/strategies/copied", credit_spread(ZED)))
    assert (status, problems) == (
        422,
        [f"allocation: account '{ZED}' is not linked; link it first (linked: none yet)"],
    )
    assert owner.get(f"/strategies/{STRATEGY}")["version"] == 1
    assert [account["will_not_trade"] for account in owner.get("/accounts")] == [None, None]


def test_accounts_answer_without_their_credentials(trader: Trader) -> None:
    accounts = trader.api.get("/accounts")
    assert {account["account_id"] for account in accounts} == set(trader.accounts)
    fields = {"account_id", "broker", "label", "client_id", "enabled", "egress", "will_not_trade"}
    fields |= {"session", "session_expires_at", "algo_id", "algo_name", "quotes_from"}
    assert [set(account) for account in accounts] == [fields, fields]


def test_credentials_that_a_broker_does_not_know_are_refused_by_name(trader: Trader) -> None:
    body = {"broker": "zerodha", "label": "x", "credentials": {"api_key": "k", "pin": "1"}}
    status, problems = refusal(lambda: trader.api.put("/accounts/third", body))
    assert status == 422
    assert problems == ["credentials: zerodha needs api_key, api_secret; missing: api_secret; unknown: pin"]
