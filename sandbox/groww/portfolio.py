"""Positions, holdings and the margin calculator of the Groww face (Groww docs: portfolio, margin)."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.instruments import Instrument
from sandbox.exchange.margin import Holding, funds_of
from sandbox.exchange.positions import Position, Side
from sandbox.exchange.ticks import rupees
from sandbox.groww.bodies import read_json, read_segment, text
from sandbox.groww.errors import GrowwError, bad_request, success
from sandbox.groww.names import exchange_of, find, trading_symbol
from sandbox.groww.order_body import check_type, read_amount, read_quantity
from sandbox.wire.call import Call
from sandbox.world import World


class GrowwPortfolio:
    """What an account holds, and what a basket of orders would bind."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def positions(self, call: Call) -> Response:
        """GET /v1/positions/user?segment."""
        if call.request.query_params.get("segment", "FNO") != "FNO":
            return success({"positions": []})
        return success({"positions": [_position(position) for position in self._held(call)]})

    def position(self, call: Call) -> Response:
        """GET /v1/positions/trading-symbol?trading_symbol&segment."""
        read_segment(call)
        symbol = call.request.query_params.get("trading_symbol", "")
        held = [position for position in self._held(call) if trading_symbol(position.instrument) == symbol]
        return success({"positions": [_position(position) for position in held]})

    def holdings(self, _call: Call) -> Response:
        """GET /v1/holdings/user: no equity is held here."""
        return success({"holdings": []})

    def basket(self, call: Call) -> Response:
        """POST /v1/margins/detail/orders?segment: the orders together, on top of nothing."""
        rows = read_json(call)
        if read_segment(call) != "FNO" or not isinstance(rows, list) or not rows:
            raise bad_request("Invalid orders")
        holdings = [self._holding(row) for row in rows]
        paid = sum(max(0, one.cash_paise) for one in holdings if one.instrument.is_option)
        return success(_margin_json(self._blocked_by(holdings), paid))

    def _held(self, call: Call) -> list[Position]:
        return self._exchange.positions(call.owner.key, self._world.clock.now())

    def _holding(self, row: Any) -> Holding:
        if not isinstance(row, dict):
            raise bad_request("Invalid orders")
        instrument = self._find(row)
        check_type(row)
        quantity = read_quantity(row) if text(row, "transaction_type") == "BUY" else -read_quantity(row)
        return Holding(instrument, quantity, quantity * read_amount(row, "price"))

    def _find(self, row: dict[str, Any]) -> Instrument:
        listing = self._exchange.listing(self._world.clock.now())
        found = find(listing, text(row, "exchange"), "FNO", text(row, "trading_symbol"))
        if found is None:
            raise GrowwError("GA004", "Invalid trading_symbol")
        return found

    def _blocked_by(self, holdings: list[Holding]) -> int:
        market, now = self._exchange.market, self._world.clock.now()
        joined: dict[str, Holding] = {}
        for one in holdings:
            before = joined.get(one.instrument.symbol, Holding(one.instrument, 0, 0))
            joined[one.instrument.symbol] = Holding(
                one.instrument, before.net + one.net, before.cash_paise + one.cash_paise
            )
        return funds_of(
            0,
            joined.values(),
            lambda name: market.spot_paise(name, now),
            lambda instrument: market.spread(instrument, now).last,
        ).blocked


def _margin_json(blocked: int, paid: int) -> dict[str, Any]:
    """A premium that comes in is no margin; charges are none here."""
    return {
        "exposure_required": 0,
        "span_required": rupees(blocked),
        "option_buy_premium": rupees(paid),
        "brokerage_and_charges": 0,
        "total_requirement": rupees(blocked + paid),
        "cash_cnc_margin_required": 0,
        "cash_mis_margin_required": 0,
        "physical_delivery_margin_requirement": 0,
    }


def _position(position: Position) -> dict[str, Any]:
    """Credit is bought and debit sold; what was carried into the day stands beside the day's own."""
    bought, sold = position.bought_today, position.sold_today
    carried_in = _before(position.bought, bought)
    carried_out = _before(position.sold, sold)
    carried = carried_in.quantity - carried_out.quantity
    carried_price = (carried_in if carried > 0 else carried_out).average_paise if carried else 0
    return {
        "trading_symbol": trading_symbol(position.instrument),
        "segment": "FNO",
        "credit_quantity": bought.quantity,
        "credit_price": rupees(bought.average_paise),
        "debit_quantity": sold.quantity,
        "debit_price": rupees(sold.average_paise),
        "carry_forward_credit_quantity": carried_in.quantity,
        "carry_forward_credit_price": rupees(carried_in.average_paise),
        "carry_forward_debit_quantity": carried_out.quantity,
        "carry_forward_debit_price": rupees(carried_out.average_paise),
        "exchange": exchange_of(position.instrument),
        "symbol_isin": "",
        "quantity": position.net,
        "product": position.product,
        "net_carry_forward_quantity": carried,
        "net_price": rupees(position.average_paise),
        "net_carry_forward_price": rupees(carried_price),
        "realised_pnl": rupees(position.realised_paise()),
    }


def _before(total: Side, today: Side) -> Side:
    return Side(total.quantity - today.quantity, total.value - today.value)
