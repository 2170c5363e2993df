"""Paper orders and positions in the platform's words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lambdas.adapters.brokers.paper.auth import NAME
from lambdas.domain.contracts import Listing, Quote
from lambdas.domain.paper import PaperOrder
from lambdas.domain.paper_money import PaperPosition
from lambdas.ports.broker import BrokerOrder, BrokerPosition, OrderRequest


def paper_order(request: OrderRequest, listing: Listing, placed_at: datetime, latency: timedelta) -> PaperOrder:
    """The order that a request means, before anything filled."""
    return PaperOrder(
        tag=request.tag,
        listing=listing,
        side=request.side,
        quantity=request.quantity,
        product=request.product,
        limit_price=request.limit_price,
        placed_at=placed_at,
        visible_at=placed_at + latency,
        changed_at=placed_at,
    )


def order_row(order: PaperOrder) -> BrokerOrder:
    """One row of the order book."""
    return BrokerOrder(
        broker_order_id=order.number,
        tag=order.tag,
        symbol=order.listing.symbol,
        side=order.side,
        quantity=order.quantity,
        status=order.status,
        filled_quantity=order.filled_quantity,
        average_price=order.average_price,
        exchange_at=order.changed_at,
        message=f"{NAME}: {order.message}" if order.message else "",
    )


def position_row(position: PaperPosition, quotes: Mapping[str, Quote]) -> BrokerPosition:
    """One position, with the last price where there is a quote."""
    listing = position.listing
    quote = quotes.get(listing.symbol)
    return BrokerPosition(
        exchange=listing.exchange,
        symbol=listing.symbol,
        token=listing.token,
        product=position.product,
        net=position.net,
        bought=position.bought,
        sold=position.sold,
        average_price=position.average_price,
        last_price=quote.last if quote else None,
    )
