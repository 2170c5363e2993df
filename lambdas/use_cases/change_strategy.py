"""Copy strategies and switch them on and off."""

from dataclasses import dataclass

from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.ports.store import StaleVersion, StrategyStore
from lambdas.use_cases.save_strategy import StrategySaver

NAME_LENGTH = 60


class StrategyUnknown(Exception):
    """The user has no strategy of that id."""

    def __init__(self, strategy_id: str) -> None:
        super().__init__(f"you have no strategy {strategy_id!r}")


@dataclass(frozen=True)
class StrategyChanger:
    """Makes new versions out of stored ones, through the same checks as saving."""

    strategies: StrategyStore
    saver: StrategySaver

    async def switch(self, user_id: str, strategy_id: str, *, enabled: bool, replaces: int) -> Strategy:
        """Enable or disable version `replaces`; the one that is stored already when nothing changes.

        Disabling asks for nothing else: what could not be saved any more must still be possible to stop. Raises
        StrategyUnknown, StaleVersion, StrategyRefused (enabling only).
        """
        stored = await self.stored(user_id, strategy_id)
        if stored.version != replaces:
            raise StaleVersion(replaces, stored.version)
        if stored.definition.enabled is enabled:
            return stored
        changed = stored.definition.model_copy(update={"enabled": enabled})
        if enabled:
            return await self.saver.save(user_id, strategy_id, changed, replaces=replaces)
        disabled = stored.model_copy(update={"version": replaces + 1, "definition": changed})
        await self.strategies.save(disabled)
        return disabled

    async def copy(self, user_id: str, strategy_id: str, new_id: str, name: str | None) -> Strategy:
        """A disabled copy under a new id, so that nothing trades twice unasked.

        Raises StrategyUnknown, StaleVersion when the new id is taken, StrategyRefused.
        """
        stored = await self.stored(user_id, strategy_id)
        return await self.saver.save(user_id, new_id, disabled_copy(stored.definition, name), replaces=0)

    async def stored(self, user_id: str, strategy_id: str) -> Strategy:
        """The present version. Raises StrategyUnknown."""
        strategy = await self.strategies.strategy(user_id, strategy_id)
        if strategy is None:
            raise StrategyUnknown(strategy_id)
        return strategy


def disabled_copy(definition: StrategyDefinition, name: str | None = None) -> StrategyDefinition:
    """The same definition, disabled, under another name."""
    return definition.model_copy(update={"enabled": False, "name": name or name_of_copy(definition.name)})


def name_of_copy(name: str) -> str:
    """`Morning spread (copy)`, cut to what a name may have."""
    suffix = " (copy)"
    return f"{name[: NAME_LENGTH - len(suffix)]}{suffix}"
