"""Reading what a broker wrote: exact numbers, and one error for everything unreadable."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from json import loads
from typing import Any, NoReturn

from lambdas.domain.contracts import Quote
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerGarbled


@contextmanager
def reading(broker: str, what: str) -> Iterator[None]:
    """Turns any surprise met while reading `what` into BrokerGarbled naming both."""
    try:
        yield
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BrokerGarbled(f"{broker}: {what} is unreadable: {type(error).__name__} {error}") from error


def read_json(broker: str, status: int, body: bytes) -> dict[str, Any]:
    """The JSON object in an answer, fractions as Decimal. Raises BrokerGarbled for anything else."""
    try:
        payload = loads(body, parse_float=Decimal, parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise BrokerGarbled(f"{broker}: HTTP {status} without a readable JSON object{_instead(body)}")
    return payload


def text_at(row: Mapping[str, Any], field: str) -> str:
    """A text that must be there. Raises ValueError naming the field where it is not, or is empty or no text."""
    value = row.get(field)
    if not isinstance(value, str) or not value:
        raise ValueError(f"it has no {field}")
    return value


def price(value: Any) -> Decimal | None:
    """Rupees; None for what brokers write when there is no price: 0, null or an empty text."""
    amount = Decimal(str(value)) if value not in (None, "") else Decimal(0)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{value!r} is not a price")
    return amount or None


def amount(value: Any) -> Decimal:
    """Rupees with a sign; 0 for null or an empty text."""
    rupees = Decimal(str(value)) if value not in (None, "") else Decimal(0)
    if not rupees.is_finite():
        raise ValueError(f"{value!r} is not an amount")
    return rupees


def whole(value: Any) -> int:
    """A quantity; 0 for null or an empty text. Raises ValueError when it is not a whole number."""
    amount = Decimal(str(value)) if value not in (None, "") else Decimal(0)
    if amount != amount.to_integral_value():
        raise ValueError(f"{value!r} is not a whole number")
    return int(amount)


def ist_time(value: Any, form: str) -> datetime | None:
    """An instant that a broker writes without an offset, in IST; None for null or an empty text."""
    return datetime.strptime(value, form).replace(tzinfo=IST) if value else None


def best_quote(last: Any, bids: list[Any], asks: list[Any]) -> Quote:
    """A quote from its last price and the two sides of its book; rows carry a `price`."""
    bid = price(bids[0]["price"]) if bids else None
    ask = price(asks[0]["price"]) if asks else None
    return Quote(last=price(last) or Decimal(0), bid=bid, ask=ask)


def _instead(body: bytes) -> str:
    """What came instead, in words; never quoted: a page may repeat what was sent."""
    if not body.strip():
        return " (nothing came)"
    return " (a web page came; the broker may be down)" if body.lstrip().startswith(b"<") else ""


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
