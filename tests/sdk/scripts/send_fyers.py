"""Sends one order and what belongs to it with the official fyers-apiv3 client."""

from fyers_apiv3 import fyersModel
from send_task import CREDENTIALS, ORDER, TOKENS, call, here

config = fyersModel.Config
config.API, config.DATA_API = here(config.API), here(config.DATA_API)
fyers = fyersModel.FyersModel(client_id=CREDENTIALS["api_key"], token=TOKENS["access_token"])
symbol = f"NSE:{ORDER['symbol']}"
call("profile", fyers.get_profile)
call("funds", fyers.funds)
call("quotes", fyers.quotes, {"symbols": symbol})
# The fields of the sample order in the client's description, and the tag.
order = {
    "symbol": symbol,
    "qty": ORDER["quantity"],
    "type": 1,
    "side": 1,
    "productType": "MARGIN",
    "limitPrice": ORDER["limit_price"],
    "stopPrice": 0,
    "validity": "DAY",
    "disclosedQty": 0,
    "offlineOrder": False,
    "isSliceOrder": False,
    "orderTag": ORDER["tag"],
}
placed = call("place", fyers.place_order, order)["id"]
call("order", fyers.orderbook, {"id": placed})
call("orders", fyers.orderbook)
call(
    "modify",
    fyers.modify_order,
    {"id": placed, "type": 1, "limitPrice": ORDER["new_price"], "qty": ORDER["quantity"]},
)
call("cancel", fyers.cancel_order, {"id": placed})
call("positions", fyers.positions)
