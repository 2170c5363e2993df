"""The execution engine under everything that goes wrong, a few thousand times less often than `make simulate`."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.faults import RATES
from tests.simulation.invariants import INVARIANTS
from tests.simulation.simulator import Outcome, simulate

ROOT = Path(__file__).parents[2]
SEEDS = 900
SOME = range(0, SEEDS, 150)
STATUSES = ("flat", "incomplete", "missed", "refused", "unresolved")
ENDS = ("cancelled", "expired", "filled", "missed", "refused", "withheld")


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """The first seeds' days."""
    return [simulate(seed) for seed in range(SEEDS)]


@pytest.fixture(scope="module")
def counters(outcomes: list[Outcome]) -> Counter[str]:
    """What these days were made of."""
    return sum((outcome.counters for outcome in outcomes), Counter())


def test_no_invariant_breaks(outcomes: list[Outcome]) -> None:
    broken = [(outcome.seed, violation) for outcome in outcomes for violation in outcome.unexplained]
    assert not broken, f"see: python -m tests.simulation --seed {broken[0][0]}"


def test_every_fault_happens(counters: Counter[str]) -> None:
    assert {name for name in RATES if not counters[f"fault: {name}"]} == set()


@pytest.mark.parametrize("what", ["hung call", "session over", "partial fill", "cancelled", "mending", "order by hand"])
def test_what_faults_lead_to_happens(counters: Counter[str], what: str) -> None:
    assert counters[f"fault: {what}"] > 0


WORTH = ("shorts behind hedges", "exits behind shorts", "orders in slices", "chased orders", "orders on paper")
BOUND = ("plans within limits", "runs refused by limits", "exits beyond a limit", "books compared")


@pytest.mark.parametrize("what", [*WORTH, *BOUND])
def test_the_worlds_are_worth_the_trouble(counters: Counter[str], what: str) -> None:
    assert counters[what] > 0


@pytest.mark.parametrize("status", STATUSES)
def test_runs_end_in_every_way(counters: Counter[str], status: str) -> None:
    assert counters[f"run {status}"] > 0


@pytest.mark.parametrize("status", ENDS)
def test_orders_end_in_every_way(counters: Counter[str], status: str) -> None:
    assert counters[f"intent {status}"] > 0


def test_a_violation_names_an_invariant(outcomes: list[Outcome]) -> None:
    assert {violation.invariant for outcome in outcomes for violation in outcome.violations} <= set(INVARIANTS)


def test_a_seed_gives_the_same_trace_twice(outcomes: list[Outcome]) -> None:
    for seed in SOME:
        assert simulate(seed).trace == outcomes[seed].trace


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_trace_in_another_process(outcomes: list[Outcome], hash_seed: str) -> None:
    script = "import sys; from tests.simulation.simulator import simulate\n"
    script += f"for seed in {list(SOME)}: sys.stdout.write(simulate(seed).trace + '\\n')"
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "".join(f"{outcomes[seed].trace}\n" for seed in SOME)
