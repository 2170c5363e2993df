"""Sends one order and what belongs to it with the official kiteconnect client."""

from kiteconnect import KiteConnect
from send_task import CREDENTIALS, ORDER, TOKENS, call, here

root = here(KiteConnect._default_root_uri)
kite = KiteConnect(api_key=CREDENTIALS["api_key"], access_token=TOKENS["access_token"], root=root)
call("profile", kite.profile)
call("funds", kite.margins)
call("quotes", kite.quote, f"{ORDER['exchange']}:{ORDER['symbol']}")
placed = call(
    "place",
    kite.place_order,
    variety=kite.VARIETY_REGULAR,
    exchange=ORDER["exchange"],
    tradingsymbol=ORDER["symbol"],
    transaction_type=kite.TRANSACTION_TYPE_BUY,
    quantity=ORDER["quantity"],
    product=kite.PRODUCT_NRML,
    order_type=kite.ORDER_TYPE_MARKET,
    validity=kite.VALIDITY_DAY,
    market_protection=ORDER["percent"],
    tag=ORDER["tag"],
)
call("order", kite.order_history, placed)
call("orders", kite.orders)
call(
    "modify",
    kite.modify_order,
    variety=kite.VARIETY_REGULAR,
    order_id=placed,
    quantity=ORDER["quantity"],
    price=ORDER["new_price"],
    order_type=kite.ORDER_TYPE_LIMIT,
    validity=kite.VALIDITY_DAY,
)
call("cancel", kite.cancel_order, variety=kite.VARIETY_REGULAR, order_id=placed)
call("positions", kite.positions)
