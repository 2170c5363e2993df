"""What an operator asks of the kill switch, read and carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from lambdas.domain.day_changes import problems_in
from lambdas.domain.scopes import Scope
from lambdas.domain.values import Value
from lambdas.use_cases.square_off import NothingOfThatName, Progress, SquareOff

Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class Status(Value):
    """Whether a scope is halted, and how far its runs are?"""

    action: Literal["status"]
    scope: str
    by: Words | None = None


class Stop(Value):
    """Halt a scope, and close what is open in it unless only `halt` is asked for."""

    action: Literal["square_off", "halt"]
    scope: str
    reason: Words
    by: Words


class Release(Value):
    """Let a scope enter again."""

    action: Literal["release"]
    scope: str
    by: Words


SHAPES: Mapping[str, type[Status | Stop | Release]] = {
    "square_off": Stop,
    "halt": Stop,
    "release": Release,
    "status": Status,
}


@dataclass(frozen=True)
class KillSwitchAnswer:
    """Where the scope stands after what was asked; `problems` say why nothing was done."""

    done: bool
    progress: Progress | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class KillSwitch:
    """The operator's hand on the switch. An operator's word counts over a user's."""

    square_off: SquareOff

    async def answer(self, request: Any) -> KillSwitchAnswer:
        """Do what an untrusted request asks for. Bad input is answered with `problems`, never raised.

        Raises what the stores raise, and an ExceptionGroup when closings could not be started.
        """
        shape = SHAPES.get(str(request.get("action"))) if isinstance(request, Mapping) else None
        if shape is None:
            return KillSwitchAnswer(False, problems=(f"action: it must be one of {', '.join(SHAPES)}",))
        try:
            read = shape.model_validate(request)
            scope = Scope.parse(read.scope)
        except ValidationError as error:
            return KillSwitchAnswer(False, problems=tuple(problems_in(error)))
        except ValueError as error:
            return KillSwitchAnswer(False, problems=(f"scope: {error}",))
        try:
            return await self._do(read, scope)
        except (NothingOfThatName, ValueError) as error:
            return KillSwitchAnswer(False, problems=(f"scope: {error}",))

    async def _do(self, request: Status | Stop | Release, scope: Scope) -> KillSwitchAnswer:
        switch = self.square_off.switch
        if isinstance(request, Release):
            done = await switch.release(scope, request.by, over_others=True)
            return KillSwitchAnswer(done, await self.square_off.progress(scope))
        if isinstance(request, Status):
            return KillSwitchAnswer(False, await self.square_off.progress(scope))
        if request.action == "halt":
            await switch.halt(scope, request.reason, request.by, over_others=True)
            return KillSwitchAnswer(True, await self.square_off.progress(scope))
        done_over = await self.square_off.run(scope, request.reason, request.by, over_others=True)
        return KillSwitchAnswer(True, done_over)
