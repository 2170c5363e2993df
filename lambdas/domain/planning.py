"""From a strategy at a tick to the intents that it means."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from lambdas.domain.closing import known_freeze
from lambdas.domain.contracts import Listing
from lambdas.domain.intents import Intent, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.resolving import Market, ResolvedLeg, naming
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
                    orders=strategy.definition.orders,
                    freeze_quantity=_freeze(listing, freeze_quantities),
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


def _freeze(listing: Listing, freeze_quantities: Mapping[str, int]) -> int:
    if listing.freeze_quantity is not None:
        return listing.freeze_quantity
    return known_freeze(listing.contract.underlying, freeze_quantities)
