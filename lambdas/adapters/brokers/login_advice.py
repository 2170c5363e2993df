"""What a user does about a login that failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from lambdas.ports.broker import BrokerGarbled, BrokerRefused, SessionOver

AGAIN = "log in again"


@contextmanager
def advising(keys: str, *, browser: bool) -> Iterator[None]:
    """Ends what a broker says of a login with what to do about it.

    Where a `browser` brings something, that may be used or too old, and the next login brings a new one. Elsewhere
    `keys` ("the API secret") are wrong, and trying them again may lock the account. At a login a session that is
    not accepted is a refusal: there is no session yet.
    """
    check = f"check {keys} of the account"
    advice = f"{AGAIN}; if it is refused again, {check}" if browser else f"{check}, then {AGAIN}"
    try:
        yield
    except (SessionOver, BrokerRefused) as error:
        said = str(error).removesuffix(f"; {AGAIN}")
        raise BrokerRefused(f"{said}; {advice}") from error
    except BrokerGarbled as error:
        raise BrokerGarbled(f"{error}; {AGAIN}") from error
