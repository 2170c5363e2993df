"""The whole product with its dashboard, and a browser; see docs/testing.md."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Error as PlaywrightError

from local.api import Api
from local.cluster import Cluster
from local.steps import CannotContinue
from tests.e2e import demo_day
from tests.e2e.product import chromium, running, started_browser
from tests.e2e.tab import ANSWERED_MS, OPEN, Tab, opened

expect.set_options(timeout=ANSWERED_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: a browser's event loop lives on until the session ends, and would be in the way.

    The story of a day begins first of them and ends last, so that others run while it waits for its minute.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker("browser") is None:
        return 0
    return {"TestTheMorning": 1, "TestTheMinute": 3}.get(getattr(getattr(item, "cls", None), "__name__", ""), 2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Of a failed test, keep what every open tab shows, and what its browser complained of."""
    report = yield
    if report.failed:
        for number, tab in enumerate(OPEN, 1):
            with suppress(PlaywrightError):  # a tab that shows nothing any more must not hide the failure
                tab.keep(f"failed-{item.name}-{number}")
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own."""
    try:
        chromium()
    except CannotContinue as error:
        pytest.fail(str(error), pytrace=False)
    with started_browser() as started:
        yield started


@pytest.fixture(scope="session")
def product(browser: Browser) -> Iterator[Cluster]:
    """Asked for after the browser, whose lack is found at once."""
    with running("browser") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def demo_user(product: Cluster) -> Iterator[Api]:
    """The demo user with two accounts that are logged in."""
    api = demo_day.demo_user(product)
    yield api
    api.client.close()


@pytest.fixture(scope="session")
def entered(product: Cluster, demo_user: Api) -> dict[str, Any]:
    """The day of the demo user, in which a run has entered: pages show what they are made for."""
    return demo_day.enter_now(product, demo_user)


@pytest.fixture
def tab(browser: Browser, product: Cluster, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A new browser profile of its own, signed out; what went wrong in it fails the test."""
    with opened(browser, product.instance) as fresh:
        yield fresh
        fresh.photograph(f"end-of-{request.node.name}")
        assert fresh.problems == []


@pytest.fixture(scope="module", params=["light", "dark"])
def themed(
    browser: Browser, product: Cluster, entered: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[Tab]:
    """The demo user, signed in, in each theme in turn."""
    with opened(browser, product.instance, theme=request.param) as signed_in:
        signed_in.sign_in()
        yield signed_in
