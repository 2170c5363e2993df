"""The adapters as tests open them: real code over a scripted transport."""

from collections.abc import Callable, Mapping

import httpx

from lambdas.adapters.brokers.angel_one.adapter import AngelOneBroker
from lambdas.adapters.brokers.angel_one.client import SmartClient
from lambdas.adapters.brokers.dhan.adapter import DhanBroker
from lambdas.adapters.brokers.dhan.client import DhanClient
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.fyers.adapter import FyersBroker
from lambdas.adapters.brokers.fyers.client import FyersClient
from lambdas.adapters.brokers.groww.adapter import GrowwBroker
from lambdas.adapters.brokers.groww.client import GrowwClient
from lambdas.adapters.brokers.http import Turns, Wire
from lambdas.adapters.brokers.registry import broker_kind, pace_of
from lambdas.adapters.brokers.upstox.adapter import UpstoxBroker
from lambdas.adapters.brokers.upstox.client import UpstoxClient
from lambdas.adapters.brokers.zerodha.adapter import ZerodhaBroker
from lambdas.adapters.brokers.zerodha.client import KiteClient
from lambdas.ports.broker import Broker
from lambdas.ports.clock import Clock
from tests.unit.brokers.doubles import FrozenClock

ENDPOINTS = Endpoints("http://api.test", "http://login.test", "http://master.test")


def wire_of(broker: str, transport: httpx.AsyncBaseTransport, clock: Clock) -> Wire:
    """A wire whose calls take turns, of this process alone."""
    turns = Turns(pace_of(broker, clock=clock), broker_kind(broker).limits.kind_of)
    return Wire(broker, clock, secrets=("TOKEN0CANARY",), turns=turns, transport=transport)


def zerodha(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> ZerodhaBroker:
    clock = clock or FrozenClock()
    wire = wire_of("zerodha", transport, clock)
    return ZerodhaBroker(KiteClient(wire, ENDPOINTS.api_url, api_key="kite0key", access_token="TOKEN0CANARY"))


def angel_one(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> AngelOneBroker:
    clock = clock or FrozenClock()
    wire = wire_of("angel_one", transport, clock)
    client = SmartClient(wire, ENDPOINTS, api_key="angel0key", jwt_token="TOKEN0CANARY")
    return AngelOneBroker(client, ENDPOINTS.master_url)


def upstox(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> UpstoxBroker:
    clock = clock or FrozenClock()
    wire = wire_of("upstox", transport, clock)
    return UpstoxBroker(UpstoxClient(wire, ENDPOINTS, access_token="TOKEN0CANARY"), ENDPOINTS.master_url)


def dhan(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> DhanBroker:
    clock = clock or FrozenClock()
    wire = wire_of("dhan", transport, clock)
    client = DhanClient(wire, ENDPOINTS.api_url, client_id="1000000401", access_token="TOKEN0CANARY")
    return DhanBroker(client, ENDPOINTS.master_url)


def groww(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> GrowwBroker:
    clock = clock or FrozenClock()
    wire = wire_of("groww", transport, clock)
    return GrowwBroker(GrowwClient(wire, ENDPOINTS.api_url, bearer="TOKEN0CANARY"), ENDPOINTS.master_url)


def fyers(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> FyersBroker:
    clock = clock or FrozenClock()
    wire = wire_of("fyers", transport, clock)
    client = FyersClient(wire, ENDPOINTS.api_url, app_id="FYERS0APP-100", access_token="TOKEN0CANARY")
    return FyersBroker(client, ENDPOINTS.master_url)


OPENERS: Mapping[str, Callable[[httpx.AsyncBaseTransport, Clock | None], Broker]] = {
    "zerodha": zerodha,
    "angel_one": angel_one,
    "dhan": dhan,
    "upstox": upstox,
    "groww": groww,
    "fyers": fyers,
}


def open_over(name: str, transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> Broker:
    """Any adapter, by the platform's name."""
    return OPENERS[name](transport, clock)
