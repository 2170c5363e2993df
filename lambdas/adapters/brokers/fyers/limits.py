"""Fyers' rate limits for one app of one user (myapi.fyers.in/docsv3, "Rate Limit"); all calls count together.

A user who is over the limit of a minute more than three times is blocked for the rest of the day.
"""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=200,
    orders_per_day=100_000,
    quotes_per_second=10,
    instruments_per_quote=50,
    order_book_per_second=10,
    profiles_per_second=10,
)
