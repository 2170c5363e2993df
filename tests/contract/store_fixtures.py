"""The stores that the contract suite runs on: in memory, on moto, on the emulator over the wire."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any, Literal, cast

import boto3
import pytest
from moto import mock_aws

from lambdas.adapters.dynamo.accounts import DynamoAccounts
from lambdas.adapters.dynamo.contracts import DynamoContracts
from lambdas.adapters.dynamo.controls import DynamoControls
from lambdas.adapters.dynamo.logins import DynamoLogins
from lambdas.adapters.dynamo.loop import DynamoLoop
from lambdas.adapters.dynamo.paper import DynamoPaper
from lambdas.adapters.dynamo.runs import DynamoRuns
from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.adapters.dynamo.table import Table, connect
from lambdas.ports.logins import LoginStore
from lambdas.ports.paper import PaperStore
from lambdas.ports.store import AccountStore, ContractStore, ControlStore, LoopStore, RunStore, StrategyStore
from shared_config.names import INDEXES, PARTITION_KEY, SORT_KEY, index_key
from tests.contract.emulator import start_emulator
from tests.contract.recorded import RECORDED
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.contracts import MemoryContracts
from tests.doubles.controls import MemoryControls
from tests.doubles.logins import MemoryLogins
from tests.doubles.loop import MemoryLoop
from tests.doubles.paper import MemoryPaper
from tests.doubles.runs import MemoryRuns
from tests.doubles.strategies import MemoryStrategies

_names = count(1)


@dataclass(frozen=True)
class Stores:
    """One implementation of every store port, empty at first."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    contracts: ContractStore
    runs: RunStore
    loop: LoopStore
    logins: LoginStore
    paper: PaperStore


def memory_stores() -> Stores:
    """The doubles that the unit tests use."""
    return Stores(
        MemoryStrategies(),
        MemoryAccounts(),
        MemoryControls(),
        MemoryContracts(),
        MemoryRuns(),
        MemoryLoop(),
        MemoryLogins(),
        MemoryPaper(),
    )


def dynamo_stores(table: Table, shards: int) -> Stores:
    """The stores that the functions use."""
    return Stores(
        DynamoStrategies(table, shards),
        DynamoAccounts(table),
        DynamoControls(table),
        DynamoContracts(table),
        DynamoRuns(table),
        DynamoLoop(table),
        DynamoLogins(table),
        DynamoPaper(table),
    )


def create_table(client: Any) -> Table:
    """A new table of the product's shape."""
    name = f"table-{next(_names)}"
    keys = [(PARTITION_KEY, SORT_KEY), *(index_key(index) for index in INDEXES)]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for pair in keys for key in pair],
        KeySchema=_key_schema(keys[0]),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _key_schema(index_key(index)), "Projection": {"ProjectionType": "ALL"}}
            for index in INDEXES
        ],
    )
    return Table(client, name)


def _key_schema(pair: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(pair, ("HASH", "RANGE"), strict=True)]


@contextmanager
def aws_variables(**more: str) -> Iterator[None]:
    """The variables that every AWS client reads, for the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.delenv("AWS_PROFILE", raising=False)
        patch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "000000000001")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        for name, value in more.items():
            patch.setenv(name, value)
        boto3.setup_default_session()
        yield


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running emulator."""
    process, url = start_emulator(tmp_path_factory.mktemp("emulator"))
    try:
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answer_one_at_a_time(client: Any) -> None:
    """DynamoDB decides conditional writes one after the other; moto lets two threads pass the same condition."""
    turn, ask = Lock(), client._make_api_call

    def in_turn(*arguments: Any) -> Any:
        with turn:
            return ask(*arguments)

    client._make_api_call = in_turn


@contextmanager
def dynamo_table(place: Literal["moto", "emulator"], url: str) -> Iterator[Table]:
    """A new, empty table there."""
    where = {"AWS_ENDPOINT_URL": url} if url else {}
    with mock_aws() if place == "moto" else nullcontext(), aws_variables(**where):
        client = connect()
        if place == "moto":
            _answer_one_at_a_time(client)
        try:
            yield create_table(client)
        finally:
            client.close()


OpenStores = Callable[[int], Stores]


@pytest.fixture(params=["memory", "moto", "emulator"])
def open_stores(request: pytest.FixtureRequest) -> Iterator[OpenStores]:
    """Makes stores with that many due shards; all of one test share their table."""
    RECORDED.tests.add(request.node.originalname)
    if request.param == "memory":
        yield lambda _shards: memory_stores()
        return
    with dynamo_table(request.param, _url(request)) as table, RECORDED.writes_to(table):
        yield lambda shards: dynamo_stores(table, shards)


@pytest.fixture
def stores(open_stores: OpenStores) -> Stores:
    """Every store, empty."""
    return open_stores(1)


@pytest.fixture(params=["moto", "emulator"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """The table itself, for what only a table can do."""
    RECORDED.tests.add(request.node.originalname)
    with dynamo_table(request.param, _url(request)) as opened, RECORDED.writes_to(opened):
        yield opened


def _url(request: pytest.FixtureRequest) -> str:
    return cast(str, request.getfixturevalue("emulator")) if request.param == "emulator" else ""
