"""One user's tick: orders are placed once, an account fails alone, the runs are always settled."""

from typing import Any

import pytest

from tests.stacks.synthesized import Synthesized


@pytest.fixture
def machine(prod: Synthesized) -> dict[str, Any]:
    return prod.options.machine("execute_tick")


@pytest.fixture
def states(machine: dict[str, Any]) -> dict[str, Any]:
    states: dict[str, Any] = machine["Definition"]["States"]
    return states


@pytest.fixture
def account_states(states: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = states["EachAccount"]["ItemProcessor"]["States"]
    return inner


def test_it_is_express_and_short(machine: dict[str, Any]) -> None:
    assert machine["StateMachineType"] == "EXPRESS"
    assert machine["Definition"]["QueryLanguage"] == "JSONata"
    assert machine["Definition"]["TimeoutSeconds"] < 300  # what Express allows


def test_the_runs_are_prepared_first_then_every_account_then_settled(
    machine: dict[str, Any], states: dict[str, Any]
) -> None:
    order = [machine["Definition"]["StartAt"]]
    while "Next" in states[order[-1]]:
        order.append(states[order[-1]]["Next"])
    assert order == ["PrepareRuns", "EachAccount", "SettleRuns", "WantsMending"]


def test_what_mends_a_run_goes_the_same_way_until_nothing_does(states: dict[str, Any]) -> None:
    (again,) = states["WantsMending"]["Choices"]
    assert again["Condition"] == "{% $count($states.input.accounts) > 0 %}"
    assert again["Next"] == "EachAccount"
    assert states[states["WantsMending"]["Default"]]["Type"] == "Succeed"


def test_placing_orders_is_never_repeated(account_states: dict[str, Any]) -> None:
    assert "Retry" not in account_states["PlaceOrders"]


def test_preparing_is_repeated_once_and_only_for_the_service(states: dict[str, Any]) -> None:
    (retry,) = states["PrepareRuns"]["Retry"]
    assert retry["MaxAttempts"] == 1
    assert all(error.startswith("Lambda.") for error in retry["ErrorEquals"])
    assert "Lambda.Unknown" not in retry["ErrorEquals"]


def test_confirming_and_settling_are_repeated_twice(states: dict[str, Any], account_states: dict[str, Any]) -> None:
    for step in (account_states["ConfirmOrders"], states["SettleRuns"]):
        (retry,) = step["Retry"]
        assert retry["ErrorEquals"] == ["States.ALL"]
        assert retry["MaxAttempts"] == 2


def test_accounts_go_in_parallel_each_with_its_own_item(states: dict[str, Any], account_states: dict[str, Any]) -> None:
    each = states["EachAccount"]
    assert each["Items"] == "{% $states.input.accounts %}"
    assert each["MaxConcurrency"] == 40
    assert "ItemSelector" not in each
    assert each["ItemProcessor"]["ProcessorConfig"]["Mode"] == "INLINE"
    assert account_states["PlaceOrders"]["Arguments"]["Payload"] == "{% $states.input %}"
    assert account_states["PlaceOrders"]["Next"] == "ConfirmOrders"


@pytest.mark.parametrize(
    ("step", "account"), [("PlaceOrders", "$states.input.account_id"), ("ConfirmOrders", "$account_id")]
)
def test_what_fails_in_one_account_becomes_its_result(account_states: dict[str, Any], step: str, account: str) -> None:
    (catch,) = account_states[step]["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert f"'account_id': {account}," in catch["Output"]
    assert "$states.errorOutput.Cause" in catch["Output"]
    failed = account_states[catch["Next"]]
    assert (failed["Type"], failed["End"]) == ("Pass", True)


def test_settling_hears_of_every_account_and_of_the_runs(states: dict[str, Any]) -> None:
    assert states["EachAccount"]["Output"] == {
        "user_id": "{% $user_id %}",
        "tick": "{% $tick %}",
        "run_ids": "{% $run_ids %}",
        "accounts": "{% $states.result %}",
    }
    assert states["PrepareRuns"]["Assign"] == {
        "user_id": "{% $states.input.user_id %}",
        "tick": "{% $states.input.tick %}",
        "run_ids": "{% $states.result.Payload.run_ids %}",
    }
    assert states["SettleRuns"]["Arguments"]["Payload"] == "{% $states.input %}"


@pytest.mark.parametrize("step", ["PrepareRuns", "EachAccount"])
def test_whatever_fails_the_runs_are_settled_with_the_error(states: dict[str, Any], step: str) -> None:
    (catch,) = states[step]["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert catch["Next"] == "SettleRuns"
    for key in ("user_id", "tick", "run_ids", "accounts", "error"):
        assert f"'{key}': " in catch["Output"]


def test_unprepared_work_reaches_settling(states: dict[str, Any]) -> None:
    (catch,) = states["PrepareRuns"]["Catch"]
    assert "'work': $states.input.work" in catch["Output"]
    assert "'run_ids': [$states.input.resume, $states.input.close.run_ids]" in catch["Output"]


def test_everything_is_logged_except_orders(machine: dict[str, Any]) -> None:
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
