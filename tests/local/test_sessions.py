"""What is found out before the open: sessions that ended, and calls that leave from the wrong address."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from lambdas.domain.moments import IST, Tick
from tests.local.deployment import Deployment
from tests.local.exchange import BROKERS
from tests.local.stage import Flows, Stage
from tests.local.trader import ANGEL, DHA, FY, GRO, OWN, STRATEGY, UP, ZED, Trader, credit_spread, today_at

pytestmark = pytest.mark.emulator

ENDED = (ZED, UP, FY, DHA)
"""At these brokers nobody but the user begins another session."""
RENEWED = (ANGEL, GRO)
"""Here the stored TOTP secret does."""
NAME = "Flow of ended sessions"
ELSEWHERE = "203.0.113.7"


@dataclass(frozen=True)
class Checked:
    """Two users after a check: the sessions of one were ended by its brokers, those of the other's were down.

    `before` and `after` are the accounts of the first by id, `tokens` what was stored of it before.
    """

    killed: Trader
    unclear: Trader
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    tokens: dict[str, dict[str, str]]
    told: dict[str, int]


@pytest.fixture(scope="module")
def checked(stage: Stage, flows: Flows) -> Checked:
    """Checks once for all rules, when no other flow's sessions can be disturbed."""
    flows.finish()
    killed, unclear = stage.trader(*BROKERS), stage.trader(*BROKERS)
    late = datetime.now(IST).replace(hour=23, minute=58, second=0, microsecond=0)
    schedule = today_at(Tick(late), Tick(late.replace(minute=59)))
    for trader in (killed, unclear):
        trader.save(credit_spread(*OWN.values(), schedule=schedule, name=NAME))
    before, tokens = _accounts(killed), {account_id: _tokens(killed, account_id) for account_id in OWN.values()}
    for account in killed.accounts.values():
        stage.exchange.fault(account, "session_killed", times=1)
    for account in unclear.accounts.values():
        stage.exchange.fault(account, "down")
    told = stage.deployment.invoke("check_sessions")
    for account_id in RENEWED:
        killed.note_tokens(account_id)
    return Checked(killed, unclear, before, _accounts(killed), tokens, told)


def _accounts(trader: Trader) -> dict[str, dict[str, Any]]:
    return {account["account_id"]: account for account in trader.api.get("/accounts")}


