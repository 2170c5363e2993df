"""Each test has an API of its own, with nothing stored."""

import os
from collections.abc import Iterator
from importlib import import_module

import pytest

from lambdas.bootstrap import Application
from shared_config.names import ENV_RUNTIME
from shared_config.settings import load_settings
from tests.unit.api.house import House


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The application of the functions with doubles for its adapters, and nothing of it left afterwards."""
    monkeypatch.setitem(os.environ, ENV_RUNTIME, load_settings("dev").runtime().model_dump_json())
    monkeypatch.setitem(os.environ, "POWERTOOLS_SERVICE_NAME", "legwise")
    application: Application = import_module("lambdas.entrypoints.frame").application
    kept = dict(application.__dict__)
    house = House()
    application.__dict__.clear()
    application.__dict__.update({"variables": os.environ, **house.doubles()})
    yield house
    application.__dict__.clear()
    application.__dict__.update(kept)
