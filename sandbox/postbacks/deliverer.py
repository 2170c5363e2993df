"""Posts what waits on the board: each account's letters in order, each tried once, no account waiting for another."""

import asyncio

import httpx

from sandbox.postbacks.board import Address, Letter, Postbacks
from sandbox.postbacks.dialects import DIALECTS

TIMEOUT_SECONDS = 3.0
_HEADERS = {"Content-Type": "application/json", "User-Agent": "sandbox"}


class Deliverer:
    """One for each board; what still waits when it is cancelled is not sent."""

    def __init__(self, board: Postbacks, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._board = board
        self._timeout = timeout_seconds

    async def run(self) -> None:
        """Deliver until cancelled."""
        woken = asyncio.Event()
        self._board.wake = woken.set
        async with _client() as client, asyncio.TaskGroup() as group:
            while True:
                woken.clear()
                for address in self._board.idle_addresses():
                    address.busy = True
                    group.create_task(self._empty(client, address))
                await woken.wait()

    async def _empty(self, client: httpx.AsyncClient, address: Address) -> None:
        try:
            while address.waiting and self._board.holds(address):
                letter = address.waiting[0]
                await asyncio.sleep(letter.hold_ms / 1000)
                for _ in range(letter.copies):
                    await self._send(client, address, letter)
                address.waiting.popleft()
        finally:
            address.busy = False

    async def _send(self, client: httpx.AsyncClient, address: Address, letter: Letter) -> None:
        if self._board.blocked_until(address):
            self._board.record(address, letter, None, "not sent: the address is blocked")
            return
        status, note = await self._post(client, address.url, letter)
        if not self._board.holds(address):
            return
        self._board.record(address, letter, status, note)
        if status != httpx.codes.OK and DIALECTS[address.account.broker].needs_200:
            self._board.block(address)

    async def _post(self, client: httpx.AsyncClient, url: str, letter: Letter) -> tuple[int | None, str]:
        """The HTTP status and nothing, or None and why there was none."""
        try:
            async with asyncio.timeout(self._timeout):
                return (await client.post(url, json=letter.body)).status_code, ""
        except TimeoutError:
            return None, f"no answer within {self._timeout:g} s"
        except httpx.HTTPError as error:
            return None, f"no answer: {type(error).__name__}"


def _client() -> httpx.AsyncClient:
    """Goes straight to the address: no proxy of the environment, no redirect that could leave the machine.

    It has no limit of connections, which accounts would wait for, and no timeout but the deliverer's own.
    """
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(headers=_HEADERS, timeout=None, limits=limits, trust_env=False)  # noqa: S113
