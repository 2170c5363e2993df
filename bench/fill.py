"""Many items into a table at once."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

IN_A_BATCH = 25
"""What one request of DynamoDB takes."""
WRITERS = 4


def fill(client: Any, table: str, items: Sequence[Mapping[str, Any]]) -> None:
    """Put items, each into its place. Raises RuntimeError when some were not taken."""

    def write(first: int) -> None:
        puts = [{"PutRequest": {"Item": item}} for item in items[first : first + IN_A_BATCH]]
        answer = client.batch_write_item(RequestItems={table: puts})
        if answer.get("UnprocessedItems"):
            raise RuntimeError(f"the table {table} did not take all of {len(puts)} items")

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(0, len(items), IN_A_BATCH)))
