"""Drives the official smartapi-python client through a day's calls; prints what it saw as JSON."""

import json
import sys
import time

import logzero
import pyotp
import requests
from SmartApi import SmartConnect

# An account of its own: pyotp takes no secret below 112 bits, and the demo account's has 80.
API_KEY, CLIENT, PIN = "sdkangelkey", "SDK0002", "4321"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PORT = int(sys.argv[1])
ADMIN = f"http://127.0.0.1:{PORT}"
ROOT = f"http://127.0.0.1:{PORT + 2}"


def settle(client, unique_id):
    """An order's details once it has passed its transient statuses."""
    for _ in range(20):
        details = client.individual_order_details(unique_id)["data"]
        if details["status"] in ("open", "complete", "rejected", "cancelled"):
            return details
        time.sleep(0.11)
    return details


def open_account():
    """Creates the account at the sandbox."""
    account = {
        "broker": "angel_one",
        "clientcode": CLIENT,
        "api_key": API_KEY,
        "pin": PIN,
        "totp_secret": SECRET,
    }
    requests.post(f"{ADMIN}/accounts", json=account, timeout=5).raise_for_status()


def main():
    open_account()
    logzero.loglevel(60)  # the client logs every refusal with its headers
    # One call of the client ignores `root` and reads this attribute instead.
    SmartConnect._rootUrl = ROOT
    client = SmartConnect(api_key=API_KEY, root=ROOT)
    code = pyotp.TOTP(SECRET).now
    seen = {"wrong_pin": client.generateSession(CLIENT, "9999", code())}
    time.sleep(1.05)
    seen["wrong_totp"] = client.generateSession(CLIENT, PIN, "000000")
    time.sleep(1.05)
    seen["session"] = client.generateSession(CLIENT, PIN, code())
    seen["renewed"] = client.generateToken(client.refresh_token)
    seen["funds"] = client.rmsLimit()
    master = requests.get(f"{ROOT}/OpenAPI_File/files/OpenAPIScripMaster.json", timeout=10).json()
    seen["master_count"] = len(master)
    seen["empty_book"], seen["empty_positions"] = client.orderBook(), client.position()
    spot = client.ltpData("NSE", "Nifty 50", "99926000")
    seen["spot"] = spot
    options = [r for r in master if r["name"] == "NIFTY" and r["symbol"].endswith("PE")]
    expiries = sorted({r["expiry"] for r in options}, key=lambda text: time.strptime(text, "%d%b%Y"))
    second = expiries[1]  # the nearest may be about to end
    level = spot["data"]["ltp"] * 100
    row = min((r for r in options if r["expiry"] == second), key=lambda r: abs(float(r["strike"]) - level))
    seen["row"] = row
    seen["found"] = client.searchScrip("NFO", row["symbol"])
    seen["quote"] = client.getMarketData("FULL", {"NFO": [row["token"], "1"], "NSE": ["99926000"]})
    bid = seen["quote"]["data"]["fetched"][0]["depth"]["buy"][0]["price"]
    order = {
        "variety": "NORMAL",
        "tradingsymbol": row["symbol"],
        "symboltoken": row["token"],
        "transactiontype": "SELL",
        "exchange": "NFO",
        "ordertype": "LIMIT",
        "producttype": "CARRYFORWARD",
        "duration": "DAY",
        "price": f"{round(bid * 1.2 / 0.05) * 0.05:.2f}",
        "squareoff": "0",
        "stoploss": "0",
        "quantity": row["lotsize"],
        "ordertag": "sdk2",
    }
    seen["market"] = client.placeOrderFullResponse({**order, "ordertype": "MARKET", "price": "0"})
    seen["long_tag"] = client.placeOrderFullResponse({**order, "ordertag": "x" * 21})
    seen["placed"] = client.placeOrderFullResponse(dict(order))
    unique_id, order_id = seen["placed"]["data"]["uniqueorderid"], seen["placed"]["data"]["orderid"]
    seen["resting"] = settle(client, unique_id)
    change = {**order, "orderid": order_id, "price": f"{round(bid * 1.25 / 0.05) * 0.05:.2f}"}
    seen["modify"] = client.modifyOrder(change)
    seen["modified"] = settle(client, unique_id)
    seen["cancel"] = client.cancelOrder(order_id, "NORMAL")
    seen["cancelled"] = settle(client, unique_id)
    sold = client.placeOrder({**order, "price": f"{round(bid * 0.97 / 0.05) * 0.05:.2f}"})
    seen["odd_lot"] = client.placeOrderFullResponse({**order, "quantity": "1"})
    time.sleep(1.05)
    seen["orders"], seen["sold"] = client.orderBook(), sold
    try:
        client.orderBook()
        seen["book_too_soon"] = None
    except Exception as error:
        seen["book_too_soon"] = {"type": type(error).__name__, "message": str(error)}
    seen["trades"], seen["positions"], seen["holdings"] = (
        client.tradeBook(),
        client.position(),
        client.holding(),
    )
    seen["logout"] = client.terminateSession(CLIENT)
    seen["after_logout"] = client.rmsLimit()
    print(json.dumps(seen, default=str))


main()
