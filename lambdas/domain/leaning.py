"""Which orders of a run lean on which: a sale at entry on the buys, a hedge on the shorts it covers; those of its own
account, or of all of them where the strategy says so."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from lambdas.domain.contracts import Side
from lambdas.domain.gaps import gaps_of, leg_of
from lambdas.domain.intents import FINAL, Intent, Order, Phase
from lambdas.domain.runs import Position, positions_of


class Elsewhere(NamedTuple):
    """What a sale leans on in other accounts: what is missing there for good, and what may still come."""

    missing: str | None
    pending: str | None


def closable(orders: Sequence[Order]) -> list[Position]:
    """The positions that may be closed now.

    Not those of which a closing order has no end yet: it could close them twice. Not what is held long in an account
    where a short may be open that nobody can say of: an entry that may still fill, or a buy-back under way. Where the
    accounts of a run lean on each other, in no account.
    """
    unresolved = [order.intent for order in orders if order.state.status not in FINAL]
    closing = {(intent.leg, intent.account_id) for intent in unresolved if intent.phase is Phase.EXIT}
    short = {intent.account_id for intent in unresolved if _is_of_a_short(intent)}
    if short and any(order.intent.orders.hedges_of == "run" for order in orders):
        short = {order.intent.account_id for order in orders}
    return [
        position
        for position in positions_of(orders)
        if (position.leg, position.account_id) not in closing
        and not (position.net > 0 and position.account_id in short)
    ]


def lacks(sale: Intent, orders: Sequence[Order], at_hand: Collection[Intent]) -> str | None:
    """What a sale leans on and neither happened nor is about to be sent with it (`at_hand`), or None.

    `orders` are those of its run. At entry these are the buys of its account, at exit the shorts there; where it leans
    on other accounts, what is missing there for good.
    """
    of_account = [order for order in orders if order.intent.account_id == sale.account_id]
    ids = {intent.intent_id for intent in at_hand}
    entering = sale.phase is Phase.ENTRY
    missing = _lacks_hedge(of_account, ids) if entering else _leaves_short(of_account, at_hand, ids)
    return missing or elsewhere(sale, orders).missing


def elsewhere(sale: Intent, orders: Sequence[Order]) -> Elsewhere:
    """What a sale still leans on in the other accounts of its run; nothing where it leans on its own only."""
    if sale.orders.hedges_of == "account":
        return Elsewhere(None, None)
    others = [order for order in orders if order.intent.account_id != sale.account_id]
    return _hedges_of(others) if sale.phase is Phase.ENTRY else _shorts_of(others)


def _hedges_of(orders: Sequence[Order]) -> Elsewhere:
    gaps = gaps_of(order for order in orders if _is_hedge(order.intent))
    ended = [gap for gap in gaps if gap.last.state.status in FINAL]
    missing = f"{leg_of(ended[0].last)} is {ended[0].last.state.status}" if ended else None
    return Elsewhere(missing, leg_of(gaps[0].last) if gaps else None)


def _shorts_of(orders: Sequence[Order]) -> Elsewhere:
    moving = [order for order in orders if order.state.status not in FINAL and _is_of_a_short(order.intent)]
    closing = {(order.intent.leg, order.intent.account_id) for order in moving}
    for position in positions_of(orders):
        if position.net < 0 and (position.leg, position.account_id) not in closing:
            return Elsewhere(f"leg {position.leg} ({position.symbol} at {position.account_id}) is short", None)
    return Elsewhere(None, leg_of(moving[0]) if moving else None)


def _lacks_hedge(orders: Sequence[Order], at_hand: Collection[str]) -> str | None:
    for gap in gaps_of(order for order in orders if _is_hedge(order.intent)):
        if gap.last.intent.intent_id not in at_hand:
            return f"{leg_of(gap.last)} is {gap.last.state.status}, and not sent here"
    return None


def _leaves_short(orders: Sequence[Order], at_hand: Collection[Intent], ids: Collection[str]) -> str | None:
    for order in orders:
        if order.state.status not in FINAL and _is_of_a_short(order.intent) and order.intent.intent_id not in ids:
            return f"{leg_of(order)} is {order.state.status}, and not sent here"
    for position in positions_of(orders):
        buys = (intent for intent in at_hand if intent.leg == position.leg and intent.side is Side.BUY)
        if position.net < 0 and sum(intent.quantity for intent in buys) < -position.net:
            return f"leg {position.leg} ({position.symbol} at {position.account_id}) is short, and not closed here"
    return None


def _is_hedge(intent: Intent) -> bool:
    return intent.phase is Phase.ENTRY and intent.side is Side.BUY


def _is_of_a_short(intent: Intent) -> bool:
    return intent.side is (Side.SELL if intent.phase is Phase.ENTRY else Side.BUY)
