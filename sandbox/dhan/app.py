"""The Dhan face: its paths, the faults and limits each belongs to."""

from starlette.applications import Starlette

from sandbox.dhan.dialect import DhanDialect
from sandbox.dhan.login import DhanLogin
from sandbox.dhan.margins import DhanMargins
from sandbox.dhan.orders import DhanOrders
from sandbox.dhan.portfolio import DhanPortfolio
from sandbox.dhan.quotes import DhanQuotes
from sandbox.dhan.scrip_master import DhanScripMaster
from sandbox.dhan.sessions import DhanSessions
from sandbox.rate_limits import Limit
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

# DhanHQ docs: rate limits; consents: authentication.
ORDERS = (Limit(10, 1), Limit(250, 60), Limit(1000, 3600), Limit(7000, 86_400))
BOOKS = (Limit(10, 1),)
QUOTES = (Limit(1, 1),)
OTHER = (Limit(20, 1),)
CONSENTS = (Limit(25, 86_400),)


def dhan_app(world: World, sessions: DhanSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = DhanDialect(world, sessions)
    endpoints = [*_login_endpoints(world, sessions), *_endpoints(world)]
    return Arrival(Starlette(routes=[route(world, dialect, endpoint) for endpoint in endpoints]), world.clock)


def _login_endpoints(world: World, sessions: DhanSessions) -> list[Endpoint]:
    login = DhanLogin(world, sessions)
    page, consume = "/login/consentApp-login", "/app/consumeApp-consent"
    return [
        Endpoint("/app/generate-consent", "POST", "session", login.generate, "consents", CONSENTS, open=True),
        Endpoint(page, "GET", "session", login.page, open=True),
        Endpoint(page, "POST", "session", login.decide, open=True),
        Endpoint(consume, "GET", "session", login.consume, "other", OTHER, open=True),
        Endpoint(consume, "POST", "session", login.consume, "other", OTHER, open=True),
        Endpoint("/v2/RenewToken", "GET", "session", login.renew, "other", OTHER),
    ]


def _endpoints(world: World) -> list[Endpoint]:
    orders, portfolio, margins = DhanOrders(world), DhanPortfolio(world), DhanMargins(world)
    quotes, master = DhanQuotes(world), DhanScripMaster(world)
    one, external = "/v2/orders/{order_id}", "/v2/orders/external/{correlation_id}"
    return [
        Endpoint("/v2/profile", "GET", "account", portfolio.profile, "other", OTHER),
        Endpoint("/v2/fundlimit", "GET", "account", portfolio.funds, "other", OTHER),
        Endpoint("/v2/margincalculator", "POST", "account", margins.single, "other", OTHER),
        Endpoint("/v2/margincalculator/multi", "POST", "account", margins.multi, "other", OTHER),
        Endpoint("/v2/orders", "POST", "place", orders.place, "orders", ORDERS),
        Endpoint("/v2/orders", "GET", "orders", orders.book, "books", BOOKS),
        Endpoint(external, "GET", "orders", orders.external, "books", BOOKS),
        Endpoint(one, "GET", "orders", orders.one, "books", BOOKS),
        Endpoint(one, "PUT", "modify", orders.modify, "orders", ORDERS),
        Endpoint(one, "DELETE", "cancel", orders.cancel, "orders", ORDERS),
        Endpoint("/v2/trades", "GET", "orders", orders.trades, "books", BOOKS),
        Endpoint("/v2/trades/{order_id}", "GET", "orders", orders.order_trades, "books", BOOKS),
        Endpoint("/v2/positions", "GET", "positions", portfolio.positions, "other", OTHER),
        Endpoint("/v2/holdings", "GET", "positions", portfolio.holdings, "other", OTHER),
        Endpoint("/v2/marketfeed/quote", "POST", "quotes", quotes.quote, "quotes", QUOTES),
        Endpoint("/v2/marketfeed/ohlc", "POST", "quotes", quotes.ohlc, "quotes", QUOTES),
        Endpoint("/v2/marketfeed/ltp", "POST", "quotes", quotes.ltp, "quotes", QUOTES),
        Endpoint("/api-data/api-scrip-master-detailed.csv", "GET", "instruments", master.dump, open=True),
    ]
