"""The loop of the day: it waits for the minute, never dies of one error, ends when told."""

from typing import Any

import pytest

from tests.stacks.synthesized import Synthesized


@pytest.fixture
def machine(prod: Synthesized) -> dict[str, Any]:
    return prod.options.machine("trading_day")


@pytest.fixture
def states(machine: dict[str, Any]) -> dict[str, Any]:
    states: dict[str, Any] = machine["Definition"]["States"]
    return states


def test_it_is_standard_and_speaks_jsonata(machine: dict[str, Any]) -> None:
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["Definition"]["QueryLanguage"] == "JSONata"


def test_it_begins_by_taking_the_day_for_this_execution(machine: dict[str, Any], states: dict[str, Any]) -> None:
    assert machine["Definition"]["StartAt"] == "Begin"
    payload = states["Begin"]["Arguments"]["Payload"]
    assert payload["execution"] == "{% $states.context.Execution.Id %}"
    assert "Execution.Input.started_by" in payload["started_by"]
    assert states["Begin"]["Next"] == "Decide"


def test_it_waits_until_the_moment_that_the_function_gave(states: dict[str, Any]) -> None:
    waiting = choice_for(states, "wait")
    assert states[waiting]["Type"] == "Wait"
    assert states[waiting]["Timestamp"] == "{% $states.input.wait_until %}"
    assert "Seconds" not in states[waiting]
    assert states[waiting]["Next"] == "DispatchTick"


def test_the_dispatched_minute_is_data_and_leads_to_the_next_decision(states: dict[str, Any]) -> None:
    dispatch = states["DispatchTick"]
    assert dispatch["Arguments"]["Payload"] == "{% $states.input %}"
    assert dispatch["Output"] == "{% $states.result.Payload %}"
    assert dispatch["Next"] == "Decide"


def test_it_ends_when_the_function_says_so(states: dict[str, Any]) -> None:
    ended = states[choice_for(states, "end")]
    assert (ended["Type"], ended["End"]) == ("Pass", True)


def test_an_unknown_action_fails_with_a_cause(states: dict[str, Any]) -> None:
    failed = states[states["Decide"]["Default"]]
    assert failed["Type"] == "Fail"
    assert failed["Cause"]


@pytest.mark.parametrize("step", ["Begin", "DispatchTick"])
def test_a_failing_function_is_tried_again(states: dict[str, Any], step: str) -> None:
    (retry,) = states[step]["Retry"]
    assert retry == {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}


def test_a_tick_that_keeps_failing_begins_the_day_again(states: dict[str, Any]) -> None:
    (catch,) = states["DispatchTick"]["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    recover = states[catch["Next"]]
    assert (recover["Type"], recover["Seconds"], recover["Next"]) == ("Wait", 1, "Begin")


def test_a_day_that_cannot_begin_fails_so_that_the_watchdog_starts_another(states: dict[str, Any]) -> None:
    assert "Catch" not in states["Begin"]


def test_nothing_fans_out_within_the_loop(states: dict[str, Any]) -> None:
    assert not {state["Type"] for state in states.values()} & {"Map", "Parallel"}
    assert len(states) == 7


def test_errors_are_logged_without_data(machine: dict[str, Any]) -> None:
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def choice_for(states: dict[str, Any], action: str) -> str:
    (choice,) = (
        choice
        for choice in states["Decide"]["Choices"]
        if choice["Condition"] == f"{{% $states.input.action = '{action}' %}}"
    )
    following: str = choice["Next"]
    return following
