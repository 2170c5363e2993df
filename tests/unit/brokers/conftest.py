"""Asynchronous tests run on asyncio, which is what the adapters run on."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
