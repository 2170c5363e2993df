"""A master is whole: each contract once, one contract for each token and symbol, and of every exchange something."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.adapters.brokers.whole_master import whole_master
from lambdas.domain.contracts import Listing
from lambdas.ports.broker import BrokerGarbled
from tests.doubles.examples import listings_of

NIFTY, SENSEX = frozenset({"NIFTY"}), frozenset({"NIFTY", "SENSEX", "BANKEX"})
CALL, PUT = listings_of(24500)


def refused(listings: list[Listing], underlyings: frozenset[str] = NIFTY) -> str:
    with pytest.raises(BrokerGarbled) as caught:
        whole_master("fyers", listings, underlyings)
    return str(caught.value)


def test_a_repeated_row_is_counted_once_and_the_order_stays() -> None:
    assert whole_master("fyers", [PUT, CALL, PUT, CALL], NIFTY) == [PUT, CALL]


@pytest.mark.parametrize("change", [{"lot_size": 7}, {"token": "7"}, {"symbol": "OTHER"}, {"freeze_quantity": 7}])
def test_rows_that_disagree_about_a_contract_name_it(change: dict[str, Any]) -> None:
    said = refused([CALL, PUT, replace(CALL, **change)])
    assert said == f"fyers: the master lists NIFTY {CALL.contract.expiry:%d %b %Y} 24500 CE twice, and not alike"


@pytest.mark.parametrize("kind", ["token", "symbol"])
def test_a_token_or_symbol_of_two_contracts_names_both(kind: str) -> None:
    said = refused([CALL, replace(PUT, **{kind: getattr(CALL, kind)})])
    day = f"{CALL.contract.expiry:%d %b %Y}"
    assert said == (
        f"fyers: the master has one {kind}, {getattr(CALL, kind)}, for NIFTY {day} 24500 CE and NIFTY {day} 24500 PE"
    )


def test_the_exchanges_number_their_contracts_apart() -> None:
    other = replace(PUT, exchange="BFO", token=CALL.token)
    assert whole_master("angel_one", [CALL, other], NIFTY) == [CALL, other]


def test_an_exchange_of_which_nothing_is_listed_is_named_with_what_was_looked_for() -> None:
    changed = "; its columns or names may have changed"
    assert refused([], NIFTY) == f"fyers: the master lists no contract of NIFTY (NSE){changed}"
    assert refused([CALL, PUT], SENSEX) == f"fyers: the master lists no contract of BANKEX or SENSEX (BSE){changed}"


def test_one_index_of_an_exchange_may_be_absent_and_an_unknown_one_too() -> None:
    """An index that is no more traded must not keep the others from trading; the loader compares with yesterday."""
    assert whole_master("fyers", [CALL], frozenset({"NIFTY", "FINNIFTY", "SENSEX50"})) == [CALL]
    assert whole_master("fyers", [], frozenset({"SENSEX50"})) == []
