"""Each environment is synthesized once for all tests."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.stacks.synthesized import ENVIRONMENTS, Synthesized, synthesize


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Synthesized]:
    """The stacks of an environment by its name."""
    return cache(lambda environment: synthesize(environment, tmp_path_factory.mktemp(environment)))


@pytest.fixture
def local(synthesized: Callable[[str], Synthesized]) -> Synthesized:
    """The laptop."""
    return synthesized("local")


@pytest.fixture
def prod(synthesized: Callable[[str], Synthesized]) -> Synthesized:
    """Production."""
    return synthesized("prod")


@pytest.fixture(params=ENVIRONMENTS)
def each(request: pytest.FixtureRequest, synthesized: Callable[[str], Synthesized]) -> Synthesized:
    """Every environment in turn."""
    return synthesized(request.param)
