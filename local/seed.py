"""The demo: a user with two linked accounts and an iron condor that is due at the next minute."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from lambdas.domain.moments import IST, MINUTE, WEEKDAYS, Tick, next_tick
from local.api import Api, api_url, aws
from local.cluster import Cluster
from local.steps import CannotContinue

DEMO_EMAIL = "demo@legwise.example"
DEMO_PASSWORD = "Demo-trader-2026"  # noqa: S105 (of a user that exists in the emulator only)
ZERODHA, ANGEL_ONE = "my-zerodha", "my-angel"
STRATEGY_ID = "demo-iron-condor"
TIME_TO_SAVE = timedelta(seconds=30)
TIME_TO_SEED = timedelta(seconds=30)
HOLD = 2 * MINUTE
SANDBOX_KEYS = {
    "zerodha": {"api_key": "sandboxkitekey01", "api_secret": "sandboxkitesecret01"},
    "angel_one": {
        "api_key": "sandboxangelkey1",
        "client_code": "SB0002",
        "pin": "1234",
        "totp_secret": "JBSWY3DPEHPK3PXP",
    },
}
"""Keys of the sandbox's demo accounts; they open nothing else."""
CLIENTS = {ZERODHA: ("zerodha", "SB0001"), ANGEL_ONE: ("angel_one", "SB0002")}
"""Broker and client id of the demo user's accounts."""


@dataclass(frozen=True)
class Due:
    """When the demo strategy enters and leaves."""

    entry: Tick
    exit: Tick


def link_accounts(api: Api) -> None:
    """Link both sandbox accounts and log in to them, as a user does."""
    for account_id, broker, label in (
        (ZERODHA, "zerodha", "Sandbox Zerodha"),
        (ANGEL_ONE, "angel_one", "Sandbox Angel One"),
    ):
        api.put(f"/accounts/{account_id}", {"broker": broker, "label": label, "credentials": SANDBOX_KEYS[broker]})
    login = api.post(f"/accounts/{ZERODHA}/login")
    api.post(f"/accounts/{ZERODHA}/session", approve_kite_login(login["login_url"]))
    api.post(f"/accounts/{ANGEL_ONE}/session", {})


def register_postbacks(cluster: Cluster, api: Api) -> None:
    """Enter the address of each account at its sandbox broker, and try it out with an empty letter, which says nothing.

    The emulator's API is reached by path.
    """
    for account_id, (broker, client_id) in CLIENTS.items():
        told = httpx.URL(api.get(f"/accounts/{account_id}/postback")["url"])
        url = f"{api_url(cluster)}{told.path}"
        body = {"broker": broker, "account": client_id, "url": url}
        httpx.post(f"{cluster.instance.sandbox_url}/postbacks", json=body).raise_for_status()
        httpx.post(url, json={}, timeout=30).raise_for_status()


def approve_kite_login(login_url: str) -> dict[str, str]:
    """Do in the sandbox's login page what a user does in the broker's; what the callback then carries."""
    with httpx.Client(timeout=10) as browser:
        page = browser.get(login_url)
        page.raise_for_status()
        fields = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', page.text))
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        target = page.url.join(action.group(1).replace("&amp;", "&") if action else str(page.url))
        answer = browser.post(target, data={**fields, "decision": "approve"})
    location = httpx.URL(answer.headers.get("location", ""))
    if not location.params.get("request_token"):
        raise CannotContinue(f"the sandbox's login page gave no request token (HTTP {answer.status_code})")
    return dict(location.params)


def load_masters(cluster: Cluster) -> str:
    """Run the function that the schedule runs before the open."""
    told = invoke(cluster, "options", "load_instruments")
    failed = {broker: what for broker, what in told.items() if "failed" in what}
    if failed or not told:
        raise CannotContinue(f"the instrument masters could not be loaded: {told}")
    return ", ".join(f"{broker} {what}" for broker, what in sorted(told.items()))


def ask_watchdog(cluster: Cluster) -> dict[str, Any]:
    """Run the watchdog now instead of waiting for its minute: it starts the trading-day loop."""
    return invoke(cluster, "options", "watchdog")


def invoke(cluster: Cluster, module: str, function: str) -> dict[str, Any]:
    """Invoke a function by its name. Raises CannotContinue with its error."""
    answer = aws(cluster, "lambda").invoke(FunctionName=f"{cluster.prefix(module)}-{function}", Payload=b"{}")
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise CannotContinue(f"the function {function} failed: {payload}")
    return payload


def room_at(now: datetime) -> datetime:
    """When a demo that is ready at `now` may begin: at once, or after midnight when the day has no room for it.

    Broker sessions end with the day, so one that spans midnight could not leave what it entered.
    """
    leave = next_due(now + TIME_TO_SEED).exit
    local = now.astimezone(IST)
    if leave.date == local.date():
        return now
    return local.replace(hour=0, minute=0, second=1, microsecond=0) + timedelta(days=1)


def next_due(now: datetime) -> Due:
    """The first minute that leaves time to save, and the exit after it."""
    entry = next_tick(now + TIME_TO_SAVE)
    return Due(entry, Tick(entry.instant + HOLD))


def iron_condor(due: Due) -> dict[str, Any]:
    """Four legs: the call spread at Zerodha, the put spread at Angel One, in different lots."""

    def leg(right: str, side: str, steps: int, account_id: str, lots: int) -> dict[str, Any]:
        own = [{"account_id": account_id, "lots": lots}]
        strike = {"by": "moneyness", "moneyness": "OTM", "steps": steps}
        return {"right": right, "side": side, "strike": strike, "lots": lots, "allocation": own}

    return {
        "name": "Demo iron condor",
        "underlying": "NIFTY",
        "schedule": {
            "weekdays": list(WEEKDAYS[:5]),
            "special_sessions": True,
            "entry": due.entry.hhmm,
            "exit": due.exit.hhmm,
        },
        "allocation": [{"account_id": ZERODHA}, {"account_id": ANGEL_ONE}],
        "legs": [
            leg("CE", "SELL", 4, ZERODHA, 2),
            leg("CE", "BUY", 8, ZERODHA, 2),
            leg("PE", "SELL", 4, ANGEL_ONE, 3),
            leg("PE", "BUY", 8, ANGEL_ONE, 3),
        ],
    }
