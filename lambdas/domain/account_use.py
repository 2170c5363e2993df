"""What depends on a broker account: runs that are open in it, and strategies that trade through it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.intents import Order
from lambdas.domain.runs import CLOSED, Run
from lambdas.domain.strategy import Strategy

if TYPE_CHECKING:
    from lambdas.domain.on_paper import OnPaper


def open_runs_in(account_id: str, runs: Iterable[Run], orders: Iterable[Order]) -> list[Run]:
    """The runs of a day that are not closed and have an order in this account."""
    touched = {order.intent.run_id for order in orders if order.intent.account_id == account_id}
    return [run for run in runs if run.status not in CLOSED and run.run_id in touched]


def enabled_strategies_of(
    account_id: str, strategies: Iterable[Strategy], accounts: Mapping[str, Account]
) -> list[Strategy]:
    """The enabled strategies whose allocations name this account, or that trade in it on paper.

    `accounts` are those of the user, by id.
    """
    return [one for one in strategies if one.definition.enabled and account_id in _accounts_of(one, accounts)]


def why_no_trade(
    strategy: Strategy, baskets: Mapping[str, Basket], accounts: Mapping[str, Account], now: datetime
) -> list[str]:
    """Every reason why a strategy would not trade if its minute were `now`; none when it would."""
    traded = _as_traded(strategy, accounts)
    definition = traded.definition
    reasons = [] if definition.enabled else ["it is not enabled"]
    reasons += _why_not_in_basket(definition.basket_id, baskets)
    reasons += traded.problems
    needed = definition.account_ids()
    sources = {accounts[account_id].quotes_from for account_id in needed if account_id in accounts}
    for account_id in sorted(needed | (sources - {""})):
        account = accounts.get(account_id)
        reason = account.session_problem(now) if account else f"account {account_id} is not linked"
        if reason:
            reasons.append(reason)
    return reasons


def _accounts_of(strategy: Strategy, accounts: Mapping[str, Account]) -> frozenset[str]:
    """Those that it names and those that trade it."""
    return strategy.definition.account_ids() | _as_traded(strategy, accounts).definition.account_ids()


def _as_traded(strategy: Strategy, accounts: Mapping[str, Account]) -> "OnPaper":
    """Loaded when it is asked for: most calls that need this module ask for open runs."""
    from lambdas.domain.on_paper import as_traded

    return as_traded(strategy.definition, accounts)


def _why_not_in_basket(basket_id: str | None, baskets: Mapping[str, Basket]) -> Sequence[str]:
    if basket_id is None:
        return []
    if basket_id not in baskets:
        return [f"its basket {basket_id} does not exist"]
    return [] if baskets[basket_id].definition.enabled else [f"its basket {basket_id} is switched off"]
