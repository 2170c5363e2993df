"""From a strategy at a tick to the intents that it means."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from lambdas.domain.contracts import Listing, Side
from lambdas.domain.intents import FINAL, Intent, Order, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.resolving import Market, PlanningError, ResolvedLeg, naming
from lambdas.domain.runs import Position, positions_of
from lambdas.domain.slicing import slice_quantity
from lambdas.domain.strategy import Strategy


def plan_entry(
    strategy: Strategy,
    tick: Tick,
    legs: Sequence[ResolvedLeg],
    market: Market,
    *,
    brokers: Mapping[str, str],
    basket_multiplier: Decimal,
    freeze_quantities: Mapping[str, int],
    not_after: timedelta,
) -> list[Intent]:
    """The intents that enter a strategy at a tick, with the contracts that its legs mean.

    `brokers` says which broker each account is at. Raises PlanningError.
    """
    intents: list[Intent] = []
    for resolved in legs:
        lots_by_account = strategy.definition.lots_by_account(resolved.leg, basket_multiplier)
        if not lots_by_account:
            raise PlanningError(f"legs[{resolved.number}].lots: the multipliers leave no lot of it; raise them")
        for account_id, lots in lots_by_account.items():
            listing = listing_of(resolved, market, brokers[account_id])
            slices = slices_of(resolved.number, listing, lots, freeze_quantities)
            intents += [
                Intent(
                    user_id=strategy.user_id,
                    run_id=strategy.run_id(tick.date),
                    leg=resolved.number,
                    account_id=account_id,
                    phase=Phase.ENTRY,
                    slice_number=slice_number,
                    attempt=1,
                    contract=resolved.contract,
                    exchange=listing.exchange,
                    symbol=listing.symbol,
                    token=listing.token,
                    side=resolved.leg.side,
                    lots=quantity // listing.lot_size,
                    quantity=quantity,
                    product=strategy.definition.product,
                    tick_size=listing.tick_size,
                    intended_at=tick,
                    not_after=tick.instant + not_after,
                )
                for slice_number, quantity in enumerate(slices, 1)
            ]
    return intents


def listing_of(resolved: ResolvedLeg, market: Market, broker: str) -> Listing:
    """The contract of a leg as one broker lists it. Raises PlanningError when it does not."""
    chain = market.chains[broker][resolved.contract.expiry]
    if resolved.contract not in chain.listings:
        raise PlanningError(f"legs[{resolved.number}]: {resolved.contract} is not listed at {broker}")
    return chain.listings[resolved.contract]


def slices_of(number: int, listing: Listing, lots: int, freeze_quantities: Mapping[str, int]) -> list[int]:
    """The quantities of the orders that trade these lots of a leg. Raises PlanningError."""
    with naming(number):
        return slice_quantity(lots * listing.lot_size, listing.lot_size, _freeze(listing, freeze_quantities))


def closable_positions(orders: Sequence[Order]) -> list[Position]:
    """What may be closed now: positions of which no closing order is still without an end.

    Closing those again could sell twice. Raises PlanningError when nothing else is open.
    """
    unresolved = [order for order in orders if order.state.status not in FINAL]
    closing = {(order.intent.leg, order.intent.account_id) for order in unresolved if order.intent.phase is Phase.EXIT}
    positions = [position for position in positions_of(orders) if (position.leg, position.account_id) not in closing]
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
    """The intents that close every open position of a run, each with the opposite side. Raises PlanningError."""
    intents: list[Intent] = []
    for position in positions:
        if not position.net:
            continue
        lot_size = position.lot_size
        freeze = _known_freeze(position.contract.underlying, freeze_quantities)
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
                )
            )
    return intents


def _freeze(listing: Listing, freeze_quantities: Mapping[str, int]) -> int:
    if listing.freeze_quantity is not None:
        return listing.freeze_quantity
    return _known_freeze(listing.contract.underlying, freeze_quantities)


def _known_freeze(underlying: str, freeze_quantities: Mapping[str, int]) -> int:
    try:
        return freeze_quantities[underlying]
    except KeyError as error:
        raise PlanningError(
            f"no freeze quantity is known for {underlying}: enter it in market.freeze_quantities"
        ) from error
