"""How a use case gets at a broker account."""

from typing import Protocol

from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker, BrokerLogin
from lambdas.ports.secrets import AccountSecret


class Brokers(Protocol):
    """Opens accounts at the brokers that the platform knows."""

    @property
    def names(self) -> frozenset[str]:
        """The brokers that can be linked."""
        ...

    def credential_fields(self, broker: str) -> tuple[str, ...]:
        """What a user has to give to link an account there. Raises ValueError for an unknown broker."""
        ...

    def orders_per_second(self, broker: str) -> int:
        """How many orders the broker takes from one account in a second."""
        ...

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        """A client of this account; nothing is sent yet."""
        ...

    def login(self, account: Account, secret: AccountSecret) -> BrokerLogin:
        """How this account's session begins."""
        ...
