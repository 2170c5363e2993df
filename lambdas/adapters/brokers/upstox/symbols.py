"""Trading symbols as Upstox's order book, positions and quotes write them.

The instrument files have a text for people in that column (`NIFTY 26000 CE 24 NOV 26`), all other answers the
symbol of the exchange (`NIFTY26NOV26000CE`, `NIFTY2543021600PE` in .../api-documentation/v3/get-market-quote-ltp).
"""

from lambdas.domain.contracts import Contract, Right

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKLY_MONTHS = "123456789OND"


def symbol_of(contract: Contract, *, weekly: bool) -> str:
    """The exchange's symbol of a contract; `weekly` where the expiry is not the last one of its month."""
    year, month = contract.expiry.year % 100, contract.expiry.month - 1
    when = f"{_WEEKLY_MONTHS[month]}{contract.expiry.day:02d}" if weekly else _MONTHS[month]
    strike = "" if contract.right is Right.FUT else f"{contract.strike.normalize():f}"
    return f"{contract.underlying}{year:02d}{when}{strike}{contract.right.value}"
