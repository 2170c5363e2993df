"""Closing what a run holds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, Intent, Order, Phase
from lambdas.domain.leaning import closable
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import PROTECTED, PROTECTED_ACROSS
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.runs import Position
from lambdas.domain.slicing import slice_quantity


def closable_positions(orders: Sequence[Order]) -> list[Position]:
    """What may be closed now, see `closable`. Raises PlanningError when nothing may, and something has no end yet."""
    unresolved = [order for order in orders if order.state.status not in FINAL]
    positions = closable(orders)
    if unresolved and not any(position.net for position in positions):
        first = unresolved[0].intent
        raise PlanningError(
            f"cannot exit while {len(unresolved)} orders are unresolved, first {first.symbol} at {first.account_id}; "
            "look at the broker's book"
        )
    return positions


def plan_exit(
    user_id: str,
    positions: Sequence[Position],
    tick: Tick,
    *,
    attempt: int,
    freeze_quantities: Mapping[str, int],
    not_after: timedelta,
) -> list[Intent]:
    """The intents that close every open position of a run, each with the opposite side, cut as it was entered.

    `freeze_quantities` (units by underlying) are for positions of which nobody wrote down what cut them.
    Raises PlanningError.
    """
    intents: list[Intent] = []
    for position in positions:
        if not position.net:
            continue
        lot_size = position.lot_size
        freeze = position.freeze_quantity
        if freeze is None:
            freeze = known_freeze(position.contract.underlying, freeze_quantities)
        try:
            slices = slice_quantity(abs(position.net), lot_size, freeze)
        except ValueError as error:
            raise PlanningError(f"leg {position.leg} ({position.symbol}): {error}") from error
        for slice_number, quantity in enumerate(slices, 1):
            intents.append(
                Intent(
                    user_id=user_id,
                    run_id=position.run_id,
                    leg=position.leg,
                    account_id=position.account_id,
                    phase=Phase.EXIT,
                    slice_number=slice_number,
                    attempt=attempt,
                    contract=position.contract,
                    exchange=position.exchange,
                    symbol=position.symbol,
                    token=position.token,
                    side=Side.SELL if position.net > 0 else Side.BUY,
                    lots=quantity // lot_size,
                    quantity=quantity,
                    product=position.product,
                    tick_size=position.tick_size,
                    intended_at=tick,
                    not_after=tick.instant + not_after,
                    freeze_quantity=freeze,
                    orders=PROTECTED_ACROSS if position.across else PROTECTED,
                )
            )
    return intents


def known_freeze(underlying: str, freeze_quantities: Mapping[str, int]) -> int:
    """The configured freeze quantity of an underlying. Raises PlanningError when none is."""
    try:
        return freeze_quantities[underlying]
    except KeyError as error:
        raise PlanningError(
            f"no freeze quantity is known for {underlying}: enter it in market.freeze_quantities"
        ) from error
