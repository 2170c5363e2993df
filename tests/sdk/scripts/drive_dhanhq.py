"""Drives the official dhanhq client through a day's calls; prints what it saw as JSON."""

import csv
import io
import json
import logging
import sys
import time
import webbrowser
from urllib.parse import parse_qs, urlsplit

import requests
from dhanhq import DhanContext, DhanHTTP, DhanLogin, dhanhq

CLIENT, APP_ID, APP_SECRET = "1000000005", "sandboxdhanapp01", "sandboxdhansecret01"
PORT = int(sys.argv[1])
ROOT = f"http://127.0.0.1:{PORT + 5}"
APPROVED = []


def browse(url):
    """The user's browser: opens the page, presses Approve, and is sent back to the app."""
    consent = parse_qs(urlsplit(url).query)["consentAppId"][0]
    requests.get(url, timeout=5).raise_for_status()
    form = {"consentAppId": consent, "decision": "approve"}
    answer = requests.post(f"{ROOT}/login/consentApp-login", data=form, allow_redirects=False, timeout=5)
    APPROVED.append(parse_qs(urlsplit(answer.headers["location"]).query)["tokenId"][0])
    return True


def log_in():
    """The session of the official login helper."""
    login = DhanLogin(CLIENT)
    login.generate_login_session(APP_ID, APP_SECRET)
    return login, login.consume_token_id(APPROVED[-1], APP_ID, APP_SECRET)


def settle(client, order_id):
    """An order once it has left TRANSIT."""
    for _ in range(20):
        order = client.get_order_by_id(order_id)["data"]
        if order["orderStatus"] != "TRANSIT":
            return order
        time.sleep(0.11)
    return order


def contract():
    """The NIFTY put of the second expiry that is nearest to the middle of its chain."""
    text = requests.get(f"{ROOT}/api-data/api-scrip-master-detailed.csv", timeout=10).text
    rows = list(csv.DictReader(io.StringIO(text)))
    puts = [r for r in rows if r["UNDERLYING_SYMBOL"] == "NIFTY" and r["OPTION_TYPE"] == "PE"]
    second = sorted({r["SM_EXPIRY_DATE"] for r in puts})[1]  # the nearest may be about to end
    chain = sorted((r for r in puts if r["SM_EXPIRY_DATE"] == second), key=lambda r: float(r["STRIKE_PRICE"]))
    return len(rows), chain[len(chain) // 2]


def main():
    logging.disable(logging.CRITICAL)  # the client logs every refusal
    webbrowser.open = browse
    DhanLogin.AUTH_BASE_URL, DhanLogin.API_BASE_URL, DhanHTTP.API_BASE_URL = ROOT, f"{ROOT}/v2", f"{ROOT}/v2"
    login, session = log_in()
    seen = {"session": session, "profile": login.user_profile(session["accessToken"])}
    renewed = login.renew_token(session["accessToken"])
    seen["renewed"] = renewed
    seen["stale"] = dhanhq(DhanContext(CLIENT, session["accessToken"])).get_order_list()
    client = dhanhq(DhanContext(CLIENT, renewed["accessToken"]))
    seen["funds"] = client.get_fund_limits()
    seen["empty"] = [client.get_order_list(), client.get_positions(), client.get_holdings()]
    seen["master_count"], row = contract()
    security, lot = row["SECURITY_ID"], int(float(row["LOT_SIZE"]))
    seen["row"] = row
    seen["quote"] = client.quote_data({"NSE_FNO": [int(security), 1], "IDX_I": [13]})
    seen["quote_too_soon"] = client.ticker_data({"IDX_I": [13]})
    bid = seen["quote"]["data"]["data"]["NSE_FNO"][security]["depth"]["buy"][0]["price"]
    leg = (security, client.NSE_FNO, client.SELL, lot, client.LIMIT, client.MARGIN)
    above = round(round(bid * 1.2 / 0.05) * 0.05, 2)
    seen["margin"] = client.margin_calculator(security, client.NSE_FNO, client.SELL, lot, client.MARGIN, bid)
    wing = {"exchangeSegment": "NSE_FNO", "quantity": lot, "productType": "MARGIN", "price": bid, "triggerPrice": 0}
    short = {**wing, "transactionType": "SELL", "securityId": security}
    seen["margins"] = client.margin_calculator_multi([short])
    placed = client.place_order(*leg, above, tag="sdk-5")
    seen["placed"] = placed
    order_id = placed["data"]["orderId"]
    seen["resting"] = settle(client, order_id)
    seen["by_tag"] = client.get_order_by_correlationID("sdk-5")
    seen["nobody"] = client.get_order_by_correlationID("nobody")
    change = round(above + 0.5, 2)
    seen["modify"] = client.modify_order(order_id, client.LIMIT, "ENTRY_LEG", lot, change, 0, 0, client.DAY)
    seen["modified"] = settle(client, order_id)
    seen["cancel"] = client.cancel_order(order_id)
    seen["cancelled"] = settle(client, order_id)
    sold = client.place_order(*leg, round(round(bid * 0.97 / 0.05) * 0.05, 2))
    seen["sold"] = settle(client, sold["data"]["orderId"])
    seen["odd_lot"] = client.place_order(security, client.NSE_FNO, client.SELL, 1, client.LIMIT, client.MARGIN, bid)
    seen["long_tag"] = client.place_order(*leg, above, tag="x" * 31)
    time.sleep(1.1)  # the books may be read ten times a second
    seen["orders"], seen["positions"] = client.get_order_list(), client.get_positions()
    seen["trades"] = client.get_trade_book()
    print(json.dumps(seen, default=str))


main()
