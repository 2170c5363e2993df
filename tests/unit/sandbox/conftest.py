"""A sandbox on a clock that stands still, with its faces called in process."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from sandbox.accounts import demo_accounts
from sandbox.admin.app import admin_app
from sandbox.clock import IST, ManualClock
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.market import Spread
from sandbox.kite.app import kite_app
from sandbox.kite.sessions import KiteSessions
from sandbox.smartapi.app import smartapi_app
from sandbox.smartapi.names import token_of, trading_symbol
from sandbox.smartapi.sessions import SmartSessions
from sandbox.smartapi.totp import STEP_SECONDS, code_at
from sandbox.wire.arrival import Arrival
from sandbox.world import World, build_world

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=IST)
KITE_KEY, KITE_SECRET = "sandboxkitekey01", "sandboxkitesecret01"
SMART_HEADERS = {
    "X-PrivateKey": "sandboxangelkey1",
    "X-UserType": "USER",
    "X-SourceID": "WEB",
    "X-ClientLocalIP": "127.0.0.1",
    "X-ClientPublicIP": "127.0.0.1",
    "X-MACAddress": "00:00:00:00:00:00",
}
SMART = "/rest/secure/angelbroking"
SMART_LOGIN = "/rest/auth/angelbroking/user/v1/loginByPassword"


class InProcess(httpx.BaseTransport):
    """Calls an ASGI application without a socket, so a lost reply is an exception of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


def in_process(app: ASGIApp) -> httpx.Client:
    """A client of one face."""
    return httpx.Client(transport=InProcess(app), base_url="http://sandbox")


@dataclass
class Bench:
    """A world with its clock and its three faces."""

    clock: ManualClock
    world: World
    kite_face: Arrival = field(init=False)
    kite: httpx.Client = field(init=False)
    smart: httpx.Client = field(init=False)
    admin: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        for account in demo_accounts(9600):
            self.world.add_account(account)
        self.kite_face = kite_app(self.world, KiteSessions())
        self.kite = in_process(self.kite_face)
        self.smart = in_process(smartapi_app(self.world, SmartSessions()))
        self.admin = in_process(admin_app(self.world, {}))

    def option(self, name: str = "NIFTY", kind: str = "CE", steps: int = 0) -> Instrument:
        """The nearest expiry's option, that many strikes above the money."""
        now = self.clock.now()
        spot = self.world.exchange.market.spot_paise(name, now) / 100
        calls = [i for i in self.world.exchange.listing(now) if i.underlying == name and i.kind == kind]
        nearest = min(i.expiry for i in calls if i.expiry)
        chain = sorted((i for i in calls if i.expiry == nearest), key=lambda i: i.strike)
        at_the_money = min(range(len(chain)), key=lambda n: abs(chain[n].strike - spot))
        return chain[at_the_money + steps]

    def future(self, name: str = "NIFTY", month: int = 0) -> Instrument:
        """An index's future: 0 the near month, 1 the next, 2 the far one."""
        futures = [i for i in self.world.exchange.listing(self.clock.now()) if i.kind == "FUT"]
        return sorted((i for i in futures if i.underlying == name), key=lambda i: str(i.expiry))[month]

    def spread(self, instrument: Instrument) -> Spread:
        """Last, bid and ask now, in paise."""
        return self.world.exchange.market.spread(instrument, self.clock.now())

    def settle(self) -> None:
        """Let orders pass their transient statuses."""
        self.clock.advance(0.05)

    def login_kite(self) -> str:
        """Log in at the Kite face; returns the access token and sends it with every later call."""
        token = self.request_token()
        data = {"api_key": KITE_KEY, "request_token": token, "checksum": checksum(token)}
        access: str = self.kite.post("/session/token", data=data).json()["data"]["access_token"]
        self.kite.headers.update({"X-Kite-Version": "3", "Authorization": f"token {KITE_KEY}:{access}"})
        return access

    def request_token(self) -> str:
        """Approve a login and take the request token off the redirect."""
        answer = self.kite.post("/connect/login", data={"api_key": KITE_KEY, "decision": "approve"})
        return parse_qs(urlsplit(answer.headers["location"]).query)["request_token"][0]

    def login_smart(self) -> dict[str, Any]:
        """Log in at the SmartAPI face; returns the tokens and sends the bearer with every later call."""
        self.smart.headers.update(SMART_HEADERS)
        body = {"clientcode": "SB0002", "password": "1234", "totp": self.totp()}
        tokens: dict[str, Any] = self.smart.post(SMART_LOGIN, json=body).json()["data"]
        self.smart.headers["Authorization"] = f"Bearer {tokens['jwtToken']}"
        return tokens

    def totp(self, steps: int = 0) -> str:
        """The demo account's one-time password, that many steps from now."""
        return code_at("JBSWY3DPEHPK3PXP", int(self.clock.now().timestamp()) // STEP_SECONDS + steps)

    def place_kite(self, instrument: Instrument, **fields: Any) -> httpx.Response:
        """Place one lot of a protected market buy at the Kite face, with changes."""
        form = {
            "exchange": instrument.exchange,
            "tradingsymbol": instrument.symbol,
            "transaction_type": "BUY",
            "quantity": instrument.lot,
            "product": "NRML",
            "order_type": "MARKET",
            "market_protection": "-1",
            "tag": "t1",
            **fields,
        }
        return self.kite.post("/orders/regular", data={n: v for n, v in form.items() if v is not None})

    def place_smart(self, instrument: Instrument, **fields: Any) -> httpx.Response:
        """Place one lot of a buy two per cent above the offer at the SmartAPI face, with changes."""
        price = round(self.spread(instrument).ask * 1.02 / 5) * 5 / 100
        body = {
            "variety": "NORMAL",
            "tradingsymbol": trading_symbol(instrument),
            "symboltoken": token_of(instrument),
            "transactiontype": "BUY",
            "exchange": instrument.exchange,
            "ordertype": "LIMIT",
            "producttype": "INTRADAY",
            "duration": "DAY",
            "price": f"{price:.2f}",
            "quantity": str(instrument.lot),
            "ordertag": "t2",
            **fields,
        }
        return self.smart.post(f"{SMART}/order/v1/placeOrder", json=body)

    def kite_orders(self) -> list[dict[str, Any]]:
        """GET /orders."""
        orders: list[dict[str, Any]] = self.kite.get("/orders").json()["data"]
        return orders

    def smart_orders(self) -> list[dict[str, Any]]:
        """GET getOrderBook."""
        orders: list[dict[str, Any]] = self.smart.get(f"{SMART}/order/v1/getOrderBook").json()["data"]
        return orders


def checksum(request_token: str, secret: str = KITE_SECRET) -> str:
    """SHA-256(api_key + request_token + secret)."""
    return hashlib.sha256(f"{KITE_KEY}{request_token}{secret}".encode()).hexdigest()


@pytest.fixture
def bench() -> Bench:
    """A continuous sandbox on Monday 23 November 2026, 10:00 IST."""
    clock = ManualClock(MONDAY)
    return Bench(clock, build_world(clock, seed=5))


@pytest.fixture
def traded(bench: Bench) -> Bench:
    """The same, logged in at both faces."""
    bench.login_kite()
    bench.login_smart()
    return bench
