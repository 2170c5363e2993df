"""Places orders with a broker's official client, in that client's own environment.

`python -I official_client.py NAME ROOT`: the first line of the input is the session (`credentials`, `tokens`), each
further line the fields of one order as that broker names them. Each is answered with a line: `{"ms": …}`, or
`{"error": …}`. Imports nothing of the project; the client is imported by name, since only its environment has it.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

Place = Callable[[dict[str, Any]], Any]
"""Places an order; its answer holds the broker's order number somewhere, or it raises."""
Session = Mapping[str, Mapping[str, str]]


def kiteconnect(root: str, session: Session) -> Place:
    """Zerodha's."""
    keys = {"api_key": session["credentials"]["api_key"], "access_token": session["tokens"]["access_token"]}
    client = import_module("kiteconnect").KiteConnect(**keys, root=root)
    return lambda order: client.place_order("regular", **order)


def smartapi(root: str, session: Session) -> Place:
    """Angel One's."""
    import_module("logzero").loglevel(60)  # it logs every refusal with its headers
    kind = import_module("SmartApi").SmartConnect
    kind._rootUrl = root
    keys = {"api_key": session["credentials"]["api_key"], "access_token": session["tokens"]["jwt_token"]}
    client = kind(**keys, root=root)
    return lambda order: client.placeOrder(order)


def upstox(root: str, session: Session) -> Place:
    """Upstox'."""
    package = import_module("upstox_client")
    configuration = package.Configuration()
    configuration.host = configuration.order_host = root
    configuration.access_token = session["tokens"]["access_token"]
    orders = package.OrderApiV3(package.ApiClient(configuration))
    return lambda order: orders.place_order(package.PlaceOrderV3Request(**order)).data.order_ids[0]


def fyers(root: str, session: Session) -> Place:
    """Fyers'. Its addresses are attributes of a class."""
    package = import_module("fyers_apiv3.fyersModel")
    package.Config.API, package.Config.DATA_API = f"{root}/api/v3", f"{root}/data"
    client = package.FyersModel(
        client_id=session["credentials"]["api_key"], token=session["tokens"]["access_token"], log_path=str(Path.cwd())
    )

    def place(order: dict[str, Any]) -> Any:
        answer = client.place_order(data=order)
        return answer["id"] if answer["s"] == "ok" else fail(answer)

    return place


def dhanhq(root: str, session: Session) -> Place:
    """Dhan's. Its arguments have names of their own."""
    package = import_module("dhanhq")
    package.DhanHTTP.API_BASE_URL = f"{root}/v2"
    context = package.DhanContext(session["credentials"]["client_id"], session["tokens"]["access_token"])
    client = package.dhanhq(context)

    def place(order: dict[str, Any]) -> Any:
        names = ("securityId", "exchangeSegment", "transactionType", "quantity", "orderType", "productType", "price")
        answer = client.place_order(*(order[name] for name in names), tag=order["correlationId"])
        return answer["data"]["orderId"] if answer["status"] == "success" else fail(answer)

    return place


def growwapi(root: str, session: Session) -> Place:
    """Groww's."""
    client = import_module("growwapi").GrowwAPI(session["tokens"]["access_token"])
    client.domain = f"{root}/v1"
    return lambda order: client.place_order(**order)["groww_order_id"]


CLIENTS = {client.__name__: client for client in (kiteconnect, smartapi, upstox, fyers, dhanhq, growwapi)}


def fail(answer: object) -> None:
    """Raises RuntimeError with what the broker said."""
    raise RuntimeError(f"not placed: {answer}")


def timed(place: Place, order: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds of one order, or why it was not placed."""
    began = time.perf_counter()
    try:
        order_id = place(order)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    ms = (time.perf_counter() - began) * 1000
    return {"ms": ms} if order_id else {"error": "no order number"}


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a client prints shall not be taken for an answer
    logging.disable(logging.CRITICAL)
    place = CLIENTS[sys.argv[1]](sys.argv[2], json.loads(sys.stdin.readline()))
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        print(json.dumps(timed(place, json.loads(line))), file=answers)


if __name__ == "__main__":
    main()
