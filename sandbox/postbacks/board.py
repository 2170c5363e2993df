"""The board of postbacks: addresses, what waits for them, what became of the rest."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.accounts import Account
from sandbox.clock import Clock
from sandbox.exchange.orders import Order
from sandbox.faults import POSTBACK, Fault, Faults
from sandbox.postbacks.dialect import Body
from sandbox.postbacks.dialects import DIALECTS

BLOCK = timedelta(minutes=30)
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """One postback on its way. `hold_ms` and `copies` are a fault's doing, `forged` too."""

    order_id: str
    status: str
    body: Body
    hold_ms: int = 0
    copies: int = 1
    forged: bool = False


@dataclass(slots=True, eq=False)
class Address:
    """Where an account's postbacks go. `busy` while somebody delivers to it, one letter after the other."""

    account: Account
    url: str
    waiting: deque[Letter] = field(default_factory=deque)
    busy: bool = False

    @property
    def pending(self) -> int:
        """Letters not yet dealt with, the one under way included (it leaves the queue when it is done)."""
        return len(self.waiting)


def _nobody() -> None:
    return None


class Postbacks:
    """Listens to the exchange and queues what the brokers would post. `wake` is called on each new letter."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self.wake: Callable[[], None] = _nobody
        self._faults = faults
        self._clock = clock
        self._addresses: dict[str, Address] = {}
        self._blocked: dict[tuple[str, str], datetime] = {}
        self._log: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def register(self, account: Account, url: str) -> Address:
        """Post this account's updates to `url` from now on, instead of where they went before."""
        address = Address(account, url)
        self._addresses[account.key] = address
        return address

    def clear(self) -> int:
        """Forget addresses, what waits, what was delivered and the blocks; returns how many addresses there were."""
        removed = len(self._addresses)
        for kept in (self._addresses, self._blocked, self._log):
            kept.clear()
        return removed

    def note(self, order: Order) -> None:
        """The exchange's news: an order has a new line in its history."""
        address = self._addresses.get(order.ticket.account)
        if address is None or not DIALECTS[address.account.broker].due(order):
            return
        account = address.account
        kinds = {fault.kind: fault for fault in self._faults.take(account.broker, account.client_id, POSTBACK)}
        letter = _letter(order, account, kinds)
        if "no_postback" in kinds:
            self.record(address, letter, None, "dropped by a fault")
            return
        address.waiting.append(letter)
        self.wake()

    def idle_addresses(self) -> list[Address]:
        """Those with letters to which nobody delivers yet."""
        return [address for address in self._addresses.values() if address.waiting and not address.busy]

    def holds(self, address: Address) -> bool:
        """Whether the address is still in force."""
        return self._addresses.get(address.account.key) is address

    def blocked_until(self, address: Address) -> datetime | None:
        """When the broker posts to that URL again; None while it does."""
        until = self._blocked.get((address.account.broker, address.url))
        return until if until and until > self._clock.now() else None

    def record(self, address: Address, letter: Letter, http_status: int | None, note: str = "") -> None:
        """Write down what became of a letter."""
        account = address.account
        self._log.append(
            {
                "broker": account.broker,
                "account": account.client_id,
                "url": address.url,
                "at": self._clock.now().isoformat(timespec="microseconds"),
                "order_id": letter.order_id,
                "status": letter.status,
                "forged": letter.forged,
                "http_status": http_status,
                "note": note or None,
                "body": letter.body,
            }
        )

    def block(self, address: Address) -> None:
        """Stop posting to that URL for a while, for all accounts of the broker."""
        self._blocked[(address.account.broker, address.url)] = self._clock.now() + BLOCK

    def as_json(self) -> dict[str, Any]:
        """Addresses in force, how many letters are pending, and the last ones dealt with, oldest first."""
        addresses = list(self._addresses.values())
        return {
            "pending": sum(address.pending for address in addresses),
            "addresses": [self.address_json(address) for address in addresses],
            "delivered": list(self._log),
        }

    def address_json(self, address: Address) -> dict[str, Any]:
        """One address."""
        until = self.blocked_until(address)
        return {
            "broker": address.account.broker,
            "account": address.account.client_id,
            "url": address.url,
            "pending": address.pending,
            "blocked_until": until.isoformat() if until else None,
        }


def _letter(order: Order, account: Account, kinds: dict[str, Fault]) -> Letter:
    dialect, forged = DIALECTS[account.broker], "postback_forged" in kinds
    body = dialect.body(order, account)
    return Letter(
        order.order_id,
        order.status.value,
        dialect.forged(body) if forged else body,
        hold_ms=kinds["delay"].ms if "delay" in kinds else 0,
        copies=2 if "postback_twice" in kinds else 1,
        forged=forged,
    )
