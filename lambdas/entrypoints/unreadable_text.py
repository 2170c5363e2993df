"""Text that JSON can write and nothing can keep: halves of surrogate pairs, which UTF-8 cannot encode."""

from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]


def unreadable_places(values: Any, place: Place = ()) -> Iterator[Place]:
    """Where such text stands in parsed JSON, by keys and positions; for a key it is the place of its object."""
    if isinstance(values, str):
        if not _is_readable(values):
            yield place
    elif isinstance(values, dict):
        for key, value in values.items():
            if _is_readable(key):
                yield from unreadable_places(value, (*place, key))
            else:
                yield place
    elif isinstance(values, list):
        for position, value in enumerate(values):
            yield from unreadable_places(value, (*place, position))


def _is_readable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
