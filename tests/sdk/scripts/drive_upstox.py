"""Drives the official upstox client through a day's calls; prints what it saw as JSON."""

import gzip
import json
import sys
import time
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

import upstox_client
from upstox_client.rest import ApiException

API_KEY, API_SECRET = "sandbox-upstox-key-0001", "sandboxupstoxsecret1"
PORT = int(sys.argv[1])
ROOT, BACK = f"http://127.0.0.1:{PORT + 3}", f"http://127.0.0.1:{PORT}/callback-shown"
VERSION = "2.0"


class NoRedirect(HTTPRedirectHandler):
    """Keeps the redirect instead of following it."""

    def redirect_request(self, *_):
        return None


def browser_login(state):
    """What the customer's browser does: the page, the button, the redirect's query."""
    query = f"client_id={API_KEY}&redirect_uri={BACK}&state={state}"
    url = f"{ROOT}/v2/login/authorization/dialog"
    page = urlopen(f"{url}?response_type=code&{query}", timeout=5).status
    try:
        build_opener(NoRedirect).open(url, data=f"{query}&decision=approve".encode(), timeout=5)
    except OSError as error:
        location = error.headers["location"]
    return page, {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def refusal(call, *arguments, **named):
    """The exception a call ends in: its status and the broker's errors."""
    try:
        call(*arguments, **named)
    except ApiException as error:
        return {"status": error.status, "errors": json.loads(error.body)["errors"]}
    return None


def plain(model):
    """A model of the client as JSON."""
    return model.to_dict()


def main():
    configuration = upstox_client.Configuration()
    configuration.host = configuration.order_host = ROOT
    client = upstox_client.ApiClient(configuration)
    seen = {"without_session": refusal(upstox_client.UserApi(client).get_profile, VERSION)}
    seen["login_page"], seen["callback"] = browser_login("xyz")
    login = upstox_client.LoginApi(client)
    form = {
        "code": seen["callback"]["code"],
        "client_id": API_KEY,
        "client_secret": API_SECRET,
        "redirect_uri": BACK,
        "grant_type": "authorization_code",
    }
    session = login.token(VERSION, **form)
    seen["session"] = plain(session)
    seen["code_twice"] = refusal(login.token, VERSION, **form)
    configuration.access_token = session.access_token
    user, orders = upstox_client.UserApi(client), upstox_client.OrderApi(client)
    orders_v3, quotes = upstox_client.OrderApiV3(client), upstox_client.MarketQuoteApi(client)
    seen["profile"] = plain(user.get_profile(VERSION))
    seen["funds"] = plain(user.get_user_fund_margin(VERSION, segment="SEC"))
    packed = urlopen(f"{ROOT}/market-quote/instruments/exchange/NSE.json.gz", timeout=5).read()
    rows = json.loads(gzip.decompress(packed))
    seen["instrument_count"] = len(rows)
    spot_key = "NSE_INDEX|Nifty 50"
    spot = quotes.get_full_market_quote(spot_key, VERSION).data["NSE_INDEX:Nifty 50"].last_price
    calls = [row for row in rows if row.get("underlying_symbol") == "NIFTY" and row["instrument_type"] == "CE"]
    expiry = sorted({row["expiry"] for row in calls})[1]  # the nearest may be about to end
    contract = min((r for r in calls if r["expiry"] == expiry), key=lambda row: abs(row["strike_price"] - spot))
    seen["contract"], seen["spot"] = contract, spot
    key = contract["instrument_key"]
    quote = next(iter(quotes.get_full_market_quote(key, VERSION).data.values()))
    seen["quote"] = plain(quote)
    order = {
        "quantity": contract["lot_size"],
        "product": "D",
        "validity": "DAY",
        "price": 0,
        "tag": "sdk3",
        "instrument_token": key,
        "order_type": "MARKET",
        "transaction_type": "BUY",
        "disclosed_quantity": 0,
        "trigger_price": 0,
        "is_amo": False,
        "slice": False,
    }

    def place(**changes):
        return orders_v3.place_order(upstox_client.PlaceOrderV3Request(**{**order, **changes}))

    seen["unprotected"] = refusal(place)
    seen["unknown_key"] = refusal(place, instrument_token="NSE_FO|1", market_protection=-1)
    low = round(int(quote.depth.buy[0].price * 0.8 / 0.05) * 0.05, 2)
    placed = place(order_type="LIMIT", price=low, tag="sdk3rest")
    seen["placed"] = plain(placed)
    resting = placed.data.order_ids[0]
    time.sleep(0.2)
    seen["resting"] = plain(orders.get_order_status(order_id=resting))
    change = upstox_client.ModifyOrderRequest(
        quantity=65,
        validity="DAY",
        price=round(low - 0.05, 2),
        order_id=resting,
        order_type="LIMIT",
        disclosed_quantity=0,
        trigger_price=0,
    )
    seen["modify"] = plain(orders_v3.modify_order(change))
    seen["modified"] = plain(orders.get_order_status(order_id=resting))
    seen["cancel"] = plain(orders_v3.cancel_order(resting))
    seen["cancelled"] = plain(orders.get_order_status(order_id=resting))
    seen["cancel_twice"] = refusal(orders_v3.cancel_order, resting)
    filled = place(market_protection=5).data.order_ids[0]
    time.sleep(0.2)
    seen["filled"] = plain(orders.get_order_status(order_id=filled))
    seen["by_tag"] = plain(orders.get_order_details(VERSION, tag="sdk3"))
    seen["book"] = plain(orders.get_order_book(VERSION))
    seen["trades"] = plain(orders.get_trade_history(VERSION))
    seen["positions"] = plain(upstox_client.PortfolioApi(client).get_positions(VERSION))
    lines = [
        upstox_client.Instrument(instrument_key=key, quantity=65, product="D", transaction_type=side)
        for side in ("SELL", "BUY")
    ]
    charges = upstox_client.ChargeApi(client)
    seen["margin"] = plain(charges.post_margin(upstox_client.MarginRequest(instruments=lines[:1])))
    seen["unknown_order"] = refusal(orders.get_order_status, order_id="1")
    seen["logout"] = plain(login.logout(VERSION))
    seen["after_logout"] = refusal(orders.get_order_book, VERSION)
    print(json.dumps(seen, default=str))


main()
