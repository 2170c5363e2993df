"""How the API answers about orders. No field has a default, so that generated client types are exact."""

import datetime
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus, Order, Phase, Quoted
from lambdas.domain.refusals import Refusal
from lambdas.domain.slippage import slippage_of
from lambdas.entrypoints.api_answers import Answer, Rupees


class QuotedAnswer(Answer):
    """What an order was priced from."""

    bid: Annotated[Rupees | None, Field(description="null where nobody bid")]
    ask: Annotated[Rupees | None, Field(description="null where nobody asked")]
    last: Annotated[Rupees, Field(description="at which it was traded last; 0 where it was not")]
    at: Annotated[datetime.datetime, Field(description="when the broker had told it")]

    @classmethod
    def of(cls, quoted: Quoted) -> Self:
        """A quote as the ledger has it."""
        return cls(bid=quoted.quote.bid, ask=quoted.quote.ask, last=quoted.quote.last, at=quoted.at)


class OrderAnswer(Answer):
    """One order with its instants; `offset_ms` is from the intended second 0 to the first byte sent."""

    intent_id: str
    tag: str
    run_id: str
    leg: int
    account_id: str
    phase: Phase
    symbol: str
    contract: str
    side: Side
    lots: int
    quantity: int
    status: IntentStatus
    reason: str
    refusal: Annotated[Refusal | None, Field(description="why the broker or the exchange said no; null otherwise")]
    advice: Annotated[str | None, Field(description="what to do about the refusal; null when there is none")]
    limit_price: Rupees | None
    average_price: Rupees | None
    filled_quantity: int
    broker_order_id: str | None
    intended_at: datetime.datetime
    sent_at: datetime.datetime | None
    acknowledged_at: datetime.datetime | None
    exchange_at: datetime.datetime | None
    offset_ms: float | None
    at_once: Annotated[bool, Field(description="whether it mends or closes its run outside second 0")]
    attempt: Annotated[int, Field(description="1 for the first; higher where it was tried again")]
    chased: Annotated[int, Field(description="how often its limit was moved")]
    chased_at: Annotated[datetime.datetime | None, Field(description="when its limit was moved last")]
    quoted: Annotated[
        QuotedAnswer | None,
        Field(description="what its first limit was made from; null where it was not sent or nobody wrote it down"),
    ]
    slippage: Annotated[
        Rupees | None,
        Field(
            description="what its fills cost against the middle of bid and ask of `quoted`, or against its last price "
            "where a side is missing or they are crossed; below 0 they were better; null where a price is missing or "
            "nothing is filled"
        ),
    ]

    @classmethod
    def of(cls, order: Order) -> Self:
        """An order as the ledger has it."""
        intent, state = order.intent, order.state
        return cls(
            intent_id=intent.intent_id,
            tag=intent.tag,
            run_id=intent.run_id,
            leg=intent.leg,
            account_id=intent.account_id,
            phase=intent.phase,
            symbol=intent.symbol,
            contract=str(intent.contract),
            side=intent.side,
            lots=intent.lots,
            quantity=intent.quantity,
            status=state.status,
            reason=state.reason,
            refusal=state.refusal,
            advice=None if state.refusal is None else state.refusal.advice,
            limit_price=state.limit_price,
            average_price=state.average_price,
            filled_quantity=state.filled_quantity,
            broker_order_id=state.broker_order_id,
            intended_at=intent.intended_at.instant,
            sent_at=state.sent_at,
            acknowledged_at=state.acknowledged_at,
            exchange_at=state.exchange_at,
            offset_ms=order.offset_ms,
            at_once=intent.at_once,
            attempt=intent.attempt,
            chased=state.chased,
            chased_at=state.chased_at,
            quoted=None if state.quoted is None else QuotedAnswer.of(state.quoted),
            slippage=slippage_of(order),
        )
