"""How a use case gets at a broker account."""

from dataclasses import dataclass
from typing import Protocol

from lambdas.domain.accounts import Account, AlgoPart
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.pace import Pace
from lambdas.ports.secrets import AccountSecret


@dataclass(frozen=True)
class LinkField:
    """One thing that a user enters to link an account; secrets go to the secret store only.

    An `optional` one may be left empty; what it brings is said by the broker's login. `help` says where it is found.
    """

    name: str
    label: str
    secret: bool
    optional: bool = False
    help: str = ""


@dataclass(frozen=True)
class OrderLimits:
    """How many orders a broker takes from one account, and changes of one order; how many order books it gives a
    second. None where it names no limit."""

    per_second: int
    per_minute: int | None = None
    per_day: int | None = None
    modifications: int | None = None
    books_per_second: int | None = None


@dataclass(frozen=True)
class BrokerFacts:
    """What a user has to know of a broker. With `redirects` the login is at its page, in the user's browser.

    `algo` is what its orders can carry of a registered algorithm: "id", "name", both or nothing. `postback_at` is where
    a user enters the address that it posts order updates to; empty where it posts none. With `typed_code` its login
    takes a one-time password that the user types, as `totp`, in the place of one that is made from a stored secret.
    """

    name: str
    label: str
    fields: tuple[LinkField, ...]
    redirects: bool
    limits: OrderLimits
    algo: frozenset[AlgoPart] = frozenset()
    postback_at: str = ""
    typed_code: bool = False


class Brokers(Protocol):
    """Opens accounts at the brokers that the platform knows."""

    @property
    def names(self) -> frozenset[str]:
        """The brokers that can be linked."""
        ...

    def facts(self, broker: str) -> BrokerFacts:
        """What is known of a broker. Raises ValueError for an unknown one."""
        ...

    def pace(self, account: Account) -> Pace:
        """How calls on this account's behalf take turns; the same for all that is opened here."""
        ...

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        """A client of this account; nothing is sent yet."""
        ...

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        """How this account's session begins."""
        ...
