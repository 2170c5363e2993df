"""Dhan's rate limits for one client (dhanhq.co/docs/v2, "Rate Limit"; 1,000 instruments a quote: "Market Quote").
Asking for orders counts like placing them, the profile like any call that does not trade."""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=250,
    orders_per_hour=1000,
    orders_per_day=7000,
    modifications_per_order=25,
    quotes_per_second=1,
    instruments_per_quote=1000,
    order_book_per_second=10,
    profiles_per_second=20,
)
