"""Angel One's rate limits for one client (smartapi.angelbroking.com/docs/RateLimit, SmartAPI forum topic
4387; 50 instruments a quote: topic 4056). Orders: 10 a second, since the exchanges' rules of April 2026."""

from lambdas.adapters.brokers.limits import Limits

LIMITS = Limits(
    orders_per_second=10,
    orders_per_minute=500,
    orders_per_hour=1000,
    quotes_per_second=10,
    instruments_per_quote=50,
    order_book_per_second=1,
    profiles_per_second=3,
)
