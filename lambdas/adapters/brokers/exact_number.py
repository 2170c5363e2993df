"""Exact amounts as JSON numbers."""

from decimal import Decimal


def json_number(amount: Decimal, field: str = "limit_price") -> int | float:
    """The number that JSON writes as this amount, whole where it can be.

    Raises ValueError naming the field when no such number is exact (more than 15 digits).
    """
    number = float(amount)
    if Decimal(repr(number)) != amount:
        raise ValueError(f"{field} {amount} is not exact as a JSON number")
    return int(number) if number.is_integer() else number
