"""A paper account: what its source's trouble means for it, that a tag is one order, and what fills while it waits."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.paper.adapter import TERMS, PaperDesk
from lambdas.adapters.brokers.paper.source import source_of
from lambdas.adapters.brokers.registry import open_login, open_paper
from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import IntentStatus
from lambdas.ports.broker import (
    Broker,
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    OrderRequest,
    Outcome,
    SessionOver,
)
from lambdas.ports.secrets import AccountSecret
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.broker import FakeBroker
from tests.doubles.brokers import FakeBrokers
from tests.doubles.clock import VirtualClock
from tests.doubles.contracts import MemoryContracts
from tests.doubles.examples import TICK, USER, a_contract, a_listing, an_account, at, listings_of
from tests.doubles.paper import MemoryPaper
from tests.doubles.secrets import MemorySecrets

pytestmark = pytest.mark.anyio
CREDENTIALS = {"quotes_from": "zerodha-one"}
LISTING = a_listing(a_contract(24500))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def an_order(tag: str = "LWONE", **changes: Any) -> OrderRequest:
    """One lot bought above the ask."""
    fields: dict[str, Any] = {
        "exchange": LISTING.exchange,
        "symbol": LISTING.symbol,
        "token": LISTING.token,
        "side": Side.BUY,
        "quantity": LISTING.lot_size,
        "product": "MIS",
        "limit_price": Decimal("105.00"),
        "protection_percent": Decimal(3),
        "tag": tag,
    }
    return OrderRequest(**{**fields, **changes})


class SlowSource(FakeBroker):
    """Its quotes take a while, as those of brokers do."""

    async def quotes(self, instruments: Sequence[tuple[str, str, str]]) -> Mapping[str, Quote]:
        await self.clock.sleep(timedelta(milliseconds=100))
        return await super().quotes(instruments)


@dataclass
class Scene:
    """A source that a test lets go wrong, and paper accounts over it that share one store."""

    clock: VirtualClock = field(default_factory=lambda: VirtualClock(TICK.instant))
    orders: MemoryPaper = field(default_factory=MemoryPaper)
    contracts: MemoryContracts = field(default_factory=MemoryContracts)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    accounts: MemoryAccounts = field(default_factory=lambda: MemoryAccounts(an_account()))

    def __post_init__(self) -> None:
        self.source = FakeBroker(self.clock)
        self.brokers = FakeBrokers(self.clock)
        self.brokers.accounts[USER, "zerodha-one"] = self.source

    @property
    def paper(self) -> Account:
        return an_account("on-paper", broker="paper", quotes_from="zerodha-one", listed_at="zerodha")

    async def open(self, capital: str = "5000000", *, logged_in_with: str | None = None) -> Broker:
        """The paper account; its session is of this capital unless another is told."""
        credentials = {**CREDENTIALS, "capital": logged_in_with or capital}
        login = open_login("paper", credentials=credentials, endpoints=Endpoints(""), clock=self.clock)
        session = await login.handle_callback({}, self.clock.now())
        secret = AccountSecret({**CREDENTIALS, "capital": capital}, session.tokens)
        open_source = source_of(
            self.paper, accounts=self.accounts, secrets=self.secrets, brokers=self.brokers, clock=self.clock
        )
        desk = PaperDesk(self.orders, self.contracts)
        return open_paper(self.paper, secret, desk=desk, open_source=open_source, clock=self.clock)

    def price(self, last: str, bid: str | None = None, ask: str | None = None) -> None:
        """The source's quote from now on."""
        sides = [None if text is None else Decimal(text) for text in (bid, ask)]
        self.source.quoted[LISTING.symbol] = Quote(Decimal(last), *sides)


@pytest.fixture
async def scene(anyio_backend: str) -> Scene:
    made = Scene()
    await made.contracts.save_listings("zerodha", TICK.date, listings_of())
    await made.secrets.write(USER, "zerodha-one", AccountSecret({"api_key": "k"}))
    return made


