"""At which limit an order of an entry is sent, by its strategy's rules."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.order_rules import OrderRules
from lambdas.domain.protection import protected_limit
from lambdas.domain.values import Move


def limit_of(rules: OrderRules, side: Side, quote: Quote, tick_size: Decimal) -> Decimal:
    """The limit (rupees, on the tick) of an order that is sent at this quote.

    The protected limit for the protected style. For the limit style the far side of the spread and at most the
    buffer beyond it, never worse than the protected limit and never below one tick; an empty side of the book falls
    back to the last price. Raises ValueError when there is no price.
    """
    outermost = protected_limit(side, quote, tick_size)
    if rules.style == "protected":
        return outermost
    base = (quote.ask if side is Side.BUY else quote.bid) or quote.last
    room = Decimal(0) if rules.buffer is None else distance(rules.buffer, base)
    return within(side, beyond(side, base, room, tick_size), outermost)


def distance(move: Move, price: Decimal) -> Decimal:
    """A move in rupees, measured from a price."""
    return move.value if move.unit == "points" else price * move.value / 100


def beyond(side: Side, price: Decimal, room: Decimal, tick_size: Decimal) -> Decimal:
    """The limit at most `room` above a price for a buy, below it for a sale; on the tick, and at least one."""
    if side is Side.BUY:
        return max(tick_size, _to_tick(price + room, tick_size, ROUND_FLOOR))
    return max(tick_size, _to_tick(price - room, tick_size, ROUND_CEILING))


def within(side: Side, limit: Decimal, outermost: Decimal) -> Decimal:
    """The limit, or the outermost one where that is better for the trader."""
    return min(limit, outermost) if side is Side.BUY else max(limit, outermost)


def _to_tick(price: Decimal, tick_size: Decimal, rounding: str) -> Decimal:
    return (price / tick_size).to_integral_value(rounding) * tick_size
