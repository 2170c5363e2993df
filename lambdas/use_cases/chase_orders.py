"""Move the limits of resting orders towards the market, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from lambdas.domain.chasing import chase_of, gives_up_at, next_limit, next_step_at
from lambdas.domain.contracts import Quote
from lambdas.domain.intents import Order
from lambdas.ports.broker import Broker, BrokerError, BrokerGarbled, SessionOver
from lambdas.ports.clock import Clock
from lambdas.ports.store import RunStore


@dataclass(frozen=True)
class Chaser:
    """Chases the orders of one account. `most_changes` is how many changes of one order its broker takes.

    A step is taken in the ledger before the broker is asked: of two invocations that follow an order, one moves it.
    A run that is being squared off is not entered any further.
    """

    broker: Broker
    runs: RunStore
    clock: Clock
    most_changes: int | None
    _looked_at: dict[str, datetime] = field(default_factory=dict, compare=False)

    async def step(self, orders: Sequence[Order]) -> list[Order]:
        """Move the limits of those whose next step is due, at fresh quotes; the orders that changed by it.

        To be called for orders as their broker's book has just shown them: a change whose answer was lost is not
        made again before somebody looked. Without a quote nothing moves until the step after. Raises SessionOver.
        """
        now = self.clock.now()
        due = [order for order in orders if self._is_due(order, now)]
        self._looked_at.update({order.intent.tag: now for order in due})
        due = await self._wanted(due)
        if not due:
            return []
        instruments = {(order.intent.exchange, order.intent.symbol, order.intent.token) for order in due}
        try:
            quotes = await self.broker.quotes(sorted(instruments))
        except SessionOver:
            raise
        except BrokerError:
            return []
        moved: list[Order] = []
        for order in due:
            limit = _limit(order, quotes.get(order.intent.symbol))
            if limit is not None:
                moved.append(await self._move(order, limit))
        return moved

    def _is_due(self, order: Order, now: datetime) -> bool:
        at, end, chase = next_step_at(order, self.most_changes), gives_up_at(order), chase_of(order)
        if at is None or end is None or chase is None or not at <= now < end:
            return False
        looked_at = self._looked_at.get(order.intent.tag)
        return looked_at is None or now >= looked_at + timedelta(seconds=chase.every_seconds)

    async def _wanted(self, orders: Sequence[Order]) -> list[Order]:
        """Those whose run is not being squared off meanwhile."""
        keys = {(one.intent.user_id, one.intent.intended_at.date, one.intent.run_id) for one in orders}
        runs = [await self.runs.run(*key) for key in sorted(keys)]
        closing = {(run.user_id, run.run_id) for run in runs if run is not None and run.closing}
        return [order for order in orders if (order.intent.user_id, order.intent.run_id) not in closing]

    async def _move(self, order: Order, limit: Decimal) -> Order:
        intent, before = order.intent, order.state
        taken = replace(before, limit_price=limit, chased=before.chased + 1, chased_at=self.clock.now())
        if not await self.runs.move_limit(intent, taken):
            return await self._stored(order)
        try:
            await self.broker.modify(before.broker_order_id or "", limit, intent.quantity)
        except BrokerGarbled:
            return Order(intent, taken)  # it may have arrived: the next step goes on from here
        except BrokerError as error:
            unmoved = replace(taken, limit_price=before.limit_price)
            await self.runs.record(intent, unmoved)
            if isinstance(error, SessionOver):
                raise
            return Order(intent, unmoved)
        return Order(intent, taken)

    async def _stored(self, order: Order) -> Order:
        """The order as the ledger has it after somebody else moved or ended it."""
        intent = order.intent
        orders = await self.runs.orders_of_run(intent.user_id, intent.intended_at.date, intent.run_id)
        return next((one for one in orders if one.intent.tag == intent.tag), order)


def _limit(order: Order, quote: Quote | None) -> Decimal | None:
    """Where the limit of an order moves; None where it stays, or where no price says how far it may go."""
    try:
        return None if quote is None else next_limit(order, quote)
    except ValueError:
        return None
