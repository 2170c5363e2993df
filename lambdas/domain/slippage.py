"""What it cost that an order was not filled at the price at which its market stood."""

from decimal import Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import Order


def reference_of(quote: Quote) -> Decimal | None:
    """The price (rupees) at which a market stands: the middle of bid and ask where both are there and not crossed, else
    the last price; None where there is none of them."""
    if quote.bid and quote.ask and quote.bid <= quote.ask:
        return (quote.bid + quote.ask) / 2
    return quote.last if quote.last > 0 else None


def slippage_of(order: Order) -> Decimal | None:
    """What the fills of an order cost (rupees) against the quote that it was priced from; below 0 they were better.

    None where nothing is filled, or a price is missing.
    """
    state = order.state
    reference = reference_of(state.quoted.quote) if state.quoted else None
    if not state.filled_quantity or state.average_price is None or reference is None:
        return None
    worse = state.average_price - reference if order.intent.side is Side.BUY else reference - state.average_price
    return worse * state.filled_quantity
