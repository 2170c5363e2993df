"""A dispatch finds the work of all users in two queries, counted on the wire between client and emulator."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config

from bench.fill import fill
from bench.wire import Exchange, Wire, wire_to
from lambdas.adapters.dynamo.controls import DynamoControls
from lambdas.adapters.dynamo.loop import DynamoLoop
from lambdas.adapters.dynamo.runs import DynamoRuns
from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.adapters.dynamo.table import CONFIG, Table
from lambdas.domain.strategy import Strategy
from lambdas.use_cases.dispatch_tick import TickDispatcher
from lambdas.use_cases.trading_day import TradingDayLoop, Wait
from local.table_examples import example_strategy, example_user, items_of
from shared_config.names import INDEX_DUE
from tests.contract.store_fixtures import aws_variables, dynamo_table, emulator
from tests.doubles.clock import VirtualClock
from tests.doubles.events import RecordedEvents, RecordedWorkflows
from tests.doubles.examples import TICK, TIMING, at
from tests.unit.use_cases.scene import CALENDAR

__all__ = ["emulator"]
pytestmark = pytest.mark.anyio
STRATEGIES_OF_A_USER = 40
"""Few users, because the emulator counts every partition at each write."""
READS = {"Query", "GetItem", "Scan", "BatchGetItem", "TransactGetItems", "ExecuteStatement"}
SLOWEST_PAGE = 60
"""Seconds: the emulator looks through a whole index for each page."""


def a_strategy_of(number: int) -> Strategy:
    """Of four, three enter at the tick and one leaves then."""
    entry, leave = ("09:16", TICK.hhmm) if number % 4 == 3 else (TICK.hhmm, "15:15")
    return example_strategy(
        user_id=example_user(number // STRATEGIES_OF_A_USER),
        strategy_id=f"condor-{number:05}",
        schedule={"weekdays": ["MON"], "entry": entry, "exit": leave},
    )


def work_of(strategies: Sequence[Strategy]) -> set[tuple[str, str, str]]:
    """(user, phase, strategy) of all that is due at the tick."""
    return {
        (
            strategy.user_id,
            "entry" if strategy.definition.schedule.entry == TICK.hhmm else "exit",
            strategy.strategy_id,
        )
        for strategy in strategies
    }


async def store(table: Table, strategies: Sequence[Strategy], shards: int) -> None:
    """Write the due items of the tick's weekday and minute, and for some strategies all others too."""
    due = [item for item in await items_of(strategies, shards) if f"#MON#{TICK.hhmm}#" in item.get("gsi2pk", "")]
    others = await items_of(strategies[:20], shards)
    items = list({(item["pk"], item["sk"]): item for item in (*due, *others)}.values())

    fill(table.client, table.name, items)


@contextmanager
def counted(table: Table, endpoint: str) -> Iterator[tuple[Table, Wire]]:
    """The same table over a wire that counts."""
    patient = CONFIG.merge(Config(read_timeout=SLOWEST_PAGE, retries={"total_max_attempts": 1}))
    with wire_to(endpoint) as wire, aws_variables(AWS_ENDPOINT_URL=wire.url):
        client = boto3.resource("dynamodb", config=patient).meta.client
        try:
            yield Table(client, table.name), wire
        finally:
            client.close()


@pytest.fixture
async def direct(emulator: str, anyio_backend: str) -> AsyncIterator[Table]:
    """A table of the emulator, without the wire."""
    with dynamo_table("emulator", emulator) as table:
        yield table


def dispatcher_over(table: Table, shards: int, workflows: RecordedWorkflows) -> TickDispatcher:
    """As the function has it, but for the workflows, the events and the clock."""
    controls, loop, clock = DynamoControls(table), DynamoLoop(table), VirtualClock(at("09:19:45"))
    return TickDispatcher(
        day=TradingDayLoop(loop, controls, CALENDAR, clock, TIMING),
        strategies=DynamoStrategies(table, shards),
        controls=controls,
        runs=DynamoRuns(table),
        loop=loop,
        workflows=workflows,
        events=RecordedEvents(),
        clock=clock,
        calendar=CALENDAR,
    )


async def dispatch(direct: Table, emulator: str, shards: int) -> tuple[RecordedWorkflows, list[Exchange]]:
    """Dispatch the tick over the counting wire: what was started, and all that passed."""
    workflows = RecordedWorkflows()
    lease = await DynamoLoop(direct).acquire(TICK.date, "loop", at("09:19:45"), at("09:21"))
    assert lease is not None
    with counted(direct, emulator) as (table, wire):
        following = await dispatcher_over(table, shards, workflows).dispatch(lease, TICK, ())
        assert isinstance(following, Wait)
        return workflows, wire.exchanges


