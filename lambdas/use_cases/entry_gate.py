"""The last look before entries leave: whether they still may."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.control import Control
from lambdas.domain.intents import Intent, Phase
from lambdas.domain.runs import Run
from lambdas.domain.strategy import Strategy
from lambdas.ports.clock import Clock
from lambdas.ports.store import AccountStore, ControlStore, RunStore, StrategyStore


@dataclass(frozen=True)
class EntryGate:
    """Reads switches, account, runs, strategies and their baskets anew, strongly. It says nothing about exits: they
    always go."""

    controls: ControlStore
    accounts: AccountStore
    strategies: StrategyStore
    runs: RunStore
    clock: Clock

    async def closed_to(self, user_id: str, account_id: str, intents: Sequence[Intent]) -> Mapping[str, str]:
        """Why entries must not leave, by the id of their run; a run that is not named may enter.

        What cannot be found out closes the gate: an entry that is missed costs less than one that was forbidden.
        """
        entries = {intent.run_id: intent for intent in intents if intent.phase is Phase.ENTRY}
        if not entries:
            return {}
        try:
            return await self._look(user_id, account_id, list(entries.values()))
        except Exception as error:  # whatever a store raises: exits of the same account must go on
            return dict.fromkeys(entries, f"whether it may still enter could not be read: {error}")

    async def _look(self, user_id: str, account_id: str, entries: Sequence[Intent]) -> Mapping[str, str]:
        control, account, runs = await asyncio.gather(
            self.controls.control(),
            self.accounts.account(user_id, account_id),
            asyncio.gather(
                *(self.runs.run(user_id, intent.intended_at.date, intent.run_id) for intent in entries),
            ),
        )
        known = [run for run in runs if run is not None]
        strategies = await asyncio.gather(*(self.strategies.strategy(user_id, run.strategy_id) for run in known))
        of_all = self._problem_of_all(control, account, user_id, account_id)
        if of_all:
            return {intent.run_id: of_all for intent in entries}
        baskets = await self._baskets(user_id, strategies)
        pairs = zip(known, strategies, strict=True)
        problems = {run.run_id: _problem_of(run, strategy, control, baskets) for run, strategy in pairs}
        return {run_id: problem for run_id, problem in problems.items() if problem}

    async def _baskets(self, user_id: str, strategies: Sequence[Strategy | None]) -> Mapping[str, Basket | None]:
        """The baskets of these strategies, by id; None for one that is gone."""
        named = sorted({one.definition.basket_id for one in strategies if one and one.definition.basket_id})
        found = await asyncio.gather(*(self.strategies.basket(user_id, basket_id) for basket_id in named))
        return dict(zip(named, found, strict=True))

    def _problem_of_all(self, control: Control, account: Account | None, user_id: str, account_id: str) -> str | None:
        halt = control.halt_of(user_id, account_id)
        if halt:
            return halt
        if account is None:
            return f"account {account_id!r} is not linked any more"
        return account.session_problem(self.clock.now())


def _problem_of(
    run: Run, strategy: Strategy | None, control: Control, baskets: Mapping[str, Basket | None]
) -> str | None:
    if run.closing:
        return run.closing
    if strategy is None:
        return "the strategy was deleted"
    if not strategy.definition.enabled:
        return "the strategy was disabled"
    basket_id = strategy.definition.basket_id
    if basket_id is not None:
        basket = baskets[basket_id]
        if basket is None:
            return f"basket_id: the basket {basket_id!r} was deleted"
        if not basket.definition.enabled:
            return f"its basket {basket_id!r} is switched off"
    return control.halt_of(run.user_id, strategy_id=run.strategy_id)
