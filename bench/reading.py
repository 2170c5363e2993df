"""What finding the work of a minute takes: requests, read units, bytes on the wire, time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from bench.report import number, percentile
from bench.wire import Exchange
from local.capacity import item_size, read_units

COLUMNS = ("found by", "strategies", "queries", "with pages", "read units", "kB on the wire", "p50 ms", "p99 ms")


def units_of(exchange: Exchange) -> float:
    """Read units of one query or one of its pages, by DynamoDB's rule."""
    read = TypeDeserializer().deserialize
    size = sum(item_size({name: read(value) for name, value in item.items()}) for item in exchange.answer["Items"])
    return read_units(size, strongly=bool(exchange.request.get("ConsistentRead")))


@dataclass(frozen=True)
class Reading:
    """One way of finding, counted once over the wire and timed often without it."""

    name: str
    strategies: int
    exchanges: Sequence[Exchange]
    milliseconds: Sequence[float]

    @property
    def queries(self) -> int:
        """Requests that are no further page."""
        return sum(not exchange.continues for exchange in self.exchanges)

    def row(self) -> tuple[str, ...]:
        """Cells for `COLUMNS`."""
        moved = sum(exchange.sent + exchange.received for exchange in self.exchanges)
        return (
            self.name,
            number(self.strategies, 0),
            number(self.queries, 0),
            number(len(self.exchanges), 0),
            number(sum(map(units_of, self.exchanges))),
            number(moved / 1000),
            number(percentile(self.milliseconds, 50)),
            number(percentile(self.milliseconds, 99)),
        )


def timed(what: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each call, after one that does not count."""
    what()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        took.append((time.perf_counter() - began) * 1000)
    return took
