"""A forwarder on the loopback that counts the statuses of the HTTP answers which pass it, and changes nothing."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
CHUNK = 65536


@dataclass
class CountingWire:
    """A running forwarder; clients use `url` in place of the face's."""

    url: str = ""
    statuses: Counter[int] = field(default_factory=Counter)

    def see(self, chunk: bytes) -> None:
        """Count what begins an answer: without pipelining each answer begins a chunk of its own."""
        if found := STATUS.match(chunk):
            self.statuses[int(found.group(1))] += 1


@contextmanager
def counting_wire(host: str, port: int) -> Iterator[CountingWire]:
    """Forward to a face until left."""
    wire, ready, loop = CountingWire(), Event(), asyncio.new_event_loop()
    over = asyncio.Event()
    thread = Thread(target=lambda: loop.run_until_complete(_serve(wire, host, port, ready, over)))
    thread.start()
    ready.wait()
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _serve(wire: CountingWire, host: str, port: int, ready: Event, over: asyncio.Event) -> None:
    writers: list[asyncio.StreamWriter] = []
    passing: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(host, port)
        writers.extend((writer, upstream_writer))
        passing.append(asyncio.create_task(_pass(reader, upstream_writer, _unseen)))
        passing.append(asyncio.create_task(_pass(upstream_reader, writer, wire.see)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ready.set()
    await over.wait()
    server.close()
    for writer in writers:
        writer.close()  # whoever reads there reads the end
    await asyncio.gather(*passing)


def _unseen(_: bytes) -> None:
    """What clients send is not looked at."""


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: Callable[[bytes], None]) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            see(chunk)
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass  # whoever was there has gone; the other side is told by closing
    finally:
        writer.close()
