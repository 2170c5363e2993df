"""`python -m local.table_doc`: write `docs/table.md` from the layout and from what the stores write."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from lambdas.adapters.dynamo.items import Item
from lambdas.adapters.dynamo.layout import ACCESS, KINDS, ONCE, AccessPattern, ItemKind
from lambdas.domain.due import shard_of
from local.capacity import (
    PARTITION_READ_UNITS,
    PARTITION_WRITE_UNITS,
    READ_UNIT,
    WriteCost,
    item_size,
    pages_of,
    read_units,
    write_units,
)
from local.instance import ROOT
from local.table_examples import BASKET, example_table, example_user
from local.write_amplification import WRITES_OF_A_STRATEGY, cost_of
from shared_config.names import INDEXES, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE, index_key

DOCUMENT = ROOT / "docs" / "table.md"
SHARDS = (1, 4, 16)
STRATEGIES = (100, 1_000, 10_000)
EVENTUALLY_A_SECOND = PARTITION_READ_UNITS * READ_UNIT * 2
"""Bytes that one partition gives in a second to reads from an index, which take half a unit for 4 KB."""
COMPRESSED = "rows"
"""The attribute whose size depends on the compression library: told as what it must fit into."""


def rendered() -> str:
    """The document as it is kept in the repository."""
    items = example_table().items.values()
    examples = {kind.name: next(item for item in items if kind.holds(item)) for kind in KINDS}
    parts = (_head(), _kinds(), _sizes(examples), _access(), _once(), _writing(), _due(examples["due item"]))
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    indexes = ", ".join(f"`{index}` (`{'`, `'.join(index_key(index))}`)" for index in INDEXES)
    return f"""# The one table

<!-- Made by `python -m local.table_doc` from lambdas/adapters/dynamo/layout.py: change that, and make this anew. -->

