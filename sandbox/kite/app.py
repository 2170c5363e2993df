"""The Kite face: its paths, the faults and limits each belongs to."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.kite.dialect import KiteDialect
from sandbox.kite.errors import KiteError
from sandbox.kite.instrument_csv import KiteInstruments
from sandbox.kite.login import KiteLogin
from sandbox.kite.margins import KiteMargins
from sandbox.kite.orders import KiteOrders
from sandbox.kite.portfolio import KitePortfolio
from sandbox.kite.quotes import KiteQuotes
from sandbox.kite.sessions import KiteSessions
from sandbox.rate_limits import Limit
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

# Kite Connect v3 docs: exceptions and limits; the minute and day limits are those of 2026.
ORDERS = (Limit(10, 1), Limit(400, 60), Limit(5000, 86_400))
QUOTES = (Limit(1, 1),)
OTHER = (Limit(10, 1),)


def kite_app(world: World, sessions: KiteSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = KiteDialect(world, sessions)
    app = Starlette(
        routes=[route(world, dialect, endpoint) for endpoint in _endpoints(world, sessions)],
        exception_handlers={404: _not_found, 405: _not_allowed},
    )
    return Arrival(app, world.clock)


def _endpoints(world: World, sessions: KiteSessions) -> list[Endpoint]:
    login, orders, quotes = KiteLogin(world, sessions), KiteOrders(world), KiteQuotes(world)
    portfolio, instruments, margins = KitePortfolio(world), KiteInstruments(world), KiteMargins(world)
    one = "/orders/{variety}/{order_id}"
    return [
        Endpoint("/connect/login", "GET", "session", login.page, open=True),
        Endpoint("/connect/login", "POST", "session", login.decide, open=True),
        Endpoint("/session/token", "POST", "session", login.token, "other", OTHER, open=True),
        Endpoint("/session/token", "DELETE", "session", login.logout, "other", OTHER, open=True),
        Endpoint("/user/profile", "GET", "account", portfolio.profile, "other", OTHER),
        Endpoint("/user/margins", "GET", "account", portfolio.margins, "other", OTHER),
        Endpoint("/user/margins/{segment}", "GET", "account", portfolio.margins, "other", OTHER),
        Endpoint("/margins/basket", "POST", "account", margins.basket, "other", OTHER),
        Endpoint("/orders", "GET", "orders", orders.book, "other", OTHER),
        Endpoint("/trades", "GET", "orders", orders.trades, "other", OTHER),
        Endpoint("/orders/{order_id}", "GET", "orders", orders.history, "other", OTHER),
        Endpoint("/orders/{order_id}/trades", "GET", "orders", orders.order_trades, "other", OTHER),
        Endpoint("/orders/{variety}", "POST", "place", orders.place, "orders", ORDERS),
        Endpoint(one, "PUT", "modify", orders.modify, "orders", ORDERS),
        Endpoint(one, "DELETE", "cancel", orders.cancel, "orders", ORDERS),
        Endpoint("/portfolio/positions", "GET", "positions", portfolio.positions, "other", OTHER),
        Endpoint("/portfolio/holdings", "GET", "positions", portfolio.holdings, "other", OTHER),
        Endpoint("/quote", "GET", "quotes", quotes.full, "quotes", QUOTES),
        Endpoint("/quote/ohlc", "GET", "quotes", quotes.ohlc, "quotes", QUOTES),
        Endpoint("/quote/ltp", "GET", "quotes", quotes.ltp, "quotes", QUOTES),
        Endpoint("/instruments", "GET", "instruments", instruments.dump, "other", OTHER),
        Endpoint("/instruments/{exchange}", "GET", "instruments", instruments.dump, "other", OTHER),
    ]


async def _not_found(_request: Request, _error: Exception) -> Response:
    return KiteError("GeneralException", "Route not found", 404).response()


async def _not_allowed(_request: Request, _error: Exception) -> Response:
    return KiteError("GeneralException", "Method not allowed", 405).response()
