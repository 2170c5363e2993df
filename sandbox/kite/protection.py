"""Market protection: how a market order becomes a limit order (Kite Connect v3 docs: market protection)."""

from decimal import Decimal, InvalidOperation

from sandbox.exchange.book import automatic_protection
from sandbox.exchange.instruments import Instrument
from sandbox.kite.errors import bad_input


def read_protection(form: dict[str, str], order_type: str, instrument: Instrument, last_paise: int) -> float | None:
    """Percent for a market order, None for a priced one.

    Market orders without protection are refused on the API since 1 April 2026; stop-loss market orders on
    index options are barred by the exchanges since 2021.
    """
    if order_type == "SL-M":
        raise bad_input("SL-M orders are blocked for index options. Place a SL order with a limit price.")
    if order_type != "MARKET":
        return None
    try:
        percent = Decimal(form.get("market_protection", "0"))
    except InvalidOperation:
        raise bad_input("Invalid request (failed to decode market_protection)") from None
    if percent == 0:
        raise bad_input(
            "Market orders without market protection are not allowed via API. "
            "Please set market protection or use a Limit order."
        )
    if percent == -1:
        return automatic_protection(last_paise) if instrument.is_option else 1.0
    if not 0 < percent <= 100:
        raise bad_input("Invalid `market_protection`.")
    return float(percent)
