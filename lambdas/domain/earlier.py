"""Runs of earlier days that are not closed: what they still hold, and what can be said of them at all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from lambdas.domain.contracts import Side
from lambdas.domain.gaps import leg_of
from lambdas.domain.intents import FINAL, IntentStatus, Order, OrderState
from lambdas.domain.moments import IST
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict, judge

BOOKS_ANEW = time(8, 45)
"""From then on (IST) a broker's book is taken for that of the new day: sessions of the day before are over."""
SHOWN_FROM = time(9, 15)
"""From the open of the exchange on (IST) it counts that a broker does not show what was carried in."""
SATURDAY = 5
NOBODY_KNOWS = "nobody can say any more what became of it: the order book of its day is gone"
ADVICE = (
    "Close it by hand at the broker unless you want to keep it: runs of earlier days are never traded, and squaring "
    "off reaches those of today only. When the broker has nothing of it any more, the run is concluded."
)


@dataclass(frozen=True)
class Claim:
    """What a run may still hold of one contract and product in an account, in units, below 0 when short: `net` by the
    fills that are known, between `least` and `most` (0 is one of them) by what nobody can say any more."""

    run_id: str
    day: date
    account_id: str
    symbol: str
    product: str
    net: int
    least: int
    most: int


@dataclass(frozen=True)
class Leftover:
    """What a broker still has of a claim: `held` of `net` signed units. `gone_since` is when it was first seen that it
    has nothing of it, `told` whether the trader was told today that it has something."""

    run_id: str
    day: date
    symbol: str
    product: str
    net: int
    held: int
    gone_since: datetime | None = None
    told: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for the same thing at another time."""
        return self.run_id, self.symbol, self.product

    def after(self, before: "Leftover | None", now: datetime) -> "Leftover":
        """With what was known of it before. That it is missing counts on weekdays, when brokers surely show it."""
        local = now.astimezone(IST)
        missing = not self.held and local.time() >= SHOWN_FROM and local.weekday() < SATURDAY
        since = (before and before.gone_since) or now
        return replace(self, gone_since=since if missing else None, told=before is not None and before.told)

    def __str__(self) -> str:
        return f"{self.held:+d} {self.symbol} ({self.product})"


@dataclass(frozen=True)
class EarlierRun:
    """A run of an earlier day that is not closed, with all its orders."""

    run: Run
    orders: tuple[Order, ...]

    @property
    def is_in_flight(self) -> bool:
        """Whether somebody still looks for the end of an order of it."""
        return any(order.state.status not in FINAL for order in self.orders)

    @property
    def claims(self) -> list[Claim]:
        """What it may still hold, by account, symbol and product."""
        net, least, most = Counter[_Place](), Counter[_Place](), Counter[_Place]()
        for order in self.orders:
            place = order.intent.account_id, order.intent.symbol, order.intent.product
            sign = 1 if order.intent.side is Side.BUY else -1
            net[place] += sign * order.state.filled_quantity
            unclear = sign * (order.intent.quantity - order.state.filled_quantity) if _is_lost(order) else 0
            least[place] += min(unclear, 0)
            most[place] += max(unclear, 0)
        return [
            Claim(self.run.run_id, self.run.date, *place, held, low, high)
            for place, held in sorted(net.items())
            if (low := min(held + least[place], 0)) < (high := max(held + most[place], 0))
        ]


_Place = tuple[str, str, str]


def left_of(claims: Iterable[Claim], beyond: Mapping[tuple[str, str], int]) -> list[Leftover]:
    """What a broker still has of these claims of one account, when it has so many units `beyond` today's runs, by
    symbol and product. Of several runs that claim the same, the latest has it."""
    rest = Counter(beyond)
    found: list[Leftover] = []
    for claim in sorted(claims, key=lambda claim: (claim.day, claim.run_id), reverse=True):
        key = claim.symbol, claim.product
        held = max(claim.least, min(claim.most, rest[key]))
        rest[key] -= held
        found.append(Leftover(claim.run_id, claim.day, *key, claim.net, held))
    return found


def end_of(order: Order) -> OrderState:
    """How an order of an earlier day ends of which no book tells any more. What was never claimed was never sent; of
    the others the fills that are known stay, and the exchange ended them with their day."""
    state = order.state
    if state.status is IntentStatus.PLANNED:
        return replace(state, status=IntentStatus.MISSED, reason="not sent: nobody claimed it on its day")
    known = f"last it was {state.status}" + (f": {state.reason}" if state.reason else "")
    return replace(state, status=IntentStatus.EXPIRED, reason=f"{NOBODY_KNOWS}; {known}")


def judge_earlier(orders: Sequence[Order]) -> Verdict:
    """What the orders of a run amount to when its day is over: UNRESOLVED as long as the fate of one is not known."""
    lost = [order for order in orders if _is_lost(order) and order.state.status in FINAL]
    if lost:
        return Verdict(RunStatus.UNRESOLVED, f"{leg_of(lost[0])}: {lost[0].state.reason}")
    verdict = judge(orders)
    if verdict.status is RunStatus.OPEN:
        return Verdict(RunStatus.INCOMPLETE, f"its day ended and nothing closed it: {verdict.reason}")
    return verdict


def without_anything(earlier: EarlierRun, now: datetime) -> Verdict:
    """The verdict on a run of which no account has anything any more, seen at `now`."""
    run = earlier.run
    was = f"it was {run.status}: {run.reason}"
    if not earlier.orders:
        return Verdict(RunStatus.REFUSED, f"nothing was entered; {was}")
    if not earlier.claims:
        verdict = judge(earlier.orders)
        is_closed = verdict.status in CLOSED
        return verdict if is_closed else Verdict(RunStatus.FLAT, f"its orders leave nothing open; {was}")
    seen = f"nothing of it is left at the broker, seen on {now.astimezone(IST):%d %b %Y at %H:%M}"
    return Verdict(RunStatus.FLAT, f"{seen}: it was closed by hand, expired or was settled; {was}")


def _is_lost(order: Order) -> bool:
    """Whether more of it may be filled than anybody knows."""
    return order.state.status not in FINAL or order.state.reason.startswith(NOBODY_KNOWS)
