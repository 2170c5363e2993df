"""Comparing what Legwise recorded with what the brokers' books say, from outside."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx


@dataclass(frozen=True)
class Agreement:
    """How many orders were compared, and every difference in words."""

    compared: int
    differences: tuple[str, ...]


def compare(sandbox_url: str, day: dict[str, Any], clients: dict[str, tuple[str, str]]) -> Agreement:
    """Compare the orders of a day with the books of the accounts at the sandbox with this admin address.

    `clients` maps an account id to (broker, client id) at the sandbox.
    """
    compared = 0
    differences: list[str] = []
    for account_id, (broker, client_id) in clients.items():
        answer = httpx.get(f"{sandbox_url}/books/{broker}/{client_id}", timeout=10)
        answer.raise_for_status()
        ours = [order for order in day["orders"] if order["account_id"] == account_id]
        compared += len(ours)
        differences += [f"{account_id}: {text}" for text in differences_of(ours, answer.json()["orders"])]
    return Agreement(compared, tuple(differences))


def differences_of(ours: list[dict[str, Any]], book: list[dict[str, Any]]) -> list[str]:
    """Every difference between the orders that the table has for an account and that account's book.

    An order that only one of the two has is a difference, and so is one that the book has twice or that
    arrived before its intended instant.
    """
    rows: dict[str, dict[str, Any]] = {}
    found: list[str] = []
    for row in book:
        if row["tag"] in rows:
            found.append(f"the broker has the order {row['tag']} twice")
        rows[row["tag"]] = row
    found += [f"the table has no order {tag}" for tag in rows.keys() - {order["tag"] for order in ours}]
    for order in ours:
        row = rows.get(order["tag"], {})
        if row:
            found += [f"{order['symbol']}: {text}" for text in _differences(order, row)]
        elif order["sent_at"] is not None:
            found.append(f"the broker has no order {order['tag']} ({order['symbol']})")
    return found


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
