"""What lies in the one table: every kind of item and every way of reading, declared once.

`docs/table.md` is made from this, and the contract suite of the stores holds it against what they write and ask.
In patterns `<name>` stands for one of `FIELDS`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from lambdas.domain.due import DUE_DAYS
from lambdas.domain.intents import Phase
from shared_config.names import INDEX_DUE, INDEX_IN_FLIGHT, INDEX_OPEN_RUNS, INDEXES, index_key

ID = r"[^#]+"
FIELDS = {
    "user": ID,
    "account": ID,
    "strategy": ID,
    "basket": ID,
    "run": r"[^#.]+",
    "intent": r"[^#.]+(?:\.[^#.]+){5}",
    "broker": ID,
    "underlying": ID,
    "date": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-\d\d",
    "minute": r"\d\d:\d\d",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30",
    "day": "|".join(sorted(DUE_DAYS)),
    "phase": "|".join(sorted(Phase)),
    "shard": r"\d+",
    "scope": r"PLATFORM|USER#[^#]+|(?:ACCOUNT|STRATEGY)#[^#]+#[^#]+",
    "switch": r"HALT#.+|DAY#\d{4}-\d\d-\d\d",
    "subject": r"HALT#.+|DAY#\d{4}-\d\d-\d\d|LOGIN#[^#]+#[^#]+",
    "digest": r"[0-9a-f]{64}",
    "tag": r"[A-Za-z0-9]{1,20}",
}


def fits(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern: `USER#<user>` fits `USER#u`, and not `USER#u#DAY#2026-11-23`."""
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"<(\w+)>", pattern)
    return re.compile("".join(f"(?:{FIELDS[part]})" if n % 2 else re.escape(part) for n, part in enumerate(parts)))


@dataclass(frozen=True)
class Place:
    """Where items of a kind stand in an index; `while_` says when, nothing when they always do."""

    index: str
    pk: str
    sk: str
    while_: str = ""


