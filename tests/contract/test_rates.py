"""One contract for the rate logs of accounts, in memory as on the table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import pytest

from lambdas.adapters.brokers.pacing import MemoryRates
from lambdas.adapters.dynamo.rates import DynamoRates
from lambdas.domain.rate_log import RateLimit, RateLog
from lambdas.ports.pace import RateStore
from tests.contract.recorded import RECORDED
from tests.contract.store_fixtures import dynamo_table, emulator
from tests.doubles.examples import at

__all__ = ["emulator"]
pytestmark = pytest.mark.anyio
START = at("09:20")
SECOND = timedelta(seconds=1)
LIMITS = [RateLimit("orders", 10, SECOND), RateLimit("orders", 5000, None), RateLimit("orders to NFO", 10, SECOND)]
MOST_OF_A_MINUTE = 500


@pytest.fixture(params=["memory", "moto", "emulator"])
def rates(request: pytest.FixtureRequest) -> Iterator[RateStore]:
    """Each implementation, empty."""
    RECORDED.tests.add(request.node.originalname)
    if request.param == "memory":
        yield MemoryRates()
        return
    url = cast(str, request.getfixturevalue("emulator")) if request.param == "emulator" else ""
    with dynamo_table(request.param, url) as table, RECORDED.writes_to(table):
        yield DynamoRates(table)


async def test_an_account_that_never_called_has_an_empty_log(rates: RateStore) -> None:
    assert await rates.rate_log("u", "one") == RateLog()


async def test_a_log_comes_back_as_it_was_stored_to_the_microsecond(rates: RateStore) -> None:
    _, log = RateLog().reserve(LIMITS, START + timedelta(microseconds=123_457), MOST_OF_A_MINUTE)
    log = log.shut(["quotes"], START + 3 * SECOND)
    assert await rates.save_rate_log("u", "one", log)
    assert await rates.rate_log("u", "one") == log.following()


async def test_of_two_who_read_the_same_version_one_stores(rates: RateStore) -> None:
    for _ in range(2):
        seen = await rates.rate_log("u", "one")
        _, log = seen.reserve(LIMITS, START)
        assert await rates.save_rate_log("u", "one", log)
        assert not await rates.save_rate_log("u", "one", log)
    assert (await rates.rate_log("u", "one")).of_day["orders"] == (START.date(), 2)


async def test_accounts_do_not_see_each_other(rates: RateStore) -> None:
    _, log = RateLog().reserve(LIMITS, START)
    assert await rates.save_rate_log("u", "one", log)
    assert await rates.rate_log("u", "two") == RateLog()
    assert await rates.rate_log("v", "one") == RateLog()
