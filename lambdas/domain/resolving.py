"""From the legs of a strategy to contracts: expiries first, then strikes, then why."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lambdas.domain.black76 import years_to
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import NO_STRIKE, OPTION_RIGHTS, Contract, Quote, Right
from lambdas.domain.expiries import choose_expiry, describe, last_of_months
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.strategy import Leg, StrategyDefinition
from lambdas.domain.strikes import Ladder, choose_strike, quotes_needed

ExpiriesOfLegs = tuple[date, ...]
"""One expiry for each leg, in the order of the legs."""


@dataclass(frozen=True)
class Market:
    """What a plan may look at: one underlying at one moment, as the brokers of its accounts list it.

    `chains` go by broker, then by expiry; `spot` is in rupees; `quotes` hold what was asked for.
    """

    underlying: str
    at: datetime
    spot: Decimal
    chains: Mapping[str, Mapping[date, Chain]]
    quotes: Mapping[Contract, Quote] = field(default_factory=dict)


@dataclass(frozen=True)
class ResolvedLeg:
    """A leg, the contract that it means now, and why."""

    number: int
    leg: Leg
    contract: Contract
    reason: str


def expiries_of_legs(definition: StrategyDefinition, listed: Mapping[str, Sequence[date]], day: date) -> ExpiriesOfLegs:
    """The expiry of each leg on a trading day, from the expiries that each broker lists.

    Futures are listed for the monthly expiries only. Raises PlanningError when a rule finds nothing, or when the
    brokers' masters lead to different expiries.
    """
    chosen: list[date] = []
    for number, leg in enumerate(definition.legs, 1):
        found: dict[str, date] = {}
        for broker, expiries in listed.items():
            with naming(number, broker):
                of_its_kind = last_of_months(expiries) if leg.right is Right.FUT else expiries
                found[broker] = choose_expiry(leg.expiry, of_its_kind, day)
        if len(set(found.values())) > 1:
            different = ", ".join(f"{broker} {expiry}" for broker, expiry in sorted(found.items()))
            raise PlanningError(
                f"legs[{number}]: the brokers' masters disagree on the {describe(leg.expiry)}: {different}"
            )
        chosen.append(next(iter(found.values())))
    return tuple(chosen)


def contracts_to_quote(definition: StrategyDefinition, expiries: ExpiriesOfLegs, market: Market) -> set[Contract]:
    """What must be quoted before `resolve` can choose the strikes. Raises PlanningError."""
    wanted: set[Contract] = set()
    for number, (leg, expiry) in enumerate(zip(definition.legs, expiries, strict=True), 1):
        if leg.right is Right.FUT:
            continue
        with naming(number):
            for strike, right in quotes_needed(leg.strike, leg.right, _ladder(market, expiry, leg.right)):
                wanted.add(Contract(market.underlying, expiry, strike, right))
    return wanted


def resolve(definition: StrategyDefinition, expiries: ExpiriesOfLegs, market: Market) -> tuple[ResolvedLeg, ...]:
    """The contract of each leg: the same one at every broker, chosen among what all of them list.

    Raises PlanningError naming the leg.
    """
    legs: list[ResolvedLeg] = []
    for number, (leg, expiry) in enumerate(zip(definition.legs, expiries, strict=True), 1):
        when = f"{describe(leg.expiry)} ({expiry:%d %b})"
        if leg.right is Right.FUT:
            contract = Contract(market.underlying, expiry, NO_STRIKE, Right.FUT)
            legs.append(ResolvedLeg(number, leg, contract, when))
            continue
        with naming(number):
            choice = choose_strike(leg.strike, leg.right, _ladder(market, expiry, leg.right))
        contract = Contract(market.underlying, expiry, choice.strike, leg.right)
        legs.append(ResolvedLeg(number, leg, contract, f"{when}; {choice.reason}"))
    return tuple(legs)


@contextmanager
def naming(number: int, broker: str | None = None) -> Iterator[None]:
    """Turn a ValueError into a PlanningError that names the leg (and the broker)."""
    try:
        yield
    except ValueError as error:
        at = f" at {broker}" if broker else ""
        raise PlanningError(f"legs[{number}]: {error}{at}") from error


def _ladder(market: Market, expiry: date, right: Right) -> Ladder:
    """What all brokers list of an expiry. Raises ValueError naming a broker that lists nothing of that right."""
    chains = [chains[expiry] for chains in market.chains.values()]
    for chain in chains:
        if not chain.strikes_of(right):
            raise ValueError(f"no {right} of {expiry:%d %b %y} is listed at {chain.broker}")
    return Ladder(
        spot=market.spot,
        strikes={
            right: frozenset.intersection(*(chain.strikes_of(right) for chain in chains)) for right in OPTION_RIGHTS
        },
        quotes={
            (contract.strike, contract.right): quote
            for contract, quote in market.quotes.items()
            if contract.expiry == expiry
        },
        years=years_to(expiry, market.at),
    )
