"""The paper account in the acceptance suite: it quotes from an account of its own at the sandbox's Zerodha face."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.paper.adapter import PaperDesk
from lambdas.adapters.brokers.registry import open_broker, open_paper
from lambdas.domain.accounts import Account
from lambdas.domain.moments import IST
from lambdas.domain.paper import PaperOrder
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret
from tests.doubles.contracts import MemoryContracts
from tests.doubles.pace import Unhurried
from tests.doubles.paper import MemoryPaper

SOURCE = "zerodha"
CLIENT_ID = "PAPER-quoting"
CREDENTIALS = {"quotes_from": "quoting", "capital": "5000000"}
SOURCE_CREDENTIALS = {"api_key": "sandboxpaperkey1", "api_secret": "sandboxpapersecret1"}
SOURCE_CLIENT = "SB0101"
USER = "user-on-paper"
ALL_INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"})

NOT_ON_PAPER: Mapping[str, str] = {
    "B02": "there is nothing to type: every login begins a session",
    "B16": "no reply travels; a store that does not answer makes an order UNKNOWN, and its tag finds it",
    "B17": "no request travels, so none is lost on the way",
    "B18": "no page can come in the place of an answer; a garbled quote refuses the order",
    "B19": "it has no rate limit of its own; that of the account it quotes from refuses the order",
    "B20": "it has no address; an account to quote from that cannot be reached refuses the order",
    "B32": "nobody ends its session; that of the account it quotes from is over for it too",
    "B34": "no broker counts its orders; its quotes count as calls of the account it quotes from",
}
"""Cases of the acceptance list that say nothing of a paper account, and why. What takes
their place is proved in `tests/unit/brokers/test_paper.py`."""


@dataclass
class House:
    """What the paper account of a running sandbox has: its orders, the masters, the session that it quotes with."""

    orders: MemoryPaper = field(default_factory=MemoryPaper)
    contracts: MemoryContracts = field(default_factory=MemoryContracts)
    tokens: Mapping[str, str] = field(default_factory=dict)

    def source(self, endpoints: Endpoints, clock: Clock) -> Broker:
        """The account that gives the quotes."""
        return open_broker(
            SOURCE,
            credentials=SOURCE_CREDENTIALS,
            tokens=self.tokens,
            endpoints=endpoints,
            clock=clock,
            pace=Unhurried(),
        )

    def open(self, tokens: Mapping[str, str], endpoints: Endpoints, clock: Clock) -> Broker:
        """The paper account over a session of it."""

        async def open_source() -> Broker:
            return self.source(endpoints, clock)

        account = Account(
            USER, "on-paper", "paper", "On paper", CLIENT_ID, True, "default", quotes_from="quoting", listed_at=SOURCE
        )
        secret = AccountSecret(CREDENTIALS, tokens)
        desk = PaperDesk(self.orders, self.contracts)
        return open_paper(account, secret, desk=desk, open_source=open_source, clock=clock)

    async def open_for_business(self, session: BrokerSession, endpoints: Endpoints, clock: Clock) -> None:
        """Take a session to quote with, and load the master once."""
        self.tokens = session.tokens
        if await self.contracts.master_of(SOURCE) is None:
            source = self.source(endpoints, clock)
            listings = await source.listings(ALL_INDICES)
            await source.aclose()
            await self.contracts.save_listings(SOURCE, clock.now().astimezone(IST).date(), listings)

    def orders_tagged(self, tag: str, clock: Clock) -> list[dict[str, Any]]:
        """What the store keeps under a tag, in the words of the sandbox's books."""
        day = clock.now().astimezone(IST).date()
        kept = _now(self.orders.orders(USER, "on-paper", day))
        return [_told(order) for order in kept if order.tag == tag]


HOUSES: dict[int, House] = {}
"""By the port of the sandbox."""


def _now(coroutine: Any) -> Any:
    """What a coroutine that waits for nothing returns."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


def _told(order: PaperOrder) -> dict[str, Any]:
    contract = order.listing.contract
    return {
        "tag": order.tag,
        "side": str(order.side),
        "quantity": order.quantity,
        "filled": order.filled_quantity,
        "product": order.product,
        "price": str(order.limit_price),
        "modifications": order.modifications,
        "received_at_us": order.visible_at.timestamp() * 1e6,
        "kind": str(contract.right),
        "expiry": contract.expiry.isoformat(),
        "algo_id": "",
        "algo_name": "",
    }
