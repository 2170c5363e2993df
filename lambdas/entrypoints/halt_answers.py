"""How the API is asked and answers about halts and square-offs."""

import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from lambdas.domain.control import Halt
from lambdas.domain.run_progress import RunProgress
from lambdas.domain.runs import RunStatus
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.domain.values import Name, ThingId
from lambdas.entrypoints.api_answers import Answer
from lambdas.use_cases.square_off import Progress


class HaltKind(StrEnum):
    """What a user may halt."""

    USER = "user"
    ACCOUNT = "account"
    STRATEGY = "strategy"


class HaltedKind(StrEnum):
    """What may be halted, by a user or by an operator."""

    USER = "user"
    ACCOUNT = "account"
    STRATEGY = "strategy"
    PLATFORM = "platform"


class SquareOffKind(StrEnum):
    """What a user may square off."""

    USER = "user"
    ACCOUNT = "account"
    STRATEGY = "strategy"
    RUN = "run"


class HaltRequest(BaseModel):
    """Stop new entries of something; exits go on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: HaltKind
    id: ThingId | None = None
    reason: Name


class SquareOffRequest(BaseModel):
    """Stop new entries of something and close what is open in it, now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SquareOffKind
    id: ThingId | None = None
    reason: Name
    confirm: Literal["SQUARE OFF"]


class HaltAnswer(Answer):
    """A halt that holds. Only what is `yours` can be released; the rest is an operator's."""

    kind: HaltedKind
    id: str | None
    reason: str
    yours: bool
    since: datetime.datetime | None

    @classmethod
    def of(cls, halt: Halt, user_id: str) -> Self:
        """A halt as this user is told of it."""
        scope = Scope.parse(halt.scope)
        return cls(
            kind=HaltedKind(scope.kind.lower()),
            id=scope.thing_id or None,
            reason=halt.reason,
            yours=halt.by == user_id,
            since=halt.since,
        )


class ReleasedAnswer(Answer):
    """Whether there was a halt to release."""

    released: bool


class RunProgressAnswer(Answer):
    """A run: what is open in it and what became of its closing orders."""

    run_id: str
    strategy_id: str
    name: str
    status: RunStatus
    reason: str
    open_positions: int
    entries_pending: Annotated[int, Field(description="entry orders whose end is not known yet")]
    exits_pending: int
    exits_filled: int
    exits_failed: Annotated[int, Field(description="ended without a whole fill; what they left is tried again")]

    @classmethod
    def of(cls, progress: RunProgress) -> Self:
        """How far one run is."""
        run = progress.run
        return cls(
            run_id=run.run_id,
            strategy_id=run.strategy_id,
            name=run.name,
            status=run.status,
            reason=run.reason,
            open_positions=progress.open_positions,
            entries_pending=progress.entries_pending,
            exits_pending=progress.exits_pending,
            exits_filled=progress.exits_filled,
            exits_failed=progress.exits_failed,
        )


class SquareOffAnswer(Answer):
    """A scope: whether it is halted, and how far its runs are."""

    kind: SquareOffKind
    id: str | None
    halt: HaltAnswer | None
    started: Annotated[
        bool, Field(description="whether a closing began now; false when one of the same runs is going on")
    ]
    runs: list[RunProgressAnswer]

    @classmethod
    def of(cls, progress: Progress, user_id: str) -> Self:
        """Where a scope of this user stands."""
        scope = progress.scope
        return cls(
            kind=SquareOffKind(scope.kind.lower()),
            id=scope.thing_id or None,
            halt=HaltAnswer.of(progress.halt, user_id) if progress.halt else None,
            started=bool(progress.started),
            runs=[RunProgressAnswer.of(run) for run in progress.runs],
        )


def scope_of(kind: HaltKind | SquareOffKind, user_id: str, thing_id: str | None) -> Scope:
    """What a request is about. Raises ValueError when the id is missing, or is there where none belongs."""
    if (kind == "user") is not (thing_id is None):
        raise ValueError("id: the user has none; leave it out" if kind == "user" else f"id: name the {kind}")
    return Scope(ScopeKind(kind.upper()), user_id, thing_id or "")
