"""What runs have made until now: the ledger of their orders, with what is open at its last marks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from lambdas.domain.contracts import Contract, Quote
from lambdas.domain.day_use import PAISA, use_of, worth_of
from lambdas.domain.intents import Order
from lambdas.domain.marks import Mark, Marks, ProfitPoint
from lambdas.domain.reporting import DayLedger, report_of
from lambdas.domain.runs import Position, positions_of


@dataclass(frozen=True)
class Held:
    """A position with the last mark of its contract, None where there is none or nothing is open.

    Of one that is not `priced` a fill came without its price: what was paid and received is not known then.
    """

    position: Position
    priced: bool
    mark: Mark | None

    @property
    def average(self) -> Decimal | None:
        """Rupees a unit, to the paisa: of all buys where it is long, of all sells where it is short."""
        position = self.position
        if position.net == 0 or not self.priced:
            return None
        of_long, of_short = (position.paid, position.bought), (position.received, position.sold)
        value, quantity = of_long if position.net > 0 else of_short
        return (value / quantity).quantize(PAISA)

    @property
    def profit(self) -> Decimal | None:
        """What it has made, realised and open (rupees, before charges); None where that is not known."""
        return profit_of([self])


@dataclass(frozen=True)
class Standing:
    """What one side of a day has made (rupees, before charges): with what is open at its marks, and realised.

    The profit is None where something open has no mark; both are where a fill came without its price.
    """

    profit: Decimal | None
    realised: Decimal | None


NOTHING = Standing(Decimal(0), Decimal(0))


@dataclass(frozen=True)
class DayProfit:
    """What a day has made with money and on paper, apart; None where nothing was ordered on that side.

    `paper_accounts` are those of its orders that traded on paper.
    """

    money: Standing | None
    paper: Standing | None
    paper_accounts: frozenset[str]

    def at(self, instant: datetime) -> ProfitPoint:
        """The same as a point of the day's series."""
        money, paper = (None if side is None else side.profit for side in (self.money, self.paper))
        return ProfitPoint(instant, money, paper)


def held_of(orders: Sequence[Order], marks: Marks) -> list[Held]:
    """The positions of these orders with their marks, in order of leg and account."""
    unpriced = {_place(order) for order in orders if _lacks_price(order)}
    positions = positions_of(_at_nothing(order) if _lacks_price(order) else order for order in orders)
    return [
        Held(
            position,
            (position.run_id, position.leg, position.account_id, position.contract) not in unpriced,
            marks.get(position.contract) if position.net else None,
        )
        for position in positions
    ]


def profit_of(held: Iterable[Held]) -> Decimal | None:
    """What these positions have made, realised and open (rupees, before charges); None where something open has no
    mark or a fill has no price."""
    held = list(held)
    if not all(one.priced for one in held):
        return None
    last = {one.position.contract: Quote(one.mark.last) for one in held if one.mark}
    worth = worth_of((one.position for one in held), last)
    return None if worth.worthless or worth.unpriced else worth.profit


def day_profit(ledger: DayLedger, marks: Marks, paper: Collection[str]) -> DayProfit:
    """What a day has made; `paper` are the paper accounts that are linked now."""
    on_paper = frozenset(row.account_id for row in report_of([ledger], paper).paper.accounts)
    return DayProfit(
        money=_standing([order for order in ledger.orders if order.intent.account_id not in on_paper], marks),
        paper=_standing([order for order in ledger.orders if order.intent.account_id in on_paper], marks),
        paper_accounts=on_paper,
    )


def marks_of(quotes: Mapping[Contract, Quote], at: datetime, before: Marks, held: Iterable[Position]) -> Marks:
    """The marks after these quotes were read: what is open and was not quoted keeps the mark that it had before."""
    read = {contract: Mark(quote.last, at) for contract, quote in quotes.items() if quote.last > 0}
    known = {**before, **read}
    wanted = dict.fromkeys(position.contract for position in held if position.net)
    return {contract: known[contract] for contract in wanted if contract in known}


def oldest(held: Iterable[Held]) -> datetime | None:
    """The instant of the oldest mark that counts in what these positions have made; None where none does."""
    return min((one.mark.at for one in held if one.mark), default=None)


def with_end(points: Sequence[ProfitPoint], orders: Sequence[Order], profit: DayProfit) -> list[ProfitPoint]:
    """The series of a day; where nothing is open any more, it ends with what is realised, at the last fill.

    Nobody marks what is closed, so that the series itself ends with the last mark before.
    """
    if any(one.position.net for one in held_of(orders, {})):
        return list(points)
    filled = [at for order in orders if order.state.filled_quantity and (at := _last_known(order))]
    if not filled or (points and max(filled) <= points[-1].at):
        return list(points)
    return [*points, profit.at(max(filled))]


def _standing(orders: Sequence[Order], marks: Marks) -> Standing | None:
    if not orders:
        return None
    return Standing(profit_of(held_of(orders, marks)), use_of(orders).realised)


def _place(order: Order) -> tuple[str, int, str, Contract]:
    intent = order.intent
    return intent.run_id, intent.leg, intent.account_id, intent.contract


def _lacks_price(order: Order) -> bool:
    return order.state.filled_quantity > 0 and order.state.average_price is None


def _at_nothing(order: Order) -> Order:
    return replace(order, state=replace(order.state, average_price=Decimal(0)))


def _last_known(order: Order) -> datetime | None:
    return order.state.exchange_at or order.state.acknowledged_at or order.state.sent_at
