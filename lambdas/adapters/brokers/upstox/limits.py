"""Upstox's rate limits for one user (upstox.com/developer/api-documentation/rate-limiting).

10 orders a second since the exchanges' rules of April 2026. The broker counts 2,000 in half an hour; counting
them in a whole one is the safe side. Quotes and the order book may go faster, but share 500 calls a minute.
"""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=500,
    orders_per_hour=2000,
    quotes_per_second=10,
    instruments_per_quote=500,
    order_book_per_second=10,
    profiles_per_second=10,
)
INSTRUMENTS_PER_MARGIN = 20
"""Lines of one margin calculation (upstox.com/developer/api-documentation/margin)."""
