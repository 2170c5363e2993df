"""Order endpoints of the Fyers face."""

from starlette.responses import Response

from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order, Status
from sandbox.exchange.screening import Refusal
from sandbox.fyers.bodies import amount, quantity, read_json, text
from sandbox.fyers.errors import (
    CANCELLED,
    INVALID_INPUT,
    INVALID_ORDER,
    INVALID_SYMBOL,
    MODIFIED,
    PLACED,
    REJECTED,
    FyersError,
    success,
)
from sandbox.fyers.names import find
from sandbox.fyers.order_body import STOP_LIMIT, read_ticket, read_type
from sandbox.fyers.order_json import order_json, trade_json
from sandbox.wire.call import Call
from sandbox.world import World

_INPUT_CODES = ("lot", "tick", "product", "instrument")


class FyersOrders:
    """Place, modify, cancel, and the books."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def place(self, call: Call) -> Response:
        """POST /orders/sync. What the broker's own checks refuse never enters the order book; what its risk
        system rejects does, and is answered with the reason."""
        body, now = read_json(call), self._world.clock.now()
        instrument = find(self._exchange.listing(now), text(body, "symbol"))
        if instrument is None or instrument.is_index:
            raise FyersError(INVALID_SYMBOL, "Please provide a valid symbol")
        ticket = read_ticket(body, instrument, call)
        if refusal := self._exchange.screen(ticket, now):
            raise _refused(refusal)
        order = self._exchange.place(ticket, now)
        if order.status is Status.REJECTED:
            raise FyersError(REJECTED, order.message)
        message = f"Order submitted successfully. Your Order Ref. No.{order.order_id}"
        return success(PLACED, message, id=order.order_id)

    def modify(self, call: Call) -> Response:
        """PATCH /orders/sync {id, type, limitPrice, stopPrice, qty}: what is not given stays."""
        body = read_json(call)
        order = self._find(call, text(body, "id"))
        stops = read_type(body) == STOP_LIMIT
        try:
            self._exchange.modify(
                order,
                self._world.clock.now(),
                price_paise=amount(body, "limitPrice") or None,
                trigger_paise=(amount(body, "stopPrice") or None) if stops else None,
                quantity=quantity(body) if text(body, "qty") not in ("", "0") else None,
            )
        except Refused as error:
            raise _refused(error.refusal) from error
        return success(MODIFIED, "Successfully modified order", id=order.order_id)

    def cancel(self, call: Call) -> Response:
        """DELETE /orders/sync {id}."""
        order = self._find(call, text(read_json(call), "id"))
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise _refused(error.refusal) from error
        return success(CANCELLED, "Successfully cancelled order", id=order.order_id)

    def book(self, call: Call) -> Response:
        """GET /orders, with `id` or `order_tag` (as it is told: `1:tag`) only those orders."""
        query, now = call.request.query_params, self._world.clock.now()
        rows = [
            order_json(order, call.owner, number, self._exchange.market, now)
            for number, order in enumerate(self._today(call), 1)
        ]
        for field, name in (("id", "id"), ("orderTag", "order_tag")):
            if name in query:
                rows = [row for row in rows if row[field] == query[name]]
        if "id" in query and not rows:
            raise FyersError(INVALID_ORDER, "Please provide a valid order id")
        return success(orderBook=rows)

    def trades(self, call: Call) -> Response:
        """GET /tradebook."""
        rows = [trade_json(order, fill, call.owner) for order in self._today(call) for fill in order.fills]
        return success(tradeBook=rows)

    def _today(self, call: Call) -> list[Order]:
        return self._exchange.orders(call.owner.key, self._world.clock.now())

    def _find(self, call: Call, order_id: str) -> Order:
        order = self._exchange.order(call.owner.key, order_id, self._world.clock.now())
        if order is None:
            raise FyersError(INVALID_ORDER, "Please provide a valid order id")
        return order


def _refused(refusal: Refusal) -> FyersError:
    return FyersError(INVALID_INPUT if refusal.code in _INPUT_CODES else REJECTED, refusal.message)
