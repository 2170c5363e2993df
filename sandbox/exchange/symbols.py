"""Trading symbols of derivatives, as in the NSE bhavcopy and in Kite's instrument list."""

from datetime import date

_WEEKLY_MONTH = "123456789OND"


def option_symbol(name: str, expiry: date, strike: int, right: str, *, monthly: bool) -> str:
    """`NIFTY26NOV26000CE` for a month's last expiry, `NIFTY2641324450CE` for a weekly one."""
    if monthly:
        return f"{name}{expiry:%y}{expiry:%b}{strike}{right}".upper()
    return f"{name}{expiry:%y}{_WEEKLY_MONTH[expiry.month - 1]}{expiry:%d}{strike}{right}"


def future_symbol(name: str, expiry: date) -> str:
    """`NIFTY26NOVFUT`."""
    return f"{name}{expiry:%y}{expiry:%b}FUT".upper()
