"""Items that are asked for at the same moment, read in one request."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from shared_config.names import PARTITION_KEY, SORT_KEY

Item = dict[str, Any]
Key = tuple[str, str]
MOST_KEYS = 100
"""BatchGetItem takes so many (DynamoDB API reference)."""
PAUSES_OF_UNPROCESSED = (0.02, 0.05, 0.15, 0.4)
"""Seconds before keys that the table left out, because it was throttled, are asked for again."""


class Throttled(Exception):
    """The table left out the same keys again and again."""


class ItemReads:
    """Strong reads of single items; those that are begun before the event loop turns again share a request."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table
        self._asked: dict[Key, asyncio.Future[Item | None]] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, pk: str, sk: str) -> Item | None:
        """One item as it is now, or None."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a warm function runs each invocation on a loop of its own
            self._loop, self._asked = loop, {}
        if not self._asked:
            loop.call_soon(self._begin)
        answer = self._asked.setdefault((pk, sk), loop.create_future())
        return await asyncio.shield(answer)

    def _begin(self) -> None:
        asked, self._asked = self._asked, {}
        task = asyncio.ensure_future(self._answer(asked))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _answer(self, asked: Mapping[Key, asyncio.Future[Item | None]]) -> None:
        keys = list(asked)
        portions = [keys[start : start + MOST_KEYS] for start in range(0, len(keys), MOST_KEYS)]
        await asyncio.gather(*(self._answer_portion(portion, asked) for portion in portions))

    async def _answer_portion(self, keys: Sequence[Key], asked: Mapping[Key, asyncio.Future[Item | None]]) -> None:
        try:
            found = await (self._one(keys[0]) if len(keys) == 1 else self._many(keys))
        except Exception as error:  # whoever asked is told
            for key in keys:
                asked[key].set_exception(error)
                asked[key].exception()  # asked for: who was cancelled meanwhile does not ask any more
        else:
            for key in keys:
                asked[key].set_result(found.get(key))

    async def _one(self, key: Key) -> Mapping[Key, Item]:
        pk, sk = key
        answer = await asyncio.to_thread(
            self._client.get_item,
            TableName=self._table,
            Key={PARTITION_KEY: pk, SORT_KEY: sk},
            ConsistentRead=True,
        )
        return {key: answer["Item"]} if "Item" in answer else {}

    async def _many(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        found: dict[Key, Item] = {}
        left: list[dict[str, str]] = [{PARTITION_KEY: pk, SORT_KEY: sk} for pk, sk in keys]
        for pause in (0.0, *PAUSES_OF_UNPROCESSED):
            if pause:
                await asyncio.sleep(pause)
            request = {self._table: {"Keys": left, "ConsistentRead": True}}
            answer = await asyncio.to_thread(self._client.batch_get_item, RequestItems=request)
            rows = answer["Responses"].get(self._table, [])
            found |= {(item[PARTITION_KEY], item[SORT_KEY]): item for item in rows}
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not left:
                return found
        raise Throttled(f"{len(left)} of {len(keys)} items of {self._table} could not be read: throttled")
