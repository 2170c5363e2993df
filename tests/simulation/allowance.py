"""What users' limits leave room for, counted apart from the engine."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, Phase
from lambdas.domain.risk_limits import LimitsOf, RiskLimits

LIKELY_PRICE = Decimal(20)
"""Percent that bid or ask may be from the last price where nobody says otherwise."""
FIVE_TICKS = 5
LEFT_NOTHING = frozenset({IntentStatus.MISSED, IntentStatus.WITHHELD})


@dataclass(frozen=True)
class Allowance:
    """The limits of one user, for the accounts with money together, the paper accounts together, and single ones."""

    limits: LimitsOf
    money: Collection[str]
    paper: Collection[str]

    def sets(self, field: str) -> bool:
        """Whether a limit that the engine names (`user.max_lots_per_day`) is set."""
        scope, _, name = field.rpartition(".")
        limits = self.limits.user if scope == "user" else self.limits.accounts.get(scope.removeprefix("accounts."))
        return limits is not None and getattr(limits, name, None) is not None

    def of_order(self, intent: Intent) -> str | None:
        """How one entry is beyond a limit by itself."""
        for _, limits in self._scopes([intent]):
            most = limits.max_lots_per_order
            if most is not None and intent.lots > most:
                return f"{intent.lots} lots in one order, {most} are allowed"
        return None

    def of_price(self, intent: Intent, quote: Quote) -> str | None:
        """How the book at which an entry is priced is beyond belief."""
        told = [limits.price_sanity_percent for _, limits in self._scopes([intent])]
        percent = min((one for one in told if one is not None), default=LIKELY_PRICE)
        price = (quote.ask if intent.side is Side.BUY else quote.bid) or quote.last
        away = abs(price - quote.last)
        crossed = bool(quote.bid and quote.ask and quote.bid > quote.ask)
        if crossed or away > max(quote.last * percent / 100, FIVE_TICKS * intent.tick_size):
            return f"{intent.side} at {quote}, {percent} % are allowed"
        return None

    def of_plan(self, intents: Sequence[Intent], before: Sequence[Order], *, settled: bool) -> str | None:
        """How a plan of entries is beyond a limit, on top of what was planned before it.

        An order counts until it has certainly failed. Only where all is `settled` is a loss known without prices.
        """
        for accounts, limits in self._scopes(intents):
            new = [intent for intent in intents if intent.account_id in accounts]
            old = [order for order in before if order.intent.account_id in accounts]
            beyond = _counted(limits, new, old) or (_lost(limits, old) if settled else None)
            if beyond:
                return beyond
        return None

    def _scopes(self, intents: Sequence[Intent]) -> Iterator[tuple[Collection[str], RiskLimits]]:
        """Accounts that are counted together, with their limits, where something is to be entered in them."""
        touched = {intent.account_id for intent in intents}
        singles = [({account_id}, limits) for account_id, limits in self.limits.accounts.items()]
        for accounts, limits in [(self.money, self.limits.user), (self.paper, self.limits.user), *singles]:
            if touched & set(accounts):
                yield accounts, limits


def _counted(limits: RiskLimits, new: Sequence[Intent], old: Sequence[Order]) -> str | None:
    lots = sum(intent.lots for intent in new)
    before = sum(_lots(order) for order in old)
    orders = sum(order.state.status not in LEFT_NOTHING for order in old)
    for name, count, most in (
        ("lots in a run", lots, limits.max_lots_per_run),
        ("lots on the day", before + lots, limits.max_lots_per_day),
        ("orders on the day", orders + len(new), limits.max_orders_per_day),
    ):
        if most is not None and count > most:
            return f"{count} {name}, {most} are allowed"
    return None


def _lots(order: Order) -> int:
    if order.intent.phase is Phase.EXIT:
        return 0
    if order.state.status not in FINAL:
        return order.intent.lots
    return -(-order.state.filled_quantity * order.intent.lots // order.intent.quantity)


def _lost(limits: RiskLimits, old: Sequence[Order]) -> str | None:
    """A loss that is realised whole: nothing is in flight and nothing is held."""
    if limits.max_loss_per_day is None or any(order.state.status not in FINAL for order in old):
        return None
    nets: dict[tuple[str, str], int] = {}
    cash = Decimal(0)
    for order in old:
        sign = 1 if order.intent.side is Side.BUY else -1
        held = order.intent.account_id, order.intent.symbol
        nets[held] = nets.get(held, 0) + sign * order.state.filled_quantity
        cash -= sign * order.state.filled_quantity * (order.state.average_price or Decimal(0))
    if any(nets.values()) or -cash < limits.max_loss_per_day:
        return None
    return f"{-cash} rupees are lost, {limits.max_loss_per_day} are allowed"
