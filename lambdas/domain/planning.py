"""From a strategy at a tick to the intents that it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Listing, Side
from lambdas.domain.intents import FINAL, Intent, Order, Phase
from lambdas.domain.moments import Tick
from lambdas.domain.runs import Position, positions_of
from lambdas.domain.slicing import slice_quantity
from lambdas.domain.strategy import Strategy
from lambdas.domain.strikes import strike_by_offset


class PlanningError(Exception):
    """A strategy that cannot be carried out as it stands; the message says which leg and why."""


@dataclass(frozen=True)
class Chain:
    """The listed options (and the future) of one underlying and expiry at one broker, by contract."""

    broker: str
    underlying: str
    expiry: date
    listings: Mapping[Contract, Listing]

    @property
    def strikes(self) -> frozenset[Decimal]:
        """Strikes at which a call or a put is listed."""
        return frozenset(contract.strike for contract in self.listings if contract.right in OPTION_RIGHTS)


def nearest_expiry(expiries: Sequence[date], day: date) -> date:
    """The first listed expiry on or after the day. Raises PlanningError when there is none."""
    coming = [expiry for expiry in sorted(expiries) if expiry >= day]
    if not coming:
        raise PlanningError(f"no listed expiry on or after {day}: is the instrument master of that day loaded?")
    return coming[0]


def plan_entry(
    strategy: Strategy,
    tick: Tick,
    *,
    spot: Decimal,
    chains: Mapping[str, Chain],
    freeze_quantities: Mapping[str, int],
    not_after: timedelta,
) -> list[Intent]:
    """The intents that enter a strategy at a tick.

    `chains` holds, for each account, the chain of its broker; the strike is chosen from the strikes that
    every broker lists, so that a leg is the same contract everywhere. Raises PlanningError.
    """
    definition = strategy.definition
    common = frozenset.intersection(*(chain.strikes for chain in chains.values()))
    intents: list[Intent] = []
    for number, leg in enumerate(definition.legs, 1):
        for account_id, lots in definition.lots_by_account(leg).items():
            chain = chains[account_id]
            try:
                strike = strike_by_offset(spot, common, leg.strike_offset)
                contract = Contract(definition.underlying, chain.expiry, strike, leg.right)
                listing = chain.listings[contract]
                slices = slice_quantity(lots * listing.lot_size, listing.lot_size, _freeze(listing, freeze_quantities))
            except KeyError as error:
                raise PlanningError(f"legs[{number}]: {error.args[0]} is not listed at {chain.broker}") from error
            except ValueError as error:
                raise PlanningError(f"legs[{number}]: {error}") from error
            intents += [
                Intent(
                    user_id=strategy.user_id,
                    run_id=strategy.run_id(tick.date),
                    leg=number,
                    account_id=account_id,
                    phase=Phase.ENTRY,
                    slice_number=slice_number,
                    attempt=1,
                    contract=contract,
                    exchange=listing.exchange,
                    symbol=listing.symbol,
                    token=listing.token,
                    side=leg.side,
                    lots=quantity // listing.lot_size,
                    quantity=quantity,
                    product=definition.product,
                    tick_size=listing.tick_size,
                    intended_at=tick,
                    not_after=tick.instant + not_after,
                )
                for slice_number, quantity in enumerate(slices, 1)
            ]
    return intents


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
