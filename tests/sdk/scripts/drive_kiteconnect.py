"""Drives the official kiteconnect client through a day's calls; prints what it saw as JSON."""

import json
import sys
import time
from urllib.parse import parse_qs, urlsplit

import requests
from kiteconnect import KiteConnect
from kiteconnect import exceptions as kite_errors

API_KEY, API_SECRET = "sandboxkitekey01", "sandboxkitesecret01"
PORT = int(sys.argv[1])
ROOT = f"http://127.0.0.1:{PORT + 1}"


def browser_login(kite):
    """What the customer's browser does with the client's own login URL, at the sandbox's host."""
    login = urlsplit(kite.login_url())
    asked = {name: values[0] for name, values in parse_qs(login.query).items()}
    page = requests.get(ROOT + login.path, params={**asked, "redirect_params": "state=xyz"}, timeout=5)
    form = {"api_key": asked["api_key"], "decision": "approve", "redirect_params": "state=xyz"}
    answer = requests.post(ROOT + login.path, data=form, allow_redirects=False, timeout=5)
    carried = {n: v[0] for n, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    return page.status_code, carried


def refusal(call, *arguments, **named):
    """The exception a call ends in."""
    try:
        call(*arguments, **named)
    except kite_errors.KiteException as error:
        return {"type": type(error).__name__, "code": error.code, "message": str(error)}
    return None


def settle(kite, order_id):
    """An order's history once it has passed its transient statuses."""
    for _ in range(20):
        history = kite.order_history(order_id)
        if history[-1]["status"] in ("OPEN", "COMPLETE", "REJECTED", "CANCELLED"):
            return history
        time.sleep(0.11)
    return history


def main():
    kite = KiteConnect(api_key=API_KEY, root=ROOT)
    seen = {"without_session": refusal(kite.profile)}
    seen["login_page"], seen["callback"] = browser_login(kite)
    token = seen["callback"]["request_token"]
    seen["wrong_secret"] = refusal(kite.generate_session, token, "not the secret")
    seen["session"] = kite.generate_session(token, API_SECRET)
    seen["token_twice"] = refusal(kite.generate_session, token, API_SECRET)
    seen["profile"] = kite.profile()
    seen["margins"] = kite.margins("equity")
    nfo = kite.instruments("NFO")
    seen["instrument_counts"] = {"NFO": len(nfo), "all": len(kite.instruments())}
    seen["index_rows"] = [row for row in kite.instruments("NSE") if row["segment"] == "INDICES"]
    expiries = {row["expiry"] for row in nfo if row["name"] == "NIFTY" and row["instrument_type"] == "CE"}
    expiry = sorted(expiries)[1]  # the nearest may be about to end
    calls = [r for r in nfo if r["name"] == "NIFTY" and r["instrument_type"] == "CE" and r["expiry"] == expiry]
    spot = kite.ltp("NSE:NIFTY 50")["NSE:NIFTY 50"]["last_price"]
    contract = min(calls, key=lambda row: abs(row["strike"] - spot))
    seen["contract"], seen["spot"] = contract, spot
    key = f"NFO:{contract['tradingsymbol']}"
    seen["quote_too_soon"] = refusal(kite.quote, key)
    time.sleep(1.05)
    seen["quote"] = kite.quote("NSE:NIFTY 50", key)
    time.sleep(1.05)
    seen["ohlc"] = kite.ohlc(key)
    bid = seen["quote"][key]["depth"]["buy"][0]["price"]
    order = {
        "variety": kite.VARIETY_REGULAR,
        "exchange": "NFO",
        "tradingsymbol": contract["tradingsymbol"],
        "transaction_type": "BUY",
        "quantity": contract["lot_size"],
        "product": kite.PRODUCT_NRML,
        "tag": "sdk1",
    }
    seen["unprotected"] = refusal(kite.place_order, **order, order_type="MARKET")
    seen["stop_market"] = refusal(kite.place_order, **order, order_type="SL-M", trigger_price=bid)
    seen["long_tag"] = refusal(kite.place_order, **{**order, "tag": "x" * 21}, order_type="LIMIT", price=bid)
    low = round(bid * 0.8 / 0.05) * 0.05
    resting = kite.place_order(**order, order_type="LIMIT", price=round(low, 2))
    seen["resting"] = settle(kite, resting)
    kite.modify_order("regular", resting, price=round(low - 0.05, 2), order_type="LIMIT")
    seen["modified"] = kite.order_history(resting)[-1]
    time.sleep(1)
    kite.cancel_order("regular", resting)
    seen["cancelled"] = kite.order_history(resting)[-1]
    seen["cancel_twice"] = refusal(kite.cancel_order, "regular", resting)
    filled = kite.place_order(**order, order_type="MARKET", market_protection=kite.MARKET_PROTECTION_AUTO)
    seen["filled"] = settle(kite, filled)
    seen["order_trades"] = kite.order_trades(filled)
    seen["trades"], seen["orders"] = kite.trades(), kite.orders()
    time.sleep(1)
    seen["positions"], seen["holdings"] = kite.positions(), kite.holdings()
    seen["unknown_order"] = refusal(kite.order_history, "1")
    kite.invalidate_access_token()
    seen["after_logout"] = refusal(kite.orders)
    print(json.dumps(seen, default=str))


main()
