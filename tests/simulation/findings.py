"""What the simulator has found and the engine does not yet do better: reported apart, so that nothing else hides in it.

An entry is a switch that is off for a reason. It goes as soon as its cause does: with `--strict` (and in the tests of
the mutations) every violation counts, also these.
"""

from collections.abc import Mapping

from tests.simulation.invariants import Violation

OPEN: Mapping[tuple[str, str], str] = {}


def is_open(violation: Violation) -> bool:
    """Whether this is of a kind that is known and not yet mended."""
    return (violation.invariant, violation.because) in OPEN
