"""What a broker says of an account against what the ledger says, what earlier days left, and what is the trader's
own."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lambdas.domain.contracts import Side
from lambdas.domain.earlier import Claim, Leftover, left_of
from lambdas.domain.gaps import leg_of
from lambdas.domain.intents import FINAL, IntentStatus, Order

Key = tuple[str, str]
"""Symbol and product: what a broker nets a position by."""


class BookRow(Protocol):
    """What is asked of one order in a broker's book."""

    @property
    def broker_order_id(self) -> str: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def symbol(self) -> str: ...
    @property
    def side(self) -> Side: ...
    @property
    def quantity(self) -> int: ...
    @property
    def status(self) -> IntentStatus: ...
    @property
    def filled_quantity(self) -> int: ...


class Holding(Protocol):
    """What is asked of one position at a broker; `net` is below 0 when short."""

    @property
    def symbol(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def net(self) -> int: ...


class DifferenceKind(StrEnum):
    """What the ledger says and the broker denies."""

    ABSENT = "absent"
    FILLED_OTHERWISE = "filled_otherwise"
    SENT_TWICE = "sent_twice"
    NOT_HELD = "not_held"

    @property
    def advice(self) -> str:
        """What the trader can do, in one sentence."""
        return _ADVICE[self]


_ADVICE = {
    DifferenceKind.ABSENT: "Look at order and position at the broker: the run would close what it counts as filled.",
    DifferenceKind.FILLED_OTHERWISE: (
        "The broker is right: close by hand what the run does not count, and hold back the exit of what is not there."
    ),
    DifferenceKind.SENT_TWICE: "Cancel what rests of the second order at the broker, and close by hand what it filled.",
    DifferenceKind.NOT_HELD: (
        "If the position was closed or converted by hand, an exit would open it the other way round: hold the exit "
        "back, or restore the position."
    ),
}


@dataclass(frozen=True)
class Difference:
    """One thing that the ledger says and the broker denies; `subject` is a tag, or symbol and product."""

    kind: DifferenceKind
    subject: str
    what: str

    @property
    def key(self) -> str:
        """The same for the same difference at another time, whatever the numbers are then."""
        return f"{self.kind}/{self.subject}"


class StrangerKind(StrEnum):
    """What can be at a broker that no run of ours explains."""

    ORDER = "order"
    POSITION = "position"


@dataclass(frozen=True)
class Stranger:
    """An order or a position that no run explains: most often the trader's own. `quantity` is signed, in units: what
    an order filled and may still fill, what a position holds beyond ours. `reference` is an order's number, or a
    position's product."""

    kind: StrangerKind
    symbol: str
    quantity: int
    reference: str


@dataclass(frozen=True)
class Comparison:
    """What was found. Positions of the subjects in `moving` could not be judged: orders in them are not at their
    end. `earlier` is what the broker has of what runs of earlier days hold, 0 of what it has no more."""

    differences: tuple[Difference, ...]
    strangers: tuple[Stranger, ...]
    moving: frozenset[str] = frozenset()
    earlier: tuple[Leftover, ...] = ()


def differences(
    positions: Iterable[Holding],
    orders: Iterable[BookRow],
    ledger: Iterable[Order],
    *,
    sent_before: datetime,
    earlier: Iterable[Claim] = (),
) -> Comparison:
    """Compare what a broker says of one account today with the ledger of that account and day.

    An order is judged when its last moment of sending was before `sent_before`: its workers are done, and what they
    left is reconciled. Ours must be contained in what the broker holds of a contract: as much of it, or more, on the
    same side. What the broker has beyond ours is first what runs of `earlier` days hold in this account, and then the
    trader's own: both are told apart and are no difference.
    """
    rows: dict[str, list[BookRow]] = defaultdict(list)
    strange: list[Stranger] = []
    mine = list(ledger)
    tags = {order.intent.tag for order in mine}
    for row in orders:
        if row.tag in tags:
            rows[row.tag or ""].append(row)
        elif quantity := _effect(row):
            strange.append(Stranger(StrangerKind.ORDER, row.symbol, quantity, row.broker_order_id))
    found = [
        difference
        for order in mine
        if order.intent.not_after < sent_before
        for difference in _of_order(order, rows.get(order.intent.tag, []))
    ]
    moving = {
        _key(order)
        for order in mine
        if order.intent.not_after >= sent_before or order.state.status not in FINAL
        if _may_have_left(order)
    }
    theirs, ours = _net(positions), _held(mine)
    claims = [claim for claim in earlier if (claim.symbol, claim.product) not in moving]
    left = left_of(claims, {key: theirs[key] - ours[key] for key in theirs.keys() | ours.keys()})
    denied, foreign = _of_positions(theirs, ours, _of_earlier(left), moving)
    subjects = frozenset(_subject(key) for key in moving)
    return Comparison((*found, *denied), (*strange, *foreign), subjects, tuple(left))


def _of_order(order: Order, rows: Sequence[BookRow]) -> list[Difference]:
    """What the book says against one order of ours."""
    tag, state = order.intent.tag, order.state
    if not rows:
        confirmed = state.broker_order_id is not None and state.status is not IntentStatus.REFUSED
        if not confirmed and not state.filled_quantity:
            return []
        told = f"{_ours(order)}; the broker's book has no order with its tag {tag}"
        return [Difference(DifferenceKind.ABSENT, tag, told)]
    alive = [row for row in rows if _effect(row)]
    if len(alive) > 1:
        numbers = ", ".join(row.broker_order_id for row in alive)
        told = f"{leg_of(order)}: the broker has {len(alive)} orders under its tag {tag}: {numbers}"
        return [Difference(DifferenceKind.SENT_TWICE, tag, told)]
    row = alive[0] if alive else rows[-1]
    if state.status not in FINAL or (row.filled_quantity == state.filled_quantity and row.status in FINAL):
        return []
    told = f"{_ours(order)}; the broker has {row.filled_quantity} filled ({row.status}, order {row.broker_order_id})"
    return [Difference(DifferenceKind.FILLED_OTHERWISE, tag, told)]


def _of_positions(
    theirs: Mapping[Key, int], ours: Mapping[Key, int], left: Counter[Key], moving: Collection[Key]
) -> tuple[list[Difference], list[Stranger]]:
    denied: list[Difference] = []
    foreign: list[Stranger] = []
    for key in sorted((theirs.keys() | ours.keys()) - set(moving)):
        symbol, product = key
        held, claimed = theirs.get(key, 0) - left[key], ours.get(key, 0)
        if not _contains(held, claimed):
            besides = f" besides {left[key]:+d} of earlier days" if left[key] else ""
            told = f"{symbol} ({product}): the runs hold {claimed:+d}, the broker has {held:+d}{besides}"
            denied.append(Difference(DifferenceKind.NOT_HELD, _subject(key), told))
        elif held != claimed:
            foreign.append(Stranger(StrangerKind.POSITION, symbol, held - claimed, product))
    return denied, foreign


def _contains(held: int, claimed: int) -> bool:
    return claimed == 0 or (held >= claimed if claimed > 0 else held <= claimed)


def _held(ledger: Iterable[Order]) -> Counter[Key]:
    net: Counter[Key] = Counter()
    for order in ledger:
        net[_key(order)] += _signed(order.intent.side, order.state.filled_quantity)
    return net


def _net(positions: Iterable[Holding]) -> Counter[Key]:
    net: Counter[Key] = Counter()
    for position in positions:
        net[position.symbol, position.product] += position.net
    return net


def _of_earlier(left: Iterable[Leftover]) -> Counter[Key]:
    net: Counter[Key] = Counter()
    for one in left:
        net[one.symbol, one.product] += one.held
    return net


def _effect(row: BookRow) -> int:
    """What an order changed or may still change, signed; 0 for one that ended without a fill."""
    return _signed(row.side, row.filled_quantity if row.status in FINAL else row.quantity)


def _signed(side: Side, quantity: int) -> int:
    return quantity if side is Side.BUY else -quantity


def _may_have_left(order: Order) -> bool:
    return order.state.status not in (IntentStatus.MISSED, IntentStatus.WITHHELD)


def _ours(order: Order) -> str:
    state = order.state
    return f"{leg_of(order)}: the ledger has {state.filled_quantity} of {order.intent.quantity} filled ({state.status})"


def _key(order: Order) -> Key:
    return order.intent.symbol, order.intent.product


def _subject(key: Key) -> str:
    symbol, product = key
    return f"{symbol}/{product}"
