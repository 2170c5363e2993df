"""The adapters as tests open them: real code over a scripted transport."""

import httpx

from lambdas.adapters.brokers.angel_one.adapter import AngelOneBroker
from lambdas.adapters.brokers.angel_one.client import SmartClient
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.http import Wire
from lambdas.adapters.brokers.zerodha.adapter import ZerodhaBroker
from lambdas.adapters.brokers.zerodha.client import KiteClient
from lambdas.ports.broker import Broker
from lambdas.ports.clock import Clock
from tests.unit.brokers.doubles import FrozenClock

ENDPOINTS = Endpoints("http://api.test", "http://login.test", "http://master.test")


def zerodha(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> ZerodhaBroker:
    clock = clock or FrozenClock()
    wire = Wire("zerodha", clock, secrets=("TOKEN0CANARY",), transport=transport)
    return ZerodhaBroker(KiteClient(wire, ENDPOINTS.api_url, api_key="kite0key", access_token="TOKEN0CANARY"), clock)


def angel_one(transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> AngelOneBroker:
    clock = clock or FrozenClock()
    wire = Wire("angel_one", clock, secrets=("TOKEN0CANARY",), transport=transport)
    client = SmartClient(wire, ENDPOINTS, api_key="angel0key", jwt_token="TOKEN0CANARY")
    return AngelOneBroker(client, ENDPOINTS.master_url, clock)


def open_over(name: str, transport: httpx.AsyncBaseTransport, clock: Clock | None = None) -> Broker:
    """Either adapter, by the platform's name."""
    return zerodha(transport, clock) if name == "zerodha" else angel_one(transport, clock)
