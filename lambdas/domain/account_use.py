"""What depends on a broker account: runs that are open in it, and strategies that trade through it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.intents import Order
from lambdas.domain.runs import CLOSED, Run
from lambdas.domain.strategy import Strategy


def open_runs_in(account_id: str, runs: Iterable[Run], orders: Iterable[Order]) -> list[Run]:
    """The runs of a day that are not closed and have an order in this account."""
    touched = {order.intent.run_id for order in orders if order.intent.account_id == account_id}
    return [run for run in runs if run.status not in CLOSED and run.run_id in touched]


def enabled_strategies_of(account_id: str, strategies: Iterable[Strategy]) -> list[Strategy]:
    """The enabled strategies whose allocations name this account."""
    return [one for one in strategies if one.definition.enabled and account_id in one.definition.account_ids()]


def why_no_trade(
    strategy: Strategy, baskets: Mapping[str, Basket], accounts: Mapping[str, Account], now: datetime
) -> list[str]:
    """Every reason why a strategy would not trade if its minute were `now`; none when it would."""
    definition = strategy.definition
    reasons = [] if definition.enabled else ["it is not enabled"]
    reasons += _why_not_in_basket(definition.basket_id, baskets)
    for account_id in sorted(definition.account_ids()):
        account = accounts.get(account_id)
        reason = account.session_problem(now) if account else f"account {account_id} is not linked"
        if reason:
            reasons.append(reason)
    return reasons


def _why_not_in_basket(basket_id: str | None, baskets: Mapping[str, Basket]) -> Sequence[str]:
    if basket_id is None:
        return []
    if basket_id not in baskets:
        return [f"its basket {basket_id} does not exist"]
    return [] if baskets[basket_id].definition.enabled else [f"its basket {basket_id} is switched off"]
