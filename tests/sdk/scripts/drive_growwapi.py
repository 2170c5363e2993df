"""Drives the official growwapi client through a day's calls; prints what it saw as JSON."""

import json
import sys
import time

import pyotp
import requests
from growwapi import GrowwAPI
from growwapi.groww.exceptions import GrowwAPIException

# An account of its own: pyotp takes no secret below 112 bits, and the demo account's has 80.
API_KEY, API_SECRET, CLIENT = "sdkgrowwkey", "sdkgrowwsecret", "SDK0006"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PORT = int(sys.argv[1])
ADMIN = f"http://127.0.0.1:{PORT}"
ROOT = f"http://127.0.0.1:{PORT + 6}"
BROKER = "https://api.groww.in"


def redirect_logins():
    """The login of the client has its address in its code: requests to the broker go to the sandbox instead."""
    send = requests.Session.request

    def request(self, method, url, **arguments):
        return send(self, method, url.replace(BROKER, ROOT), **arguments)

    requests.Session.request = request


def refused(call, *arguments, **fields):
    """What a call that must fail raised."""
    try:
        call(*arguments, **fields)
    except GrowwAPIException as error:
        return {"type": type(error).__name__, "code": error.code, "message": error.msg}
    raise AssertionError("not refused")


def settle(client, order_id):
    """An order's details once it has passed its transient statuses."""
    for _ in range(20):
        details = client.get_order_detail("FNO", order_id)
        if details["order_status"] in ("OPEN", "EXECUTED", "REJECTED", "CANCELLED"):
            return details
        time.sleep(0.11)
    return details


def ticked(rupees):
    """On the tick."""
    return round(round(rupees / 0.05) * 0.05, 2)


def main():
    account = {
        "broker": "groww",
        "client_id": CLIENT,
        "api_key": API_KEY,
        "api_secret": API_SECRET,
        "totp_secret": TOTP_SECRET,
    }
    requests.post(f"{ADMIN}/accounts", json=account, timeout=5).raise_for_status()
    redirect_logins()
    seen = {
        "wrong_totp": refused(GrowwAPI.get_access_token, API_KEY, totp="000000"),
        "wrong_secret": refused(GrowwAPI.get_access_token, API_KEY, secret="wrong"),
        "wrong_key": refused(GrowwAPI.get_access_token, "nobody", secret=API_SECRET),
    }
    GrowwAPI.get_access_token(API_KEY, secret=API_SECRET)
    token = GrowwAPI.get_access_token(API_KEY, totp=pyotp.TOTP(TOTP_SECRET).now())
    client = GrowwAPI(token)
    client.INSTRUMENT_CSV_URL = f"{ROOT}/instruments/instrument.csv"
    seen["profile"] = client.get_user_profile()
    seen["margin"] = client.get_available_margin_details()
    seen["empty"] = {
        "orders": client.get_order_list(segment="FNO"),
        "positions": client.get_positions_for_user("FNO"),
        "holdings": client.get_holdings_for_user(),
    }
    seen["spot"] = client.get_ltp(("NSE_NIFTY", "BSE_SENSEX"), "CASH")
    seen["index"] = client.get_quote("NIFTY", "NSE", "CASH")
    listed = client.get_all_instruments()
    seen["columns"], seen["listed"] = list(listed.columns), len(listed)
    puts = listed[(listed["underlying_symbol"] == "NIFTY") & (listed["instrument_type"] == "PE")]
    second = sorted(set(puts["expiry_date"]))[1]  # the nearest may be about to end
    level = seen["spot"]["NSE_NIFTY"]
    chain = puts[puts["expiry_date"] == second]
    symbol = min(chain.to_dict("records"), key=lambda r: abs(float(r["strike_price"]) - level))["trading_symbol"]
    seen["row"] = client.get_instrument_by_exchange_and_trading_symbol("NSE", symbol)
    seen["same"] = client.get_instrument_by_groww_symbol(seen["row"]["groww_symbol"])["trading_symbol"]
    seen["quote"] = client.get_quote(symbol, "NSE", "FNO")
    seen["last"] = client.get_ltp(f"NSE_{symbol},NSE_NOSUCH", "FNO")
    seen["ohlc"] = client.get_ohlc((f"NSE_{symbol}",), "FNO")
    seen["no_quote"] = refused(client.get_quote, "NOSUCH", "NSE", "FNO")
    bid = seen["quote"]["depth"]["buy"][0]["price"]
    order = {
        "trading_symbol": symbol,
        "quantity": 65,
        "validity": "DAY",
        "exchange": "NSE",
        "segment": "FNO",
        "product": "NRML",
        "order_type": "LIMIT",
        "transaction_type": "SELL",
    }
    seen["basket"] = client.get_order_margin_details("FNO", [{**order, "price": bid}])
    seen["market"] = refused(client.place_order, **{**order, "order_type": "MARKET"})
    seen["placed"] = client.place_order(**order, price=ticked(bid * 1.2), order_reference_id="SDK-RESTING-1")
    order_id = seen["placed"]["groww_order_id"]
    seen["duplicate"] = refused(
        client.place_order, **order, price=ticked(bid * 1.2), order_reference_id="SDK-RESTING-1"
    )
    seen["resting"] = settle(client, order_id)
    seen["modify"] = client.modify_order("LIMIT", "FNO", order_id, 65, price=ticked(bid * 1.25))
    seen["modified"] = settle(client, order_id)
    seen["cancel"] = client.cancel_order(order_id, "FNO")
    seen["cancelled"] = client.get_order_status("FNO", order_id)
    seen["by_reference"] = client.get_order_status_by_reference("FNO", "SDK-RESTING-1")
    seen["no_reference"] = refused(client.get_order_status_by_reference, "FNO", "NOBODY-USED-IT")
    sold = client.place_order(**order, price=ticked(bid * 0.97))
    seen["sold"] = settle(client, sold["groww_order_id"])
    odd = client.place_order(**{**order, "quantity": 1}, price=ticked(bid))
    seen["odd_lot"] = settle(client, odd["groww_order_id"])
    seen["orders"] = client.get_order_list(segment="FNO")
    seen["trades"] = client.get_trade_list_for_order(sold["groww_order_id"], "FNO")
    seen["positions"] = client.get_positions_for_user("FNO")
    seen["position"] = client.get_position_for_trading_symbol(symbol, "FNO")
    requests.post(
        f"{ADMIN}/faults",
        json={"broker": "groww", "account": CLIENT, "operation": "orders", "kind": "rate_limit", "times": 1},
        timeout=5,
    ).raise_for_status()
    seen["too_often"] = refused(client.get_order_list, segment="FNO")
    seen["bad_token"] = refused(GrowwAPI("wrong").get_order_list, segment="FNO")
    print(json.dumps(seen, default=str))


main()
