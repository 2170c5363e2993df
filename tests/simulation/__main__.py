"""Run many seeds: `python -m tests.simulation --seeds 100000`. Exit code 1 when an invariant was broken."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from time import perf_counter

from tests.simulation.findings import OPEN
from tests.simulation.invariants import INVARIANTS
from tests.simulation.mutations import HARMLESS, MUTATIONS, first_seed
from tests.simulation.simulator import Outcome, simulate
from tests.simulation.sweep import Part, counted, sweep


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; the exit code."""
    wanted = _parser().parse_args(arguments)
    if wanted.mutations:
        return _search(wanted)
    if wanted.seed is not None:
        return _tell(simulate(wanted.seed), strict=wanted.strict)
    began = perf_counter()
    total = Part(0, Counter(), [], {})
    for part in sweep(wanted.first, wanted.seeds, jobs=wanted.jobs, strict=wanted.strict):
        total = total.with_more(part)
        if part.found and not wanted.all:
            break
    _report(total, perf_counter() - began)
    if not total.found:
        return 0
    _tell(simulate(total.found[0][0]), strict=wanted.strict)
    return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds are run (1000)")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="N", help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the seeds (1)")
    parser.add_argument("--seed", type=int, help="run one seed and show its trace")
    parser.add_argument("--all", action="store_true", help="go on after a violation and list all of them")
    parser.add_argument("--strict", action="store_true", help="count violations that an open finding explains too")
    parser.add_argument("--mutations", action="store_true", help="find, for each mutation, the first seed that sees it")
    return parser


def _report(total: Part, seconds: float) -> None:
    print(f"{total.seeds:,} seeds in {seconds:.1f} s, {total.seeds / seconds:.0f} a second")
    for name in sorted(total.counters):
        print(f"  {total.counters[name]:>9,}  {name}")
    broken = Counter(violation.invariant for _, violation in total.found)
    for invariant, times in broken.most_common():
        seeds = [seed for seed, violation in total.found if violation.invariant == invariant]
        print(f"BROKEN  {invariant} ({INVARIANTS[invariant]}): {times} seeds, {_some(seeds)}")
    for (invariant, because), reason in OPEN.items():
        name = f"{invariant}, {because}"
        if name in total.known:
            print(f"open    {name} (seed {total.known[name]}): {reason}")


def _some(seeds: Iterable[int]) -> str:
    listed = [str(seed) for seed in seeds]
    return ", ".join(listed[:10]) + (", …" if len(listed) > 10 else "")


def _tell(outcome: Outcome, *, strict: bool) -> int:
    """The trace of one seed, and what it broke."""
    print(f"--- seed {outcome.seed}")
    print(outcome.trace)
    broken = counted(outcome, strict=strict)
    for violation in broken:
        print(f"BROKEN by seed {outcome.seed}: {violation.invariant} ({INVARIANTS[violation.invariant]})")
        print(f"    {violation.detail}")
    return 1 if broken else 0


def _search(wanted: Namespace) -> int:
    """For each mutation the first seed that sees it and is clean without it."""
    missed = 0
    for mutation in MUTATIONS:
        seed = first_seed(mutation, range(wanted.first, wanted.first + wanted.seeds))
        missed += seed is None
        print(f"{mutation.name:<44} {mutation.invariant:<18} {seed}", flush=True)
    for removal in HARMLESS:
        seed = removal.breaks(range(wanted.first, wanted.first + wanted.seeds))
        missed += seed is not None
        print(f"{removal.name:<44} {'harmless' if seed is None else 'breaks':<18} {seed}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
