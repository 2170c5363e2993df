"""An account's orders and positions in neutral form, straight from the exchange, to reconcile against."""

from typing import Any

from sandbox.accounts import Account
from sandbox.clock import epoch_micros
from sandbox.exchange.instruments import Instrument
from sandbox.exchange.orders import Order
from sandbox.exchange.positions import Position
from sandbox.exchange.ticks import rupees_text
from sandbox.world import World


def books_json(world: World, account: Account) -> dict[str, Any]:
    """Every order since the sandbox started and every position. Prices are rupees, as text."""
    now = world.clock.now()
    funds = world.exchange.funds(account.key, now)
    return {
        "broker": account.broker,
        "client_id": account.client_id,
        "at": now.isoformat(),
        "funds": {
            "opening": rupees_text(funds.opening),
            "premium": rupees_text(funds.premium),
            "blocked": rupees_text(funds.blocked),
            "futures_profit": rupees_text(funds.futures_profit),
            "available": rupees_text(funds.available),
        },
        "orders": [_order(order) for order in world.exchange.all_orders(account.key, now)],
        "positions": [_position(world, p) for p in world.exchange.positions(account.key, now)],
    }


def contract_json(instrument: Instrument) -> dict[str, Any]:
    """What a contract is, whatever a broker calls it."""
    return {
        "symbol": instrument.symbol,
        "exchange": instrument.exchange,
        "underlying": instrument.underlying,
        "kind": instrument.kind,
        "expiry": instrument.expiry.isoformat() if instrument.expiry else None,
        "strike": instrument.strike or None,
        "lot": instrument.lot,
    }


def _order(order: Order) -> dict[str, Any]:
    ticket = order.ticket
    return {
        "order_id": order.order_id,
        "tag": ticket.tag,
        **contract_json(ticket.instrument),
        "side": ticket.side,
        "product": ticket.product,
        "quantity": order.quantity,
        "filled": order.filled,
        "pending": order.pending,
        "price": rupees_text(order.price_paise),
        "trigger_price": rupees_text(order.trigger_paise),
        "average_price": rupees_text(order.average_paise),
        "status": order.status.value,
        "message": order.message,
        "modifications": order.modifications,
        "algo_id": ticket.wire.get("algo_id", ""),
        "algo_name": ticket.wire.get("algo_name", ""),
        "received_at": ticket.received_at.isoformat(timespec="microseconds"),
        "received_at_us": epoch_micros(ticket.received_at),
        "reached_exchange_at": _iso(order.reached_exchange_at),
        "fills": [
            {
                "trade_id": fill.trade_id,
                "quantity": fill.quantity,
                "price": rupees_text(fill.price_paise),
                "at": fill.at.isoformat(timespec="microseconds"),
            }
            for fill in order.fills
        ],
        "history": [[event.at.isoformat(timespec="microseconds"), event.status.value] for event in order.history],
    }


def _position(world: World, position: Position) -> dict[str, Any]:
    last = world.exchange.market.spread(position.instrument, world.clock.now()).last
    return {
        **contract_json(position.instrument),
        "product": position.product,
        "net": position.net,
        "overnight": position.overnight,
        "bought": position.bought.quantity,
        "sold": position.sold.quantity,
        "average_price": rupees_text(position.average_paise),
        "last_price": rupees_text(last),
        "pnl": rupees_text(position.pnl_paise(last)),
    }


def _iso(instant: Any) -> str | None:
    return instant.isoformat(timespec="microseconds") if instant else None
