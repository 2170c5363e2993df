"""What a halt or a square-off is about: a run, a strategy, an account, a user, or everybody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ScopeKind(StrEnum):
    """The word of a kind of scope, as halts are stored under it."""

    PLATFORM = "PLATFORM"
    USER = "USER"
    ACCOUNT = "ACCOUNT"
    STRATEGY = "STRATEGY"
    RUN = "RUN"


PARTS = {ScopeKind.PLATFORM: 1, ScopeKind.USER: 2, ScopeKind.ACCOUNT: 3, ScopeKind.STRATEGY: 3, ScopeKind.RUN: 3}
SHAPES = "PLATFORM, USER#<user>, ACCOUNT#<user>#<account>, STRATEGY#<user>#<strategy> or RUN#<user>#<run>"


@dataclass(frozen=True)
class Scope:
    """One scope; `thing_id` is the id of the account, strategy or run. As text it is what a halt is stored under."""

    kind: ScopeKind
    user_id: str = ""
    thing_id: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `ACCOUNT#user-one#my-zerodha`. Raises ValueError naming the shapes that there are."""
        kind, *ids = text.split("#")
        if kind not in PARTS or len(ids) + 1 != PARTS[ScopeKind(kind)] or not all(ids):
            raise ValueError(f"{text!r} is no scope; it must be one of {SHAPES}")
        return cls(ScopeKind(kind), *ids)

    @property
    def can_be_halted(self) -> bool:
        """Everything but a run: what it was to enter is settled by squaring it off."""
        return self.kind is not ScopeKind.RUN

    def __str__(self) -> str:
        return "#".join(part for part in (self.kind, self.user_id, self.thing_id) if part)
