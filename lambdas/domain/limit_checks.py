"""Which limits an entry would break. Exits are counted where they count, and never stopped.

Each limit is held against one scope: the accounts of a user with money together, the paper accounts together
(their profits would hide losses of money, their lots would keep money out), and each account with limits of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.day_use import Worth, use_of, worth_of
from lambdas.domain.intents import Intent, Order, Phase
from lambdas.domain.risk_limits import LimitsOf, RiskLimits
from lambdas.domain.runs import Position, positions_of


@dataclass(frozen=True)
class Blocked:
    """One limit that an entry would break: which (`user.max_lots_per_day`), its value, and what it would have been.

    `would_be` is None where it cannot be told. `words` is all of it for a reader.
    """

    field: str
    limit: int | Decimal
    would_be: int | Decimal | None
    words: str


@dataclass(frozen=True)
class Scope:
    """Accounts that are counted together, with what they would enter and what the day has seen in them."""

    field: str
    limits: RiskLimits
    entering: Sequence[Intent]
    before: Sequence[Order]

    @property
    def positions(self) -> list[Position]:
        """What the day's fills amount to."""
        return positions_of(self.before)


def blocked(
    intents: Iterable[Intent],
    day_orders: Sequence[Order],
    limits: LimitsOf,
    *,
    paper: Collection[str] = (),
    quotes: Mapping[Contract, Quote] | None = None,
) -> list[Blocked]:
    """Every limit that these intents would break, on top of the orders of the user's day; nothing for exits.

    `paper` are the ids of paper accounts, `quotes` those of what is open (`to_quote`). Orders of the intents
    themselves count once, so that asking again gives the same. Raises ValueError for a fill without its price
    where a loss is limited.
    """
    found: list[Blocked] = []
    for scope in _scopes(intents, day_orders, limits, paper):
        found += [*_of_order(scope), *_of_run(scope), *_of_day(scope), *_of_loss(scope, quotes or {})]
    return found


def to_quote(
    intents: Iterable[Intent], day_orders: Sequence[Order], limits: LimitsOf, *, paper: Collection[str] = ()
) -> list[Position]:
    """The open positions whose quotes decide whether these intents may be entered."""
    capped = [scope for scope in _scopes(intents, day_orders, limits, paper) if scope.limits.max_loss_per_day]
    return list(dict.fromkeys(position for scope in capped for position in scope.positions if position.net))


def _scopes(
    intents: Iterable[Intent], day_orders: Sequence[Order], limits: LimitsOf, paper: Collection[str]
) -> list[Scope]:
    """The scopes in which something would be entered."""
    entering = [intent for intent in intents if intent.phase is Phase.ENTRY]
    own = {intent.intent_id for intent in entering}
    before = [order for order in day_orders if order.intent.intent_id not in own]
    scopes = []
    for on_paper in (False, True):
        alike = [intent for intent in entering if (intent.account_id in paper) is on_paper]
        known = [order for order in before if (order.intent.account_id in paper) is on_paper]
        scopes.append(Scope("user", limits.user, alike, known))
    for account_id in sorted({intent.account_id for intent in entering} & limits.accounts.keys()):
        mine = [intent for intent in entering if intent.account_id == account_id]
        known = [order for order in before if order.intent.account_id == account_id]
        scopes.append(Scope(f"accounts.{account_id}", limits.accounts[account_id], mine, known))
    return [scope for scope in scopes if scope.entering]


def _of_order(scope: Scope) -> list[Blocked]:
    largest = max(scope.entering, key=lambda intent: intent.lots)
    what = f"leg {largest.leg} ({largest.side} {largest.symbol} at {largest.account_id}) would be an order of"
    return _above(scope, "max_lots_per_order", scope.limits.max_lots_per_order, largest.lots, what)


def _of_run(scope: Scope) -> list[Blocked]:
    lots: dict[str, int] = {}
    for intent in scope.entering:
        lots[intent.run_id] = lots.get(intent.run_id, 0) + intent.lots
    found: list[Blocked] = []
    for run_id, new in lots.items():
        entered = use_of(order for order in scope.before if order.intent.run_id == run_id).lots
        found += _above(scope, "max_lots_per_run", scope.limits.max_lots_per_run, entered + new, "the run would have")
    return found


def _of_day(scope: Scope) -> list[Blocked]:
    limits, used = scope.limits, use_of(scope.before)
    lots = sum(intent.lots for intent in scope.entering)
    found = _above(
        scope,
        "max_lots_per_day",
        limits.max_lots_per_day,
        used.lots + lots,
        f"with {used.lots} before it the day would have",
    )
    return found + _above(
        scope,
        "max_orders_per_day",
        limits.max_orders_per_day,
        used.orders + len(scope.entering),
        f"with {used.orders} before it the day would have",
        unit="orders",
    )


def _above(
    scope: Scope, name: str, limit: int | None, would_be: int, what: str, *, unit: str = "lots"
) -> list[Blocked]:
    if limit is None or would_be <= limit:
        return []
    field = f"{scope.field}.{name}"
    return [Blocked(field, limit, would_be, f"{field}: {what} {would_be} {unit}, the limit is {limit}")]


def _of_loss(scope: Scope, quotes: Mapping[Contract, Quote]) -> list[Blocked]:
    limit, field = scope.limits.max_loss_per_day, f"{scope.field}.max_loss_per_day"
    if limit is None:
        return []
    worth = worth_of(scope.positions, quotes)
    if worth.unpriced:
        told = f"{field}: the loss of the day cannot be told, nobody quotes {_named(worth.unpriced)}; "
        return [Blocked(field, limit, None, f"{told}the limit is {limit:,.2f} rupees")]
    loss = -worth.profit
    if loss < limit:
        return []
    return [Blocked(field, limit, loss, f"{field}: {_loss_in_words(worth)}, the limit is {limit:,.2f}")]


def _loss_in_words(worth: Worth) -> str:
    told = f"the day has lost {-worth.profit:,.2f} rupees, realised and open"
    if worth.worthless:
        told += f" ({_named(worth.worthless)} counted at zero: nobody quotes it)"
    return told


def _named(positions: Iterable[Position]) -> str:
    return ", ".join(f"{position.net:+d} {position.symbol} at {position.account_id}" for position in positions)
