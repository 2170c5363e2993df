"""Whether the book at which an order would be priced can be believed."""

from decimal import ROUND_CEILING, Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.protection import LEAST_BUFFER_TICKS

TENTH = Decimal("0.1")


def price_problem(side: Side, quote: Quote, percent: Decimal, tick_size: Decimal) -> str | None:
    """Why an order on this side should not be priced from this quote; None when it can.

    The price that the order would meet (the ask of a buy, the bid of a sell) may be `percent` from the last price,
    and five ticks in any case: a cheap option moves by more at every tick. Where that side of the book is empty the
    last price itself is used, and there is nothing to compare.
    """
    if quote.bid and quote.ask and quote.bid > quote.ask:
        return f"the book is crossed: bid {quote.bid} is above ask {quote.ask}"
    word, price = ("ask", quote.ask) if side is Side.BUY else ("bid", quote.bid)
    if not price:
        return None
    if quote.last <= 0:
        return f"there is no last price to compare the {word} of {price} with"
    away = abs(price - quote.last)
    if away <= max(quote.last * percent / 100, LEAST_BUFFER_TICKS * tick_size):
        return None
    share = (away * 100 / quote.last).quantize(TENTH, ROUND_CEILING)
    return (
        f"price_sanity_percent: the {word} of {price} is {share} % from the last price {quote.last}, "
        f"the limit is {percent.normalize():f}"
    )
