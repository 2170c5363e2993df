"""Stop new entries of a scope, and allow them again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.control import Halt
from lambdas.domain.scopes import Scope, ScopeKind
from lambdas.ports.clock import Clock
from lambdas.ports.store import ControlStore


class HeldByAnother(Exception):
    """A halt that somebody else put: an operator's is not taken away by the user whom it stops."""

    def __init__(self, halt: Halt) -> None:
        super().__init__(f"an operator halted it ({halt.reason}); only an operator releases it")


@dataclass(frozen=True)
class HaltSwitch:
    """Halts and releases, each with its audit entry. Asking again for what holds already writes nothing."""

    controls: ControlStore
    clock: Clock

    async def of_user(self, user_id: str) -> Sequence[Halt]:
        """The halts that stop this user: the user's own scopes and the platform."""
        return [halt for halt in await self.controls.halts() if _stops(Scope.parse(halt.scope), user_id)]

    async def of_scope(self, scope: Scope) -> Halt | None:
        """The halt of exactly this scope."""
        return next((halt for halt in await self.controls.halts() if halt.scope == str(scope)), None)

    async def halt(self, scope: Scope, reason: str, by: str, *, over_others: bool) -> None:
        """Stop new entries at once; exits go on. Unless `over_others`, a halt that somebody else put is left as it is.

        Raises ValueError for a scope that cannot be halted.
        """
        if not scope.can_be_halted:
            raise ValueError(f"{scope} cannot be halted; square it off, or halt its strategy")
        held = await self.of_scope(scope)
        if held is None or (held.by != by and over_others) or (held.by == by and held.reason != reason):
            await self.controls.halt(str(scope), reason, by, at=self.clock.now())

    async def release(self, scope: Scope, by: str, *, over_others: bool) -> bool:
        """Allow entries again; whether it was halted. Raises HeldByAnother when somebody else halted it."""
        held = await self.of_scope(scope)
        if held is None:
            return False
        if held.by != by and not over_others:
            raise HeldByAnother(held)
        await self.controls.release(str(scope), by, at=self.clock.now())
        return True


def _stops(scope: Scope, user_id: str) -> bool:
    return scope.kind is ScopeKind.PLATFORM or scope.user_id == user_id
