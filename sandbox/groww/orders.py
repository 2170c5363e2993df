"""Order endpoints of the Groww face."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order
from sandbox.groww.bodies import read_number, read_object, read_segment, text
from sandbox.groww.errors import GrowwError, bad_request, success
from sandbox.groww.names import find
from sandbox.groww.order_body import check_type, read_amount, read_quantity, read_ticket
from sandbox.groww.order_json import exchange_order_id, order_json, status_json, trade_json
from sandbox.wire.call import Call
from sandbox.world import World

MOST_ROWS = 100
MOST_TRADES = 50
_DEFAULT_ROWS = 25
_PAGES = 10_000


class GrowwOrders:
    """Create, modify, cancel, the list in pages, and one order by its number or its reference."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def create(self, call: Call) -> Response:
        """POST /v1/order/create. A reference that was used before is refused (GA007).

        Checks on quantity, price and funds show up in the order list as a rejection.
        """
        body, now = read_object(call), self._world.clock.now()
        instrument = find(
            self._exchange.listing(now), text(body, "exchange"), text(body, "segment"), text(body, "trading_symbol")
        )
        if instrument is None or instrument.is_index:
            raise GrowwError("GA004", "Invalid trading_symbol")
        ticket = read_ticket(body, instrument, call)
        if self._by_reference(call, ticket.tag) is not None:
            raise GrowwError("GA007")
        order = self._exchange.place(ticket, now)
        told = status_json(order)
        del told["filled_quantity"]
        return success(told | {"remark": told["remark"] or "Order placed successfully"})

    def modify(self, call: Call) -> Response:
        """POST /v1/order/modify."""
        body = read_object(call)
        order = self._find(call, text(body, "groww_order_id"))
        check_type(body)
        try:
            self._exchange.modify(
                order,
                self._world.clock.now(),
                price_paise=_given(body, "price"),
                trigger_paise=_given(body, "trigger_price"),
                quantity=read_quantity(body) if body.get("quantity") is not None else None,
            )
        except Refused as error:
            raise GrowwError("GA006", str(error)) from error
        return success(_told(order))

    def cancel(self, call: Call) -> Response:
        """POST /v1/order/cancel {segment, groww_order_id}."""
        order = self._find(call, text(read_object(call), "groww_order_id"))
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise GrowwError("GA006", str(error)) from error
        return success(_told(order))

    def book(self, call: Call) -> Response:
        """GET /v1/order/list?segment&page&page_size, the newest first."""
        if call.request.query_params.get("segment", "FNO") != "FNO":
            return success({"order_list": []})
        page = read_number(call, "page", 0, _PAGES)
        size = read_number(call, "page_size", _DEFAULT_ROWS, MOST_ROWS)
        orders = self._exchange.orders(call.owner.key, self._world.clock.now())[::-1]
        return success({"order_list": [order_json(order) for order in orders[page * size : (page + 1) * size]]})

    def detail(self, call: Call) -> Response:
        """GET /v1/order/detail/{id}?segment."""
        read_segment(call)
        return success(order_json(self._find(call, call.request.path_params["order_id"])))

    def status(self, call: Call) -> Response:
        """GET /v1/order/status/{id}?segment."""
        read_segment(call)
        return success(status_json(self._find(call, call.request.path_params["order_id"])))

    def status_by_reference(self, call: Call) -> Response:
        """GET /v1/order/status/reference/{reference}?segment."""
        read_segment(call)
        order = self._by_reference(call, call.request.path_params["reference"])
        if order is None:
            raise GrowwError("GA004")
        return success(status_json(order))

    def trades(self, call: Call) -> Response:
        """GET /v1/order/trades/{id}?segment&page&page_size."""
        read_segment(call)
        order = self._find(call, call.request.path_params["order_id"])
        page, size = read_number(call, "page", 0, _PAGES), read_number(call, "page_size", _DEFAULT_ROWS, MOST_TRADES)
        fills = order.fills[page * size : (page + 1) * size]
        return success({"trade_list": [trade_json(order, fill) for fill in fills]})

    def _find(self, call: Call, number: str) -> Order:
        order = self._exchange.order(call.owner.key, exchange_order_id(number), self._world.clock.now())
        if order is None:
            raise GrowwError("GA004")
        return order

    def _by_reference(self, call: Call, reference: str) -> Order | None:
        orders = self._exchange.all_orders(call.owner.key, self._world.clock.now())
        return next((order for order in orders if order.ticket.tag == reference), None)


def _told(order: Order) -> dict[str, Any]:
    told = status_json(order)
    return {name: told[name] for name in ("groww_order_id", "order_status")}


def _given(body: dict[str, Any], name: str) -> int | None:
    """A new price of a modification; null and 0 leave it as it is."""
    if body.get(name) in (None, 0):
        return None
    if text(body, "order_type") != "SL" and name == "trigger_price":
        raise bad_request("Invalid trigger_price")
    return read_amount(body, name)
