"""The SmartAPI face: its paths, the faults and limits each belongs to."""

from starlette.applications import Starlette

from sandbox.rate_limits import Limit
from sandbox.smartapi.dialect import SmartDialect
from sandbox.smartapi.margins import SmartMargins
from sandbox.smartapi.market_data import SmartMarketData
from sandbox.smartapi.orders import SmartOrders
from sandbox.smartapi.portfolio import SmartPortfolio
from sandbox.smartapi.scrip_master import ScripMaster
from sandbox.smartapi.sessions import SmartSessions
from sandbox.smartapi.user import SmartUser
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

# SmartAPI docs: rate limits, per second.
TEN = (Limit(10, 1),)
ONE = (Limit(1, 1),)
_AUTH = "/rest/auth/angelbroking"
_SECURE = "/rest/secure/angelbroking"


def smartapi_app(world: World, sessions: SmartSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = SmartDialect(world, sessions)
    endpoints = _endpoints(world, sessions)
    return Arrival(Starlette(routes=[route(world, dialect, endpoint) for endpoint in endpoints]), world.clock)


def _endpoints(world: World, sessions: SmartSessions) -> list[Endpoint]:
    user, orders, data = SmartUser(world, sessions), SmartOrders(world), SmartMarketData(world)
    portfolio, master, margins = SmartPortfolio(world), ScripMaster(world), SmartMargins(world)
    order = f"{_SECURE}/order/v1"
    account = f"{_SECURE}/user/v1"
    return [
        Endpoint(f"{_AUTH}/user/v1/loginByPassword", "POST", "session", user.login, "login", ONE, open=True),
        Endpoint(f"{_AUTH}/jwt/v1/generateTokens", "POST", "session", user.renew, "renew", ONE, open=True),
        Endpoint(f"{account}/logout", "POST", "session", user.logout, "logout", ONE),
        Endpoint(f"{account}/getProfile", "GET", "account", user.profile, "profile", (Limit(3, 1),)),
        Endpoint(f"{account}/getRMS", "GET", "account", user.funds, "rms", (Limit(2, 1),)),
        Endpoint(f"{_SECURE}/margin/v1/batch", "POST", "account", margins.batch, "margin", TEN),
        Endpoint(f"{order}/placeOrder", "POST", "place", orders.place, "orders", TEN),
        Endpoint(f"{order}/modifyOrder", "POST", "modify", orders.modify, "orders", TEN),
        Endpoint(f"{order}/cancelOrder", "POST", "cancel", orders.cancel, "orders", TEN),
        Endpoint(f"{order}/getOrderBook", "GET", "orders", orders.book, "book", ONE),
        Endpoint(f"{order}/getTradeBook", "GET", "orders", orders.trades, "trades", ONE),
        Endpoint(f"{order}/details/{{uniqueorderid}}", "GET", "orders", orders.details, "details", TEN),
        Endpoint(f"{order}/getPosition", "GET", "positions", portfolio.positions, "position", ONE),
        Endpoint(f"{_SECURE}/portfolio/v1/getHolding", "GET", "positions", portfolio.holdings, "holding", ONE),
        Endpoint(f"{_SECURE}/market/v1/quote", "POST", "quotes", data.quote, "quote", TEN),
        Endpoint(f"{_SECURE}/market/v1/quote/", "POST", "quotes", data.quote, "quote", TEN),
        Endpoint(f"{order}/getLtpData", "POST", "quotes", data.ltp, "ltp", TEN),
        Endpoint(f"{order}/searchScrip", "POST", "instruments", data.search, "search", ONE),
        Endpoint("/OpenAPI_File/files/OpenAPIScripMaster.json", "GET", "instruments", master.dump, open=True),
    ]
