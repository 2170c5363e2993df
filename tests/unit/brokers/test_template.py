"""The folder that a new broker begins with: complete, loud, and not in the way."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest

from lambdas.adapters.brokers import _template, registry
from lambdas.adapters.brokers._template import (
    adapter,
    auth,
    indices,
    limits,
    mapping,
    master,
    placing,
    postback,
    refusals,
)
from lambdas.adapters.brokers._template.adapter import TemplateBroker
from lambdas.adapters.brokers._template.auth import TemplateLogin
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy

FOLDER = Path(_template.__file__).parent


def files_of(name: str) -> set[str]:
    return {path.name for path in (FOLDER.parent / name).glob("*.py")}


@pytest.mark.parametrize("broker", sorted(registry.REAL))
def test_every_broker_has_the_files_of_the_template(broker: str) -> None:
    posts = registry.broker_kind(broker).postback_at
    assert files_of("_template") - files_of(broker) == (set() if posts else {"postback.py"})


def test_it_has_every_method_of_the_port_as_the_port_calls_it() -> None:
    for name, method in inspect.getmembers(Broker, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(TemplateBroker, name)) == inspect.signature(method), name
    missing = {name for name in BrokerOAuthStrategy.__abstractmethods__ if name not in vars(TemplateLogin)}
    assert missing == set()


WRITTEN_ANEW = (adapter, auth, mapping, master, placing, postback, refusals)


@pytest.mark.parametrize("module", WRITTEN_ANEW, ids=lambda module: module.__name__)
def test_what_is_not_written_says_so(module: ModuleType) -> None:
    functions = [one for _, one in inspect.getmembers(module, inspect.isfunction) if one.__module__ == module.__name__]
    assert functions
    for function in functions:
        arguments = dict.fromkeys(inspect.signature(function).parameters)
        with pytest.raises(NotImplementedError):
            function(**arguments)


def test_tables_that_are_not_written_cannot_be_imported() -> None:
    assert not hasattr(limits, "LIMITS")
    assert not hasattr(indices, "SPOTS")


def test_it_is_no_broker() -> None:
    assert "_template" not in registry.BROKERS
    with pytest.raises(ValueError, match="no broker is called"):
        registry.broker_kind("_template")
