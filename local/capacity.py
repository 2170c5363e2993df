"""What items and requests cost in DynamoDB, by its published rules; nothing is measured here.

Sizes: "DynamoDB item sizes and formats" of its developer guide. Units: "DynamoDB read and write operations" there:
4 KB a read unit (half a unit when eventually consistent), 1 KB a write unit, both twice in a transaction; and
"Write considerations for global secondary indexes".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from shared_config.names import INDEXES, PARTITION_KEY, SORT_KEY, index_key

Item = Mapping[str, Any]
READ_UNIT, WRITE_UNIT = 4096, 1024
PAGE = 1024 * 1024
"""Bytes after which a query answers with a page."""
PARTITION_READ_UNITS, PARTITION_WRITE_UNITS = 3000, 1000
"""What one partition can do in a second."""
TRANSACTION = 2
"""Times the units: each item is prepared, then committed."""


def item_size(item: Item) -> int:
    """Bytes of an item: its attribute names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Any) -> int:
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, int | Decimal):
        return _number_size(Decimal(value))
    if isinstance(value, Mapping):
        return 3 + item_size(value) + len(value)
    if isinstance(value, Sequence):
        return 3 + sum(1 + _value_size(element) for element in value)
    raise TypeError(f"a {type(value).__name__} is no value of an item")


def _number_size(number: Decimal) -> int:
    """A byte for two significant digits, one more, and one for a minus."""
    digits = "".join(str(digit) for digit in number.as_tuple().digits).strip("0")
    return ceil(len(digits) / 2) + 1 + (number < 0)


def read_units(size: int, *, strongly: bool = False) -> float:
    """Read units of a get of one item, or of one page of a query, of so many bytes."""
    units = max(1, ceil(size / READ_UNIT))
    return float(units) if strongly else units / 2


def write_units(size: int) -> int:
    """Write units of one item outside a transaction."""
    return max(1, ceil(size / WRITE_UNIT))


def pages_of(sizes: Iterable[int]) -> list[int]:
    """The bytes of each page in which a query answers with items of these sizes."""
    pages = [0]
    for size in sizes:
        if pages[-1] + size > PAGE:
            pages.append(0)
        pages[-1] += size
    return pages


@dataclass(frozen=True)
class WriteCost:
    """What a transaction costs: its items with their units, and what follows in the indexes."""

    items: int
    units: int
    index_writes: int
    index_units: int

    @property
    def all_units(self) -> int:
        """Units of the table and of its indexes."""
        return self.units + self.index_units


def transaction_cost(operations: Sequence[Mapping[str, Any]], stored: Mapping[tuple[str, str], Item]) -> WriteCost:
    """The cost of puts, deletes and condition checks over what is stored before. A check is counted as a write."""
    units, entries = 0, []
    for operation in operations:
        ((kind, request),) = operation.items()
        new = request["Item"] if kind == "Put" else None
        key = new or request["Key"]
        old = stored.get((key[PARTITION_KEY], key[SORT_KEY]))
        units += TRANSACTION * write_units(max(item_size(new or {}), item_size(old or {})))
        if kind != "ConditionCheck":
            entries += [size for index in INDEXES for size in _index_entries(index_key(index), old, new)]
    return WriteCost(len(operations), units, len(entries), sum(write_units(size) for size in entries))


def _index_entries(keys: tuple[str, str], old: Item | None, new: Item | None) -> list[int]:
    """The sizes of the entries of one index that are put, replaced or removed: a moved one is two."""
    before, after = ([item[key] for key in keys] if item and keys[0] in item else None for item in (old, new))
    sizes = {"before": item_size(old or {}), "after": item_size(new or {})}
    if before == after:
        return [max(sizes.values())] if before and old != new else []
    return [sizes[name] for name, entry in (("before", before), ("after", after)) if entry]
