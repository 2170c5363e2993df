"""Sending one order to the paper exchange, once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from lambdas.adapters.brokers.paper.auth import NAME
from lambdas.adapters.brokers.paper.book import Book
from lambdas.adapters.brokers.paper.mapping import paper_order
from lambdas.adapters.brokers.paper.quoting import SharedQuotes
from lambdas.adapters.brokers.paper.refusals import refusal_by, refusal_told
from lambdas.domain.contracts import Listing
from lambdas.domain.paper import PaperOrder, PaperRefused, PaperTerms
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerRefused, OrderRequest, Outcome, Placement, Send
from lambdas.ports.clock import Clock
from lambdas.ports.paper import PaperUnclear

Find = Callable[[], Awaitable[Listing]]
"""Finds the contract of the order. Raises BrokerError: SessionOver for a session that is over."""


def sender(
    request: OrderRequest, find: Find, *, book: Book, quotes: SharedQuotes, clock: Clock, terms: PaperTerms
) -> Send:
    """The closure that sends `request` once: after the latency it meets a fresh quote, and is kept.

    Whatever happens before it is kept means REFUSED; without `sent_at` where no quote could be had or no book could
    be read. A store that does not answer to the writing makes it UNKNOWN, and so does what nobody foresaw.
    """
    used = False

    async def send() -> Placement:
        nonlocal used
        if used:
            raise RuntimeError("this order was sent before; an order is never sent twice")
        used = True
        sent_at = clock.now()
        try:
            return _accepted(await place(sent_at), sent_at, clock.now())
        except PaperRefused as refused:
            why = f"{NAME}: {refused}"
            return Placement(Outcome.REFUSED, why, sent_at, clock.now(), refusal=refusal_told(why))
        except PaperUnclear as unclear:
            return Placement(Outcome.UNKNOWN, f"{NAME}: {unclear}", sent_at, None)
        except BrokerRefused as refused:
            return Placement(Outcome.REFUSED, str(refused), sent_at, clock.now(), refusal=refusal_by(refused))
        except BrokerError as error:
            why = f"{NAME}: not sent: {str(error).removeprefix(f'{NAME}: ')}"
            busy = isinstance(error, BrokerBusy)
            return Placement(Outcome.REFUSED, why, None, None, busy=busy, refusal=refusal_by(error))
        except Exception as error:
            return Placement(Outcome.UNKNOWN, f"{NAME}: {type(error).__name__}", sent_at, None)

    async def place(sent_at: datetime) -> PaperOrder:
        listing, _ = await asyncio.gather(find(), clock.sleep(terms.latency))
        fresh = await quotes.fresh([(listing.exchange, listing.symbol, listing.token)])
        return await book.admit(paper_order(request, listing, sent_at, terms.latency), fresh)

    return send


def _accepted(order: PaperOrder, sent_at: datetime, now: datetime) -> Placement:
    return Placement(Outcome.ACCEPTED, "accepted", sent_at, now, order.number)
