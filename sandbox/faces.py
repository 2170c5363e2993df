"""The brokers' faces: the name of each, the broker it speaks for, and its place in the block of ports."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.accounts import ANGEL_ONE, DHAN, FYERS, GROWW, UPSTOX, ZERODHA
from sandbox.dhan.app import dhan_app
from sandbox.dhan.sessions import DhanSessions
from sandbox.fyers.app import fyers_app
from sandbox.fyers.sessions import FyersSessions
from sandbox.groww.app import groww_app
from sandbox.groww.sessions import GrowwSessions
from sandbox.kite.app import kite_app
from sandbox.kite.sessions import KiteSessions
from sandbox.smartapi.app import smartapi_app
from sandbox.smartapi.sessions import SmartSessions
from sandbox.upstox.app import upstox_app
from sandbox.upstox.sessions import UpstoxSessions
from sandbox.wire.arrival import Arrival
from sandbox.world import World

PORTS = 7
"""The admin face and six brokers."""


class Face(NamedTuple):
    """One broker's face; `offset` is added to the port of the admin face."""

    name: str
    broker: str
    offset: int
    make: Callable[[World], Arrival]


FACES = (
    Face("kite", ZERODHA, 1, lambda world: kite_app(world, KiteSessions())),
    Face("smartapi", ANGEL_ONE, 2, lambda world: smartapi_app(world, SmartSessions())),
    Face("upstox", UPSTOX, 3, lambda world: upstox_app(world, UpstoxSessions())),
    Face("fyers", FYERS, 4, lambda world: fyers_app(world, FyersSessions())),
    Face("dhan", DHAN, 5, lambda world: dhan_app(world, DhanSessions())),
    Face("groww", GROWW, 6, lambda world: groww_app(world, GrowwSessions())),
)
