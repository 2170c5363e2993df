"""The Upstox face: its paths, the faults and limits each belongs to."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.rate_limits import Limit
from sandbox.upstox.dialect import LOGIN, UpstoxDialect
from sandbox.upstox.errors import UpstoxError
from sandbox.upstox.instrument_json import UpstoxInstruments
from sandbox.upstox.login import UpstoxLogin
from sandbox.upstox.margins import UpstoxMargins
from sandbox.upstox.orders import UpstoxOrders
from sandbox.upstox.portfolio import UpstoxPortfolio
from sandbox.upstox.quotes import UpstoxQuotes
from sandbox.upstox.sessions import UpstoxSessions
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

# Upstox developer API: rate limiting; orders at the pace that the exchanges allow since April 2026.
ORDERS = (Limit(10, 1), Limit(500, 60), Limit(2000, 1800))
OTHER = (Limit(50, 1), Limit(500, 60), Limit(2000, 1800))


def upstox_app(world: World, sessions: UpstoxSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = UpstoxDialect(world, sessions)
    app = Starlette(
        routes=[route(world, dialect, endpoint) for endpoint in _endpoints(world, sessions)],
        exception_handlers={404: _not_supported, 405: _not_supported},
    )
    return Arrival(app, world.clock)


def _endpoints(world: World, sessions: UpstoxSessions) -> list[Endpoint]:
    login, orders, quotes = UpstoxLogin(world, sessions), UpstoxOrders(world), UpstoxQuotes(world)
    portfolio, margins, instruments = UpstoxPortfolio(world), UpstoxMargins(world), UpstoxInstruments(world)
    return [
        Endpoint(f"{LOGIN}/dialog", "GET", "session", login.page, open=True),
        Endpoint(f"{LOGIN}/dialog", "POST", "session", login.decide, open=True),
        Endpoint(f"{LOGIN}/token", "POST", "session", login.token, "other", OTHER, open=True),
        Endpoint("/v2/logout", "DELETE", "session", login.logout, "other", OTHER),
        Endpoint("/v2/user/profile", "GET", "account", portfolio.profile, "other", OTHER),
        Endpoint("/v2/user/get-funds-and-margin", "GET", "account", portfolio.funds, "other", OTHER),
        Endpoint("/v2/charges/margin", "POST", "account", margins.margin, "other", OTHER),
        Endpoint("/v3/order/place", "POST", "place", orders.place, "orders", ORDERS),
        Endpoint("/v3/order/modify", "PUT", "modify", orders.modify, "orders", ORDERS),
        Endpoint("/v3/order/cancel", "DELETE", "cancel", orders.cancel, "orders", ORDERS),
        Endpoint("/v2/order/retrieve-all", "GET", "orders", orders.book, "other", OTHER),
        Endpoint("/v2/order/details", "GET", "orders", orders.details, "other", OTHER),
        Endpoint("/v2/order/history", "GET", "orders", orders.history, "other", OTHER),
        Endpoint("/v2/order/trades", "GET", "orders", orders.order_trades, "other", OTHER),
        Endpoint("/v2/order/trades/get-trades-for-day", "GET", "orders", orders.trades, "other", OTHER),
        Endpoint("/v2/portfolio/short-term-positions", "GET", "positions", portfolio.positions, "other", OTHER),
        Endpoint("/v2/portfolio/long-term-holdings", "GET", "positions", portfolio.holdings, "other", OTHER),
        Endpoint("/v2/market-quote/quotes", "GET", "quotes", quotes.full, "other", OTHER),
        Endpoint("/v2/market-quote/ltp", "GET", "quotes", quotes.ltp, "other", OTHER),
        Endpoint("/market-quote/instruments/exchange/{file}", "GET", "instruments", instruments.dump, open=True),
    ]


async def _not_supported(_request: Request, _error: Exception) -> Response:
    return UpstoxError("UDAPI10000", "This request is not supported by Upstox API", 404).response()
