"""Faults that tests and users switch on: which calls they hit, what they do, how often."""

from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from sandbox.accounts import BROKERS

KINDS = (
    "delay", "drop_reply", "refuse", "partial_fill", "rate_limit", "garbage", "session_killed", "down",
    "no_postback", "postback_twice", "postback_forged",
)  # fmt: skip
POSTBACK = "postback"
POSTBACK_KINDS = ("no_postback", "postback_twice", "postback_forged")
OPERATIONS = (
    "place", "modify", "cancel", "orders", "positions", "account", "quotes", "session", "instruments",
    POSTBACK, "*",
)  # fmt: skip


class BadFault(ValueError):
    """A fault that cannot be set; the message names the field."""


@dataclass(slots=True)
class Fault:
    """One fault in force.

    A share of one lot fills nothing: fills come in whole lots.
    `after` counts the calls that still pass, `times` the hits left (None: until removed). `ms` belongs to delay,
    `message` to refuse, `share` to partial_fill (part of the lots that fills), `http_status` to garbage. `processed`
    says whether a request whose reply is lost or garbled was carried out first.
    """

    id: int
    broker: str
    account: str
    operation: str
    kind: str
    after: int = 0
    times: int | None = None
    ms: int = 1000
    message: str = "Refused by a sandbox fault"
    share: float = 0.5
    http_status: int = 200
    processed: bool = True
    hits: int = 0

    def meets(self, broker: str, client_id: str | None, operation: str) -> bool:
        return (
            self.broker in (broker, "*")
            and self.account in (client_id, "*")
            and self.operation in (operation, "*")
            and (self.kind != "partial_fill" or operation == "place")
            and self._concerns(operation)
        )

    def _concerns(self, operation: str) -> bool:
        """A postback is no call: a fault of all operations leaves it alone, unless its kind is of postbacks."""
        if operation == POSTBACK:
            return self.kind in POSTBACK_KINDS or self.operation == POSTBACK
        return self.kind not in POSTBACK_KINDS

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _check_match(fault: Fault) -> None:
    """Postbacks have faults of their own; of those of calls only a delay makes sense for them."""
    of_postbacks = fault.kind in POSTBACK_KINDS
    if fault.operation == POSTBACK and not of_postbacks and fault.kind != "delay":
        raise BadFault(f"kind: {fault.kind!r} is no fault of a postback ({', '.join(('delay', *POSTBACK_KINDS))} are)")
    if of_postbacks and fault.operation not in (POSTBACK, "*"):
        raise BadFault(f"operation: {fault.kind!r} concerns {POSTBACK} alone")


class Faults:
    """The board of faults in force."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._faults: list[Fault] = []

    def add(self, fields: dict[str, Any]) -> Fault:
        """Set a fault from its JSON fields. Raises BadFault."""
        known = set(Fault.__dataclass_fields__) - {"id", "hits"}
        if unknown := set(fields) - known:
            raise BadFault(f"{sorted(unknown)[0]}: unknown field (known: {', '.join(sorted(known))})")
        fault = Fault(
            next(self._ids),
            **{"broker": "*", "account": "*", "operation": "*", "kind": "", "times": None, **fields},
        )
        for name, allowed in (("kind", KINDS), ("operation", OPERATIONS), ("broker", (*BROKERS, "*"))):
            if getattr(fault, name) not in allowed:
                raise BadFault(f"{name}: {getattr(fault, name)!r} is not one of {', '.join(allowed)}")
        for name, kinds, low, high in (
            ("after", int, 0, 10**9), ("times", int, 1, 10**9), ("ms", int, 0, 600_000), ("http_status", int, 200, 599),
            ("share", (int, float), 0, 1),
        ):  # fmt: skip
            value = getattr(fault, name)
            if name == "times" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
                raise BadFault(f"{name}: {value!r} is not a number from {low} to {high}")
        _check_match(fault)
        self._faults.append(fault)
        return fault

    def take(self, broker: str, client_id: str | None, operation: str) -> list[Fault]:
        """The faults that hit this call; each use is counted, and each call that a fault lets pass."""
        met = [fault for fault in self._faults if fault.meets(broker, client_id, operation)]
        hit = [fault for fault in met if fault.after == 0]
        for fault in met:
            fault.after = max(0, fault.after - 1)
        for fault in hit:
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times is None or fault.times > 0]
        return hit

    def in_force(self) -> list[Fault]:
        return list(self._faults)

    def clear(self) -> int:
        """Remove every fault; returns how many there were."""
        removed = len(self._faults)
        self._faults.clear()
        return removed
