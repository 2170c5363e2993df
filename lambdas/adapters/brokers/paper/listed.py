"""Which contract an order's symbol means, from the instrument master that the platform has loaded."""

import asyncio

from lambdas.adapters.brokers.paper.auth import NAME
from lambdas.domain.contracts import Listing
from lambdas.domain.moments import IST
from lambdas.ports.broker import BrokerGarbled, BrokerRefused
from lambdas.ports.clock import Clock
from lambdas.ports.store import ContractStore

UNDERLYINGS = {
    "NFO": ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"),
    "BFO": ("SENSEX", "BANKEX"),
}
"""The indices of each segment, those that are traded most first."""


class Listed:
    """Finds contracts by segment, symbol and token; what was found, and each chain, is kept."""

    def __init__(self, contracts: ContractStore, master: str, clock: Clock) -> None:
        self._contracts = contracts
        self._master = master
        self._clock = clock
        self._known: dict[tuple[str, str, str], Listing] = {}
        self._looking = asyncio.Lock()

    async def listing(self, exchange: str, symbol: str, token: str) -> Listing:
        """The contract of an order. Raises BrokerRefused for one that the master does not list, and
        BrokerGarbled when it cannot be read."""
        key = exchange, symbol, token
        async with self._looking:
            if key not in self._known:
                try:
                    await self._look(key)
                except Exception as error:
                    told = f"the instrument master of {self._master} cannot be read: {type(error).__name__}"
                    raise BrokerGarbled(f"{NAME}: {told}") from error
        if key not in self._known:
            raise BrokerRefused(f"{NAME}: {exchange}:{symbol} is not in the instrument master of {self._master}")
        return self._known[key]

    async def _look(self, key: tuple[str, str, str]) -> None:
        """Read chains, the next expiries first, until the key is in one. An underlying whose name the symbol
        holds goes before the others: a broker's symbols need not tell it, but most do."""
        exchange, symbol, _ = key
        today = self._clock.now().astimezone(IST).date()
        for underlying in sorted(UNDERLYINGS.get(exchange, ()), key=lambda name: not _tells(symbol, name)):
            for expiry in await self._contracts.expiries(self._master, underlying):
                if expiry < today:
                    continue
                chain = await self._contracts.chain(self._master, underlying, expiry)
                for row in chain.listings.values() if chain else ():
                    self._known[row.exchange, row.symbol, row.token] = row
                if key in self._known:
                    return


def _tells(symbol: str, underlying: str) -> bool:
    """Whether a symbol begins with the name, after a prefix like `NSE:`."""
    return symbol.rpartition(":")[2].upper().startswith(underlying)
