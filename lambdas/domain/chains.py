"""What is listed: the contracts of one underlying and expiry at one broker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Listing, Right


@dataclass(frozen=True)
class Chain:
    """The listed options (and the future) of one underlying and expiry at one broker, by contract."""

    broker: str
    underlying: str
    expiry: date
    listings: Mapping[Contract, Listing]

    @property
    def strikes(self) -> frozenset[Decimal]:
        """Strikes at which a call or a put is listed."""
        return frozenset(contract.strike for contract in self.listings if contract.right in OPTION_RIGHTS)

    def strikes_of(self, right: Right) -> frozenset[Decimal]:
        """Strikes at which that right is listed."""
        return frozenset(contract.strike for contract in self.listings if contract.right is right)
