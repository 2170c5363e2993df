"""Sends one order and what belongs to it with the official dhanhq client."""

from dhanhq import DhanContext, DhanHTTP, DhanLogin, dhanhq
from send_task import CREDENTIALS, ORDER, TOKENS, call, here

DhanLogin.API_BASE_URL, DhanHTTP.API_BASE_URL = here(DhanLogin.API_BASE_URL), here(DhanHTTP.API_BASE_URL)
client = dhanhq(DhanContext(CREDENTIALS["client_id"], TOKENS["access_token"]))
call("profile", DhanLogin(CREDENTIALS["client_id"]).user_profile, TOKENS["access_token"])
call("funds", client.get_fund_limits)
call("quotes", client.quote_data, {client.NSE_FNO: [int(ORDER["token"])]})
placed = call(
    "place",
    client.place_order,
    security_id=ORDER["token"],
    exchange_segment=client.NSE_FNO,
    transaction_type=client.BUY,
    quantity=ORDER["quantity"],
    order_type=client.LIMIT,
    product_type=client.MARGIN,
    price=ORDER["limit_price"],
    tag=ORDER["tag"],
)["data"]["orderId"]
call("order", client.get_order_by_id, placed)
call("orders", client.get_order_list)
call(
    "modify",
    client.modify_order,
    order_id=placed,
    order_type=client.LIMIT,
    leg_name="ENTRY_LEG",
    quantity=ORDER["quantity"],
    price=ORDER["new_price"],
    trigger_price=0,
    disclosed_quantity=0,
    validity=client.DAY,
)
call("cancel", client.cancel_order, placed)
call("positions", client.get_positions)