class TestSending:
    async def test_an_order_meets_a_quote_that_is_read_after_its_latency(self, scene: Scene) -> None:
        account = await scene.open()
        placement = await account.prepare(an_order())()
        assert placement.outcome is Outcome.ACCEPTED
        assert placement.sent_at == TICK.instant
        assert placement.acknowledged_at == TICK.instant + TERMS.latency
        (row,) = await account.orders()
        assert (row.status, row.average_price) == (IntentStatus.FILLED, Decimal("100.05"))
        assert row.exchange_at == TICK.instant + TERMS.latency
        assert row.broker_order_id == placement.broker_order_id

    @pytest.mark.parametrize("trouble", [BrokerBusy, BrokerGarbled, BrokerUnreachable, SessionOver])
    async def test_without_a_quote_nothing_is_sent(self, scene: Scene, trouble: type[BrokerError]) -> None:
        account = await scene.open()
        send = account.prepare(an_order())
        scene.source.trouble = trouble("it says no")
        placement = await send()
        assert (placement.outcome, placement.sent_at) == (Outcome.REFUSED, None)
        assert placement.reason == "paper: not sent: quotes of account zerodha-one: it says no"
        assert placement.busy is (trouble is BrokerBusy)
        scene.source.trouble = None
        assert await account.orders() == []

    async def test_a_tag_is_one_order_whoever_sends_it_again(self, scene: Scene) -> None:
        accounts = [await scene.open() for _ in range(3)]
        sends = [account.prepare(an_order(quantity=65 * n)) for n, account in enumerate([*accounts, accounts[0]], 1)]
        placements = await asyncio.gather(*(send() for send in sends))
        assert {placement.outcome for placement in placements} == {Outcome.ACCEPTED}
        assert len({placement.broker_order_id for placement in placements}) == 1
        (row,) = await accounts[1].orders()
        assert row.filled_quantity == row.quantity

    async def test_a_store_that_does_not_answer_is_unknown_and_the_tag_tells(self, scene: Scene) -> None:
        account = await scene.open()
        scene.orders.unclear = True
        placement = await account.prepare(an_order())()
        assert (placement.outcome, placement.sent_at) == (Outcome.UNKNOWN, TICK.instant)
        scene.orders.unclear = False
        found = await account.order_by_tag("LWONE")
        assert found is not None
        assert found.filled_quantity == 65

    async def test_orders_that_leave_together_see_what_the_ones_before_bind(self, scene: Scene) -> None:
        account = await scene.open("250000")
        sends = [account.prepare(an_order(f"LW{n}", side=Side.SELL, limit_price=Decimal(90))) for n in range(4)]
        placements = await asyncio.gather(*(send() for send in sends))
        outcomes = [placement.outcome for placement in placements]
        assert outcomes.count(Outcome.ACCEPTED) == 1
        assert {p.reason for p in placements if p.outcome is Outcome.REFUSED} != set()
        assert all("not enough funds: needs ₹" in p.reason for p in placements if p.outcome is Outcome.REFUSED)
        funds = await account.funds()
        assert funds.available > 0

    async def test_a_burst_of_orders_asks_for_quotes_twice(self, scene: Scene) -> None:
        slow = scene.brokers.accounts[USER, "zerodha-one"] = SlowSource(scene.clock)
        account = await scene.open()
        sends = [account.prepare(an_order(f"LW{n}")) for n in range(8)]
        await asyncio.gather(*(send() for send in sends))
        assert slow.calls.count("quotes") == 2
        assert slow.calls.count("index_quote") == 1

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"symbol": "NOSUCH", "token": "1"}, "paper: NFO:NOSUCH is not in the instrument master of zerodha"),
            ({"quantity": 64}, "paper: quantity 64 is no multiple of the lot of 65"),
            ({"limit_price": Decimal("100.03")}, "paper: limit 100.03 is no multiple of the tick of 0.05"),
        ],
    )
    async def test_what_the_exchange_would_refuse_is_refused(
        self, scene: Scene, changes: dict[str, Any], told: str
    ) -> None:
        account = await scene.open()
        placement = await account.prepare(an_order(**changes))()
        assert (placement.outcome, placement.reason) == (Outcome.REFUSED, told)
        assert placement.sent_at == TICK.instant
        assert await account.orders() == []


