"""The Groww face: its paths, the faults and limits each belongs to."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.groww.dialect import LOGIN, GrowwDialect
from sandbox.groww.errors import GatewayError
from sandbox.groww.instrument_csv import GrowwInstruments
from sandbox.groww.live_data import GrowwLiveData
from sandbox.groww.orders import GrowwOrders
from sandbox.groww.portfolio import GrowwPortfolio
from sandbox.groww.sessions import GrowwSessions
from sandbox.groww.user import GrowwUser
from sandbox.rate_limits import Limit
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

# Groww docs: rate limits, one budget for each kind of call.
LOGINS = (Limit(5, 1), Limit(30, 60), Limit(150, 86_400))
ORDERS = (Limit(10, 1), Limit(250, 60))
LIVE = (Limit(10, 1), Limit(300, 60))
OTHER = (Limit(20, 1), Limit(500, 60))


def groww_app(world: World, sessions: GrowwSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = GrowwDialect(world, sessions)
    app = Starlette(
        routes=[route(world, dialect, endpoint) for endpoint in _endpoints(world, sessions)],
        exception_handlers={404: _not_found, 405: _not_found},
    )
    return Arrival(app, world.clock)


def _endpoints(world: World, sessions: GrowwSessions) -> list[Endpoint]:
    user, orders, data = GrowwUser(world, sessions), GrowwOrders(world), GrowwLiveData(world)
    portfolio, instruments = GrowwPortfolio(world), GrowwInstruments(world)
    status = "/v1/order/status"
    return [
        Endpoint(LOGIN, "POST", "session", user.login, "login", LOGINS, open=True),
        Endpoint("/v1/changelog", "GET", "account", user.changelog, "other", OTHER),
        Endpoint("/v1/user/detail", "GET", "account", user.profile, "other", OTHER),
        Endpoint("/v1/margins/detail/user", "GET", "account", user.margin, "other", OTHER),
        Endpoint("/v1/margins/detail/orders", "POST", "account", portfolio.basket, "other", OTHER),
        Endpoint("/v1/order/create", "POST", "place", orders.create, "orders", ORDERS),
        Endpoint("/v1/order/modify", "POST", "modify", orders.modify, "orders", ORDERS),
        Endpoint("/v1/order/cancel", "POST", "cancel", orders.cancel, "orders", ORDERS),
        Endpoint("/v1/order/list", "GET", "orders", orders.book, "other", OTHER),
        Endpoint("/v1/order/detail/{order_id}", "GET", "orders", orders.detail, "other", OTHER),
        Endpoint(f"{status}/reference/{{reference}}", "GET", "orders", orders.status_by_reference, "other", OTHER),
        Endpoint(f"{status}/{{order_id}}", "GET", "orders", orders.status, "other", OTHER),
        Endpoint("/v1/order/trades/{order_id}", "GET", "orders", orders.trades, "other", OTHER),
        Endpoint("/v1/positions/user", "GET", "positions", portfolio.positions, "other", OTHER),
        Endpoint("/v1/positions/trading-symbol", "GET", "positions", portfolio.position, "other", OTHER),
        Endpoint("/v1/holdings/user", "GET", "positions", portfolio.holdings, "other", OTHER),
        Endpoint("/v1/live-data/quote", "GET", "quotes", data.quote, "live", LIVE),
        Endpoint("/v1/live-data/ltp", "GET", "quotes", data.ltp, "live", LIVE),
        Endpoint("/v1/live-data/ohlc", "GET", "quotes", data.ohlc, "live", LIVE),
        Endpoint("/instruments/instrument.csv", "GET", "instruments", instruments.dump, open=True),
    ]


async def _not_found(_request: Request, _error: Exception) -> Response:
    return GatewayError(404, "Not found").response()
