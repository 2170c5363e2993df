"""Items of one moment are read together, and each who asked gets an answer."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from lambdas.adapters.dynamo import item_reads as module
from lambdas.adapters.dynamo.item_reads import MOST_KEYS, PAUSES_OF_UNPROCESSED, Item, ItemReads, Throttled

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES_OF_UNPROCESSED", (0.0,) * len(PAUSES_OF_UNPROCESSED))


class Client:
    """Holds items by sort key; leaves the keys of `leaves_out` unread so many times; fails with `error`."""

    def __init__(self, *stored: str, leaves_out: int = 0, error: Exception | None = None) -> None:
        self.stored, self.leaves_out, self.error = stored, leaves_out, error
        self.requests: list[Collection[str]] = []

    def get_item(self, *, TableName: str, Key: dict[str, str], ConsistentRead: bool) -> dict[str, Any]:
        assert (TableName, ConsistentRead) == ("t", True)
        return self._answer([Key["sk"]], lambda rows: {"Item": rows[0]} if rows else {})

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        asked = RequestItems["t"]
        assert asked["ConsistentRead"]
        keys = asked["Keys"]
        if self.leaves_out:
            self.leaves_out -= 1
            keys, left = keys[:1], keys[1:]
            return self._answer([key["sk"] for key in keys], lambda rows: _rows(rows, left))
        return self._answer([key["sk"] for key in keys], lambda rows: _rows(rows, []))

    def _answer(self, asked: Collection[str], answer: Any) -> dict[str, Any]:
        self.requests.append(asked)
        if self.error:
            raise self.error
        found: dict[str, Any] = answer([{"pk": "p", "sk": sk} for sk in asked if sk in self.stored])
        return found


def _rows(rows: list[Item], left: list[Item]) -> dict[str, Any]:
    return {"Responses": {"t": rows}, "UnprocessedKeys": {"t": {"Keys": left}} if left else {}}


async def read(client: Client, *asked: str) -> list[str | None]:
    """The sort keys of what was found, in the order of asking."""
    reads = ItemReads(client, "t")
    found = await asyncio.gather(*(reads.get("p", sk) for sk in asked))
    return [item["sk"] if item else None for item in found]


async def test_what_is_asked_at_the_same_moment_is_one_request() -> None:
    client = Client("a", "c")
    assert await read(client, "a", "b", "c", "a") == ["a", None, "c", "a"]
    assert client.requests == [["a", "b", "c"]]


async def test_one_item_is_read_by_itself() -> None:
    client = Client("a")
    assert await read(client, "a") == ["a"]
    assert client.requests == [["a"]]


async def test_what_is_asked_later_is_read_anew() -> None:
    client = Client("a")
    reads = ItemReads(client, "t")
    assert [await reads.get("p", "a"), await reads.get("p", "a")] == [{"pk": "p", "sk": "a"}] * 2
    assert len(client.requests) == 2


async def test_more_keys_than_one_request_takes_are_cut() -> None:
    asked = [str(number) for number in range(2 * MOST_KEYS + 1)]
    client = Client(*asked)
    assert await read(client, *asked) == asked
    assert sorted(map(len, client.requests)) == [1, MOST_KEYS, MOST_KEYS]


async def test_keys_that_were_left_out_are_asked_for_again() -> None:
    client = Client("a", "b", "c", leaves_out=2)
    assert await read(client, "a", "b", "c") == ["a", "b", "c"]
    assert client.requests == [["a"], ["b"], ["c"]]


async def test_a_table_that_leaves_out_everything_is_told() -> None:
    asked = [str(number) for number in range(20)]
    with pytest.raises(Throttled, match="items of t could not be read"):
        await read(Client(*asked, leaves_out=99), *asked)


async def test_a_failure_is_told_to_everybody_who_asked() -> None:
    reads = ItemReads(Client(error=ConnectionError("away")), "t")
    outcomes = await asyncio.gather(*(reads.get("p", sk) for sk in "abc"), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["away"] * 3


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    reads = ItemReads(Client("a"), "t")
    given_up, patient = (asyncio.create_task(reads.get("p", "a")) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await patient == {"pk": "p", "sk": "a"}


def test_each_invocation_has_a_loop_of_its_own() -> None:
    client = Client("a")
    reads = ItemReads(client, "t")

    async def breaks_off() -> None:
        asyncio.get_running_loop().create_task(reads.get("p", "lost"))
        await asyncio.sleep(0)

    asyncio.run(breaks_off())
    assert asyncio.run(reads.get("p", "a")) == {"pk": "p", "sk": "a"}
