"""One deployment for all flows; see `deployment.py` for how to point them at an AWS account."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest

from lambdas.domain.moments import IST
from tests.local.bus import BusTap
from tests.local.deployment import ENVIRONMENT, Deployment, deployed
from tests.local.exchange import BROKERS, Exchange
from tests.local.stage import Flows, Stage, arrangements_of
from tests.local.trader import Trader

SESSIONS_END = (time(0), time(3, 30), time(6))
"""In IST: at Angel One and Fyers at midnight, at Upstox at half past three, at Zerodha and Groww at six."""
LONGEST = timedelta(minutes=7)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on AWS what would disturb others there."""
    for item in items:
        if ENVIRONMENT and item.get_closest_marker("emulator_only"):
            item.add_marker(pytest.mark.skip(reason=f"stops or halts what others use in {ENVIRONMENT}"))


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """Both stacks and a sandbox. Skips when broker sessions are about to end for the day."""
    now = datetime.now(IST)
    for end in SESSIONS_END:
        left = datetime.combine(now.date(), end, IST) - now
        if timedelta(0) <= left % timedelta(days=1) < LONGEST:
            pytest.skip(f"broker sessions end at {end:%H:%M} IST, and the flows need {LONGEST}")
    with deployed() as found:
        yield found
        found.close()


@pytest.fixture(scope="session")
def stage(deployment: Deployment) -> Iterator[Stage]:
    """Bus tapped, instrument masters loaded; what the flows made is removed at the end."""
    with ExitStack() as cleaning:
        bus = BusTap.attach(deployment)
        cleaning.callback(bus.detach)
        http = cleaning.enter_context(httpx.Client(base_url=deployment.sandbox_url, timeout=20))
        made = Stage(deployment, Exchange(http), bus, cleaning)
        cleaning.callback(_put_back, deployment, _pointers(deployment), made.traders)
        made.trader(*BROKERS)
        told = deployment.invoke("load_instruments")
        assert told.keys() >= set(BROKERS), f"no master of {set(BROKERS) - told.keys()}"
        assert not [what for what in told.values() if "failed" in what], told
        yield made


@pytest.fixture(scope="session")
def flows(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Flows]:
    """Every arrangement that the collected tests need, playing in the background."""
    played = Flows(stage, arrangements_of(request.session.items))
    yield played
    played.stop()


@pytest.fixture
def ended(flows: Flows, request: pytest.FixtureRequest) -> Any:
    """What the test's arrangement gave; see `stage.flow`."""
    return flows.result(request.param)


@pytest.fixture
def quiet(flows: Flows) -> None:
    """Nothing else is playing: for what concerns everybody."""
    flows.finish()


@pytest.fixture(scope="module")
def trader(stage: Stage) -> Trader:
    """A user for tests of the API that change nothing for each other."""
    return stage.trader()


def _pointers(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Which account's session the masters are loaded with, by broker."""
    return {
        item["sk"]: item
        for broker in deployment.settings.brokers
        if (item := deployment.table.get_item(Key={"pk": "BROKERS", "sk": broker}).get("Item"))
    }


def _put_back(deployment: Deployment, before: dict[str, dict[str, Any]], traders: list[Trader]) -> None:
    """Masters must not be loaded with accounts that are gone."""
    gone = {trader.user_id for trader in traders}
    for broker, item in _pointers(deployment).items():
        if item["user_id"] not in gone:
            continue
        if broker in before:
            deployment.table.put_item(Item=before[broker])
        else:
            deployment.table.delete_item(Key={"pk": "BROKERS", "sk": broker})
