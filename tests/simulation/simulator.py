"""One seed, one day: run it and say what happened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.findings import is_open
from tests.simulation.invariants import Violation
from tests.simulation.workflow import run_day
from tests.simulation.world import Note, World


@dataclass(frozen=True)
class Outcome:
    """What one seed led to."""

    seed: int
    violations: Sequence[Violation]
    counters: Counter[str]
    notes: Sequence[Note]

    @property
    def unexplained(self) -> Sequence[Violation]:
        """Those that no open finding explains."""
        return [violation for violation in self.violations if not is_open(violation)]

    @property
    def trace(self) -> str:
        """Every event of the day in order, and the violations where they were seen."""
        lines = [*self.notes, *(Note(one.at, "VIOLATION", f"{one.invariant}: {one.detail}") for one in self.violations)]
        return "\n".join(str(line) for line in sorted(lines, key=lambda line: line.at))


def simulate(seed: int) -> Outcome:
    """Run one seed's day. The same seed gives the same outcome, to the letter of the trace."""
    world = World(seed)
    world.loop.run(run_day(world))
    counters = world.counters()
    counters.update(f"open finding: {one.invariant}, {one.because}" for one in world.referee.violations if is_open(one))
    outcome = Outcome(seed, tuple(world.referee.violations), counters, tuple(world.notes))
    world.loop.forget()
    return outcome
