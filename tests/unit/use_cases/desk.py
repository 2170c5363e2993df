"""What a trader does with definitions, over the stores of a scene."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lambdas.domain.basket import Basket, BasketDefinition
from lambdas.domain.strategy import Strategy
from lambdas.use_cases.change_strategy import StrategyChanger
from lambdas.use_cases.keep_baskets import BasketKeeper
from lambdas.use_cases.preview_strategy import StrategyPreviewer
from lambdas.use_cases.read_market import MarketReader
from lambdas.use_cases.save_strategy import StrategySaver
from lambdas.use_cases.transfer_strategies import StrategyTransfer
from tests.doubles.examples import FREEZE, USER, a_definition
from tests.unit.use_cases.scene import Scene


@dataclass(frozen=True)
class Desk:
    """The use cases of definitions, with limits that a test reaches with few lines."""

    scene: Scene
    max_lots_per_leg: int = 10
    max_strategies_per_user: int = 5
    max_baskets_per_user: int = 3

    @cached_property
    def saver(self) -> StrategySaver:
        scene = self.scene
        return StrategySaver(
            strategies=scene.strategies,
            accounts=scene.accounts,
            controls=scene.controls,
            runs=scene.runs,
            clock=scene.clock,
            calendar=scene.calendar,
            max_lots_per_leg=self.max_lots_per_leg,
            max_strategies_per_user=self.max_strategies_per_user,
        )

    @cached_property
    def changer(self) -> StrategyChanger:
        return StrategyChanger(self.scene.strategies, self.saver)

    @cached_property
    def keeper(self) -> BasketKeeper:
        return BasketKeeper(self.scene.strategies, self.saver, self.max_lots_per_leg, self.max_baskets_per_user)

    @cached_property
    def transfer(self) -> StrategyTransfer:
        return StrategyTransfer(self.scene.strategies, self.saver, self.keeper)

    @cached_property
    def previewer(self) -> StrategyPreviewer:
        scene = self.scene
        return StrategyPreviewer(
            strategies=scene.strategies,
            accounts=scene.accounts,
            controls=scene.controls,
            contracts=scene.contracts,
            saver=self.saver,
            markets=MarketReader(scene.contracts, scene.secrets, scene.brokers, scene.clock),
            clock=scene.clock,
            calendar=scene.calendar,
            freeze_quantities=FREEZE,
        )

    async def save(self, strategy_id: str = "spread", *, replaces: int = 0, **changes: Any) -> Strategy:
        """Save the spread of the examples with changes."""
        return await self.saver.save(USER, strategy_id, a_definition(**changes), replaces=replaces)

    async def keep(self, basket_id: str = "basket", *, replaces: int = 0, **changes: Any) -> Basket:
        """Save a basket."""
        definition = BasketDefinition.model_validate({"name": "Mine", **changes})
        return await self.keeper.save(USER, basket_id, definition, replaces=replaces)

    async def strategies(self) -> dict[str, Strategy]:
        """What is stored of the user."""
        return {strategy.strategy_id: strategy for strategy in await self.scene.strategies.strategies(USER)}

    async def baskets(self) -> dict[str, Basket]:
        """What is stored of the user."""
        return {basket.basket_id: basket for basket in await self.scene.strategies.baskets(USER)}
