"""The Fyers face: its paths and the faults each belongs to. Limits are counted over all of them."""

from starlette.applications import Starlette

from sandbox.fyers.dialect import FyersDialect
from sandbox.fyers.login import FyersLogin
from sandbox.fyers.orders import FyersOrders
from sandbox.fyers.portfolio import FyersPortfolio
from sandbox.fyers.quotes import FyersQuotes
from sandbox.fyers.sessions import FyersSessions
from sandbox.fyers.symbol_master import FyersSymbolMaster
from sandbox.wire.arrival import Arrival
from sandbox.wire.call import Endpoint
from sandbox.wire.guard import route
from sandbox.world import World

_API = "/api/v3"
_MASTERS = "/sym_details"


def fyers_app(world: World, sessions: FyersSessions) -> Arrival:
    """The ASGI application of the face."""
    dialect = FyersDialect(world, sessions)
    endpoints = [*_public(world, sessions), *_private(world, sessions)]
    return Arrival(Starlette(routes=[route(world, dialect, endpoint) for endpoint in endpoints]), world.clock)


def _public(world: World, sessions: FyersSessions) -> list[Endpoint]:
    login, master = FyersLogin(world, sessions), FyersSymbolMaster(world)
    return [
        Endpoint(f"{_API}/generate-authcode", "GET", "session", login.page, open=True),
        Endpoint(f"{_API}/generate-authcode", "POST", "session", login.decide, open=True),
        Endpoint(f"{_API}/validate-authcode", "POST", "session", login.token, open=True),
        Endpoint(f"{_API}/validate-refresh-token", "POST", "session", login.refresh, open=True),
        Endpoint(f"{_MASTERS}/NSE_FO.csv", "GET", "instruments", master.nse_derivatives, open=True),
        Endpoint(f"{_MASTERS}/BSE_FO.csv", "GET", "instruments", master.bse_derivatives, open=True),
        Endpoint(f"{_MASTERS}/NSE_CM.csv", "GET", "instruments", master.nse_cash, open=True),
        Endpoint(f"{_MASTERS}/BSE_CM.csv", "GET", "instruments", master.bse_cash, open=True),
    ]


def _private(world: World, sessions: FyersSessions) -> list[Endpoint]:
    login, orders = FyersLogin(world, sessions), FyersOrders(world)
    portfolio, quotes = FyersPortfolio(world), FyersQuotes(world)
    return [
        Endpoint(f"{_API}/logout", "POST", "session", login.logout),
        Endpoint(f"{_API}/profile", "GET", "account", portfolio.profile),
        Endpoint(f"{_API}/funds", "GET", "account", portfolio.funds),
        Endpoint(f"{_API}/multiorder/margin", "POST", "account", portfolio.margin),
        Endpoint(f"{_API}/orders/sync", "POST", "place", orders.place),
        Endpoint(f"{_API}/orders/sync", "PATCH", "modify", orders.modify),
        Endpoint(f"{_API}/orders/sync", "DELETE", "cancel", orders.cancel),
        Endpoint(f"{_API}/orders", "GET", "orders", orders.book),
        Endpoint(f"{_API}/tradebook", "GET", "orders", orders.trades),
        Endpoint(f"{_API}/positions", "GET", "positions", portfolio.positions),
        Endpoint(f"{_API}/holdings", "GET", "positions", portfolio.holdings),
        Endpoint("/data/quotes", "GET", "quotes", quotes.quotes),
        Endpoint("/data/depth", "GET", "quotes", quotes.depth),
    ]
