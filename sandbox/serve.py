"""Runs all faces in one process and one event loop, until a signal."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Generator

import uvicorn

from sandbox.admin.app import admin_app
from sandbox.exchange.indices import INDICES
from sandbox.faces import FACES
from sandbox.postbacks.deliverer import Deliverer
from sandbox.world import World

HOST = "127.0.0.1"
MATCHING_SECONDS = 0.1


class PortInUse(OSError):
    """A port of the sandbox is taken; the message names it."""


class _Face(uvicorn.Server):
    """A server that leaves signals to the process, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def bind(port: int) -> dict[str, socket.socket]:
    """Listening sockets for the admin face on `port` and the brokers' faces behind it. Raises PortInUse."""
    sockets: dict[str, socket.socket] = {}
    for name, offset in (("admin", 0), *((face.name, face.offset) for face in FACES)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port + offset))
            listener.listen(1024)
        except (OSError, OverflowError) as error:
            listener.close()
            for opened in sockets.values():
                opened.close()
            raise PortInUse(f"port {port + offset} ({name}) cannot be used: {error}") from error
        sockets[name] = listener
    return sockets


async def serve(world: World, sockets: dict[str, socket.socket], *, access_log: bool) -> None:
    """Serve until SIGTERM or SIGINT. Prints `ready` once every face answers."""
    ports = {name: int(listener.getsockname()[1]) for name, listener in sockets.items()}
    apps = {"admin": admin_app(world, ports), **{face.name: face.make(world) for face in FACES}}
    faces = {name: _Face(_config(app, access_log)) for name, app in apps.items()}
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _warm(world)
    running = [asyncio.create_task(face.serve([sockets[name]])) for name, face in faces.items()]
    working = [asyncio.create_task(_match(world)), asyncio.create_task(Deliverer(world.postbacks).run())]
    await asyncio.gather(*(face.up.wait() for face in faces.values()))
    print("ready", flush=True)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*running, *working, stopping], return_when=asyncio.FIRST_COMPLETED)
    for face in faces.values():
        face.should_exit = True
    stopping.cancel()
    for task in working:
        if task.done():
            await task
        task.cancel()
    await asyncio.gather(*running)
    await asyncio.gather(*working, return_exceptions=True)


def _warm(world: World) -> None:
    """List the day's contracts and sample its range so far, so that the first order is as fast as the rest."""
    now = world.clock.now()
    listing = world.exchange.listing(now)
    for name in INDICES:
        world.exchange.market.day_range(listing.index(name), now)


async def _match(world: World) -> None:
    """Match resting orders as prices move, and list further strikes as the spot does."""
    turn = 0
    while True:
        now = world.clock.now()
        world.exchange.advance_all(now)
        if turn % 100 == 0:
            world.exchange.listing(now).extend()
        turn += 1
        await asyncio.sleep(MATCHING_SECONDS)


def _config(app: object, access_log: bool) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="info" if access_log else "warning",
        access_log=access_log,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
