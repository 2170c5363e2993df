"""The chase of an entry's limit order: when its limit moves, where to, and when it is given up."""

from datetime import datetime, timedelta
from decimal import Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import RESTING, Order
from lambdas.domain.limit_price import beyond, distance, within
from lambdas.domain.order_rules import Chase
from lambdas.domain.protection import protected_limit

KEPT_BACK = 1
"""Changes of an order that a chase leaves unused: a broker that counts them may count its cancellation too."""


def chase_of(order: Order) -> Chase | None:
    """The chase of an order; None for what is not sent as a limit order."""
    rules = order.intent.orders
    return rules.chase if rules.style == "limit" else None


def gives_up_at(order: Order) -> datetime | None:
    """When the chase of an order ends, counted from its sending; None without one, or when nobody knows that."""
    chase, sent_at = chase_of(order), order.state.sent_at
    return None if chase is None or sent_at is None else sent_at + timedelta(seconds=chase.give_up_after_seconds)


def next_step_at(order: Order, most_changes: int | None) -> datetime | None:
    """When the limit of an order may move next; None when it does not any more.

    `most_changes` is how many changes of one order its broker takes, None where it names no limit.
    """
    chase, state = chase_of(order), order.state
    if chase is None or state.sent_at is None or state.status not in RESTING:
        return None
    if state.broker_order_id is None or state.limit_price is None:
        return None
    if most_changes is not None and state.chased >= most_changes - KEPT_BACK:
        return None
    at = (state.chased_at or state.sent_at) + timedelta(seconds=chase.every_seconds)
    return at if at < state.sent_at + timedelta(seconds=chase.give_up_after_seconds) else None


def next_limit(order: Order, quote: Quote) -> Decimal | None:
    """Where the limit (rupees, on the tick) of an order moves at this quote; None when it stays.

    One step up for a buy, down for a sale, at least a tick, and never beyond the protected limit of this quote. A
    limit that is there already stays, also when the market has come back to it. Raises ValueError without a price.
    """
    intent, chase, limit = order.intent, chase_of(order), order.state.limit_price
    if chase is None or limit is None:
        return None
    step = max(distance(chase.step, limit), intent.tick_size)
    outermost = protected_limit(intent.side, quote, intent.tick_size)
    moved = within(intent.side, beyond(intent.side, limit, step, intent.tick_size), outermost)
    is_further = moved > limit if intent.side is Side.BUY else moved < limit
    return moved if is_further else None
