"""Positions of an account in memory, from what it held and what was filled."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.ports.broker import BrokerOrder, BrokerPosition, OrderRequest


def positions_of(
    held: Iterable[BrokerPosition],
    fills: Iterable[tuple[OrderRequest, BrokerOrder]],
    quoted: Mapping[str, Quote],
) -> Sequence[BrokerPosition]:
    """One position a symbol and product. The average price is that of the open side, None once it is closed."""
    book = {(position.symbol, position.product): position for position in held}
    value: dict[tuple[str, str, Side], Decimal] = {}
    for key, position in book.items():
        side, quantity = _open_side(position.bought, position.sold)
        value[*key, side] = quantity * (position.average_price or Decimal(0))
    for request, row in fills:
        key = request.symbol, request.product
        before = book.get(key) or _flat(request)
        bought = before.bought + (row.filled_quantity if row.side is Side.BUY else 0)
        sold = before.sold + (row.filled_quantity if row.side is Side.SELL else 0)
        worth = row.filled_quantity * (row.average_price or Decimal(0))
        value[*key, row.side] = value.get((*key, row.side), Decimal(0)) + worth
        net, (side, quantity) = bought - sold, _open_side(bought, sold)
        average = value.get((*key, side), Decimal(0)) / quantity if net else None
        last = quoted.get(request.symbol)
        book[key] = BrokerPosition(
            request.exchange, request.symbol, request.token, request.product,
            net, bought, sold, average, last.last if last else None,
        )  # fmt: skip
    return list(book.values())


def _open_side(bought: int, sold: int) -> tuple[Side, int]:
    return (Side.BUY, bought) if bought > sold else (Side.SELL, sold)


def _flat(request: OrderRequest) -> BrokerPosition:
    return BrokerPosition(request.exchange, request.symbol, request.token, request.product, 0, 0, 0, None, None)
