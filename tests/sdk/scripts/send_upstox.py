"""Sends one order and what belongs to it with the official upstox client."""

import upstox_client
from send_task import ORDER, TOKENS, call, here

VERSION = "2.0"
configuration = upstox_client.Configuration()
configuration.host, configuration.order_host = here(configuration.host), here(configuration.order_host)
configuration.access_token = TOKENS["access_token"]
client = upstox_client.ApiClient(configuration)
user, orders, orders_v3 = (
    upstox_client.UserApi(client),
    upstox_client.OrderApi(client),
    upstox_client.OrderApiV3(client),
)
call("profile", user.get_profile, VERSION)
call("funds", user.get_user_fund_margin, VERSION)
call("quotes", upstox_client.MarketQuoteApi(client).get_full_market_quote, ORDER["token"], VERSION)
placed = call(
    "place",
    orders_v3.place_order,
    upstox_client.PlaceOrderV3Request(
        quantity=ORDER["quantity"],
        product="D",
        validity="DAY",
        price=0,
        tag=ORDER["tag"],
        instrument_token=ORDER["token"],
        order_type="MARKET",
        transaction_type="BUY",
        disclosed_quantity=0,
        trigger_price=0,
        is_amo=False,
        market_protection=ORDER["percent"],
    ),
).data.order_ids[0]
call("order", orders.get_order_status, order_id=placed)
call("orders", orders.get_order_book, VERSION)
call(
    "modify",
    orders_v3.modify_order,
    upstox_client.ModifyOrderRequest(
        quantity=ORDER["quantity"],
        validity="DAY",
        price=ORDER["new_price"],
        order_id=placed,
        order_type="LIMIT",
        disclosed_quantity=0,
        trigger_price=0,
    ),
)
call("cancel", orders_v3.cancel_order, placed)
call("positions", upstox_client.PortfolioApi(client).get_positions, VERSION)
