"""Profile, funds, positions, holdings and margin calculator of the Fyers face."""

from typing import Any

from starlette.responses import Response

from sandbox.exchange.positions import Position
from sandbox.exchange.ticks import rupees
from sandbox.fyers.bodies import amount, one_of, quantity, read_json, text
from sandbox.fyers.errors import INVALID_SYMBOL, FyersError, bad_input, success
from sandbox.fyers.names import DERIVATIVES, exchange_number, find, fytoken_of, ticker_of
from sandbox.fyers.order_body import LIMIT, PRODUCTS, SIDES
from sandbox.fyers.order_json import product_name
from sandbox.wire.call import Call
from sandbox.world import World


class FyersPortfolio:
    """What an account is, has and holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = world.exchange

    def profile(self, call: Call) -> Response:
        """GET /profile; personal fields are masked, as at the broker."""
        owner = call.owner
        return success(
            data={
                "fy_id": owner.client_id, "name": owner.name, "display_name": owner.name, "image": None,
                "email_id": f"{owner.client_id.lower()}@sandbox.invalid", "PAN": "", "mobile_number": "",
                "pin_change_date": "01-01-2026 09:00:00", "pwd_change_date": "01-01-2026 09:00:00",
                "pwd_to_expire": 90, "totp": True, "ddpi_enabled": False, "mtf_enabled": False,
            }
        )  # fmt: skip

    def funds(self, call: Call) -> Response:
        """GET /funds: ten numbered rows."""
        funds = self._exchange.funds(call.owner.key, self._world.clock.now())
        rows = (
            ("Total Balance", funds.opening), ("Utilized Amount", funds.spent), ("Clear Balance", funds.opening),
            ("Realized Profit and Loss", 0), ("Collaterals", 0), ("Fund Transfer", 0), ("Receivables", 0),
            ("Adhoc Limit", 0), ("Limit at start of the day", funds.opening), ("Available Balance", funds.available),
        )  # fmt: skip
        return success(
            fund_limit=[
                {"id": number, "title": title, "equityAmount": rupees(paise), "commodityAmount": 0}
                for number, (title, paise) in enumerate(rows, 1)
            ]
        )

    def positions(self, call: Call) -> Response:
        """GET /positions."""
        held = self._exchange.positions(call.owner.key, self._world.clock.now())
        rows = [self._position(position, number) for number, position in enumerate(held)]
        totals = {name: round(sum(row[field] for row in rows), 2) for name, field in _TOTALS}
        counts = {"count_total": len(rows), "count_open": sum(row["netQty"] != 0 for row in rows)}
        return success(netPositions=rows, overall=counts | totals)

    def holdings(self, _call: Call) -> Response:
        """GET /holdings: no equity is held here."""
        nothing = {"count_total": 0, "total_investment": 0, "total_current_value": 0, "total_pl": 0, "pnl_perc": 0}
        return success(holdings=[], overall=nothing)

    def margin(self, call: Call) -> Response:
        """POST /multiorder/margin {data: [order, …]}."""
        orders = read_json(call).get("data")
        if not isinstance(orders, list) or not orders or not all(isinstance(order, dict) for order in orders):
            raise bad_input("Please provide valid data")
        now = self._world.clock.now()
        legs = []
        for order in orders:
            instrument = find(self._exchange.listing(now), text(order, "symbol"))
            if instrument is None or instrument.is_index:
                raise FyersError(INVALID_SYMBOL, "Please provide a valid symbol")
            one_of(order, "productType", tuple(PRODUCTS))
            sign = 1 if SIDES[one_of(order, "side", tuple(SIDES))] == "BUY" else -1
            limit = amount(order, "limitPrice") if text(order, "type") == LIMIT else 0
            legs.append((instrument, sign * quantity(order), limit))
        total = rupees(self._exchange.requirement(legs, now).total)
        free = rupees(self._exchange.funds(call.owner.key, now).available)
        return success(data={"margin_avail": free, "margin_total": total, "margin_new_order": total})

    def _position(self, position: Position, number: int) -> dict[str, Any]:
        instrument, net = position.instrument, position.net
        last = self._exchange.market.spread(instrument, self._world.clock.now()).last
        realised, total = position.realised_paise(), position.pnl_paise(last)
        carried = position.overnight
        return {
            "id": f"{ticker_of(instrument)}-{product_name(position.product)}",
            "symbol": ticker_of(instrument),
            "fyToken": fytoken_of(instrument),
            "exchange": exchange_number(instrument),
            "segment": DERIVATIVES,
            "productType": product_name(position.product),
            "netQty": net,
            "qty": abs(net),
            "side": (net > 0) - (net < 0),
            "netAvg": rupees((position.bought.value - position.sold.value) // net) if net else 0,
            "buyQty": position.bought.quantity,
            "buyAvg": rupees(position.bought.average_paise),
            "buyVal": rupees(position.bought.value),
            "sellQty": position.sold.quantity,
            "sellAvg": rupees(position.sold.average_paise),
            "sellVal": rupees(position.sold.value),
            "realized_profit": rupees(realised),
            "unrealized_profit": rupees(total - realised),
            "pl": rupees(total),
            "ltp": rupees(last),
            "crossCurrency": "N",
            "rbiRefRate": 1.0,
            "qtyMulti_com": 1.0,
            "slNo": number,
            "cfBuyQty": max(carried, 0),
            "cfSellQty": max(-carried, 0),
            "dayBuyQty": position.bought_today.quantity,
            "daySellQty": position.sold_today.quantity,
        }


_TOTALS = (("pl_total", "pl"), ("pl_realized", "realized_profit"), ("pl_unrealized", "unrealized_profit"))