Keys `{PARTITION_KEY}` and `{SORT_KEY}` (strings), three sparse indexes with all attributes projected: {indexes};
on-demand capacity, time to live on `{TTL_ATTRIBUTE}`. The contract suite of the stores checks every item that they
write and every request that they make against this page. Sizes and units follow DynamoDB's published rules, applied to
items that the stores themselves wrote: a four-leg strategy in two accounts, on five weekdays."""


def _kinds() -> str:
    columns = ("kind", "pk", "sk", "what it is", "index", "written by", "how it ends")
    rows = [
        (kind.name, f"`{kind.pk}`", f"`{kind.sk}`", kind.what, _place(kind), kind.written_by, kind.ends)
        for kind in KINDS
    ]
    notes = (
        "`<day>` is `MON` to `FRI`, or `SPECIAL` for special sessions; times and dates are Indian. Intent ids begin "
        "with the run's id, so that a run's orders lie together: `<strategy>-<date>.entry.L1.<account>.S1.A1`. "
        f"Nothing reads `{INDEXES[2]}` yet; it is for watchers of open runs."
    )
    return f"## Items\n\n{_table(columns, rows)}\n\n{notes}"


def _place(kind: ItemKind) -> str:
    place = kind.place
    if place is None:
        return ""
    return f"{place.index} `{place.pk}` / `{place.sk}`" + (f", {place.while_}" if place.while_ else "")


def _sizes(examples: Mapping[str, Item]) -> str:
    columns = ("kind", "example", "bytes", "read units", "write units", "write units in its index")
    rows = [_size_row(kind, examples[kind.name]) for kind in KINDS]
    note = (
        "Read units are those of a strong get; from an index half. Write units are those of a plain write; in a "
        "transaction twice."
    )
    return f"## Sizes\n\n{_table(columns, rows, numbers=4)}\n\n{note}"


def _size_row(kind: ItemKind, item: Item) -> tuple[str, ...]:
    key = f"`{item['pk']}` / `{item['sk']}`"
    size = item_size(item)
    shown = f"{size:,}"
    if COMPRESSED in item:
        size = ceil(size / READ_UNIT) * READ_UNIT
        shown = f"up to {size:,}"
    in_index = str(write_units(size)) if kind.place else ""
    return (kind.name, key, shown, f"{read_units(size, strongly=True):.0f}", str(write_units(size)), in_index)


def _access() -> str:
    columns = ("question", "asked by", "how", "requests")
    rows = [(pattern.question, pattern.asked_by, _how(pattern), pattern.requests) for pattern in ACCESS]
    note = "Every query follows its pages to the end. There is no scan."
    return f"## Access patterns\n\n{_table(columns, rows)}\n\n{note}"


def _how(pattern: AccessPattern) -> str:
    where = f" {pattern.index}" if pattern.index else ", strongly"
    if pattern.operation == "get":
        return f"get{where}: `{pattern.pk}` / `{pattern.sk}`"
    return f"query{where}: `{pattern.pk}`" + (f" / `{pattern.sk}`…" if pattern.sk else "")


def _once() -> str:
    rows = [(once.write, once.condition) for once in ONCE]
    return f"## Writes that happen once\n\n{_table(('write', 'condition'), rows)}"


def _writing() -> str:
    columns = ("what happens to a strategy", "items", "units of the table", "index writes", "units of the index", "all")
    rows = [_cost_row(name, cost_of(name)) for name in WRITES_OF_A_STRATEGY]
    note = (
        f"One transaction each: every item counts twice. The strategy is in a basket (`{BASKET}`), whose existence is "
        "checked and counted as a write. An entry of the index that moves to another minute is removed and put: two "
        "writes. Saving is rare and reading is every minute; so a definition is copied into each of its slots, and "
        "nothing has to be looked up when they are due."
    )
    return f"## What saving costs\n\n{_table(columns, rows, numbers=5)}\n\n{note}"


def _cost_row(name: str, cost: WriteCost) -> tuple[str, ...]:
    numbers = (cost.items, cost.units, cost.index_writes, cost.index_units, cost.all_units)
    return (name, *(f"{number:,}" for number in numbers))


def _due(item: Item) -> str:
    size = item_size(item)
    columns = ("due in one minute", "shards", "in the fullest shard", "its bytes", "its pages", "read units of all")
    rows = [_shard_row(count, shards, size) for count in STRATEGIES for shards in SHARDS]
    return f"## One minute of the due index\n\n{_table(columns, rows, numbers=5)}\n\n{_limits(size)}"


def _shard_row(count: int, shards: int, size: int) -> tuple[str, ...]:
    held = Counter(shard_of(example_user(number), shards) for number in range(count))
    units = sum(sum(map(read_units, pages_of([size] * held[shard]))) for shard in range(shards))
    fullest = max(held.values())
    pages = pages_of([size] * fullest)
    return (f"{count:,}", str(shards), f"{fullest:,}", f"{fullest * size:,}", str(len(pages)), f"{units:,.1f}")


def _limits(size: int) -> str:
    room = EVENTUALLY_A_SECOND // size
    saves = PARTITION_WRITE_UNITS // write_units(size)
    choice = "; ".join(
        f"up to {room * shards:,} due items in one minute: `limits.due_shards` {shards}" for shards in SHARDS
    )
    return f"""Each item is {size:,} bytes here, and each user has one.

- **Reading.** A partition gives {PARTITION_READ_UNITS:,} read units a second, {EVENTUALLY_A_SECOND:,} bytes to an
  eventually consistent query: {room:,} of these items. A minute with fewer is read in full from one partition without
  meeting the limit, even if its pages came within one second. So: {choice}.
- **Writing.** A partition takes {PARTITION_WRITE_UNITS:,} write units a second: {saves:,} strategies that enter at the
  same minute can be saved in one second for each shard. Entry and exit of each weekday are partitions of their own.
- **Changing it.** More shards lose nothing: items in old shards are still asked for, and move when their strategy is
  saved again. Fewer shards would leave the items of the highest ones unread: save every strategy before that."""


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """A Markdown table whose last `numbers` columns are aligned to the right."""
    rule = ["---"] * (len(columns) - numbers) + ["---:"] * numbers
    lines = (columns, rule, *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
