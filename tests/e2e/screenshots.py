"""`python -m tests.e2e.screenshots`: takes the pictures of the README anew, over a day at the sandbox exchange.

Three strategies enter at the next minute, the index rises, one leaves a minute later, the others go on for a while; it
takes seven minutes.
"""

import signal
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Browser

from lambdas.domain.moments import IST, MINUTE, WEEKDAYS, Tick
from local import seed
from local.api import Api
from local.cluster import Cluster
from local.instance import ROOT
from local.steps import CannotContinue, step
from tests.e2e import demo_day
from tests.e2e.product import running, started_browser
from tests.e2e.tab import Tab, Theme, opened

FOLDER = ROOT / "docs" / "screenshots"
SIZE = (1280, 800)
SPREAD, CONDOR = "nifty-bull-call-spread", "nifty-iron-condor"
PAGES = {
    "today": "/",
    "strategies": "/strategies",
    "builder": f"/strategies/{CONDOR}/edit",
    "brokers": "/brokers",
    "reports": "/reports",
}
Leg = dict[str, Any]
THEMES: tuple[Theme, ...] = ("light", "dark")
RISE_POINTS = 60
MARKS = 4
"""Of the profit over the day, one a minute."""
LAST_EXIT = "23:55"


def leg(side: str, right: str, steps: int, lots: Mapping[str, int]) -> Leg:
    """A leg so many strikes out of the money, with its own lots in each account."""
    moneyness = {"moneyness": "OTM", "steps": steps} if steps else {"moneyness": "ATM"}
    own = [{"account_id": account_id, "lots": many} for account_id, many in lots.items()]
    strike = {"by": "moneyness", **moneyness}
    return {"side": side, "right": right, "strike": strike, "lots": sum(lots.values()), "allocation": own}


def strategy(
    name: str, underlying: str, entry: datetime, leave: datetime, legs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Traded live in both accounts of the demo user, on every day that there is."""
    schedule = {"weekdays": list(WEEKDAYS[:5]), "special_sessions": True}
    return {
        "name": name,
        "underlying": underlying,
        "schedule": {**schedule, "entry": f"{entry:%H:%M}", "exit": f"{leave:%H:%M}"},
        "allocation": [{"account_id": seed.ZERODHA}, {"account_id": seed.ANGEL_ONE}],
        "legs": legs,
    }


def strategies(entry: Tick) -> dict[str, dict[str, Any]]:
    """What the demo user trades, by id."""
    both = {seed.ZERODHA: 1, seed.ANGEL_ONE: 1}
    more = {seed.ZERODHA: 2, seed.ANGEL_ONE: 1}
    less = {seed.ZERODHA: 1, seed.ANGEL_ONE: 2}
    now, end = entry.instant, entry.at(LAST_EXIT)
    later = min(now + timedelta(hours=1), end - MINUTE).replace(minute=30 if now.minute < 30 else 0)
    straddle = [leg("SELL", right, 0, both) for right in ("CE", "PE")]
    wings = [leg("BUY", right, 6, both) for right in ("CE", "PE")]
    calls = [leg("SELL", "CE", 4, more), leg("BUY", "CE", 8, more)]
    puts = [leg("SELL", "PE", 4, less), leg("BUY", "PE", 8, less)]
    spread = [leg("BUY", "CE", 0, both), leg("SELL", "CE", 4, both)]
    strangle = [leg("SELL", right, 6, both) for right in ("CE", "PE")]
    afternoon, evening = min(now + timedelta(hours=2), end), min(now + timedelta(hours=3), end)
    return {
        CONDOR: strategy("NIFTY iron condor", "NIFTY", now, afternoon, calls + puts),
        SPREAD: strategy("NIFTY bull call spread", "NIFTY", now, now + MINUTE, spread),
        "banknifty-iron-fly": strategy("BANKNIFTY iron fly", "BANKNIFTY", now, evening, straddle + wings),
        "second-iron-fly": strategy("Second iron fly", "NIFTY", later, end, straddle + wings),
        "expiry-strangle": strategy("Expiry strangle", "SENSEX", later, end, strangle) | {"enabled": False},
    }


def play(product: Cluster, api: Api) -> None:
    """Let the day happen until one run is closed and two are open. Raises CannotContinue."""
    seed.register_postbacks(product, api)
    seed.load_masters(product)
    seed.ask_watchdog(product)
    entry = seed.next_due(datetime.now(IST)).entry
    if entry.at(LAST_EXIT) - entry.instant < timedelta(minutes=10):
        raise CannotContinue("too close to midnight: take the pictures after it")
    for strategy_id, definition in strategies(entry).items():
        api.put(f"/strategies/{strategy_id}", definition)
    with step(f"waiting for the entries at {entry.hhmm} IST"):
        demo_day.day_when(api, entry, entered, seconds=180)
    rise = {"underlying": "NIFTY", "points": RISE_POINTS}
    httpx.post(f"{product.instance.sandbox_url}/shifts", json=rise, timeout=10).raise_for_status()
    with step("the index has risen; waiting for the exit a minute later"):
        demo_day.day_when(api, entry, one_is_closed, seconds=120)
    with step(f"waiting until the profit of {MARKS} minutes is known"):
        deadline = time.monotonic() + (MARKS + 2) * 60
        while len(api.get(f"/days/{entry.date}/profit")["points"]) < MARKS:
            if time.monotonic() > deadline:
                raise CannotContinue("the profit of the day is not marked each minute")
            time.sleep(2)


def entered(day: dict[str, Any]) -> bool:
    """Whether all three runs are open."""
    return [run["status"] for run in day["runs"]] == ["open"] * 3


def one_is_closed(day: dict[str, Any]) -> bool:
    """Whether the spread has left, and the others have not."""
    return any((run["strategy_id"], run["status"]) == (SPREAD, "flat") for run in day["runs"])


def take(browser: Browser, product: Cluster) -> None:
    """Every page in both themes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        with opened(browser, product.instance, theme=theme, size=SIZE) as tab:
            tab.sign_in()
            for name, path in PAGES.items():
                tab.open(path)
                settle_times(tab)
                tab.page.screenshot(path=FOLDER / f"{name}-{theme}.png")


def settle_times(tab: Tab) -> None:
    """Messages that come and go are gone, and what is measured once shown has been."""
    tab.page.wait_for_timeout(1500)


def main() -> int:
    """Returns 0 when all pictures were taken."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        with started_browser() as browser, running("screenshots") as product:
            api = demo_day.demo_user(product)
            play(product, api)
            with step(f"taking {len(PAGES) * len(THEMES)} pictures"):
                take(browser, product)
    except CannotContinue as error:
        print(f"\n✗ {error}")
        return 1
    for file in sorted(FOLDER.glob("*.png")):
        print(f"  {file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
