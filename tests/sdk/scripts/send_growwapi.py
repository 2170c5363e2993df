"""Sends one order and what belongs to it with the official growwapi client."""

from growwapi import GrowwAPI
from send_task import ORDER, TOKENS, call, here

client = GrowwAPI(TOKENS["access_token"])
client.domain = here(client.domain)
call("profile", client.get_user_profile)
call("funds", client.get_available_margin_details)
call("quotes", client.get_quote, ORDER["symbol"], client.EXCHANGE_NSE, client.SEGMENT_FNO)
placed = call(
    "place",
    client.place_order,
    validity=client.VALIDITY_DAY,
    exchange=client.EXCHANGE_NSE,
    order_type=client.ORDER_TYPE_LIMIT,
    product=client.PRODUCT_NRML,
    quantity=ORDER["quantity"],
    segment=client.SEGMENT_FNO,
    trading_symbol=ORDER["symbol"],
    transaction_type=client.TRANSACTION_TYPE_BUY,
    order_reference_id=ORDER["tag"],
    price=ORDER["limit_price"],
)["groww_order_id"]
call("order", client.get_order_detail, client.SEGMENT_FNO, placed)
call("orders", client.get_order_list, segment=client.SEGMENT_FNO)
call(
    "modify",
    client.modify_order,
    order_type=client.ORDER_TYPE_LIMIT,
    segment=client.SEGMENT_FNO,
    groww_order_id=placed,
    quantity=ORDER["quantity"],
    price=ORDER["new_price"],
)
call("cancel", client.cancel_order, placed, client.SEGMENT_FNO)
call("positions", client.get_positions_for_user, client.SEGMENT_FNO)
