"""Order updates that brokers post: the address of an account, and which of its orders a letter is about."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import scrypt

from lambdas.domain.intents import FINAL, IntentStatus, Order

PROOF_BYTES = 24
WORK_FACTOR = 2**14
"""Of scrypt: 16 MB and some 40 ms. Who sees an address must not find the account's keys by trying: some have only ten
characters."""


@dataclass(frozen=True)
class OrderNamed:
    """The order that a postback is about. `tag` is empty for an order without one, None where the broker posts none."""

    broker_order_id: str
    tag: str | None


@dataclass(frozen=True)
class Letter:
    """A postback that came to an account's address. It says where to look, and nothing that is believed."""

    user_id: str
    account_id: str
    broker_order_id: str
    tag: str | None


def proof_of(user_id: str, account_id: str, credentials: Mapping[str, str]) -> str:
    """What an account's address has that nobody guesses: 32 letters, digits, dashes and underscores.

    Made from the keys with which it was linked, so a login leaves it as it is, and new keys give another.
    """
    keys = "\0".join(f"{name}={credentials[name].strip()}" for name in sorted(credentials))
    return _stretched(keys.encode(), f"postback/{user_id}/{account_id}".encode())


@lru_cache(maxsize=32)
def _stretched(keys: bytes, salt: bytes) -> str:
    """The letters of a burst are of few accounts."""
    return urlsafe_b64encode(scrypt(keys, salt=salt, n=WORK_FACTOR, r=8, p=1, dklen=PROOF_BYTES)).decode()


def path_of(user_id: str, account_id: str, proof: str) -> str:
    """Where the broker of an account posts to, below the API's address."""
    return f"/postbacks/{user_id}/{account_id}/{proof}"


def waiting_for_news(letters: Collection[Letter], orders: Sequence[Order]) -> list[Order]:
    """Those of an account's orders of the day that letters are about and whose end is not known.

    A letter without a tag may be about any order of unknown fate, unless the ledger knows its number.
    """
    tags = {letter.tag for letter in letters if letter.tag}
    numbers = {letter.broker_order_id for letter in letters}
    unnamed = _unnamed(letters, orders)
    return [
        order
        for order in orders
        if order.state.status not in FINAL
        and (
            order.intent.tag in tags
            or order.state.broker_order_id in numbers
            or (unnamed and order.state.status is IntentStatus.UNKNOWN)
        )
    ]


def _unnamed(letters: Iterable[Letter], orders: Iterable[Order]) -> bool:
    known = {order.state.broker_order_id for order in orders}
    return any(letter.tag is None and letter.broker_order_id not in known for letter in letters)
