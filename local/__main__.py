"""`python -m local up` and `python -m local demo`: the whole product on this machine."""

import argparse
import os
import signal
import sys
import threading
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console

from lambdas.domain.moments import IST
from local import books, seed, show
from local.api import Api, api_url, sign_up
from local.cluster import Cluster
from local.dashboard import check_built, start_dashboard
from local.instance import SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue, step
from shared_config.settings import SettingsError, load_settings

EMULATOR_PORT, SANDBOX_PORT, DASHBOARD_PORT = 4566, 9600, 5173
TABLE_WIDTH = 120
LABELS = {seed.ZERODHA: "Zerodha", seed.ANGEL_ONE: "Angel One"}


def main() -> int:
    """Returns 0 when the demo succeeded or the user ended it, 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["up", "demo"], help="up stays until Ctrl-C, demo ends by itself")
    parser.add_argument("--replay", type=Path, metavar="CSV", help="the index follows these recorded minutes")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, TABLE_WIDTH)  # a narrow terminal wraps lines; a narrow table would lose digits
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started this with Ctrl-C ignored
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        if options.replay is not None and not options.replay.is_file():
            raise CannotContinue(f"REPLAY: there is no file {options.replay}")
        with Cluster(_instance(stays=options.command == "up"), replay=options.replay) as cluster:
            return _show(cluster, console, stays=options.command == "up")
    except KeyboardInterrupt:
        console.print("\nStopped everything that was started.")
        return 0
    except (CannotContinue, SettingsError) as error:
        console.print(f"\n✗ {error}", markup=False)
        return 1


def _instance(*, stays: bool) -> Instance:
    """Fixed ports for what stays up, free ones for a demo, so that both can run side by side."""
    region = load_settings("local").region
    if not stays and "LEGWISE_EMULATOR_PORT" not in os.environ:
        return Instance("demo", free_port_block(1), free_port_block(SANDBOX_PORTS), region)
    ports = _port("EMULATOR", EMULATOR_PORT), _port("SANDBOX", SANDBOX_PORT)
    if not stays:
        return Instance("demo", *ports, region)
    check_built()
    return Instance("up", *ports, region, dashboard_port=_port("DASHBOARD", DASHBOARD_PORT))


def _port(what: str, default: int) -> int:
    name = f"LEGWISE_{what}_PORT"
    text = os.environ.get(name, str(default))
    if not text.isdigit() or not 1024 <= int(text) < 65_500:
        raise CannotContinue(f"{name}={text!r} is not a port between 1024 and 65499")
    return int(text)


def _show(cluster: Cluster, console: Console, *, stays: bool) -> int:
    console.print("Legwise on this machine (sample prices, no real broker, no real money)")
    cluster.start()
    _wait_for_room(console)
    api = _seed(cluster)
    if stays:
        _open_dashboard(cluster, console)
    due = seed.next_due(datetime.now(IST))
    api.put(f"/strategies/{seed.STRATEGY_ID}", seed.iron_condor(due))
    story = show.Story(console, LABELS)
    show.count_down(console, due.entry, "iron condor on NIFTY: the call spread at Zerodha, the put spread at Angel One")
    show.follow(api, story, due.entry, lambda day: _has(day, "entry"))
    show.count_down(console, due.exit, "exit")
    day = show.follow(api, story, due.exit, show.run_is_over)
    console.print(show.orders_table(day, LABELS))
    agreement = books.compare(cluster.instance.sandbox_url, day, seed.CLIENTS)
    problems = [*show.problems(day), *agreement.differences]
    for problem in problems:
        console.print(f"  ✗ {problem}", markup=False)
    if not problems:
        profit = f"{Decimal(day['runs'][0]['realised']):.2f}"
        console.print(f"  ✓ {agreement.compared} orders filled in their minute; the books of both brokers agree")
        console.print(f"  ✓ flat again, P&L of the run ₹{profit} before charges (sample prices)")
    if stays:
        _stay(cluster, console)
    return 1 if problems else 0


def _wait_for_room(console: Console) -> None:
    now = datetime.now(IST)
    begin = seed.room_at(now)
    if begin > now:
        console.print(f"  {show.clock()}  too close to midnight for a whole run: beginning at {begin:%H:%M:%S} IST")
        time.sleep((begin - now).total_seconds())


def _seed(cluster: Cluster) -> Api:
    with step("creating the demo user, linking two broker accounts and logging in to them"):
        api = sign_up(cluster, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)
        seed.link_accounts(api)
        seed.register_postbacks(cluster, api)
    with step("loading the instrument masters of both brokers"):
        seed.load_masters(cluster)
    with step("starting the trading-day loop"):
        answer = seed.ask_watchdog(cluster)
        if not answer["started"] and "alive" not in answer["reason"]:
            raise CannotContinue(f"the trading-day loop did not start: {answer['reason']}")
    return api


def _open_dashboard(cluster: Cluster, console: Console) -> None:
    with step(f"serving the dashboard on port {cluster.instance.dashboard_port}"):
        start_dashboard(cluster, demo=(seed.DEMO_EMAIL, seed.DEMO_PASSWORD))
    console.print(f"    [bold]{cluster.instance.dashboard_url}[/bold]  sign in there as the demo user")


def _has(day: dict[str, Any], phase: str) -> bool:
    """Whether the orders of a phase are through, or the run ended before it had any."""
    orders = [order for order in day["orders"] if order["phase"] == phase]
    settled = any(run["status"] not in ("preparing", "entering") for run in day["runs"])
    return settled and (show.run_is_over(day) or all(order["status"] in show.FINAL_ORDERS for order in orders))


def _stay(cluster: Cluster, console: Console) -> None:
    console.print(f"\nStays up until Ctrl-C.\n  dashboard  {cluster.instance.dashboard_url}")
    console.print(f"  API        {api_url(cluster)}  (see docs/openapi.json)")
    console.print(f"  demo user  {seed.DEMO_EMAIL}, password {seed.DEMO_PASSWORD}")
    console.print(f"  sandbox    {cluster.instance.sandbox_url}/status")
    console.print(f"  AWS        AWS_ENDPOINT_URL={cluster.instance.emulator_url}")
    console.print(f"  logs       {cluster.instance.folder}", markup=False)
    threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
