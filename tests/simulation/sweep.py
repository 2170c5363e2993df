"""Many seeds, over several processes."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.simulation.findings import is_open
from tests.simulation.invariants import Violation
from tests.simulation.simulator import Outcome, simulate

CHUNK = 50


@dataclass(frozen=True)
class Part:
    """What some seeds led to; `known` are the open findings that were met again, each with the first seed."""

    seeds: int
    counters: Counter[str]
    found: Sequence[tuple[int, Violation]]
    known: Mapping[str, int]

    def with_more(self, more: "Part") -> "Part":
        """Both together."""
        return Part(
            self.seeds + more.seeds,
            self.counters + more.counters,
            [*self.found, *more.found],
            {**more.known, **self.known},
        )


def sweep(first: int, seeds: int, *, jobs: int, strict: bool) -> Iterator[Part]:
    """Run seeds from `first` on, some at a time; the parts in order. `strict` counts open findings as violations."""
    last = first + seeds
    chunks = [(start, min(start + CHUNK, last), strict) for start in range(first, last, CHUNK)]
    if jobs == 1:
        yield from map(_run, chunks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(_run, chunks)
        finally:
            pool.shutdown(cancel_futures=True)


def _run(chunk: tuple[int, int, bool]) -> Part:
    """Run seeds [first, last); the garbage of a chunk is collected at its end."""
    first, last, strict = chunk
    gc.disable()
    counters: Counter[str] = Counter()
    found: list[tuple[int, Violation]] = []
    known: dict[str, int] = {}
    for seed in range(first, last):
        outcome = simulate(seed)
        counters += outcome.counters
        for violation in filter(is_open, outcome.violations):
            known.setdefault(f"{violation.invariant}, {violation.because}", seed)
        found += [(seed, one) for one in counted(outcome, strict=strict)[:1]]
    gc.enable()
    gc.collect()
    return Part(last - first, counters, found, known)


def counted(outcome: Outcome, *, strict: bool) -> Sequence[Violation]:
    """The violations that count."""
    return outcome.violations if strict else outcome.unexplained
