"""What the sandbox is doing, in one answer."""

from collections import Counter
from typing import Any

from sandbox.exchange.indices import INDICES
from sandbox.exchange.ticks import rupees_text
from sandbox.world import World


def status_json(world: World, ports: dict[str, int]) -> dict[str, Any]:
    """Seed, mode, spots, how many contracts each index has, replay, orders for each account, faults in force."""
    now = world.clock.now()
    market, session = world.exchange.market, world.exchange.session
    return {
        "about": "sample prices, not a market feed",
        "at": now.isoformat(timespec="microseconds"),
        "seed": world.seed,
        "mode": "replay" if market.recording else "seeded",
        "session": "continuous" if session.continuous else "exchange hours",
        "open": session.is_open(now),
        "ports": ports,
        "spots": {name: rupees_text(market.spot_paise(name, now)) for name in INDICES},
        "contracts": Counter(one.underlying for one in world.exchange.listing(now) if not one.is_index),
        "replay": {"underlying": "NIFTY", **market.recording.describe(now)} if market.recording else None,
        "orders": [
            {
                "broker": account.broker,
                "client_id": account.client_id,
                "orders": len(world.exchange.all_orders(account.key, now)),
            }
            for account in world.accounts.all()
        ],
        "limits_relaxed": world.limits.relaxed,
        "faults": [fault.as_json() for fault in world.faults.in_force()],
    }
