"""Comparing what Legwise recorded with what the brokers' books say, from outside."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx

from local.cluster import Cluster


@dataclass(frozen=True)
class Agreement:
    """How many orders were compared, and every difference in words."""

    compared: int
    differences: tuple[str, ...]


def compare(cluster: Cluster, day: dict[str, Any], clients: dict[str, tuple[str, str]]) -> Agreement:
    """Compare the orders of a day with the books of the accounts.

    `clients` maps an account id to (broker, client id) at the sandbox. An order in a book that the table
    does not have counts as a difference too, and so does one that arrived before its intended instant.
    """
    differences: list[str] = []
    compared = 0
    for account_id, (broker, client_id) in clients.items():
        answer = httpx.get(f"{cluster.instance.sandbox_url}/books/{broker}/{client_id}", timeout=10)
        answer.raise_for_status()
        book = answer.json()
        rows = {row["tag"]: row for row in book["orders"]}
        ours = {order["tag"]: order for order in day["orders"] if order["account_id"] == account_id}
        differences += [f"{account_id}: the table has no order {tag}" for tag in rows.keys() - ours.keys()]
        for tag, order in ours.items():
            compared += 1
            row = rows.get(tag)
            if row is None:
                if order["sent_at"] is not None:
                    differences.append(f"{account_id}: the broker has no order {tag} ({order['symbol']})")
                continue
            differences += [f"{account_id} {order['symbol']}: {text}" for text in _differences(order, row)]
    return Agreement(compared, tuple(differences))


def _differences(order: dict[str, Any], row: dict[str, Any]) -> list[str]:
    expiry = date.fromisoformat(row["expiry"])
    contract = f"{row['underlying']} {expiry:%d %b %y} {row['strike']} {row['kind']}"
    pairs = {
        "contract": (order["contract"], contract),
        "side": (order["side"], row["side"]),
        "quantity": (order["quantity"], row["quantity"]),
        "filled quantity": (order["filled_quantity"], row["filled"]),
        "average price": (Decimal(order["average_price"] or 0), Decimal(row["average_price"] or 0)),
    }
    found = [
        f"{name} is {ours} in the table and {theirs} at the broker"
        for name, (ours, theirs) in pairs.items()
        if ours != theirs
    ]
    if datetime.fromisoformat(row["received_at"]) < datetime.fromisoformat(order["intended_at"]):
        found.append(f"it arrived at {row['received_at']}, before {order['intended_at']}")
    return found
