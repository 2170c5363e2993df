"""The simulator bites: each guard that is taken away is noticed, by the invariant that it keeps."""

import pytest

from tests.simulation.invariants import INVARIANTS
from tests.simulation.mutations import MUTATIONS, Mutation, first_seed

SEARCHED = range(2500)
"""When the engine changes, a seed may show something else: then these are tried, and the table is to be renewed."""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: str(mutation.name).replace(" ", "-"))
def test_a_missing_guard_is_noticed(mutation: Mutation) -> None:
    if not mutation.shows(mutation.seed):
        assert first_seed(mutation, SEARCHED) is not None, f"nobody notices that {mutation.name}"


def test_every_invariant_is_broken_by_some_mutation() -> None:
    bitten = {mutation.invariant for mutation in MUTATIONS}
    assert set(INVARIANTS) - bitten == NOT_MUTATED


NOT_MUTATED = {"no mistakes"}
"""It guards the simulator itself: a function that fails for no fault that was put in has not been simulated."""
