"""A product of one's own with its dashboard, and the browser of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from local import seed
from local.api import sign_up
from local.cluster import Cluster
from local.dashboard import check_built, start_dashboard
from local.instance import SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue
from shared_config.settings import load_settings

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--disable-dev-shm-usage", "--lang=en-IN")
"""Dates are written as in India, also by the browser's own fields."""


def chromium() -> str:
    """Where the browser is. Raises CannotContinue."""
    found = os.environ.get("LEGWISE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise CannotContinue(
            "there is no Chromium on this machine: install it (Debian: apt-get install chromium), "
            "or name one with LEGWISE_CHROMIUM=/path/to/chrome"
        )
    return found


@contextmanager
def started_browser() -> Iterator[Browser]:
    """The browser, without a window. Raises CannotContinue."""
    executable = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def running(name: str) -> Iterator[Cluster]:
    """Emulator, sandbox, both stacks and the dashboard with its demo user, on free ports. Raises CannotContinue."""
    check_built()
    region = load_settings("local").region
    ports = free_port_block(1), free_port_block(SANDBOX_PORTS)
    with Cluster(Instance(name, *ports, region, dashboard_port=free_port_block(1))) as cluster:
        cluster.start()
        sign_up(cluster, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)
        start_dashboard(cluster, demo=(seed.DEMO_EMAIL, seed.DEMO_PASSWORD))
        yield cluster
