"""What must never happen, checked against what the brokers know.

The checks look at the truth, never at what the engine believes: an order exists when a broker accepted it, a leg is
filled when the exchange filled it.

Skew: code cannot know that its own clock is wrong. So "not early" and "not late" hold exactly by the clock of the
process that sent, and by the true clock up to the largest skew that is injected; "in session" holds by the former.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lambdas.domain.contracts import Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import OrderRequest
from tests.simulation.broker import House
from tests.simulation.exchange import TrueOrder
from tests.simulation.loop import VirtualLoop
from tests.simulation.process import MOST_SKEW, Process, instant_of, microseconds_of

INVARIANTS = {
    "one order": "at most one order per intent is ever accepted by its broker",
    "not early": "no order leaves before second 0 of its tick",
    "not late": "no order leaves after its not_after",
    "in session": "no order leaves for a tick, or at an instant, that its process could know to be in no session",
    "not halted": "no entry leaves that was halted when its process started, or a moment before second 0",
    "own account": "an order appears only in the account of the user for whom it was planned",
    "as planned": "symbol, side and quantity at the broker are those of the intent",
    "hedge first": "an entry's sell leaves only when every buy of its run and account is filled, if it waits at all",
    "shorts first": "an exit's sell leaves only when its run has no short left in the account",
    "closes once": "the exits of a leg never trade more than its entries filled",
    "the broker's word": "no order is recorded as ended otherwise than at its broker",
    "ended once": "what is known of an order does not change any more once it has ended",
    "books agree": "at the end, filled quantity, status and net position of the table are the broker's",
    "no silence": "at the end every run is flat, or closed or in trouble and its user was told",
    "every entry": "at the end every entry that was due has a run that says what became of it",
    "no mistakes": "a function fails only by a fault that was put in",
    "flat is flat": "a run that counts as closed holds nothing at its brokers",
}
LAST_LOOK = 1_500_000
"""Microseconds before second 0 from which on a halt may come too late."""
TOLD = {
    RunStatus.REFUSED: {"RunRefused", "RunIncomplete"},
    RunStatus.MISSED: {"RunMissed"},
    RunStatus.INCOMPLETE: {"RunIncomplete"},
    RunStatus.UNRESOLVED: {"RunIncomplete"},
}
NOTHING_OPEN = frozenset({RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED})
NOT_SENT = frozenset({IntentStatus.MISSED, IntentStatus.WITHHELD, IntentStatus.REFUSED})


@dataclass(frozen=True)
class Violation:
    """Which invariant was broken, when (virtual microseconds) and how; `because` is what it has in common with others
    of one cause, where that can be told."""

    invariant: str
    at: int
    detail: str
    because: str = ""


class Ledger(Protocol):
    """What a referee reads of the table, without latency."""

    def every_order(self) -> list[Order]: ...

    def every_run(self) -> list[Run]: ...

    def intent_tagged(self, tag: str) -> Intent | None: ...

    def in_anothers_hands(self, intent: Intent, holder: Process) -> bool: ...

    def of_run(self, user_id: str, run_id: str, account_id: str) -> list[tuple[str, Intent]]: ...


class Rules(Protocol):
    """What an operator had set when a process started: what its own reading of the switches cannot be behind."""

    def halted_at(self, at: int, user_id: str, account_id: str) -> bool: ...

    def calendars_between(self, since: int, until: int) -> Iterable[TradingCalendar]: ...


class Referee:
    """Sees every order leave and arrive and every state recorded; the first violation counts most."""

    def __init__(self, loop: VirtualLoop, ledger: Ledger, rules: Rules, houses: Iterable[House]) -> None:
        self.loop = loop
        self.ledger = ledger
        self.rules = rules
        self.houses = {(house.user_id, house.account_id): house for house in houses}
        self.violations: list[Violation] = []
        self.seen: Counter[str] = Counter()

    def breach(self, invariant: str, detail: str, because: str = "") -> None:
        self.violations.append(Violation(invariant, self.loop.now, detail, because))

    def house_of(self, intent: Intent) -> House:
        """The account for which an intent was planned."""
        return self.houses[intent.user_id, intent.account_id]

    def planned(self, intent: Intent) -> None:
        """An intent was written."""
        if (intent.user_id, intent.account_id) not in self.houses:
            self.breach("own account", f"{intent.intent_id} of {intent.user_id} is for an account of nobody's")

    def leaves(self, house: House, order: OrderRequest, process: Process) -> None:
        """An order is being sent, its first byte now."""
        intent = self.ledger.intent_tagged(order.tag)
        if intent is None or (intent.user_id, intent.account_id) != (house.user_id, house.account_id):
            self.breach("own account", f"{order.tag} leaves for {house.user_id}/{house.account_id}: {intent}")
            return
        if (intent.symbol, intent.side, intent.quantity) != (order.symbol, order.side, order.quantity):
            self.breach("as planned", f"{order} is not {intent.intent_id}")
        self.seen["orders in slices"] += intent.slice_number > 1
        self._check_instant(intent, process)
        self._check_switches(intent, process)
        if intent.side is Side.SELL:
            self._check_cover(intent, house, process)

    def accepted(self, house: House, order: TrueOrder) -> None:
        """A broker took an order."""
        if len(house.tagged(order.tag)) > 1:
            self.breach("one order", f"{order} is the second with its tag at {house.account_id}")
        intent = self.ledger.intent_tagged(order.tag)
        if intent is not None and intent.phase is Phase.EXIT:
            self._check_closes_once(intent)

    def recorded(self, intent: Intent, before: OrderState, state: OrderState) -> None:
        """The table says something of an intent."""
        if before.status in FINAL and state != before:
            self.breach("ended once", f"{intent.intent_id} was {before.status} and is {state.status} now")
        if state.status not in FINAL:
            return
        now, house = self.loop.now, self.house_of(intent)
        found = house.tagged(intent.tag)
        true = sum(order.filled(now) for order in found)
        alive = [order for order in found if order.live(now)]
        if alive or true != state.filled_quantity or (found and state.status in NOT_SENT and not _rejected(found, now)):
            told = ", ".join(f"{order} {order.status(now)} {order.filled(now)} filled" for order in found) or "nothing"
            self.breach(
                "the broker's word",
                f"{intent.intent_id} is recorded {state.status} with {state.filled_quantity} filled "
                f"({state.reason}); its broker has {told}",
            )

    def _check_instant(self, intent: Intent, process: Process) -> None:
        local, true = instant_of(process.local), self.loop.now
        name = f"{intent.intent_id} left at {local.isoformat()} by its process's clock, {instant_of(true)} by the true"
        due = intent.intended_at.instant
        if not intent.at_once and (local < due or true < microseconds_of(due) - MOST_SKEW):
            self.breach("not early", name)
        if local > intent.not_after or true > microseconds_of(intent.not_after) + MOST_SKEW:
            self.breach("not late", name)

    def _check_switches(self, intent: Intent, process: Process) -> None:
        tick, left = intent.intended_at, instant_of(process.local)
        calendars = list(self.rules.calendars_between(process.started, self.loop.now))
        why = "mending" if intent.at_once else ""
        if not any(calendar.day(tick.date).session_at(tick.instant) for calendar in calendars):
            self.breach("in session", f"{intent.intent_id} left for {tick}, which is in no session", why)
        elif not any(calendar.day(tick.date).session_at(left) for calendar in calendars):
            self.breach("in session", f"{intent.intent_id} left at {left}, in no session", why)
        last_look = (
            process.started if intent.at_once else max(process.started, microseconds_of(tick.instant) - LAST_LOOK)
        )
        halted = self.rules.halted_at(last_look, intent.user_id, intent.account_id)
        if halted and intent.phase is Phase.ENTRY:
            self.breach("not halted", f"{intent.intent_id} left though it was halted at {instant_of(last_look)}")

    def _check_cover(self, intent: Intent, house: House, process: Process) -> None:
        if intent.phase is Phase.EXIT:
            entries = [one for _, one in self._of_run(intent) if one.phase is Phase.ENTRY]
            self.seen["exits behind shorts"] += any(one.side is Side.SELL for one in entries)
            shorts = [leg for leg, net in self._nets(intent, house).items() if net < 0]
            if shorts:
                detail = f"{intent.intent_id} left while legs {shorts} were short"
                self.breach("shorts first", detail, self._why_bare(intent, process))
            return
        if not intent.orders.hedges_first:
            return
        wanted: dict[int, int] = {}
        filled: dict[int, int] = {}
        for tag, other in self._of_run(intent):
            if other.phase is Phase.ENTRY and other.side is Side.BUY:
                wanted[other.leg] = wanted.get(other.leg, 0) + (other.quantity if other.attempt == 1 else 0)
                filled[other.leg] = filled.get(other.leg, 0) + self._filled(tag, house)
        self.seen["shorts behind hedges"] += bool(wanted)
        bare = [leg for leg in wanted if filled[leg] < wanted[leg]]
        if bare:
            detail = f"{intent.intent_id} left while legs {bare} had {filled} of {wanted}"
            self.breach("hedge first", detail, self._why_bare(intent, process))

    def _why_bare(self, intent: Intent, process: Process) -> str:
        return "in another's hands" if self.ledger.in_anothers_hands(intent, process) else ""

    def _check_closes_once(self, intent: Intent) -> None:
        """Fills, and what a live order may still fill."""
        house = self.houses[intent.user_id, intent.account_id]
        entered = closing = 0
        for tag, other in self._of_run(intent):
            if other.leg == intent.leg:
                if other.phase is Phase.ENTRY:
                    entered += self._may_fill(tag, house)
                else:
                    closing += self._may_fill(tag, house)
        if closing > entered:
            self.breach("closes once", f"{intent.intent_id}: {closing} are being closed of {entered}")

    def _of_run(self, intent: Intent) -> list[tuple[str, Intent]]:
        return self.ledger.of_run(intent.user_id, intent.run_id, intent.account_id)

    def _nets(self, intent: Intent, house: House) -> dict[int, int]:
        nets: dict[int, int] = {}
        for tag, other in self._of_run(intent):
            sign = 1 if other.side is Side.BUY else -1
            nets[other.leg] = nets.get(other.leg, 0) + sign * self._filled(tag, house)
        return nets

    def _filled(self, tag: str, house: House) -> int:
        return sum(order.filled(self.loop.now) for order in house.tagged(tag))

    def _may_fill(self, tag: str, house: House) -> int:
        now = self.loop.now
        return sum(order.quantity if order.live(now) else order.filled(now) for order in house.tagged(tag))


def _rejected(found: list[TrueOrder], now: int) -> bool:
    return all(order.status(now) is IntentStatus.REFUSED for order in found)
