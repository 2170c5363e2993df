"""Use cases run on asyncio, as in the functions; every test has a scene of its own."""

import pytest

from tests.unit.use_cases.scene import Scene


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def scene() -> Scene:
    """09:19:45 on a trading Monday, one user with two linked accounts at two brokers."""
    return Scene()
