"""Order endpoints of the SmartAPI face."""

from starlette.responses import Response

from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order
from sandbox.smartapi.bodies import read_json, text
from sandbox.smartapi.errors import BrokerError, success
from sandbox.smartapi.names import find, trading_symbol
from sandbox.smartapi.order_body import read_amount, read_quantity, read_ticket
from sandbox.smartapi.order_json import order_json, trade_json, unique_id
from sandbox.wire.call import Call
from sandbox.world import World


class SmartOrders:
    """Place, modify, cancel, and the books. An empty book is `null`, as at the broker."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def place(self, call: Call) -> Response:
        """POST placeOrder. Checks on quantity, price and funds show up in the order book as a rejection."""
        body, now = read_json(call), self._world.clock.now()
        instrument = find(self._exchange.listing(now), text(body, "exchange"), text(body, "symboltoken"))
        if instrument is None or trading_symbol(instrument) != text(body, "tradingsymbol"):
            raise BrokerError("AB1009", "Symbol Not Found")
        order = self._exchange.place(read_ticket(body, instrument, call), now)
        return success(_numbers(order) | {"script": trading_symbol(instrument)})

    def modify(self, call: Call) -> Response:
        """POST modifyOrder."""
        body = read_json(call)
        order = self._find(call, text(body, "orderid"))
        if text(body, "ordertype") not in ("LIMIT", "STOPLOSS_LIMIT"):
            raise BrokerError("AB2000", "Market orders are not allowed for algo orders. Please place a limit order.")
        trigger = text(body, "triggerprice")
        try:
            self._exchange.modify(
                order,
                self._world.clock.now(),
                price_paise=read_amount(body, "price"),
                trigger_paise=read_amount(body, "triggerprice") if trigger not in ("", "0", "0.0") else None,
                quantity=read_quantity(body),
            )
        except Refused as error:
            raise BrokerError("AB2000", str(error)) from error
        return success(_numbers(order))

    def cancel(self, call: Call) -> Response:
        """POST cancelOrder {variety, orderid}."""
        order = self._find(call, text(read_json(call), "orderid"))
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise BrokerError("AB2000", str(error)) from error
        return success(_numbers(order))

    def book(self, call: Call) -> Response:
        """GET getOrderBook."""
        return success([order_json(order) for order in self._today(call)] or None)

    def trades(self, call: Call) -> Response:
        """GET getTradeBook."""
        return success([trade_json(order, fill) for order in self._today(call) for fill in order.fills] or None)

    def details(self, call: Call) -> Response:
        """GET details/{uniqueorderid}."""
        wanted = call.request.path_params["uniqueorderid"]
        for order in self._exchange.all_orders(call.owner.key, self._world.clock.now()):
            if unique_id(order) == wanted:
                return success(order_json(order))
        raise BrokerError("AB1013", "Order not found")

    def _today(self, call: Call) -> list[Order]:
        return self._exchange.orders(call.owner.key, self._world.clock.now())

    def _find(self, call: Call, order_id: str) -> Order:
        order = self._exchange.order(call.owner.key, order_id, self._world.clock.now())
        if order is None:
            raise BrokerError("AB1013", "Order not found")
        return order


def _numbers(order: Order) -> dict[str, str]:
    return {"orderid": order.order_id, "uniqueorderid": unique_id(order)}
