"""What is planned to be sent at once, and was not sent yet."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from lambdas.ports.store import RunStore


async def unsent_orders(
    runs: RunStore, user_id: str, day: date, run_ids: Sequence[str], now: datetime
) -> Mapping[str, tuple[str, ...]]:
    """For each account, the ids of the orders of these runs that wait to be sent at `now`."""
    by_account: dict[str, list[str]] = defaultdict(list)
    for run_id in run_ids:
        for order in await runs.orders_of_run(user_id, day, run_id):
            if order.waits_to_be_sent(now):
                by_account[order.intent.account_id].append(order.intent.intent_id)
    return {account_id: tuple(ids) for account_id, ids in by_account.items()}
