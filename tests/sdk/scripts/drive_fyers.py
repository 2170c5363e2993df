"""Drives the official fyers-apiv3 client through a day's calls; prints what it saw as JSON."""

import csv
import json
import sys
import time
from urllib.parse import parse_qsl, urlsplit

import requests
from fyers_apiv3 import fyersModel

APP_ID, SECRET = "SBXFYERS01-100", "SANDBOXFYERSSECRET"
PORT = int(sys.argv[1])
ROOT = f"http://127.0.0.1:{PORT + 4}"
REDIRECT = f"http://127.0.0.1:{PORT}/callback-shown"
# The client keeps its addresses as class attributes; nothing else of it is touched.
fyersModel.Config.API = f"{ROOT}/api/v3"
fyersModel.Config.DATA_API = f"{ROOT}/data"


def new_session(secret=SECRET):
    return fyersModel.SessionModel(
        client_id=APP_ID,
        secret_key=secret,
        redirect_uri=REDIRECT,
        response_type="code",
        grant_type="authorization_code",
        state="xyz",
    )


def browser_login(url):
    """What the customer's browser does with the client's own login URL."""
    page = requests.get(url, timeout=5)
    form = dict(parse_qsl(urlsplit(url).query)) | {"decision": "approve"}
    answer = requests.post(url.split("?")[0], data=form, allow_redirects=False, timeout=5)
    return page.status_code, dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def tokens_of(session, code):
    session.set_token(code)
    return session.generate_token()


def settle(fyers, order_id):
    """The one order once it has left its transit."""
    for _ in range(20):
        (row,) = fyers.orderbook(data={"id": order_id})["orderBook"]
        if row["status"] != 4:
            return row
        time.sleep(0.15)
    return row


def order(row, limit, **fields):
    return {
        "symbol": row[9],
        "qty": int(row[3]),
        "type": 1,
        "side": 1,
        "productType": "INTRADAY",
        "limitPrice": limit,
        "stopPrice": 0,
        "validity": "DAY",
        "disclosedQty": 0,
        "offlineOrder": False,
        "orderTag": "sdk4",
        **fields,
    }


def to_tick(price):
    return round(round(price / 0.05) * 0.05, 2)


def main():
    seen = {"without_session": fyersModel.FyersModel(client_id=APP_ID, token="x").get_profile()}
    session = new_session()
    seen["login_page"], seen["callback"] = browser_login(session.generate_authcode())
    code = seen["callback"]["auth_code"]
    seen["wrong_secret"] = tokens_of(new_session("not the secret"), code)
    seen["tokens"] = tokens_of(session, code)
    seen["code_twice"] = tokens_of(session, code)
    fyers = fyersModel.FyersModel(client_id=APP_ID, token=seen["tokens"]["access_token"])
    seen["profile"] = fyers.get_profile()
    seen["funds"] = fyers.funds()
    rows = list(csv.reader(requests.get(f"{ROOT}/sym_details/NSE_FO.csv", timeout=5).text.splitlines()))
    seen["master_count"] = len(rows)
    spot = fyers.quotes(data={"symbols": "NSE:NIFTY50-INDEX"})["d"][0]["v"]["lp"]
    calls = [row for row in rows if row[13] == "NIFTY" and row[16] == "CE"]
    nearest = min(row[8] for row in calls)
    row = min((one for one in calls if one[8] == nearest), key=lambda one: abs(float(one[15]) - spot))
    seen["spot"], seen["row"] = spot, row
    time.sleep(1.1)
    seen["quotes"] = fyers.quotes(data={"symbols": f"{row[9]},NSE:NOSUCH"})
    seen["depth"] = fyers.depth(data={"symbol": row[9], "ohlcv_flag": "1"})
    values = seen["quotes"]["d"][0]["v"]
    low, high = to_tick(values["bid"] * 0.8), to_tick(values["ask"] * 1.05)
    seen["empty_book"] = fyers.orderbook()
    placed = seen["placed"] = fyers.place_order(data=order(row, low))
    seen["resting"] = settle(fyers, placed["id"])
    change = {"id": placed["id"], "type": 1, "limitPrice": to_tick(low - 0.05), "qty": int(row[3])}
    seen["modify"] = fyers.modify_order(data=change)
    seen["modified"] = settle(fyers, placed["id"])
    time.sleep(1.1)
    seen["cancel"] = fyers.cancel_order(data={"id": placed["id"]})
    seen["cancel_twice"] = fyers.cancel_order(data={"id": placed["id"]})
    seen["cancelled"] = settle(fyers, placed["id"])
    filled = fyers.place_order(data=order(row, high, productType="MARGIN"))
    seen["filled"] = settle(fyers, filled["id"])
    seen["tagged"] = fyers.orderbook(data={"order_tag": "1:sdk4"})
    seen["trades"] = fyers.tradebook()
    time.sleep(1.1)
    seen["positions"] = fyers.positions()
    seen["holdings"] = fyers.holdings()
    seen["market"] = fyers.place_order(data=order(row, 0, type=2))
    seen["bad_symbol"] = fyers.place_order(data=order(row, high, symbol="NSE:NOSUCH"))
    seen["bad_tag"] = fyers.place_order(data=order(row, high, orderTag="with space"))
    seen["orders"] = fyers.orderbook()
    time.sleep(1.1)
    seen["too_many"] = [fyers.get_profile()["code"] for _ in range(11)]
    time.sleep(1.1)
    seen["logout"] = fyers.logout()
    seen["after_logout"] = fyers.get_profile()
    print(json.dumps(seen))


main()