class TestWaiting:
    async def test_an_order_fills_at_the_look_that_finds_its_price(self, scene: Scene) -> None:
        account, later = await scene.open(), await scene.open()
        scene.price("110", "109.95", "110.05")
        await account.prepare(an_order())()
        (row,) = await account.orders()
        assert row.status is IntentStatus.ACCEPTED
        scene.price("100", "99.95", "100.05")
        assert (await later.order(row.broker_order_id)).average_price == Decimal("100.05")
        scene.price("120", "119.95", "120.05")
        assert (await account.orders())[0].average_price == Decimal("100.05")

    async def test_a_large_order_fills_in_portions_however_often_somebody_looks(self, scene: Scene) -> None:
        account = await scene.open()
        portion = TERMS.lots_at_a_price * 65
        await account.prepare(an_order(quantity=2 * portion))()
        for _ in range(3):
            (row,) = await account.orders()
            assert (row.status, row.filled_quantity) == (IntentStatus.PARTLY_FILLED, portion)
        await scene.clock.sleep(TERMS.refills_after)
        (row,) = await account.orders()
        assert (row.status, row.filled_quantity) == (IntentStatus.FILLED, 2 * portion)

    async def test_what_cannot_fill_needs_no_quote(self, scene: Scene) -> None:
        account = await scene.open()
        await account.prepare(an_order())()
        asked = scene.source.calls.count("quotes")
        await account.orders()
        await account.order_by_tag("LWONE")
        assert scene.source.calls.count("quotes") == asked

    async def test_a_cancelled_order_keeps_its_fills_and_rests_no_more(self, scene: Scene) -> None:
        account = await scene.open()
        portion = TERMS.lots_at_a_price * 65
        placement = await account.prepare(an_order(quantity=2 * portion))()
        number = placement.broker_order_id or ""
        await account.cancel(number)
        await scene.clock.sleep(timedelta(minutes=1))
        row = await account.order(number)
        assert (row.status, row.filled_quantity) == (IntentStatus.CANCELLED, portion)
        with pytest.raises(BrokerRefused, match=f"paper: order {number} is cancelled already"):
            await account.cancel(number)

    async def test_a_day_begins_with_an_empty_book_and_the_whole_capital(self, scene: Scene) -> None:
        scene.accounts = MemoryAccounts(an_account(session_expires_at=at("06:00", "2026-11-26")))
        account = await scene.open()
        await account.prepare(an_order())()
        assert (await account.funds()).used > 0
        scene.clock.move_to(TICK.instant + timedelta(days=1))
        assert await account.orders() == []
        assert await account.positions() == []
        assert (await account.funds()).available == 5_000_000


class TestSessions:
    async def test_a_session_of_other_credentials_is_over_everywhere(self, scene: Scene) -> None:
        account = await scene.open("7000000", logged_in_with="5000000")
        for ask in (account.warm(1), account.orders(), account.funds(), account.positions(), account.cancel("1")):
            with pytest.raises(SessionOver, match="log in again"):
                await ask
        assert (await account.prepare(an_order())()).outcome is Outcome.REFUSED
        await account.aclose()

    async def test_a_source_that_is_not_logged_in_is_told_as_such(self, scene: Scene) -> None:
        await scene.accounts.save_account(an_account(session_expires_at=at("06:00")))
        account = await scene.open()
        told = "paper: quotes of account zerodha-one: the zerodha session of account zerodha-one ended"
        for ask in (account.warm(1), account.index_quote("NIFTY")):
            with pytest.raises(SessionOver, match=told):
                await ask

    async def test_a_source_whose_session_the_broker_ends_is_over_too_and_works_after_its_login(
        self, scene: Scene
    ) -> None:
        account = await scene.open()
        scene.source.trouble = SessionOver("TokenException")
        with pytest.raises(SessionOver, match="paper: quotes of account zerodha-one: TokenException"):
            await account.warm(1)
        scene.source.trouble = None
        assert (await account.warm(1)).client_id == "PAPER-zerodha-one"

    async def test_a_source_that_is_gone_is_a_refusal(self, scene: Scene) -> None:
        await scene.accounts.delete_account(USER, "zerodha-one")
        with pytest.raises(BrokerRefused, match="it is not linked any more"):
            await (await scene.open()).warm(1)

    async def test_a_source_is_opened_once_and_closed_with_the_account(self, scene: Scene) -> None:
        account = await scene.open()
        await asyncio.gather(*(account.index_quote("NIFTY") for _ in range(3)))
        await account.aclose()
        assert scene.brokers.opened == ["zerodha-one"]
        assert scene.source.closed == 1

    async def test_a_capital_that_is_no_amount_is_named(self, scene: Scene) -> None:
        with pytest.raises(ValueError, match="capital: '-1' is not above 0"):
            await scene.open("-1")


async def test_an_empty_side_of_the_book_costs_half_a_spread_more(scene: Scene) -> None:
    account = await scene.open()
    scene.price("100.00")
    await account.prepare(an_order())()
    await account.prepare(replace(an_order("LWTWO"), side=Side.SELL, limit_price=Decimal(90)))()
    bought, sold = await account.orders()
    assert (bought.average_price, sold.average_price) == (Decimal("100.25"), Decimal("99.75"))
