"""`python -m bench.discovery`: finding the work of one minute, by two queries and by the usual 1 + 2 × n.

Both on the DynamoDB of one emulator in one run; then how the two queries grow, and how long a preview takes through
the deployed API.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.fill import fill
from bench.naive_model import NaiveModel, create_tables, rows
from bench.preview_latency import COLUMNS as PREVIEW_COLUMNS
from bench.preview_latency import preview_rows
from bench.reading import COLUMNS, Reading, timed
from bench.report import ROOT, Machine, Report, Table
from bench.wire import wire_to
from lambdas.adapters.dynamo.controls import DynamoControls
from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.adapters.dynamo.table import CONFIG
from lambdas.adapters.dynamo.table import Table as OneTable
from lambdas.domain.moments import IST
from lambdas.domain.strategy import Strategy
from local.instance import ACCOUNT, Instance, free_port_block
from local.processes import Service
from local.steps import CannotContinue, step
from local.table_examples import TICK, example_strategy, example_user, items_of
from shared_config.names import INDEX_DUE, PARTITION_KEY, SORT_KEY, index_key
from shared_config.settings import load_settings

FILE = ROOT / "docs" / "measurements" / "discovery.md"
STRATEGIES = 200
AT_ONCE = 32
MINUTE = ("MON", TICK.hhmm)
SLOWEST_PAGE = 120
"""Seconds: the emulator looks through a whole index for each page."""
NOTES = (
    "Each strategy has four legs in two accounts each. The naive model has three tables: schedules by minute, legs and "
    "allocations by strategy (bench/naive_model.py). Ours are the switches and the due index, by the stores that the "
    "functions use.",
    "Queries, pages and bytes are counted by a forwarder between client and emulator, headers included; read units are "
    "DynamoDB's published rule over the items that were answered. Times are taken without the forwarder.",
    "p50 and p99 are nearest ranks, values that occurred. The emulator answers from the memory of one process on the "
    "same machine: on AWS each request adds its way there and back, which 2 requests pay twice and 401 requests 401 "
    "times.",
    "The emulator looks through the whole index for each page, so its time at 10,000 strategies grows with the square; "
    "pages and read units are those of DynamoDB.",
    "Preview: ten legs by eight kinds of strike rule in two accounts, posted one after the other with a token; each "
    "reads the quotes of the sandbox exchange. The list of strategies goes the same way and does hardly anything.",
)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    repetitions: int
    growth: tuple[tuple[int, int], ...]
    previews: int


WHOLE = Sizes(20, ((100, 20), (1_000, 20), (10_000, 3)), 100)
QUICK = Sizes(3, ((100, 3), (1_000, 1)), 10)


def main() -> int:
    """Returns 0 when everything could be measured, whatever the numbers."""
    parser = argparse.ArgumentParser(prog="python -m bench.discovery", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions, and not 10,000 strategies")
    parser.add_argument("--no-preview", action="store_true", help="without deploying the stacks")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        report = measured(QUICK if options.quick else WHOLE, preview=not options.no_preview)
    except KeyboardInterrupt:
        print("\nStopped everything that was started.")
        return 1
    except CannotContinue as error:
        print(f"\n✗ {error}")
        return 1
    report.publish(FILE if options.write else None)
    return 0


def measured(sizes: Sizes, *, preview: bool) -> Report:
    """Measure all of it. Raises CannotContinue."""
    machine, began = Machine.present(), datetime.now(IST)
    with emulator() as url:
        compared = compare(url, sizes.repetitions)
        grown = [reading for count, times in sizes.growth for reading in two_queries(url, count, times)]
    tables = [
        Table(f"{STRATEGIES} strategies due in one minute", COLUMNS, tuple(one.row() for one in compared)),
        Table("How the two queries grow", COLUMNS, tuple(one.row() for one in grown)),
    ]
    if preview:
        tables.append(Table("Preview through the API", PREVIEW_COLUMNS, preview_rows(sizes.previews)))
    growth = ", ".join(f"{times} of {count:,}" for count, times in sizes.growth)
    return Report(
        title="Finding the work of a minute",
        command="python -m bench.discovery" + (" --quick" if sizes is QUICK else ""),
        measured_at=began,
        machine=machine,
        sizes=f"{sizes.repetitions} repetitions of {STRATEGIES} strategies; {growth}; {sizes.previews} previews",
        tables=tuple(tables),
        notes=NOTES,
    )


def compare(url: str, times: int) -> list[Reading]:
    """The same strategies found both ways. Raises CannotContinue when one way finds less."""
    strategies = [a_strategy(number) for number in range(STRATEGIES)]
    with step(f"storing {STRATEGIES} strategies in the naive model"), client_of(url) as client:
        create_tables(client)
        for table, items in rows(strategies).items():
            fill(client, table, items)

    def naive(at_once: int) -> Callable[[Any], int]:
        return lambda client: naive_find(client, at_once)

    return [
        _reading("1 + 2 × n, one by one", url, naive(1), STRATEGIES, times),
        _reading(f"1 + 2 × n, {AT_ONCE} at once", url, naive(AT_ONCE), STRATEGIES, times),
        *two_queries(url, STRATEGIES, times),
    ]


def two_queries(url: str, count: int, times: int) -> list[Reading]:
    """So many strategies in a table of their own, found as a dispatch does."""
    name = f"one-table-{count}-{times}"
    with step(f"storing {count:,} strategies in the one table"), client_of(url) as client:
        create_one_table(client, name)
        due = f"DUE#{'#'.join(MINUTE)}#0"
        items = asyncio.run(items_of([a_strategy(number) for number in range(count)], 1))
        fill(client, name, [item for item in items if item.get(index_key(INDEX_DUE)[0]) == due])
    return [_reading("two queries", url, lambda client: ours_find(client, name), count, times)]


def naive_find(client: Any, at_once: int) -> int:
    """How many strategies were found with all their legs and allocations."""
    found = asyncio.run(NaiveModel(client).find(*MINUTE, at_once=at_once))
    return sum(len(legs) == 4 and len(shares) == 8 for _, legs, shares in found)


def ours_find(client: Any, name: str) -> int:
    """How many strategies were found with all their legs and allocations, and that nobody is halted."""
    table = OneTable(client, name)

    async def find() -> int:
        control = await DynamoControls(table).control()
        due = await DynamoStrategies(table, 1).due_at(*MINUTE)
        whole = [one.strategy.definition.legs for one in due if not control.halt_of(one.strategy.user_id)]
        return sum(len(legs) == 4 and sum(len(leg.allocation) for leg in legs) == 8 for legs in whole)

    return asyncio.run(find())


def _reading(name: str, url: str, find: Callable[[Any], int], count: int, times: int) -> Reading:
    with step(f"{name}: {count:,} strategies, {times} ×"):
        with wire_to(url) as wire, client_of(wire.url) as client:
            if (found := find(client)) != count:
                raise CannotContinue(f"{name}: {found} of {count} strategies were found")
        with client_of(url) as client:
            return Reading(name, count, wire.exchanges, timed(lambda: find(client), times))


def a_strategy(number: int) -> Strategy:
    """One for each user, due on Mondays."""
    schedule = {"weekdays": [MINUTE[0]], "entry": TICK.hhmm, "exit": "15:15"}
    return example_strategy(user_id=example_user(number), strategy_id=f"condor-{number:05}", schedule=schedule)


@contextmanager
def client_of(url: str) -> Iterator[Any]:
    """A client as the functions have it, with patience for large pages."""
    patient = CONFIG.merge(Config(read_timeout=SLOWEST_PAGE))
    client = boto3.resource(
        "dynamodb",
        endpoint_url=url,
        region_name=load_settings("local").region,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="local",  # noqa: S106 (of the emulator)
        config=patient,
    ).meta.client
    try:
        yield client
    finally:
        client.close()


def create_one_table(client: Any, name: str) -> None:
    """A table with the due index."""
    pairs = [(PARTITION_KEY, SORT_KEY), index_key(INDEX_DUE)]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for pair in pairs for key in pair],
        KeySchema=_key_schema(pairs[0]),
        GlobalSecondaryIndexes=[
            {"IndexName": INDEX_DUE, "KeySchema": _key_schema(pairs[1]), "Projection": {"ProjectionType": "ALL"}}
        ],
    )


def _key_schema(pair: Sequence[str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(pair, ("HASH", "RANGE"), strict=True)]


@contextmanager
def emulator() -> Iterator[str]:
    """An emulator alone; its address."""
    instance = Instance("bench-table", free_port_block(1), 0, load_settings("local").region)
    with tempfile.TemporaryDirectory() as folder:
        variables = {name: value for name, value in instance.aws_variables().items() if "AWS" not in name} | {
            "GATEWAY_PORT": str(instance.emulator_port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": instance.region,
            "STATE_DIR": folder,
            "TMPDIR": folder,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "ministack"]
        service = Service.start("emulator", command, folder=Path(folder), variables=variables)
        try:
            service.wait_until(f"{instance.emulator_url}/_ministack/health", seconds=30)
            yield instance.emulator_url
        finally:
            service.stop()


if __name__ == "__main__":
    sys.exit(main())
