"""One sandbox exchange for the contract suites, and the broker accounts linked to it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader

from lambdas.adapters.brokers.registry import BROKERS
from lambdas.domain.accounts import PAPER
from lambdas.ports.broker import Broker
from tests.contract.on_paper import NOT_ON_PAPER
from tests.contract.sandboxed import Linked, Sandbox, log_in, start_sandbox


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once() -> Iterator[None]:
    """Every test has an AWS session of its own, which would read the models of AWS for a tenth of a second."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Starts the sandbox on three free ports. Rate limits are off: they are tested by a fault."""
    log = tmp_path_factory.mktemp("sandbox") / "sandbox.log"
    process, sandbox = start_sandbox(log)
    try:
        sandbox.admin("POST", "/relax", relaxed=True)
        yield sandbox
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with no fault in force, before and after."""
    running_sandbox.admin("DELETE", "/faults")
    yield running_sandbox
    running_sandbox.admin("DELETE", "/faults")


@pytest.fixture(autouse=True)
def says_something_of_the_broker(request: pytest.FixtureRequest) -> None:
    """Skips the cases of the acceptance list that say nothing of a paper account, with the reason."""
    parameters = getattr(request.node, "callspec", None)
    asked = {} if parameters is None else parameters.params
    case = re.match(r"test_(b\d\d)_", request.node.name)
    if case and PAPER in (asked.get("session_of"), asked.get("broker")):
        reason = NOT_ON_PAPER.get(case[1].upper())
        if reason:
            pytest.skip(f"paper: {reason}")


@pytest.fixture(scope="session", params=sorted(BROKERS))
def session_of(request: pytest.FixtureRequest, running_sandbox: Sandbox) -> Linked:
    """Each live adapter in turn, logged in once."""
    broker: str = request.param
    return Linked(broker, asyncio.run(log_in(broker, running_sandbox)), running_sandbox)


@pytest.fixture
def linked(session_of: Linked, sandbox: Sandbox) -> Linked:
    """The account for one test, without faults in force."""
    return Linked(session_of.broker, session_of.session, sandbox)


@pytest.fixture
async def account(linked: Linked, anyio_backend: str) -> AsyncIterator[Broker]:
    """The account's adapter, closed after the test."""
    opened = linked.open()
    yield opened
    await opened.aclose()
