"""Order endpoints of the Upstox face."""

from starlette.responses import Response

from sandbox.exchange.book import protected_limit
from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order
from sandbox.upstox.bodies import read_json, text
from sandbox.upstox.errors import UpstoxError, bad_input, success
from sandbox.upstox.names import find
from sandbox.upstox.order_body import read_algo_name, read_amount, read_protection, read_quantity, read_ticket, slices
from sandbox.upstox.order_json import order_json, states_json, trade_json
from sandbox.wire.call import Call
from sandbox.world import World

_LATENCY = {"latency": 3}
_MOST_SLICES = 25


class UpstoxOrders:
    """Place, modify, cancel, and the books."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def place(self, call: Call) -> Response:
        """POST /v3/order/place. Checks on lots, price and funds show up in the order book as a rejection."""
        body, now = read_json(call), self._world.clock.now()
        instrument = find(self._exchange.listing(now), text(body, "instrument_token"))
        if instrument is None or instrument.is_index:
            raise UpstoxError("UDAPI100011", "Invalid Instrument key")
        quantity, last = read_quantity(body), self._exchange.market.spread(instrument, now).last
        parts = slices(instrument, quantity) if body.get("slice") is True else [quantity]
        if len(parts) > _MOST_SLICES:
            raise bad_input(f"More than {_MOST_SLICES} orders in one request")
        tickets = [read_ticket(body, instrument, part, last, call) for part in parts]
        return success({"order_ids": [self._exchange.place(one, now).order_id for one in tickets]}, metadata=_LATENCY)

    def modify(self, call: Call) -> Response:
        """PUT /v3/order/modify."""
        read_algo_name(call)
        body, now = read_json(call), self._world.clock.now()
        order, order_type = self._find(call, text(body, "order_id")), text(body, "order_type")
        spread = self._exchange.market.spread(order.ticket.instrument, now)
        percent = read_protection(body, order_type, order.ticket.instrument, spread.last)
        price = read_amount(body, "price") if percent is None else protected_limit(order.ticket.side, spread, percent)
        trigger = read_amount(body, "trigger_price") if text(body, "trigger_price") not in ("", "0", "0.0") else None
        if text(body, "validity") not in ("DAY", "IOC"):
            raise UpstoxError("UDAPI1007", "Validity is required")
        quantity = read_quantity(body) if text(body, "quantity") not in ("", "0") else None
        try:
            self._exchange.modify(order, now, price_paise=price, trigger_paise=trigger, quantity=quantity)
        except Refused as error:
            raise _refused(error, "UDAPI100041", "Modification") from error
        return success({"order_id": order.order_id}, metadata=_LATENCY)

    def cancel(self, call: Call) -> Response:
        """DELETE /v3/order/cancel?order_id="""
        read_algo_name(call)
        order = self._find(call, call.request.query_params.get("order_id", ""))
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise _refused(error, "UDAPI100040", "Cancel") from error
        return success({"order_id": order.order_id}, metadata=_LATENCY)

    def book(self, call: Call) -> Response:
        """GET /v2/order/retrieve-all."""
        return success([order_json(order, call.owner) for order in self._today(call)])

    def details(self, call: Call) -> Response:
        """GET /v2/order/details?order_id="""
        return success(order_json(self._find(call, call.request.query_params.get("order_id", "")), call.owner))

    def history(self, call: Call) -> Response:
        """GET /v2/order/history by order_id, by tag, or by both: every state of every order that matches."""
        order_id, tag = (call.request.query_params.get(name, "") for name in ("order_id", "tag"))
        orders = self._today(call) if not order_id and tag else [self._find(call, order_id)]
        found = [order for order in orders if not tag or order.ticket.tag == tag]
        return success([state for order in found for state in states_json(order, call.owner)])

    def trades(self, call: Call) -> Response:
        """GET /v2/order/trades/get-trades-for-day."""
        return success([trade_json(order, fill) for order in self._today(call) for fill in order.fills])

    def order_trades(self, call: Call) -> Response:
        """GET /v2/order/trades?order_id="""
        order = self._find(call, call.request.query_params.get("order_id", ""))
        return success([trade_json(order, fill) for fill in order.fills])

    def _today(self, call: Call) -> list[Order]:
        return self._exchange.orders(call.owner.key, self._world.clock.now())

    def _find(self, call: Call, order_id: str) -> Order:
        if not order_id:
            raise UpstoxError("UDAPI1023", "Order id is required")
        order = self._exchange.order(call.owner.key, order_id, self._world.clock.now())
        if order is None:
            raise UpstoxError("UDAPI100010", "Order not found", 404)
        return order


def _refused(error: Refused, code: str, what: str) -> UpstoxError:
    if error.refusal.code == "final":
        return UpstoxError(code, f"{what} of already cancelled/rejected/completed order is not allowed")
    return bad_input(error.refusal.message)
