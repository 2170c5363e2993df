"""What a day has used of its limits, from the ledger of its orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.intents import FINAL, Order, Phase
from lambdas.domain.runs import NEVER_ASKED, Position, positions_of

PAISA = Decimal("0.01")


@dataclass(frozen=True)
class DayUse:
    """Lots entered and orders made, planned ones included, and the profit realised (rupees, before charges).

    The profit is None where a fill came without its price.
    """

    lots: int
    orders: int
    realised: Decimal | None


@dataclass(frozen=True)
class Worth:
    """The profit of a day with what is open at its last prices (rupees, before charges).

    `worthless` are long positions that nobody quotes, counted at zero; `unpriced` are shorts and futures that
    nobody quotes, for which no worst value is known.
    """

    profit: Decimal
    worthless: tuple[Position, ...] = ()
    unpriced: tuple[Position, ...] = ()


def use_of(orders: Iterable[Order]) -> DayUse:
    """What these orders of one day have used."""
    made = [order for order in orders if order.state.status not in NEVER_ASKED]
    return DayUse(sum(map(lots_entered, made)), len(made), _realised(made))


def lots_entered(order: Order) -> int:
    """The lots that an order has entered or may still enter; those of an exit are none."""
    intent, state = order.intent, order.state
    if intent.phase is not Phase.ENTRY:
        return 0
    if state.status not in FINAL:
        return intent.lots
    return -(-state.filled_quantity * intent.lots // intent.quantity)


def worth_of(positions: Iterable[Position], quotes: Mapping[Contract, Quote]) -> Worth:
    """What positions have made, with what is open at the last price of its quote."""
    profit = Decimal(0)
    worthless: list[Position] = []
    unpriced: list[Position] = []
    for position in positions:
        profit += position.received - position.paid
        quote = quotes.get(position.contract)
        if quote is not None and quote.last > 0:
            profit += position.net * quote.last
        elif position.net:
            (worthless if position.net > 0 and position.contract.strike else unpriced).append(position)
    return Worth(profit, tuple(worthless), tuple(unpriced))


def _realised(orders: Iterable[Order]) -> Decimal | None:
    try:
        return sum(map(_closed_profit, positions_of(orders)), Decimal(0))
    except ValueError:
        return None


def _closed_profit(position: Position) -> Decimal:
    """The profit of what was bought and sold again; of the larger side as much, at its average price."""
    if position.net == 0:
        return position.received - position.paid
    closed = min(position.bought, position.sold)
    if closed == 0:
        return Decimal(0)
    return (closed * (position.received / position.sold - position.paid / position.bought)).quantize(PAISA)
