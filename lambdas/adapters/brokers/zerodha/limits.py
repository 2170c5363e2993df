"""Zerodha's rate limits (kite.trade/docs/connect/v3/exceptions, "API rate limit")."""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=400,
    orders_per_day=5000,
    modifications_per_order=25,
    quotes_per_second=1,
    instruments_per_quote=500,
    order_book_per_second=10,
    profiles_per_second=10,
)