def started(workflows: RecordedWorkflows) -> list[tuple[str, Any, Any]]:
    """(user, phase, strategy) of every piece of work that was started."""
    return [
        (payload["user_id"], item["phase"], item["strategy"])
        for payload in workflows.started.values()
        for item in payload["work"]
    ]


def queries(exchanges: Sequence[Exchange]) -> list[str]:
    """The reads that are no further page: a query of an index by its partition, one of the table likewise."""
    reads = [exchange for exchange in exchanges if exchange.operation in READS and not exchange.continues]
    assert {exchange.operation for exchange in reads} == {"Query"}
    return [f"{read.request.get('IndexName', 'table')} {_partition(read)}" for read in reads]


def _partition(query: Exchange) -> str:
    (value,) = query.request["ExpressionAttributeValues"].values()
    return str(value["S"])


def check_pages(exchanges: Sequence[Exchange]) -> int:
    """Every answer that names a further page is followed by the request for it; the further pages."""
    asked = [exchange for exchange in exchanges if exchange.continues]
    named = [exchange for exchange in exchanges if exchange.has_more]
    assert [page.request["ExclusiveStartKey"] for page in asked] == [page.answer["LastEvaluatedKey"] for page in named]
    return len(asked)


def check_writes(exchanges: Sequence[Exchange]) -> None:
    """The lease is renewed before and after, the minute is recorded between; each under its condition."""
    writes = [exchange for exchange in exchanges if exchange.operation not in READS]
    assert [write.operation for write in writes] == ["UpdateItem", "PutItem", "UpdateItem"]
    keys = [(write.request.get("Key") or write.request["Item"])["pk"]["S"] for write in writes]
    assert keys == ["LEASE#trading-day", f"TICK#{TICK.date}", "LEASE#trading-day"]
    assert all("ConditionExpression" in write.request for write in writes)


class TestTwoQueries:
    @pytest.mark.parametrize(("number", "at_least_pages"), [(1, 1), (100, 1), (10_000, 10)])
    async def test_all_work_of_a_minute_is_found_in_two_queries_and_their_pages(
        self, direct: Table, emulator: str, number: int, at_least_pages: int
    ) -> None:
        strategies = [a_strategy_of(index) for index in range(number)]
        await store(direct, strategies, 1)
        workflows, exchanges = await dispatch(direct, emulator, 1)
        assert queries(exchanges) == ["table CONTROL", f"{INDEX_DUE} DUE#MON#{TICK.hhmm}#0"]
        assert check_pages(exchanges) + 1 >= at_least_pages
        check_writes(exchanges)
        found = started(workflows)
        assert len(found) == number
        assert {(user, phase, one["strategy_id"]) for user, phase, one in found} == work_of(strategies)
        saved = {strategy.strategy_id: strategy for strategy in strategies}
        assert all(Strategy.model_validate(one) == saved[one["strategy_id"]] for _, _, one in found)

    async def test_with_four_shards_the_same_work_is_found_in_one_query_for_each_and_one_of_switches(
        self, direct: Table, emulator: str
    ) -> None:
        strategies = [a_strategy_of(index) for index in range(400)]
        await store(direct, strategies, 4)
        workflows, exchanges = await dispatch(direct, emulator, 4)
        shards = [f"{INDEX_DUE} DUE#MON#{TICK.hhmm}#{shard}" for shard in range(4)]
        assert sorted(queries(exchanges)) == [*shards, "table CONTROL"]
        assert len(exchanges) == 5 + 3
        check_writes(exchanges)
        assert {(user, phase, one["strategy_id"]) for user, phase, one in started(workflows)} == work_of(strategies)

    async def test_a_minute_without_work_takes_the_same_two_queries(self, direct: Table, emulator: str) -> None:
        workflows, exchanges = await dispatch(direct, emulator, 1)
        assert workflows.started == {}
        assert len(queries(exchanges)) == 2
        assert check_pages(exchanges) == 0
        check_writes(exchanges)

    async def test_a_halt_is_in_the_one_query_of_switches(self, direct: Table, emulator: str) -> None:
        strategies = [a_strategy_of(index) for index in range(2 * STRATEGIES_OF_A_USER)]
        await store(direct, strategies, 1)
        halted, other = strategies[0].user_id, strategies[-1].user_id
        await DynamoControls(direct).halt(f"USER#{halted}", "asked for it", "operator", at=at("09:00"))
        workflows, exchanges = await dispatch(direct, emulator, 1)
        missed = [exchange for exchange in exchanges if exchange.operation == "BatchGetItem"]
        assert len(queries([exchange for exchange in exchanges if exchange not in missed])) == 2
        assert len(missed) == 1, "whether the entries that are held back have runs is asked in one request"
        found = {(user, phase) for user, phase, _ in started(workflows)}
        assert found == {(halted, "exit"), (other, "entry"), (other, "exit")}
