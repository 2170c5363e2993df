"""Groww's rate limits (groww.in/trade-api/docs/curl, "Rate Limits"): one budget for each kind of call.

Orders 10 a second and 250 a minute; live data 10 and 300; everything else 20 and 500; logins 150 a day.
"""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=250,
    quotes_per_second=10,
    instruments_per_quote=1,
    order_book_per_second=20,
    profiles_per_second=20,
)
SYMBOLS_PER_LAST_PRICE = 50
"""How many instruments one call for last prices takes; such a call counts as live data."""
