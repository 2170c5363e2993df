"""What a strategy would be at the present quotes: legs with prices, payoff, margin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lambdas.domain.black76 import implied_forward, implied_volatility, years_to
from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Listing, Quote, Right
from lambdas.domain.margin import MarginEstimate, MarginLeg, estimate_margin
from lambdas.domain.payoff import Payoff, PayoffLeg, payoff
from lambdas.domain.planning import listing_of, slices_of
from lambdas.domain.resolving import Market, ResolvedLeg
from lambdas.domain.rounding import AccountShare, LegLots
from lambdas.domain.strikes import atm_strike, premium_of


@dataclass(frozen=True)
class PreviewOrder:
    """What one account would trade of a leg: the exact and the whole lots, units, and the orders they are cut into.

    `slices` is empty for no lots, and for lots beyond what could be saved.
    """

    share: AccountShare
    listing: Listing
    slices: tuple[int, ...]

    @property
    def quantity(self) -> int:
        """Units: lots times the lot size."""
        return self.share.lots * self.listing.lot_size


@dataclass(frozen=True)
class PreviewLeg:
    """A leg with the contract that it means now. `volatility` is annual; None where no quote implies one."""

    resolved: ResolvedLeg
    lots: LegLots
    orders: tuple[PreviewOrder, ...]
    quote: Quote | None
    volatility: float | None

    @property
    def quantity(self) -> int:
        """Units over all accounts."""
        return sum(order.quantity for order in self.orders)

    @property
    def premium(self) -> Decimal | None:
        """Rupees a unit; None without a quote."""
        return premium_of(self.quote) if self.quote else None


def preview_legs(
    legs: Sequence[ResolvedLeg],
    lots: Sequence[LegLots],
    market: Market,
    *,
    brokers: Mapping[str, str],
    freeze_quantities: Mapping[str, int],
    max_lots_per_leg: int,
) -> tuple[PreviewLeg, ...]:
    """Every leg with its orders and its price.

    Lots of a leg above `max_lots_per_leg` are not cut: they could not be saved, and could be millions of orders.
    Raises PlanningError.
    """
    forwards = {expiry: forward_of(expiry, market) for expiry in {leg.contract.expiry for leg in legs}}
    return tuple(
        PreviewLeg(
            resolved=leg,
            lots=leg_lots,
            orders=_orders(leg, leg_lots, market, brokers, freeze_quantities, cut=leg_lots.lots <= max_lots_per_leg),
            quote=market.quotes.get(leg.contract),
            volatility=_volatility(leg.contract, forwards[leg.contract.expiry], market),
        )
        for leg, leg_lots in zip(legs, lots, strict=True)
    )


def at_the_money(legs: Sequence[ResolvedLeg], market: Market) -> set[Contract]:
    """Call and put at the money of every expiry: what a forward is implied from."""
    return {
        Contract(market.underlying, expiry, strike, right)
        for expiry in {leg.contract.expiry for leg in legs}
        for strike in _atm(expiry, market)
        for right in OPTION_RIGHTS
    }


def forward_of(expiry: date, market: Market) -> Decimal | None:
    """The forward (rupees) that the straddle at the money implies; None without both of its quotes."""
    for strike in _atm(expiry, market):
        call, put = (market.quotes.get(Contract(market.underlying, expiry, strike, right)) for right in OPTION_RIGHTS)
        if call and put:
            return implied_forward(strike, premium_of(call), premium_of(put))
    return None


def payoff_of(legs: Sequence[PreviewLeg], market: Market) -> Payoff:
    """Profit at the first expiry and today. Raises ValueError naming a leg without a price."""
    return payoff(
        [
            PayoffLeg(
                leg.resolved.contract,
                leg.resolved.leg.side,
                leg.quantity,
                _price(leg),
                leg.volatility,
                forward_of(leg.resolved.contract.expiry, market),
            )
            for leg in legs
        ],
        spot=market.spot,
        now=market.at,
    )


def margin_of(legs: Sequence[PreviewLeg], market: Market) -> MarginEstimate:
    """What the legs would block, estimated. Raises ValueError naming a leg without a price."""
    return estimate_margin(
        [
            MarginLeg(leg.resolved.contract, leg.resolved.leg.side, leg.quantity, _price(leg), leg.volatility)
            for leg in legs
        ],
        spot=market.spot,
        now=market.at,
    )


def _orders(
    leg: ResolvedLeg,
    lots: LegLots,
    market: Market,
    brokers: Mapping[str, str],
    freeze_quantities: Mapping[str, int],
    *,
    cut: bool,
) -> tuple[PreviewOrder, ...]:
    orders: list[PreviewOrder] = []
    for share in lots.shares:
        listing = listing_of(leg, market, brokers[share.account_id])
        slices = slices_of(leg.number, listing, share.lots, freeze_quantities) if share.lots and cut else []
        orders.append(PreviewOrder(share, listing, tuple(slices)))
    return tuple(orders)


def _atm(expiry: date, market: Market) -> list[Decimal]:
    chains = [chains[expiry] for chains in market.chains.values()]
    both = frozenset.intersection(*(chain.strikes_of(right) for chain in chains for right in OPTION_RIGHTS))
    return [atm_strike(market.spot, both)] if both else []


def _volatility(contract: Contract, forward: Decimal | None, market: Market) -> float | None:
    quote = market.quotes.get(contract)
    if contract.right is Right.FUT or forward is None or quote is None:
        return None
    years = years_to(contract.expiry, market.at)
    return implied_volatility(contract.right, float(premium_of(quote)), float(forward), float(contract.strike), years)


def _price(leg: PreviewLeg) -> Decimal:
    if leg.premium is None or leg.premium <= 0:
        raise ValueError(f"legs[{leg.resolved.number}]: {leg.resolved.contract} has no price now")
    return leg.premium
