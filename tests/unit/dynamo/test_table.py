"""A transaction that meets another one is tried again; one whose condition does not hold is not."""

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.adapters.dynamo import table as module
from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.adapters.dynamo.table import PAUSES_OF_CONFLICTS, Table
from lambdas.ports.store import StaleVersion
from tests.doubles.examples import a_strategy

pytestmark = pytest.mark.anyio
CONFLICT, REFUSED, FINE = "TransactionConflict", "ConditionalCheckFailed", "None"
PUT = {"Put": {"Item": {"pk": "p", "sk": "s"}}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES_OF_CONFLICTS", (0.0,) * len(PAUSES_OF_CONFLICTS))


def cancelled(codes: Sequence[str]) -> ClientError:
    """The error of a transaction whose operations came to these ends."""
    reasons = [{"Code": code} for code in codes]
    answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return ClientError(answer, "TransactWriteItems")


class StubClient:
    """Answers transactions with these errors, one after the other, then with success."""

    def __init__(self, *errors: ClientError, stored: dict[str, Any] | None = None) -> None:
        self.errors = list(errors)
        self.stored = stored
        self.requests: list[list[dict[str, Any]]] = []

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:
        self.requests.append(TransactItems)
        if self.errors:
            raise self.errors.pop(0)
        return {}

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": self.stored} if self.stored else {}


class TestTransactions:
    @pytest.mark.parametrize("conflicts", range(len(PAUSES_OF_CONFLICTS) + 1))
    async def test_a_conflict_is_tried_again_until_it_is_over(self, conflicts: int) -> None:
        client = StubClient(*[cancelled([FINE, CONFLICT])] * conflicts)
        assert await Table(client, "t").transact([PUT])
        assert len(client.requests) == conflicts + 1
        assert all(request == client.requests[0] for request in client.requests)

    async def test_a_conflict_that_does_not_end_is_raised(self) -> None:
        client = StubClient(*[cancelled([CONFLICT])] * 10)
        with pytest.raises(ClientError):
            await Table(client, "t").transact([PUT])
        assert len(client.requests) == len(PAUSES_OF_CONFLICTS) + 1

    @pytest.mark.parametrize("codes", [[REFUSED], [FINE, REFUSED], [CONFLICT, REFUSED]])
    async def test_a_condition_that_does_not_hold_is_an_answer_and_not_tried_again(self, codes: list[str]) -> None:
        client = StubClient(cancelled(codes))
        assert not await Table(client, "t").transact([PUT])
        assert len(client.requests) == 1

    async def test_a_refusal_after_a_conflict_is_the_answer(self) -> None:
        client = StubClient(cancelled([CONFLICT]), cancelled([REFUSED]))
        assert not await Table(client, "t").transact([PUT])
        assert len(client.requests) == 2

    async def test_another_failure_is_raised_at_once(self) -> None:
        client = StubClient(cancelled(["ThrottlingError"]))
        with pytest.raises(ClientError):
            await Table(client, "t").transact([PUT])
        assert len(client.requests) == 1

    async def test_every_operation_names_the_table(self) -> None:
        client = StubClient()
        await Table(client, "t").transact([PUT, {"Delete": {"Key": {"pk": "p", "sk": "o"}}}])
        assert [next(iter(operation.values()))["TableName"] for operation in client.requests[0]] == ["t", "t"]


class TestSavingAStrategy:
    async def test_a_conflict_with_another_save_ends_in_the_version_that_won(self) -> None:
        """The first attempt meets the other transaction, the second finds its result."""
        client = StubClient(cancelled([CONFLICT]), cancelled([REFUSED, FINE, FINE]))
        store = DynamoStrategies(Table(client, "t"), 1)
        winner = a_strategy()

        def get_item(**_: Any) -> dict[str, Any]:
            item = {"user_id": winner.user_id, "strategy_id": winner.strategy_id, "version": 1}
            definition = winner.definition.model_dump_json(exclude_none=True)
            return {"Item": {**item, "definition": definition}} if len(client.requests) == 2 else {}

        client.get_item = get_item  # type: ignore[method-assign]  # what is read changes with what was tried
        with pytest.raises(StaleVersion) as caught:
            await store.save(a_strategy(name="Loser"))
        assert (caught.value.held, caught.value.stored) == (0, 1)
