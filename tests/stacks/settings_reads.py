"""Which settings are read: recorded while something runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel

from shared_config.runtime import Frozen


def leaves(model: BaseModel, path: str = "") -> set[str]:
    """Dotted names of every field below `model` that is not itself such a model."""
    found: set[str] = set()
    for name in type(model).model_fields:
        value = getattr(model, name)
        found |= leaves(value, f"{path}{name}.") if isinstance(value, BaseModel) else {f"{path}{name}"}
    return found


@contextmanager
def recorded_reads(settings: BaseModel) -> Iterator[set[str]]:
    """The dotted names of the fields of `settings` that are read within the block."""
    paths = {id(model): path for path, model in _models(settings, "")}
    reads: set[str] = set()
    plain = Frozen.__getattribute__

    def recording(self: Any, name: str) -> Any:
        path = paths.get(id(self))
        if path is not None and name in type(self).model_fields:
            reads.add(f"{path}{name}")
        return plain(self, name)

    with patch.object(Frozen, "__getattribute__", recording, create=True):
        yield reads


def _models(model: BaseModel, path: str) -> Iterator[tuple[str, BaseModel]]:
    yield path, model
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _models(value, f"{path}{name}.")
