"""How long a preview of a ten-leg strategy takes through the deployed API."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.reading import timed
from bench.report import number, percentile
from lambdas.domain.moments import WEEKDAYS
from local import seed
from local.api import sign_up
from local.cluster import Cluster
from local.instance import SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue, step
from shared_config.settings import load_settings

COLUMNS = ("request", "times", "p50 ms", "p99 ms", "max ms")
WARM_UP = 5
RULES: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("CE", "SELL", {"by": "closest_premium", "premium": "80"}),
    ("PE", "SELL", {"by": "closest_premium", "premium": "80"}),
    ("CE", "BUY", {"by": "delta", "delta": "0.15"}),
    ("PE", "BUY", {"by": "delta", "delta": "0.15"}),
    ("CE", "SELL", {"by": "moneyness", "moneyness": "OTM", "steps": 4}),
    ("PE", "SELL", {"by": "percent_of_atm", "percent": "-1"}),
    ("CE", "BUY", {"by": "straddle_width", "times": "1.5"}),
    ("PE", "BUY", {"by": "percent_of_straddle_premium", "percent": "20"}),
    ("CE", "BUY", {"by": "premium_at_most", "premium": "60"}),
    ("PE", "BUY", {"by": "premium_at_least", "premium": "20"}),
)
"""Right, side and strike rule of each leg."""


def ten_legs() -> dict[str, Any]:
    """A strategy with every leg in two accounts."""
    accounts = [{"account_id": account_id} for account_id in (seed.ZERODHA, seed.ANGEL_ONE)]
    return {
        "name": "Ten legs",
        "underlying": "NIFTY",
        "schedule": {"weekdays": list(WEEKDAYS[:5]), "entry": "09:20", "exit": "15:15"},
        "allocation": accounts,
        "legs": [{"right": right, "side": side, "lots": 2, "strike": dict(rule)} for right, side, rule in RULES],
    }


def preview_rows(times: int) -> tuple[tuple[str, ...], ...]:
    """Deploy everything, and time previews beside a request that does hardly anything. Raises CannotContinue."""
    instance = Instance(
        "bench-preview", free_port_block(1), free_port_block(SANDBOX_PORTS), load_settings("local").region
    )
    with Cluster(instance) as cluster:
        cluster.start()
        with step("creating a user with two linked accounts, loading instrument masters"):
            api = sign_up(cluster, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)
            seed.link_accounts(api)
            seed.load_masters(cluster)
        try:
            definition = ten_legs()
            check(api.post("/strategies/preview", definition))
            with step(f"{times} previews"):
                requests = {
                    "POST /strategies/preview, ten legs": lambda: api.post("/strategies/preview", definition),
                    "GET /strategies": lambda: api.get("/strategies"),
                }
                return tuple(_row(name, _warm(request, times)) for name, request in requests.items())
        finally:
            api.client.close()


def check(preview: Mapping[str, Any]) -> None:
    """Raises CannotContinue unless every leg was resolved and priced."""
    market = preview.get("at_market") or {}
    legs = market.get("legs", [])
    if len(legs) != len(RULES) or any(leg["premium"] is None for leg in legs):
        raise CannotContinue(f"the preview resolved {len(legs)} of {len(RULES)} legs: {preview}")


def _warm(request: Any, times: int) -> list[float]:
    timed(request, WARM_UP)
    return timed(request, times)


def _row(name: str, took: Sequence[float]) -> tuple[str, ...]:
    cells = (percentile(took, 50), percentile(took, 99), max(took))
    return (name, number(len(took), 0), *(number(cell) for cell in cells))
