"""What must never happen, checked against what the brokers know.

The checks look at the truth, never at what the engine believes: an order exists when a broker accepted it, a leg is
filled when the exchange filled it.

Skew: code cannot know that its own clock is wrong. So "not early" and "not late" hold exactly by the clock of the
process that sent, and by the true clock up to the largest skew that is injected; "in session" holds by the former.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lambdas.domain.accounts import PAPER
from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import FINAL, Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.risk_limits import LimitsOf
from lambdas.domain.runs import Run, RunStatus
from lambdas.ports.broker import OrderRequest
from tests.simulation.allowance import Allowance
from tests.simulation.broker import House
from tests.simulation.exchange import TrueOrder
from tests.simulation.loop import VirtualLoop
from tests.simulation.process import MOST_SKEW, Process, instant_of, microseconds_of
from tests.simulation.scenario import Scenario
from tests.simulation.switches import Switchboard

INVARIANTS = {
    "one order": "at most one order per intent is ever accepted by its broker",
    "not early": "no order leaves before second 0 of its tick",
    "not late": "no order leaves after its not_after",
    "in session": "no order leaves in no session, nor for a tick in none unless it closes or mends a run at once",
    "not halted": "no entry leaves that was halted when its process started, or a moment before second 0",
    "not switched off": "no entry leaves whose strategy, account or basket was off a moment before second 0",
    "not blind": "no entry leaves whose process could not read the switches a moment before second 0",
    "within limits": "no entry is planned or leaves beyond its user's limits or believable prices; a run says which",
    "exits go on": "no exit is held back by a switch, a limit or what cannot be read",
    "on paper": "a strategy in mode paper trades in paper accounts",
    "hands off": "nobody cancels or changes an order that its user gave by hand",
    "own account": "an order appears only in the account of the user for whom it was planned",
    "as planned": "symbol, side and quantity at the broker are those of the intent",
    "hedge first": "an entry's sell leaves only when every buy of its run and account is filled, if it waits at all",
    "shorts first": "an exit's sell leaves only when its run has no short left in the account",
    "closes once": "the exits of a leg never trade more than its entries filled",
    "the broker's word": "no order is recorded as ended otherwise than at its broker",
    "measured": "an order whose sending is recorded is recorded with the quote that it was priced from, and keeps it",
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
NO_LIMITS = Allowance(LimitsOf(), (), ())
BARS = re.compile("halted|risk limit|price sanity|switched off|may still enter|limits cannot|strategy was")
"""Words of the reasons for which entries are held back."""
FIELD = re.compile(r"((?:user|accounts\.[\w-]+)\.max_\w+):")
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

    def planned_before(self, user_id: str, process: Process) -> list[Order]: ...

    @property
    def changed_at(self) -> Mapping[str, int]: ...


class Referee:
    """Sees every order leave and arrive and every state recorded; the first violation counts most."""

    def __init__(
        self, loop: VirtualLoop, ledger: Ledger, switches: Switchboard, scenario: Scenario, houses: Iterable[House]
    ) -> None:
        self.loop = loop
        self.ledger = ledger
        self.switches = switches
        self.scenario = scenario
        self.papers = {account.account_id for account in scenario.accounts if account.broker == PAPER}
        self.allowances = {
            user_id: Allowance(limits, *scenario.money_and_paper(user_id))
            for user_id, limits in scenario.limits.items()
        }
        self.houses = {(house.user_id, house.account_id): house for house in houses}
        self.violations: list[Violation] = []
        self.seen: Counter[str] = Counter()

    def breach(self, invariant: str, detail: str, because: str = "") -> None:
        self.violations.append(Violation(invariant, self.loop.now, detail, because))

    def house_of(self, intent: Intent) -> House:
        """The account for which an intent was planned."""
        return self.houses[intent.user_id, intent.account_id]

    def planned(self, intents: Sequence[Intent], planner: Process | None) -> None:
        """Intents were written."""
        for intent in intents:
            if (intent.user_id, intent.account_id) not in self.houses:
                self.breach("own account", f"{intent.intent_id} of {intent.user_id} is for an account of nobody's")
                return
            if self.scenario.on_paper(intent) and intent.account_id not in self.papers:
                self.breach("on paper", f"{intent.intent_id} is for {intent.account_id}")
        entries = [intent for intent in intents if intent.phase is Phase.ENTRY and not intent.at_once]
        self.seen["orders on paper"] += sum(intent.account_id in self.papers for intent in entries)
        if entries and planner is not None:
            self._check_plan(entries, planner)

    def touched(self, house: House, order: TrueOrder) -> None:
        """Somebody cancels or changes an order at its broker."""
        if self.ledger.intent_tagged(order.tag) is None:
            self.breach("hands off", f"{order} of {house.user_id} at {house.account_id}")

    def leaves(self, house: House, order: OrderRequest, process: Process, quote: Quote | None) -> None:
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
        beyond = self._beyond(intent, quote)
        if beyond and intent.phase is Phase.ENTRY:
            self.breach("within limits", f"{intent.intent_id} leaves: {beyond}")
        self.seen["exits beyond a limit"] += beyond is not None and intent.phase is Phase.EXIT
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
        if state.sent_at is not None and (state.quoted is None or before.quoted not in (None, state.quoted)):
            self.breach("measured", f"{intent.intent_id} was priced from {before.quoted}, and now from {state.quoted}")
        if state.status not in FINAL:
            return
        if intent.phase is Phase.EXIT and state.status is IntentStatus.WITHHELD and BARS.search(state.reason):
            self.breach("exits go on", f"{intent.intent_id} is withheld: {state.reason}")
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
        calendars = list(self.switches.calendars_between(process.started, self.loop.now))
        why = "mending" if intent.at_once else ""
        if not intent.at_once and not any(one.day(tick.date).session_at(tick.instant) for one in calendars):
            self.breach("in session", f"{intent.intent_id} left for {tick}, which is in no session", why)
        elif not any(calendar.day(tick.date).session_at(left) for calendar in calendars):
            self.breach("in session", f"{intent.intent_id} left at {left}, in no session", why)
        last_look = (
            process.started if intent.at_once else max(process.started, microseconds_of(tick.instant) - LAST_LOOK)
        )
        if intent.phase is Phase.EXIT:
            return
        halted = self.switches.halted(intent, last_look, self.loop.now)
        if halted:
            self.breach("not halted", f"{intent.intent_id} left though {halted}")
        off = self.switches.switched_off(intent, last_look, self.loop.now)
        if off:
            self.breach("not switched off", f"{intent.intent_id} left though {off}")
        if process.looked is None or process.looked < last_look:
            self.breach("not blind", f"{intent.intent_id} left, its switches read at {process.looked}")

    def _check_plan(self, entries: Sequence[Intent], planner: Process) -> None:
        user_id = entries[0].user_id
        if user_id in self.allowances:
            self.seen["plans within limits"] += 1
            settled = self.ledger.changed_at.get(user_id, 0) < planner.started
            mine = {intent.intent_id for intent in entries}
            seen = [one for one in self.ledger.planned_before(user_id, planner) if one.intent.intent_id not in mine]
            beyond = self.allowances[user_id].of_plan(entries, seen, settled=settled)
            if beyond:
                self.breach("within limits", f"{entries[0].run_id} of {user_id} is planned: {beyond}")

    def refused_by_limits(self, run: Run) -> None:
        """A run ended for what its user allows; it says which limit that was."""
        self.seen["runs refused by limits"] += 1
        named = FIELD.findall(run.reason)
        allowance = self.allowances.get(run.user_id, NO_LIMITS)
        if not named or not all(allowance.sets(field) for field in named):
            self.breach("within limits", f"{run.run_id} of {run.user_id} names no limit of its user: {run.reason}")

    def _beyond(self, intent: Intent, quote: Quote | None) -> str | None:
        """Why an order must not leave if it is an entry."""
        allowance = self.allowances.get(intent.user_id, NO_LIMITS)
        return allowance.of_order(intent) or (allowance.of_price(intent, quote) if quote else "nobody quoted it")

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
