"""One exchange, six masters: whatever a broker writes, the contracts are the same ones, and all of them."""

from collections import Counter
from decimal import Decimal

import pytest

from lambdas.domain.contracts import Listing, Right
from tests.contract.customers import new_customer
from tests.contract.masters import INDICES
from tests.contract.sandboxed import BROKERS, Sandbox

pytestmark = pytest.mark.anyio
LOTS = {"NIFTY": 65, "BANKNIFTY": 30, "FINNIFTY": 60, "MIDCPNIFTY": 120, "SENSEX": 20, "BANKEX": 30}
FREEZE = {"NIFTY": 1755, "BANKNIFTY": 600, "FINNIFTY": 1800, "MIDCPNIFTY": 2760, "SENSEX": 1000, "BANKEX": 900}
"""The largest order in whole lots; NSE tells its circulars' figure or 1 above it, in which no more lots fit."""
TELL_FREEZE = frozenset({"upstox", "dhan", "groww"})
Key = tuple[str, str, Decimal, Right]
ATTEMPTS = 3


async def listings_of(broker: str, sandbox: Sandbox) -> list[Listing]:
    customer = new_customer(broker, sandbox)
    account = customer.open((await customer.log_in()).tokens)
    try:
        return list(await account.listings(INDICES))
    finally:
        await account.aclose()


async def all_listings(sandbox: Sandbox) -> tuple[dict[str, list[Listing]], dict[str, int]]:
    """By broker, and how many contracts the exchange has of each index, told before and after alike: strikes are
    added when the spot moves far."""
    for _ in range(ATTEMPTS):
        before = sandbox.admin("GET", "/status")["contracts"]
        told = {broker: await listings_of(broker, sandbox) for broker in sorted(BROKERS)}
        if sandbox.admin("GET", "/status")["contracts"] == before:
            return told, before
    pytest.fail("the spot kept moving to new strikes")


def key_of(listing: Listing) -> Key:
    contract = listing.contract
    return contract.underlying, contract.expiry.isoformat(), contract.strike, contract.right


async def test_all_brokers_list_the_same_contracts_with_the_same_lots_and_freeze_quantities(sandbox: Sandbox) -> None:
    told, counts = await all_listings(sandbox)
    keys = {broker: {key_of(listing) for listing in listings} for broker, listings in told.items()}
    assert set(counts) == INDICES
    assert min(counts.values()) > 700
    for broker, listings in told.items():
        assert Counter(listing.contract.underlying for listing in listings) == counts, broker
        assert len(keys[broker]) == len(listings), broker
        assert keys[broker] == keys["zerodha"], broker
        for listing in listings:
            underlying, lot = listing.contract.underlying, listing.lot_size
            assert (lot, listing.tick_size) == (LOTS[underlying], Decimal("0.05")), broker
            freeze = listing.freeze_quantity
            assert (freeze is not None) is (broker in TELL_FREEZE), broker
            assert freeze is None or freeze // lot * lot == FREEZE[underlying], broker
    for underlying in INDICES:
        chain = [key for key in keys["zerodha"] if key[0] == underlying]
        sides = Counter(right for *_, right in chain)
        assert sides[Right.CE] == sides[Right.PE] > 300
        assert sides[Right.FUT] == 3