@dataclass(frozen=True)
class ItemKind:
    """One kind of item: its keys, what it is, which functions write it, and how it goes away."""

    name: str
    pk: str
    sk: str
    what: str
    written_by: str
    ends: str
    place: Place | None = None

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Whether an item is of this kind, by its keys in the table and in every index."""
        keys = fits(self.pk, item["pk"]) and fits(self.sk, item["sk"])
        return keys and all(self._stands(item, index) for index in INDEXES)

    def _stands(self, item: Mapping[str, Any], index: str) -> bool:
        found = [item.get(name) for name in index_key(index)]
        if self.place is None or self.place.index != index:
            return found == [None, None]
        pk, sk = found
        if pk is None or sk is None:
            return pk is sk and bool(self.place.while_)
        return fits(self.place.pk, pk) and fits(self.place.sk, sk)


@dataclass(frozen=True)
class AccessPattern:
    """One question to the table. A query without `sk` reads a whole partition, else what begins with it."""

    question: str
    asked_by: str
    operation: Literal["query", "get"]
    pk: str
    sk: str = ""
    index: str | None = None
    requests: str = "1"

    def holds(self, operation: str, index: str | None, pk: str, sk: str) -> bool:
        """Whether a request asks this."""
        return (operation, index) == (self.operation, self.index) and fits(self.pk, pk) and fits(self.sk, sk)


@dataclass(frozen=True)
class Once:
    """A write that must happen once, and the condition that makes it so."""

    write: str
    condition: str


USER, DAY, MASTER = "USER#<user>", "USER#<user>#DAY#<date>", "MASTER#<broker>"
STAYS = "stays"
REPLACED = "is replaced in place"

KINDS = (
    ItemKind(
        "account",
        USER,
        "ACCOUNT#<account>",
        "a linked broker account; nothing secret is in it",
        "accounts_api, check_sessions",
        "replaced in place; deleted with its keys when it is unlinked",
    ),
    ItemKind(
        "sealed secret",
        USER,
        "SECRET#<account>",
        "the keys and tokens of an account, sealed under the KMS key; only where `secrets.store` is `sealed_table`",
        "accounts_api, check_sessions",
        "replaced by the next version; deleted when its account is unlinked",
    ),
    ItemKind(
        "pending login",
        USER,
        "LOGIN#<digest>",
        "a login that began: of which account, until when, and whether it was finished; by the SHA-256 of its state",
        "accounts_api",
        "time to live: an hour after its ten minutes",
    ),
    ItemKind(
        "rate log",
        USER,
        "RATE#<account>",
        "when calls on an account's behalf left of late, by the broker's limits that they count against",
        "whatever opens a broker account",
        "replaced by the next version; time to live: two days after the last call",
    ),
    ItemKind(
        "comparison",
        USER,
        "COMPARISON#<account>",
        "the last comparison of an account with its broker: what differs, since when and whether it was told, and "
        "what is the trader's own",
        "reconcile",
        "replaced by the next version; time to live: a week after the last comparison",
    ),
    ItemKind(
        "session",
        "SESSIONS",
        "<user>#<account>",
        "an enabled account once more, for whoever checks all sessions",
        "accounts_api, check_sessions",
        "replaced or deleted in the transaction that changes its account; only enabled accounts have one",
    ),
    ItemKind(
        "strategy",
        USER,
        "STRATEGY#<strategy>",
        "a strategy: its version and definition",
        "trading_api",
        "replaced by the next version; deleted with the strategy",
    ),
    ItemKind(
        "due item",
        USER,
        "DUE#<strategy>#<day>#<phase>",
        "the same definition, once for each day word and phase; a disabled strategy keeps its exits",
        "trading_api",
        "replaced or deleted in the transaction that saves or deletes its strategy",
        Place(INDEX_DUE, "DUE#<day>#<minute>#<shard>", "<user>#<strategy>#<phase>"),
    ),
    ItemKind(
        "basket",
        USER,
        "BASKET#<basket>",
        "a basket: its version and definition (switch, multiplier, capital)",
        "trading_api",
        "replaced by the next version; deleted with the basket",
    ),
    ItemKind(
        "limits",
        USER,
        "LIMITS",
        "what the user allows at most: for an order, a run and a day, in all accounts and in single ones",
        "trading_api",
        "replaced by the next version",
    ),
    ItemKind(
        "run",
        DAY,
        "RUN#<run>",
        "a run: status and reason, and who squared it off",
        "prepare_runs, settle_runs, dispatch_tick (missed entries)",
        STAYS,
        Place(INDEX_OPEN_RUNS, "OPEN#0", "<user>#<run>", "while it is not closed"),
    ),
    ItemKind(
        "order",
        DAY,
        "ORDER#<intent>",
        "an intent and what its broker says of it",
        "prepare_runs, place_orders, confirm_orders, reconcile",
        STAYS,
        Place(INDEX_IN_FLIGHT, "INFLIGHT#0", "<user>#<account>#<intent>", "until it is final"),
    ),
    ItemKind(
        "marks",
        DAY,
        "MARKS",
        "the last price of every contract that was open, and when each was read",
        "mark_runs",
        "replaced by later ones",
    ),
    ItemKind(
        "profit point",
        "USER#<user>#PROFIT#<date>",
        "<minute>",
        "the profit of a day at a minute, with money and on paper",
        "mark_runs",
        "time to live: 400 days",
    ),
    ItemKind(
        "paper order",
        "PAPER#<user>#<account>#<date>",
        "ORDER#<tag>",
        "an order of a paper account: what was asked for, its fills, and its contract as it was listed",
        "place_orders, confirm_orders, reconcile (whatever sends to a paper account or looks at it)",
        "time to live: 90 days",
    ),
    ItemKind(
        "chain",
        MASTER,
        "CHAIN#<underlying>#<date>",
        "the contracts of one expiry, compressed",
        "load_instruments",
        "time to live: a week after the expiry",
    ),
    ItemKind("expiries", MASTER, "EXPIRIES#<underlying>", "the listed expiries", "load_instruments", REPLACED),
    ItemKind(
        "loaded",
        MASTER,
        "LOADED",
        "the master in use: its day, size and oddities; written last",
        "load_instruments",
        REPLACED,
    ),
    ItemKind("failed", MASTER, "FAILED", "why a master could not be loaded last time", "load_instruments", REPLACED),
    ItemKind(
        "latest session",
        "BROKERS",
        "<broker>",
        "the account with the latest session at a broker: who loads its master",
        "accounts_api, check_sessions",
        "replaced by a later session; deleted when its account is unlinked",
    ),
    ItemKind(
        "halt",
        "CONTROL",
        "HALT#<scope>",
        "a switch that stops entries of the platform, a user, an account or a strategy, and who said so",
        "square_off, trading_api, an operator",
        "stays until it is released, and says so then; time to live: a week after that",
    ),
    ItemKind(
        "day change",
        "CONTROL",
        "DAY#<date>",
        "what an operator changed about a date of the calendar",
        "change_calendar",
        "time to live: a week after its date; a withdrawn one says so",
    ),
    ItemKind(
        "audit entry",
        "AUDIT#<month>",
        "<instant>#<subject>",
        "one change of a switch or of the calendar, before, after, by whom; or a login that was refused, and why",
        "whatever changes a switch, in the same transaction; accounts_api",
        STAYS,
    ),
    ItemKind(
        "lease",
        "LEASE#trading-day",
        "<date>",
        "who runs the day: holder, token, validity, next tick",
        "trading_day, dispatch_tick",
        STAYS,
    ),
    ItemKind(
        "tick record",
        "TICK#<date>",
        "<minute>",
        "what became of a minute: dispatched, skipped or closed, and why",
        "trading_day, dispatch_tick",
        STAYS,
    ),
)

ACCESS = (
    AccessPattern(
        "what is due at T, of all users",
        "dispatch_tick",
        "query",
        "DUE#<day>#<minute>#<shard>",
        index=INDEX_DUE,
        requests="1 for each shard",
    ),
    AccessPattern(
        "who is halted, and which dates differ",
        "dispatch_tick, prepare_runs, place_orders, trading_day, watchdog, load_instruments, mark_runs, the APIs",
        "query",
        "CONTROL",
    ),
    AccessPattern(
        "a user's day: runs, orders and marks",
        "trading_api (`GET /days/{date}`, `GET /limits`, `GET /reports`), accounts_api, reconcile, mark_runs, "
        "prepare_runs (where a limit of the day is set)",
        "query",
        DAY,
        requests="1; of a report 1 for each day",
    ),
    AccessPattern(
        "how the profit of a day went",
        "trading_api (`GET /days/{date}/profit`)",
        "query",
        "USER#<user>#PROFIT#<date>",
    ),
    AccessPattern(
        "which runs are open, of all users",
        "square_off, reconcile, mark_runs",
        "query",
        "OPEN#0",
        index=INDEX_OPEN_RUNS,
        requests="1, then a get for each",
    ),
    AccessPattern("which halts hold, and who said so", "square_off, trading_api", "query", "CONTROL", "HALT#"),
    AccessPattern("the orders of a run", "prepare_runs, confirm_orders, settle_runs", "query", DAY, "ORDER#<run>."),
    AccessPattern(
        "one run", "prepare_runs, place_orders, settle_runs, square_off, trading_api", "get", DAY, "RUN#<run>"
    ),
    AccessPattern("a user's strategies", "trading_api, accounts_api, check_sessions", "query", USER, "STRATEGY#"),
    AccessPattern(
        "the present version of a strategy",
        "prepare_runs, place_orders, trading_api",
        "get",
        USER,
        "STRATEGY#<strategy>",
    ),
    AccessPattern("a user's baskets", "trading_api, check_sessions", "query", USER, "BASKET#"),
    AccessPattern("one basket", "place_orders, prepare_runs, preview_api, trading_api", "get", USER, "BASKET#<basket>"),
    AccessPattern("a user's risk limits", "prepare_runs, place_orders, trading_api", "get", USER, "LIMITS"),
    AccessPattern(
        "a user's accounts",
        "prepare_runs, load_instruments, check_sessions, mark_runs, the APIs",
        "query",
        USER,
        "ACCOUNT#",
    ),
    AccessPattern(
        "one account", "place_orders, confirm_orders, check_sessions, accounts_api", "get", USER, "ACCOUNT#<account>"
    ),
    AccessPattern(
        "the sealed secret of an account",
        "accounts_api, check_sessions, whatever opens a broker account",
        "get",
        USER,
        "SECRET#<account>",
    ),
    AccessPattern(
        "what an account asked of its broker of late", "whatever opens a broker account", "get", USER, "RATE#<account>"
    ),
    AccessPattern("a login that began", "accounts_api", "get", USER, "LOGIN#<digest>"),
    AccessPattern("the last comparison of an account", "reconcile, trading_api", "get", USER, "COMPARISON#<account>"),
    AccessPattern("every enabled account, of all users", "check_sessions, reconcile", "query", "SESSIONS"),
    AccessPattern("one logged-in account of each broker", "load_instruments", "query", "BROKERS"),
    AccessPattern(
        "what is in flight, of all users",
        "reconcile",
        "query",
        "INFLIGHT#0",
        index=INDEX_IN_FLIGHT,
        requests="1, then a get for each",
    ),
    AccessPattern("the truth of one that is in flight", "reconcile", "get", DAY, "ORDER#<intent>", requests="1 each"),
    AccessPattern(
        "the contracts of an expiry", "prepare_runs, preview_api", "get", MASTER, "CHAIN#<underlying>#<date>"
    ),
    AccessPattern(
        "the listed expiries", "prepare_runs, preview_api, load_instruments", "get", MASTER, "EXPIRIES#<underlying>"
    ),
    AccessPattern(
        "the orders of a paper account on a day",
        "whatever sends to a paper account or looks at it",
        "query",
        "PAPER#<user>#<account>#<date>",
    ),
    AccessPattern("which underlyings were listed before", "load_instruments", "query", MASTER, "EXPIRIES#"),
    AccessPattern("the master in use", "load_instruments, preview_api", "get", MASTER, "LOADED"),
    AccessPattern("the last failure", "load_instruments", "get", MASTER, "FAILED"),
    AccessPattern("a switch, before it is changed", "change_calendar, an operator", "get", "CONTROL", "<switch>"),
    AccessPattern("the changes of a month", "an operator", "query", "AUDIT#<month>"),
    AccessPattern("who runs the day", "trading_day, watchdog", "get", "LEASE#trading-day", "<date>"),
    AccessPattern("what became of the minutes of a day", "trading_day, watchdog", "query", "TICK#<date>"),
)

ONCE = (
    Once("a run begins", "its item does not exist"),
    Once("a run is squared off", "it is not closed"),
    Once("the intents of a run", "one transaction: none of them exists, and the run is still preparing"),
    Once("an intent is claimed", "its status is `planned`"),
    Once("an order's state", "its status is one from which the new one may be reached"),
    Once(
        "version n of a strategy",
        "version n − 1 is stored and its basket exists; one transaction with its due items, old ones deleted",
    ),
    Once("a strategy is deleted", "this version is stored; one transaction with its due items"),
    Once("version n of a basket", "version n − 1 is stored"),
    Once("version n of a user's limits", "version n − 1 is stored; without one, none is"),
    Once("an order of a paper account", "the day has none under its tag"),
    Once("version n of a paper order", "version n − 1 is stored"),
    Once("the latest session of a broker", "none is stored, an earlier one, or one of the same account"),
    Once("a switch or a day change", "what was read is still stored; one transaction with its audit entry"),
    Once("an audit entry", "it does not exist"),
    Once("a login is finished", "it is of this account, not used and still valid"),
    Once("version n of a sealed secret", "version n − 1 is stored; without one, no version is"),
    Once("version n of a rate log", "version n − 1 is stored; without one, none is"),
    Once("version n of a comparison", "version n − 1 is stored; without one, none is; whoever stores it tells of it"),
    Once("an account is changed", "it is still as it was read; one transaction with its session item"),
    Once("the day's lease", "free, expired, or held by the same loop; the token grows"),
    Once("a step of the loop", "the token is still the newest"),
    Once("the record of a minute", "it does not exist"),
    Once("the marks of a day", "none are stored, or earlier ones"),
    Once("a point of a day's profit", "its minute has none"),
)


def kinds_of(item: Mapping[str, Any]) -> list[ItemKind]:
    """The kinds that an item is of: exactly one, or the layout is wrong."""
    return [kind for kind in KINDS if kind.holds(item)]


def patterns_of(operation: str, index: str | None, pk: str, sk: str) -> list[AccessPattern]:
    """The access patterns that a request is of: exactly one, or the layout is wrong."""
    return [pattern for pattern in ACCESS if pattern.holds(operation, index, pk, sk)]
