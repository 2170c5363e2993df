"""A day with something in it: accounts that are logged in, strategies, runs."""

import json
import time
from collections.abc import Callable
from typing import Any

from lambdas.domain.moments import Tick
from local import seed
from local.api import Api, aws, sign_up
from local.cluster import Cluster
from local.show import FINAL_ORDERS, summary
from local.steps import CannotContinue
from shared_config.names import EXPORT_EXECUTE_TICK_ARN
from tests.local.trader import never_due, tick_in

LEAD_SECONDS = 15
SETTLED_WITHIN_SECONDS = 60


def demo_user(product: Cluster) -> Api:
    """The demo user with two accounts that are logged in."""
    api = sign_up(product, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)
    seed.link_accounts(api)
    return api


def enter_now(product: Cluster, api: Api) -> dict[str, Any]:
    """Let the demo strategy enter at a second shortly ahead; the day when its orders are through.

    Its schedule is of other days: nothing but this enters it. Raises CannotContinue.
    """
    seed.load_masters(product)
    definition = seed.iron_condor(seed.next_due(tick_in(0).instant)) | {"schedule": never_due()}
    saved = api.put(f"/strategies/{seed.STRATEGY_ID}", definition)
    user_id, tick = api.get("/me")["user_id"], tick_in(LEAD_SECONDS)
    work = [{"phase": "entry", "strategy": {"user_id": user_id, **saved}}]
    aws(product, "stepfunctions").start_execution(
        stateMachineArn=product.output("options", EXPORT_EXECUTE_TICK_ARN),
        input=json.dumps({"user_id": user_id, "tick": str(tick), "work": work}),
    )
    return day_when(api, tick, orders_are_through)


def orders_are_through(day: dict[str, Any]) -> bool:
    """Whether there are orders, and nothing more will become of any."""
    return bool(day["orders"]) and all(order["status"] in FINAL_ORDERS for order in day["orders"])


def day_when(
    api: Api, tick: Tick, reached: Callable[[dict[str, Any]], bool], seconds: float = SETTLED_WITHIN_SECONDS
) -> dict[str, Any]:
    """The day of a tick as soon as something is reached. Raises CannotContinue."""
    deadline = time.monotonic() + seconds
    while True:
        day: dict[str, Any] = api.get(f"/days/{tick.date}")
        if reached(day):
            return day
        if time.monotonic() > deadline:
            raise CannotContinue(f"{reached.__name__}: not within {seconds:.0f} s; {summary(day)}: {day['runs']}")
        time.sleep(0.5)
