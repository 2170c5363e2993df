"""One name for one contract, which Dhan itself does not have."""

from datetime import date
from decimal import Decimal
from typing import Any

from lambdas.domain.contracts import Right

_BSE_PRODUCTS = {
    "BSXOPT": "SENSEX", "BSXFUT": "SENSEX", "BKXOPT": "BANKEX", "BKXFUT": "BANKEX",
}  # fmt: skip
_RIGHTS = {"CALL": Right.CE, "PUT": Right.PE, "CE": Right.CE, "PE": Right.PE}
_FIRST_YEAR = 2000


def contract_name(underlying: str, expiry: date, strike: Decimal, right: Right) -> str:
    """`NIFTY-29Sep2026-29150-CE`, `NIFTY-29Sep2026-FUT`.

    In Dhan's scrip master SYMBOL_NAME is no key: all weeks of a month share `NIFTY-Sep2026-29150-CE`, and all
    options on SENSEX are `BSXOPT`. This is that name with the day; orders carry the security id, never a name.
    """
    if right is Right.FUT:
        return f"{underlying}-{expiry:%d%b%Y}-FUT"
    return f"{underlying}-{expiry:%d%b%Y}-{strike.normalize():f}-{right}"


def name_of(row: dict[str, Any]) -> str:
    """The same name from an order or a position: its trading symbol, expiry, strike and option type.

    Where Dhan does not tell the expiry (null, or the year 1) its trading symbol is all there is.
    """
    symbol, told = str(row.get("tradingSymbol") or ""), str(row.get("drvExpiryDate") or "")[:10]
    try:
        expiry = date.fromisoformat(told)
    except ValueError:
        return symbol
    if expiry.year < _FIRST_YEAR:
        return symbol
    underlying = _BSE_PRODUCTS.get(symbol, symbol.partition("-")[0])
    right = _RIGHTS.get(str(row.get("drvOptionType") or "").upper(), Right.FUT)
    return contract_name(underlying, expiry, Decimal(str(row.get("drvStrikePrice") or 0)), right)
