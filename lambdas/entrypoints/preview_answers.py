"""What a preview answers. Money is a decimal string in rupees; lots before rounding are decimals or fractions."""

import datetime
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.contracts import Right, Side
from lambdas.domain.margin import MarginEstimate
from lambdas.domain.payoff import Payoff
from lambdas.domain.preview import PreviewLeg, PreviewOrder
from lambdas.domain.rounding import LegLots, in_words
from lambdas.domain.upcoming import ComingDay
from lambdas.entrypoints.api_answers import Answer, Rupees
from lambdas.use_cases.preview_strategy import MarketPreview, Preview


class AccountLotsAnswer(Answer):
    """What falls to one account of a leg."""

    account_id: str
    exact_lots: Annotated[str, Field(description="before rounding: 2, 1.5 or 1/3", examples=["1.5"])]
    lots: int


class LegLotsAnswer(Answer):
    """The lots of one leg, legs counted from 1."""

    leg: int
    exact_lots: str
    lots: int
    accounts: list[AccountLotsAnswer]

    @classmethod
    def of(cls, leg: LegLots) -> Self:
        """The lots of a leg, exact and whole."""
        return cls(
            leg=leg.number,
            exact_lots=in_words(leg.exact),
            lots=leg.lots,
            accounts=[
                AccountLotsAnswer(account_id=share.account_id, exact_lots=in_words(share.exact), lots=share.lots)
                for share in leg.shares
            ],
        )


class ComingDayAnswer(Answer):
    """A date on which the strategy runs, or does not and why."""

    date: datetime.date
    runs: bool
    entry: datetime.datetime | None
    exit: datetime.datetime | None
    reason: str

    @classmethod
    def of(cls, day: ComingDay) -> Self:
        """A date of the schedule."""
        return cls(date=day.date, runs=day.runs, entry=day.entry, exit=day.exit, reason=day.reason)


class PreviewOrderAnswer(Answer):
    """The orders of one leg in one account; `slices` are the units of each order."""

    account_id: str
    symbol: str
    lots: int
    quantity: int
    slices: list[int]

    @classmethod
    def of(cls, order: PreviewOrder) -> Self:
        """What an account would be sent."""
        return cls(
            account_id=order.share.account_id,
            symbol=order.listing.symbol,
            lots=order.share.lots,
            quantity=order.quantity,
            slices=list(order.slices),
        )


class PreviewLegAnswer(Answer):
    """The contract that a leg means now, its price, and its orders."""

    leg: int
    contract: str
    underlying: str
    expiry: datetime.date
    strike: Annotated[Rupees | None, Field(description="null for a future")]
    right: Right
    side: Side
    reason: Annotated[str, Field(description="why this expiry and strike")]
    premium: Annotated[Rupees | None, Field(description="the middle of the book, or the last price")]
    bid: Rupees | None
    ask: Rupees | None
    last: Rupees | None
    implied_volatility: Annotated[float | None, Field(description="annual; 0.15 is 15 %")]
    quantity: int
    orders: list[PreviewOrderAnswer]

    @classmethod
    def of(cls, leg: PreviewLeg) -> Self:
        """A resolved leg with its price."""
        contract, quote = leg.resolved.contract, leg.quote
        return cls(
            leg=leg.resolved.number,
            contract=str(contract),
            underlying=contract.underlying,
            expiry=contract.expiry,
            strike=contract.strike or None,
            right=contract.right,
            side=leg.resolved.leg.side,
            reason=leg.resolved.reason,
            premium=leg.premium,
            bid=quote.bid if quote else None,
            ask=quote.ask if quote else None,
            last=quote.last if quote else None,
            implied_volatility=round(leg.volatility, 4) if leg.volatility is not None else None,
            quantity=leg.quantity,
            orders=[PreviewOrderAnswer.of(order) for order in leg.orders],
        )


class PayoffPointAnswer(Answer):
    """Profit at one level of the underlying."""

    underlying: Rupees
    at_expiry: Rupees
    today: Rupees | None


class PayoffAnswer(Answer):
    """The curve at the first expiry and today. A null limit is unlimited."""

    points: list[PayoffPointAnswer]
    max_profit: Rupees | None
    max_loss: Rupees | None
    breakevens: list[Rupees]
    net_premium: Annotated[Rupees, Field(description="received less paid for options")]

    @classmethod
    def of(cls, payoff: Payoff) -> Self:
        """A computed curve."""
        return cls(
            points=[
                PayoffPointAnswer(underlying=point.underlying, at_expiry=point.at_expiry, today=point.today)
                for point in payoff.points
            ],
            max_profit=payoff.max_profit,
            max_loss=payoff.max_loss,
            breakevens=list(payoff.breakevens),
            net_premium=payoff.net_premium,
        )


class MarginAnswer(Answer):
    """An estimate; the broker's own figure decides."""

    total: Rupees
    scan_risk: Rupees
    exposure: Rupees
    premium_paid: Rupees
    method: str

    @classmethod
    def of(cls, margin: MarginEstimate) -> Self:
        """An estimated margin."""
        return cls(
            total=margin.total,
            scan_risk=margin.scan_risk,
            exposure=margin.exposure,
            premium_paid=margin.premium_paid,
            method=margin.method,
        )


class MarketPreviewAnswer(Answer):
    """The strategy at the quotes of `as_of`, with the contracts of `contracts_for`."""

    as_of: datetime.datetime
    contracts_for: datetime.date
    quoted_by: Annotated[str, Field(description="the account whose quotes these are")]
    spot: Rupees
    legs: list[PreviewLegAnswer]
    payoff: PayoffAnswer | None
    margin: MarginAnswer | None
    warnings: list[str]

    @classmethod
    def of(cls, preview: MarketPreview) -> Self:
        """A strategy at market prices."""
        return cls(
            as_of=preview.market.at,
            contracts_for=preview.contracts_for,
            quoted_by=preview.quoted_by,
            spot=preview.market.spot,
            legs=[PreviewLegAnswer.of(leg) for leg in preview.legs],
            payoff=PayoffAnswer.of(preview.payoff) if preview.payoff else None,
            margin=MarginAnswer.of(preview.margin) if preview.margin else None,
            warnings=list(preview.warnings),
        )


class PreviewAnswer(Answer):
    """What a definition would do. `problems` keep it from being saved as it is."""

    problems: list[str]
    lots: list[LegLotsAnswer]
    rounding: Annotated[list[str], Field(description="what rounding did to the lots; empty when nothing")]
    coming: Annotated[
        list[ComingDayAnswer],
        Field(description="the dates of its schedule and special sessions in two months, or up to the calendar's end"),
    ]
    at_market: MarketPreviewAnswer | None
    no_market: Annotated[str | None, Field(description="why there are no prices; null when there are")]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """A preview as the API gives it."""
        return cls(
            problems=list(preview.problems),
            lots=[LegLotsAnswer.of(leg) for leg in preview.lots],
            rounding=list(preview.rounding),
            coming=[ComingDayAnswer.of(day) for day in preview.coming],
            at_market=MarketPreviewAnswer.of(preview.at_market) if preview.at_market else None,
            no_market=preview.no_market,
        )
