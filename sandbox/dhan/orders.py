"""Order endpoints of the Dhan face."""

from starlette.responses import JSONResponse, Response

from sandbox.dhan.bodies import one_of, read_amount, read_own, read_quantity
from sandbox.dhan.errors import DhanError, bad_input
from sandbox.dhan.names import find
from sandbox.dhan.order_body import ORDER_TYPES, read_ticket
from sandbox.dhan.order_json import order_json, status_name, trade_json
from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order
from sandbox.wire.call import Call
from sandbox.world import World


class DhanOrders:
    """Place, modify, cancel, and the books."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def place(self, call: Call) -> Response:
        """POST /v2/orders. What the broker's own checks refuse never enters the order book."""
        body, now = read_own(call), self._world.clock.now()
        segment, security = str(body.get("exchangeSegment", "")), str(body.get("securityId", ""))
        instrument = find(self._exchange.listing(now), segment, security)
        if instrument is None:
            raise bad_input("Invalid securityId")
        ticket = read_ticket(body, instrument, self._exchange.market.spread(instrument, now).last, call)
        if refusal := self._exchange.screen(ticket, now):
            raise DhanError("DH-906", refusal.message)
        return _short(self._exchange.place(ticket, now))

    def modify(self, call: Call) -> Response:
        """PUT /v2/orders/{order_id}; the quantity is that of the whole order."""
        body, order = read_own(call), self._find(call)
        one_of(body, "orderType", ORDER_TYPES)
        one_of(body, "validity", ("DAY", "IOC"))
        try:
            self._exchange.modify(
                order,
                self._world.clock.now(),
                price_paise=read_amount(body, "price") or None,
                trigger_paise=read_amount(body, "triggerPrice") or None,
                quantity=read_quantity(body) if body.get("quantity") else None,
            )
        except Refused as error:
            raise DhanError("DH-906", error.refusal.message) from error
        return _short(order)

    def cancel(self, call: Call) -> Response:
        """DELETE /v2/orders/{order_id}."""
        order = self._find(call)
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise DhanError("DH-906", error.refusal.message) from error
        return _short(order)

    def book(self, call: Call) -> Response:
        """GET /v2/orders."""
        return JSONResponse([order_json(order, call.owner) for order in self._today(call)])

    def one(self, call: Call) -> Response:
        """GET /v2/orders/{order_id}."""
        return JSONResponse(order_json(self._find(call), call.owner))

    def external(self, call: Call) -> Response:
        """GET /v2/orders/external/{correlation_id}: the newest order with that correlation id."""
        wanted = call.request.path_params["correlation_id"]
        for order in reversed(self._today(call)):
            if order.ticket.tag == wanted:
                return JSONResponse(order_json(order, call.owner))
        raise DhanError("DH-906", "Order not found")

    def trades(self, call: Call) -> Response:
        """GET /v2/trades."""
        return JSONResponse(
            [trade_json(order, fill, call.owner) for order in self._today(call) for fill in order.fills]
        )

    def order_trades(self, call: Call) -> Response:
        """GET /v2/trades/{order_id}."""
        order = self._find(call)
        return JSONResponse([trade_json(order, fill, call.owner) for fill in order.fills])

    def _today(self, call: Call) -> list[Order]:
        return self._exchange.orders(call.owner.key, self._world.clock.now())

    def _find(self, call: Call) -> Order:
        order_id = call.request.path_params["order_id"]
        order = self._exchange.order(call.owner.key, order_id, self._world.clock.now())
        if order is None:
            raise DhanError("DH-906", "Order not found")
        return order


def _short(order: Order) -> Response:
    return JSONResponse({"orderId": order.order_id, "orderStatus": status_name(order)})
