"""What an instrument master must be, whoever wrote it: each contract once, and of each exchange something."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lambdas.domain.contracts import Contract, Listing
from lambdas.ports.broker import BrokerGarbled

_INDICES: Mapping[str, frozenset[str]] = {
    "NSE": frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"}),
    "BSE": frozenset({"SENSEX", "BANKEX"}),
}


def whole_master(broker: str, listings: Iterable[Listing], underlyings: frozenset[str]) -> list[Listing]:
    """The listings, a repeated row counted once.

    Raises BrokerGarbled naming what two rows disagree on, a token or symbol that two contracts share, or an
    exchange of which none of the `underlyings` is listed: then a column has changed, and reading on would leave
    contracts out or trade others.
    """
    once: dict[Contract, Listing] = {}
    for listing in listings:
        if once.setdefault(listing.contract, listing) != listing:
            raise BrokerGarbled(f"{broker}: the master lists {_named(listing.contract)} twice, and not alike")
    for problem in (*_shared(once.values()), *_absent(once, underlyings)):
        raise BrokerGarbled(f"{broker}: the master {problem}")
    return list(once.values())


def _shared(listings: Iterable[Listing]) -> Iterator[str]:
    owners: dict[tuple[str, str, str], Contract] = {}
    for listing in listings:
        for kind, value in (("token", listing.token), ("symbol", listing.symbol)):
            owner = owners.setdefault((listing.exchange, kind, value), listing.contract)
            if owner != listing.contract:
                yield f"has one {kind}, {value}, for {_named(owner)} and {_named(listing.contract)}"


def _absent(contracts: Iterable[Contract], underlyings: frozenset[str]) -> Iterator[str]:
    listed = {contract.underlying for contract in contracts}
    for exchange, indices in _INDICES.items():
        asked = sorted(indices & underlyings)
        if asked and listed.isdisjoint(asked):
            yield f"lists no contract of {_any_of(asked)} ({exchange}); its columns or names may have changed"


def _any_of(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _named(contract: Contract) -> str:
    return f"{contract.underlying} {contract.expiry:%d %b %Y} {contract.strike.normalize():f} {contract.right}"
