"""Order endpoints of the Kite face."""

from starlette.responses import Response

from sandbox.exchange.book import protected_limit
from sandbox.exchange.exchange import Refused
from sandbox.exchange.orders import Order
from sandbox.exchange.screening import Refusal
from sandbox.kite.errors import KiteError, bad_input, success
from sandbox.kite.forms import read_form
from sandbox.kite.names import find
from sandbox.kite.order_form import read_amount, read_quantity, read_ticket, require
from sandbox.kite.order_json import history_json, order_json, trade_json
from sandbox.kite.protection import read_protection
from sandbox.wire.call import Call
from sandbox.world import World

VARIETIES = ("regular",)


class KiteOrders:
    """Place, modify, cancel, and the books."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def place(self, call: Call) -> Response:
        """POST /orders/{variety}. What the broker's own checks refuse never enters the order book."""
        form, now = read_form(call), self._world.clock.now()
        variety = _variety(call)
        require(form)
        instrument = find(self._exchange.listing(now), form["exchange"], form["tradingsymbol"])
        if instrument is None:
            raise bad_input("The instrument you are placing an order for has either expired or does not exist.")
        last = self._exchange.market.spread(instrument, now).last
        ticket = read_ticket(form, variety, instrument, last, call)
        if refusal := self._exchange.screen(ticket, now):
            raise _refused(refusal)
        return success({"order_id": self._exchange.place(ticket, now).order_id})

    def modify(self, call: Call) -> Response:
        """PUT /orders/{variety}/{order_id}."""
        _variety(call)
        form, order = read_form(call), self._find(call)
        change = {
            "price_paise": self._new_price(form, order),
            "trigger_paise": read_amount(form, "trigger_price") if _above_zero(form, "trigger_price") else None,
            "quantity": read_quantity(form) if form.get("quantity") else None,
        }
        try:
            self._exchange.modify(order, self._world.clock.now(), **change)
        except Refused as error:
            raise _refused(error.refusal) from error
        return success({"order_id": order.order_id})

    def cancel(self, call: Call) -> Response:
        """DELETE /orders/{variety}/{order_id}."""
        _variety(call)
        order = self._find(call)
        try:
            self._exchange.cancel(order, self._world.clock.now())
        except Refused as error:
            raise _refused(error.refusal) from error
        return success({"order_id": order.order_id})

    def book(self, call: Call) -> Response:
        """GET /orders."""
        return success([order_json(order, call.owner) for order in self._today(call)])

    def history(self, call: Call) -> Response:
        """GET /orders/{order_id}."""
        return success(history_json(self._find(call), call.owner))

    def trades(self, call: Call) -> Response:
        """GET /trades."""
        return success([trade_json(order, fill) for order in self._today(call) for fill in order.fills])

    def order_trades(self, call: Call) -> Response:
        """GET /orders/{order_id}/trades."""
        order = self._find(call)
        return success([trade_json(order, fill) for fill in order.fills])

    def _new_price(self, form: dict[str, str], order: Order) -> int | None:
        """The limit a modification sets; one to MARKET is protected like a new order, as then converted."""
        order_type = form.get("order_type", "LIMIT")
        if order_type in ("LIMIT", "SL"):
            return read_amount(form, "price") if form.get("price") else None
        instrument, known = order.ticket.instrument, order.ticket.wire.get("market_protection", "0")
        spread = self._exchange.market.spread(instrument, self._world.clock.now())
        percent = read_protection({"market_protection": known, **form}, order_type, instrument, spread.last)
        if percent is None:
            raise bad_input("Invalid `order_type`.")
        return protected_limit(order.ticket.side, spread, percent)

    def _today(self, call: Call) -> list[Order]:
        return self._exchange.orders(call.owner.key, self._world.clock.now())

    def _find(self, call: Call) -> Order:
        order_id = call.request.path_params["order_id"]
        order = self._exchange.order(call.owner.key, order_id, self._world.clock.now())
        if order is None:
            raise KiteError("GeneralException", "Couldn't find that `order_id`.", 404)
        return order


def _variety(call: Call) -> str:
    variety = str(call.request.path_params["variety"])
    if variety not in VARIETIES:
        raise bad_input("Invalid `variety`.")
    return variety


def _above_zero(form: dict[str, str], name: str) -> bool:
    return form.get(name, "") not in ("", "0", "0.0")


def _refused(refusal: Refusal) -> KiteError:
    kind = "OrderException" if refusal.code in ("closed", "final", "modifications") else "InputException"
    return KiteError(kind, refusal.message, 400)
