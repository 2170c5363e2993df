"""Sends one order and what belongs to it with the official smartapi-python client."""

import logzero
from send_task import CREDENTIALS, ORDER, TOKENS, call, here
from SmartApi import SmartConnect

logzero.loglevel(60)  # the client logs every refusal with its headers
SmartConnect._rootUrl = here(SmartConnect._rootUrl)
client = SmartConnect(api_key=CREDENTIALS["api_key"])
client.setAccessToken(TOKENS["jwt_token"])
call("profile", client.getProfile, TOKENS["refresh_token"])
call("funds", client.rmsLimit)
call("quotes", client.getMarketData, "FULL", {ORDER["exchange"]: [ORDER["token"]]})
# The fields of the sample order in the client's description, and the tag.
order = {
    "variety": "NORMAL",
    "tradingsymbol": ORDER["symbol"],
    "symboltoken": ORDER["token"],
    "transactiontype": "BUY",
    "exchange": ORDER["exchange"],
    "ordertype": "LIMIT",
    "producttype": "CARRYFORWARD",
    "duration": "DAY",
    "price": str(ORDER["limit_price"]),
    "squareoff": "0",
    "stoploss": "0",
    "quantity": str(ORDER["quantity"]),
}
placed = call("place", client.placeOrderFullResponse, {**order, "ordertag": ORDER["tag"]})["data"]
call("order", client.individual_order_details, placed["uniqueorderid"])
call("orders", client.orderBook)
call("modify", client.modifyOrder, {**order, "orderid": placed["orderid"], "price": str(ORDER["new_price"])})
call("cancel", client.cancelOrder, placed["orderid"], "NORMAL")
call("positions", client.position)
