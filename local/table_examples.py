"""One example of every kind of item, written by the stores themselves into a table in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from boto3.dynamodb.conditions import ConditionBase

from lambdas.adapters.dynamo.accounts import DynamoAccounts
from lambdas.adapters.dynamo.comparisons import DynamoComparisons
from lambdas.adapters.dynamo.contracts import DynamoContracts
from lambdas.adapters.dynamo.controls import DynamoControls
from lambdas.adapters.dynamo.items import Item
from lambdas.adapters.dynamo.limits import DynamoLimits
from lambdas.adapters.dynamo.logins import DynamoLogins
from lambdas.adapters.dynamo.loop import DynamoLoop
from lambdas.adapters.dynamo.marks import DynamoMarks
from lambdas.adapters.dynamo.paper import DynamoPaper
from lambdas.adapters.dynamo.rates import DynamoRates
from lambdas.adapters.dynamo.runs import DynamoRuns
from lambdas.adapters.dynamo.strategies import DynamoStrategies
from lambdas.adapters.dynamo.table import Table
from lambdas.adapters.secrets.envelope import Envelope
from lambdas.adapters.secrets.sealed_table import SealedTable
from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.compared import Compared, never_compared, remember
from lambdas.domain.comparison import Comparison, Difference, DifferenceKind, Stranger, StrangerKind
from lambdas.domain.contracts import NO_STRIKE, OPTION_RIGHTS, Contract, Listing, Quote, Right, Side
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.intents import Intent, IntentStatus, OrderState, Phase, Quoted
from lambdas.domain.marks import Mark, ProfitPoint
from lambdas.domain.moments import Tick
from lambdas.domain.paper import Fill, PaperOrder
from lambdas.domain.pending_login import PendingLogin
from lambdas.domain.rate_log import RateLimit, RateLog
from lambdas.domain.risk_limits import Limits, LimitsOf, RiskLimits
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.ports.secrets import AccountSecret
from lambdas.ports.store import MasterFailure

TICK = Tick.parse("2026-11-23T09:20+05:30")
EXPIRY = date(2026, 12, 1)
ACCOUNTS = ("my-zerodha", "my-angel-one")
BASKET = "index-income"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI")


@dataclass(frozen=True)
class ExampleTable(Table):
    """A table in memory without conditions: what the stores write, whole, and the operations of transactions."""

    client: Any = None
    name: str = "examples"
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    transactions: list[Sequence[dict[str, Any]]] = field(default_factory=list)

    async def get(self, pk: str, sk: str) -> Item | None:
        return self.items.get((pk, sk))

    async def put(self, item: Item, condition: ConditionBase | None = None) -> bool:  # noqa: ARG002 (all hold)
        self.items[item["pk"], item["sk"]] = item
        return True

    async def update(
        self, pk: str, sk: str, *, sets: Mapping[str, Any], removes: Sequence[str] = (), **more: Any
    ) -> Item | None:
        old = {key: value for key, value in self.items.get((pk, sk), {}).items() if key not in removes}
        adds = {key: old.get(key, 0) + value for key, value in (more.get("adds") or {}).items()}
        item = {"pk": pk, "sk": sk, **old, **sets, **adds}
        await self.put(item)
        return item

    async def query(self, pk: str, sk_prefix: str = "", *, index: str | None = None) -> list[Item]:  # noqa: ARG002 (none)
        return [item for key, item in sorted(self.items.items()) if key[0] == pk and key[1].startswith(sk_prefix)]

    async def transact(self, operations: Sequence[dict[str, Any]]) -> bool:
        self.transactions.append(operations)
        for operation in operations:
            if "Put" in operation:
                await self.put(operation["Put"]["Item"])
            elif "Delete" in operation:
                key = operation["Delete"]["Key"]
                del self.items[key["pk"], key["sk"]]
        return True


class ExampleKey:
    """The part of a KMS client that seals; an encrypted data key has the size that KMS gives it."""

    def generate_data_key(self, **_: object) -> dict[str, bytes]:
        """A data key that is no secret."""
        return {"Plaintext": bytes(32), "CiphertextBlob": bytes(184)}


def example_user(number: int) -> str:
    """A user id as the user pool makes them, the same each time."""
    return str(UUID(int=number, version=4))


USER = example_user(1)


def example_definition(**changes: Any) -> StrategyDefinition:
    """An iron condor: four legs in two accounts each, on five weekdays."""

    def leg(right: str, side: str, steps: int) -> dict[str, Any]:
        shares = [{"account_id": account_id, "lots": 2} for account_id in ACCOUNTS]
        strike = {"by": "moneyness", "moneyness": "OTM", "steps": steps}
        return {"right": right, "side": side, "lots": 4, "strike": strike, "allocation": shares}

    fields: dict[str, Any] = {
        "name": "Morning iron condor",
        "underlying": "NIFTY",
        "schedule": {"weekdays": WEEKDAYS, "entry": TICK.hhmm, "exit": "15:15"},
        "allocation": [{"account_id": account_id} for account_id in ACCOUNTS],
        "legs": [leg(right, side, steps) for right in ("CE", "PE") for side, steps in (("SELL", 4), ("BUY", 8))],
    }
    return StrategyDefinition.model_validate({**fields, **changes})


def example_strategy(
    *, user_id: str = USER, strategy_id: str = "morning-condor", version: int = 1, **changes: Any
) -> Strategy:
    """That definition as a user has it."""
    definition = example_definition(**changes)
    return Strategy(user_id=user_id, strategy_id=strategy_id, version=version, definition=definition)


def example_table() -> ExampleTable:
    """A table with every kind of item in it."""
    table = ExampleTable()
    asyncio.run(_fill(table))
    return table


async def _fill(table: ExampleTable) -> None:
    basket = BasketDefinition(name="Index income", capital=Decimal(500_000))
    await DynamoStrategies(table, 1).save_basket(Basket(user_id=USER, basket_id=BASKET, version=1, definition=basket))
    await DynamoStrategies(table, 1).save(example_strategy(basket_id=BASKET))
    until = datetime.combine(TICK.date + timedelta(days=1), datetime.min.time(), TICK.instant.tzinfo)
    account = Account(USER, ACCOUNTS[0], "zerodha", "My Zerodha", "AB1234", True, "default", until)
    await DynamoAccounts(table).save_account(account)
    secret = AccountSecret({"api_key": "k" * 16, "api_secret": "s" * 32}, {"access_token": "t" * 32})
    await SealedTable(table, Envelope(ExampleKey(), "key")).write(USER, ACCOUNTS[0], secret)
    await DynamoLogins(table).begin_login(PendingLogin.begun(USER, ACCOUNTS[0], "a state", TICK.instant))
    _, log = RateLog().reserve([RateLimit("orders", 10, timedelta(seconds=1))], TICK.instant, 4)
    await DynamoRates(table).save_rate_log(USER, ACCOUNTS[0], log)
    of_all = RiskLimits(max_lots_per_order=20, max_lots_per_day=100, max_loss_per_day=Decimal(25_000))
    limits = LimitsOf(user=of_all, accounts={ACCOUNTS[0]: RiskLimits(max_orders_per_day=200)})
    await DynamoLimits(table).save_limits(Limits(user_id=USER, version=1, definition=limits))
    await DynamoComparisons(table).save_comparison(_compared())
    await _fill_day(table)
    await _fill_marks(table)
    await _fill_platform(table)


def _compared() -> Compared:
    difference = Difference(DifferenceKind.NOT_HELD, "NIFTY26D0124500CE/MIS", "the runs hold -130, the broker has +0")
    minute_later = TICK.instant + timedelta(minutes=1)
    before = never_compared(USER, ACCOUNTS[0], TICK.instant)
    strangers = (Stranger(StrangerKind.POSITION, "NIFTY26D0124500PE", 65, "NRML"),)
    first = remember(before, Comparison((difference,), strangers), TICK.instant).after
    return remember(first, Comparison((difference,), strangers), minute_later).after


async def _fill_day(table: Table) -> None:
    runs, strategy = DynamoRuns(table), example_strategy()
    run_id = strategy.run_id(TICK.date)
    run = Run(
        user_id=USER,
        run_id=run_id,
        strategy_id=strategy.strategy_id,
        strategy_version=1,
        name=strategy.definition.name,
        underlying="NIFTY",
        date=TICK.date,
        status=RunStatus.ENTERING,
        reason="8 orders in 2 accounts",
        entry="09:20",
        exit="15:15",
    )
    await runs.begin_run(run)
    intent = _intent(run_id)
    await runs.plan([intent])
    state = OrderState(
        status=IntentStatus.ACCEPTED,
        broker_order_id="261123000000001",
        sent_at=TICK.instant,
        acknowledged_at=TICK.instant,
        quoted=Quoted(Quote(Decimal("98.40"), Decimal("98.35"), Decimal("98.45")), TICK.instant),
    )
    await runs.record(intent, state)
    await DynamoPaper(table).append(USER, "on-paper", _paper_order(intent))


def _paper_order(intent: Intent) -> PaperOrder:
    return PaperOrder(
        tag=intent.tag,
        listing=next(row for row in _listings() if row.contract == intent.contract),
        side=intent.side,
        quantity=intent.quantity,
        product=intent.product,
        limit_price=Decimal("92.15"),
        placed_at=TICK.instant,
        visible_at=TICK.instant + timedelta(milliseconds=80),
        changed_at=TICK.instant + timedelta(milliseconds=130),
        status=IntentStatus.FILLED,
        fills=(Fill(TICK.instant + timedelta(milliseconds=130), intent.quantity, Decimal("98.40")),),
        version=2,
    )


def _intent(run_id: str) -> Intent:
    return Intent(
        user_id=USER,
        run_id=run_id,
        leg=1,
        account_id=ACCOUNTS[0],
        phase=Phase.ENTRY,
        slice_number=1,
        attempt=1,
        contract=Contract("NIFTY", EXPIRY, Decimal(24700), Right.CE),
        exchange="NFO",
        symbol="NIFTY26D0124700CE",
        token="10241538",  # noqa: S106 (an instrument's number)
        side=Side.SELL,
        lots=2,
        quantity=130,
        product="MIS",
        tick_size=Decimal("0.05"),
        freeze_quantity=1800,
        intended_at=TICK,
        not_after=TICK.instant + timedelta(seconds=20),
    )


async def _fill_marks(table: Table) -> None:
    """Of an iron condor: four contracts are open."""
    at = TICK.instant + timedelta(seconds=67)
    strikes = ((Right.CE, 24700), (Right.CE, 24900), (Right.PE, 24300), (Right.PE, 24100))
    contracts = [Contract("NIFTY", EXPIRY, Decimal(strike), right) for right, strike in strikes]
    marks = DynamoMarks(table)
    await marks.save_marks(USER, TICK.date, {one: Mark(Decimal("104.35"), at) for one in contracts}, at=at)
    await marks.add_point(USER, TICK.date, ProfitPoint(at, Decimal("-1287.50"), None))


async def _fill_platform(table: Table) -> None:
    contracts, controls, loop = DynamoContracts(table), DynamoControls(table), DynamoLoop(table)
    await contracts.save_listings("zerodha", TICK.date, _listings())
    await contracts.save_failure("zerodha", MasterFailure(TICK.date, "the master could not be read: HTTP 503"))
    at = TICK.instant
    await controls.halt("PLATFORM", "exchange outage", "operator", at=at)
    await controls.change_day(DayChange(EXPIRY, ChangeKind.HOLIDAY, "Exchange closed"), by="operator", at=at)
    lease = await loop.acquire(TICK.date, f"trading-day:{example_user(2)}", at, at + timedelta(minutes=1))
    if lease is not None:
        await loop.renew(TICK.date, lease)
    await loop.record_tick(TICK, "dispatched", {"users": 12, "work": 40, "token": 1})


def _listings() -> list[Listing]:
    """A weekly expiry as an exchange lists it: 218 strikes with both rights, and a future."""
    options = [(Decimal(strike), right) for strike in range(19_000, 29_900, 50) for right in OPTION_RIGHTS]
    return [
        Listing(
            contract=Contract("NIFTY", EXPIRY, strike, right),
            exchange="NFO",
            symbol=f"NIFTY26D01{strike:f}{right}",
            token=str(10_240_000 + 17 * number),
            lot_size=65,
            tick_size=Decimal("0.05"),
            freeze_quantity=1800,
        )
        for number, (strike, right) in enumerate([*options, (NO_STRIKE, Right.FUT)])
    ]


async def items_of(strategies: Sequence[Strategy], shards: int) -> list[Item]:
    """What the store writes for these strategies: each with all its due items."""
    table = ExampleTable()
    for strategy in strategies:
        await DynamoStrategies(table, shards).save(strategy)
    return list(table.items.values())