def _tokens(trader: Trader, account_id: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(trader.stored_secret(account_id))["tokens"]
    return found


def _will_not_trade(trader: Trader) -> list[str]:
    found: list[str] = trader.api.get(f"/strategies/{STRATEGY}")["will_not_trade"]
    return found


class TestSessions:
    """The deployed check, on sessions that their brokers ended."""

    def test_everything_traded_before_the_check(self, checked: Checked) -> None:
        assert {account["session"] for account in checked.before.values()} == {"active"}
        assert len(checked.before) == len(BROKERS)

    def test_an_account_whose_session_its_broker_ended_says_so_and_why(self, checked: Checked) -> None:
        assert checked.told["ended"] >= len(ENDED)
        for account_id in ENDED:
            account = checked.after[account_id]
            assert account["session"] == "ended"
            until, was_until = (
                datetime.fromisoformat(accounts[account_id]["session_expires_at"])
                for accounts in (checked.after, checked.before)
            )
            assert until <= datetime.now(IST) < was_until
            why = account["will_not_trade"]
            assert why.startswith(f"the {account['broker']} session of account {account_id} ended at ")
            assert f"({account['broker']}: " in why
            assert why.endswith("; log in again")

    def test_a_strategy_names_every_account_that_keeps_it_from_trading(self, checked: Checked) -> None:
        reasons = {checked.after[account_id]["will_not_trade"] for account_id in ENDED}
        listed = {one["strategy_id"]: one["will_not_trade"] for one in checked.killed.api.get("/strategies")}
        assert set(listed[STRATEGY]) >= reasons - {None}
        assert len(reasons) == len(listed[STRATEGY]) == len(ENDED)

    def test_the_world_hears_of_ended_sessions_and_which_strategies_need_them(
        self, checked: Checked, stage: Stage
    ) -> None:
        stage.bus.wait_for(checked.killed.user_id, "SessionEnded")
        heard = [
            event["detail"]
            for event in stage.bus.events_of(checked.killed.user_id)
            if event["detail-type"] == "SessionEnded"
        ]
        assert {event["account_id"] for event in heard} == set(ENDED)
        for event in heard:
            assert event["strategies"] == [NAME]
            assert event["reason"] in checked.after[event["account_id"]]["will_not_trade"]

    def test_an_account_with_a_stored_totp_secret_is_logged_in_again_by_itself(self, checked: Checked) -> None:
        assert checked.told["renewed"] >= len(RENEWED)
        for account_id in RENEWED:
            account = checked.after[account_id]
            assert (account["session"], account["will_not_trade"]) == ("active", None)
            tokens = _tokens(checked.killed, account_id)
            assert tokens.keys() == checked.tokens[account_id].keys()
            assert not set(tokens.values()) & set(checked.tokens[account_id].values())
            found = checked.killed.api.post(f"/accounts/{account_id}/test")
            assert (found["client_id"], found["problems"]) == (account["client_id"], [])

    def test_a_broker_that_gives_no_answer_ends_no_session(self, checked: Checked, stage: Stage) -> None:
        assert checked.told["unclear"] >= len(BROKERS)
        accounts = _accounts(checked.unclear)
        assert {account["session"] for account in accounts.values()} == {"active"}
        assert len(accounts) == len(BROKERS)
        assert _will_not_trade(checked.unclear) == []
        heard = [event["detail-type"] for event in stage.bus.events_of(checked.unclear.user_id)]
        assert "SessionEnded" not in heard

    def test_a_login_of_the_user_clears_the_reason(self, checked: Checked) -> None:
        assert len(_will_not_trade(checked.killed)) == len(ENDED)
        for account_id in ENDED:
            account = checked.killed.log_in(account_id)
            assert (account["session"], account["will_not_trade"]) == ("active", None)
        assert _will_not_trade(checked.killed) == []


def _expecting(deployment: Deployment, address: str) -> dict[str, Any]:
    """What the check says of the one route when this address is the registered one."""

    def change(runtime: dict[str, Any]) -> None:
        runtime["egress"]["default"]["expected_ip"] = address

    with deployment.configured("check_egress", change):
        told: dict[str, Any] = {route["route"]: route for route in deployment.invoke("check_egress")["routes"]}
    found: dict[str, Any] = told["default"]
    return found


@pytest.mark.emulator_only
def test_calls_that_leave_from_another_address_than_the_registered_one_are_told_to_the_world(stage: Stage) -> None:
    before = stage.bus.named("EgressDrift")
    (seen,) = stage.deployment.invoke("check_egress")["routes"]
    assert (seen["route"], seen["finding"]) == ("default", "NOTHING_EXPECTED")
    as_registered = _expecting(stage.deployment, seen["seen"])
    assert (as_registered["finding"], as_registered["expected"]) == ("AS_REGISTERED", seen["seen"])

    drifted = _expecting(stage.deployment, ELSEWHERE)
    assert (drifted["finding"], drifted["expected"], drifted["seen"]) == ("DRIFTED", ELSEWHERE, seen["seen"])
    assert drifted["reason"] == f"calls leave from {seen['seen']}, not from {ELSEWHERE}"
    assert stage.bus.wait_for_named("EgressDrift", more_than=len(before)) == [*before, drifted]


@pytest.mark.emulator_only
def test_the_check_has_the_deployed_settings_again(deployment: Deployment) -> None:
    told = deployment.invoke("check_egress")["routes"]
    expected = {name: route.expected_ip for name, route in deployment.settings.egress.items()}
    assert {route["route"]: route["expected"] for route in told} == {
        name: str(address) if address else None for name, address in expected.items()
    }
