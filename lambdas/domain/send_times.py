"""How far from second 0 orders were sent: counts by bucket, and the few numbers that describe them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

EDGES_MS = (0, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000)
"""Milliseconds from second 0; a bucket begins at one and ends before the next. What is below the first came early."""


@dataclass(frozen=True)
class Bucket:
    """The orders sent from `from_ms` on and before `to_ms`; None is without end."""

    from_ms: int | None
    to_ms: int | None
    orders: int


@dataclass(frozen=True)
class SendTimes:
    """Offsets of sent orders in milliseconds; the numbers are None where none was meant for second 0."""

    orders: int
    buckets: tuple[Bucket, ...]
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def send_times(offsets_ms: Iterable[float]) -> SendTimes:
    """Sort offsets into buckets. Percentiles are by nearest rank: each is an offset that occurred."""
    ordered = sorted(offsets_ms)
    held = Counter(bisect_right(EDGES_MS, offset) for offset in ordered)
    begins, ends = (None, *EDGES_MS), (*EDGES_MS, None)
    return SendTimes(
        orders=len(ordered),
        buckets=tuple(Bucket(*edges, held[at]) for at, edges in enumerate(zip(begins, ends, strict=True))),
        p50_ms=_percentile(ordered, 50),
        p99_ms=_percentile(ordered, 99),
        max_ms=_percentile(ordered, 100),
    )


def _percentile(ordered: list[float], percent: int) -> float | None:
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
