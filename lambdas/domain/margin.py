"""What a set of legs would block: an ESTIMATE after the pattern of SPAN, not the exchange's own figure.

The clearing corporation computes risk arrays several times a day from volatilities that are not public as a
feed, and brokers add to them as they see fit. Where a broker offers the margin of a basket, that figure is
authoritative; this one tells a trader the order of magnitude before anything is linked or sent.

Left out, because it needs the exchange's daily file: a price scan range above its minimum (it grows with the
index's recent volatility), the calendar spread charge of 1.75 % of the far month, the relief that calendar
spreads have on exposure, the day that SPAN looks ahead, and surcharges of brokers. Index derivatives have no
short option minimum today; exposure is what a worthless short option still blocks.

MIS and NRML need the same margin since exchanges collect it up front (peak margin rules of 2020–21), so no
product is asked for.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdas.domain.black76 import option_price, years_to
from lambdas.domain.contracts import Contract, Right, Side
from lambdas.domain.moments import IST

PRICE_SCAN = Decimal("0.093")
"""Share of the spot: the minimum for index derivatives (NSE Clearing, SPAN risk parameters, July 2024)."""
VOLATILITY_SCAN = 0.25
"""Share of the volatility by which it is moved, and the least absolute move (same source); there of the index's
own volatility, here of the leg's."""
VOLATILITY_SCAN_MINIMUM = 0.04
EXTREME_MOVE = 2
EXTREME_WEIGHT = 0.35
"""SPAN's last two scenarios: twice the price scan, of whose loss 35 % count."""
EXPOSURE = Decimal("0.02")
"""Share of the notional of short index options and of index futures (NSE Clearing, exposure margin)."""
EXPIRY_DAY_EXPOSURE = Decimal("0.02")
"""On top for short options on the day they expire, hedged or not (NSE Clearing CMPT64639, 20 November 2024)."""
ASSUMED_VOLATILITY = 0.20

PAISA = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class MarginLeg:
    """One leg to be entered.

    `quantity` is in units (lots × lot size), above 0; `premium` is its price in rupees a unit (of a future it
    is not used); `volatility` is annual (0.15 is 15 %), None where no quote implies one.
    """

    contract: Contract
    side: Side
    quantity: int
    premium: Decimal
    volatility: float | None = None

    @property
    def net(self) -> int:
        """Units, below 0 when sold."""
        return self.quantity if self.side is Side.BUY else -self.quantity

    @property
    def is_option(self) -> bool:
        return self.contract.right is not Right.FUT


@dataclass(frozen=True)
class MarginEstimate:
    """Rupees that the legs would block, none below 0; `total` is the sum of the other three.

    `scan_risk` is the worst outcome of the scenarios, hedges counted; `exposure` is charged on every short
    option and future; `premium_paid` is the cash that bought options cost. What sold options bring is not
    taken off. `method` says in words how the figure came about.
    """

    total: Decimal
    scan_risk: Decimal
    exposure: Decimal
    premium_paid: Decimal
    method: str


@dataclass(frozen=True)
class Scenario:
    """Moves of price and volatility as multiples of their scan ranges, and the share of the loss that counts."""

    price: float
    volatility: int
    weight: float = 1.0


SCENARIOS = (
    *(Scenario(thirds / 3, volatility) for thirds in range(-3, 4) for volatility in (1, -1)),
    Scenario(EXTREME_MOVE, 0, EXTREME_WEIGHT),
    Scenario(-EXTREME_MOVE, 0, EXTREME_WEIGHT),
)


def estimate_margin(legs: Sequence[MarginLeg], *, spot: Decimal, now: datetime) -> MarginEstimate:
    """The margin of legs on one underlying, which offset each other; nothing for no legs.

    Raises ValueError for a quantity or a spot that is not above 0 and for legs on several underlyings:
    these do not offset each other, so each underlying is estimated by itself.
    """
    _check(legs, spot)
    scan_risk = Decimal(_scan_risk(legs, float(spot), now)).quantize(PAISA)
    exposure = _exposure(legs, spot, now).quantize(PAISA)
    bought = (leg for leg in legs if leg.is_option and leg.side is Side.BUY)
    premium_paid = sum((leg.quantity * leg.premium for leg in bought), ZERO).quantize(PAISA)
    return MarginEstimate(scan_risk + exposure + premium_paid, scan_risk, exposure, premium_paid, _method(legs))


def _check(legs: Sequence[MarginLeg], spot: Decimal) -> None:
    if spot <= 0:
        raise ValueError(f"the spot must be above 0, got {spot}")
    if len({leg.contract.underlying for leg in legs}) > 1:
        raise ValueError("margins are estimated for one underlying at a time")
    for leg in legs:
        if leg.quantity <= 0:
            raise ValueError(f"{leg.contract}: the quantity must be above 0, got {leg.quantity}")


def _scan_risk(legs: Sequence[MarginLeg], spot: float, now: datetime) -> float:
    """The worst of the scenarios' losses less what the options are worth now, as SPAN takes it off.

    So a sold option must be covered to the price of buying it back in the worst scenario, and a bought one,
    which cannot lose more than it is worth, blocks nothing here.
    """
    present = _worth(legs, Scenario(0, 0), spot, now)
    losses = (one.weight * (present - _worth(legs, one, spot, now)) for one in SCENARIOS)
    return max(0.0, max(losses) - present)


def _worth(legs: Sequence[MarginLeg], scenario: Scenario, spot: float, now: datetime) -> float:
    """Rupees that the legs are worth in a scenario, of a future the gain since now; the same in any order."""
    moved = scenario.price * float(PRICE_SCAN) * spot
    return math.fsum(
        leg.net * (_option_worth(leg, scenario, spot + moved, now) if leg.is_option else moved) for leg in legs
    )


def _option_worth(leg: MarginLeg, scenario: Scenario, level: float, now: datetime) -> float:
    contract = leg.contract
    volatility = ASSUMED_VOLATILITY if leg.volatility is None else leg.volatility
    scan = max(VOLATILITY_SCAN * volatility, VOLATILITY_SCAN_MINIMUM)
    shifted = max(volatility + scenario.volatility * scan, 0.0)
    return option_price(contract.right, level, contract.strike, years_to(contract.expiry, now), shifted)


def _exposure(legs: Sequence[MarginLeg], spot: Decimal, now: datetime) -> Decimal:
    nets: dict[Contract, int] = defaultdict(int)
    for leg in legs:
        nets[leg.contract] += leg.net
    return sum((spot * abs(net) * _exposure_rate(contract, net, now) for contract, net in nets.items()), ZERO)


def _exposure_rate(contract: Contract, net: int, now: datetime) -> Decimal:
    if contract.right is Right.FUT:
        return EXPOSURE
    if net >= 0:
        return ZERO
    expires_today = contract.expiry == now.astimezone(IST).date()
    return EXPOSURE + EXPIRY_DAY_EXPOSURE if expires_today else EXPOSURE


def _method(legs: Sequence[MarginLeg]) -> str:
    said = f"Estimate after SPAN's pattern: {len(SCENARIOS)} scenarios, price scan {PRICE_SCAN:.1%} of the spot"
    options = [leg for leg in legs if leg.is_option]
    unquoted = sum(leg.volatility is None for leg in options)
    if unquoted:
        said += (
            f"; {unquoted} of {len(options)} option legs had no usable quote and are valued at a volatility of "
            f"{ASSUMED_VOLATILITY:.0%}"
        )
    return f"{said}. The broker's own margin is authoritative."
