"""Rename, enable, disable and unlink broker accounts."""

from dataclasses import dataclass, replace
from typing import Any

from lambdas.domain.account_use import enabled_strategies_of
from lambdas.domain.accounts import Account
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import Secrets
from lambdas.ports.store import AccountStore, Contended, RunStore, StrategyStore
from lambdas.use_cases.broker_accounts import account_of, runs_open_today

ATTEMPTS = 3


class AccountInUse(Exception):
    """Something depends on the account; `problems` names each and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class AccountKeeper:
    """Changes accounts that are linked, without touching their keys, and takes them away with their keys."""

    accounts: AccountStore
    secrets: Secrets
    strategies: StrategyStore
    runs: RunStore
    clock: Clock

    async def rename(self, user_id: str, account_id: str, label: str) -> Account:
        """Give an account another label. Raises AccountUnknown, Contended."""
        return await self._change(user_id, account_id, label=label)

    async def enable(self, user_id: str, account_id: str) -> Account:
        """Let an account trade again. Raises AccountUnknown, Contended."""
        return await self._change(user_id, account_id, enabled=True)

    async def disable(self, user_id: str, account_id: str) -> Account:
        """Let an account trade no more, exits included: so not while a run is open in it.

        Raises AccountUnknown, AccountInUse, Contended.
        """
        await account_of(self.accounts, user_id, account_id)
        await self._check_no_open_run(user_id, account_id)
        return await self._change(user_id, account_id, enabled=False)

    async def unlink(self, user_id: str, account_id: str, *, force: bool) -> None:
        """Destroy the keys of an account, then remove it.

        Raises AccountUnknown, and AccountInUse while a run is open in it or, without `force`, enabled strategies
        trade through it. Safe to repeat: keys that are gone already are no obstacle.
        """
        await account_of(self.accounts, user_id, account_id)
        await self._check_no_open_run(user_id, account_id)
        if not force:
            await self._check_no_strategy(user_id, account_id)
        await self.secrets.delete(user_id, account_id)
        await self.accounts.delete_account(user_id, account_id)

    async def _check_no_open_run(self, user_id: str, account_id: str) -> None:
        open_runs = await runs_open_today(self.runs, self.clock, user_id, account_id)
        if open_runs:
            raise AccountInUse(
                [f"run {run.run_id} ({run.name}) is {run.status} in it; wait until it is closed" for run in open_runs]
            )

    async def _check_no_strategy(self, user_id: str, account_id: str) -> None:
        using = enabled_strategies_of(account_id, await self.strategies.strategies(user_id))
        if using:
            raise AccountInUse(
                [
                    f"strategy {one.strategy_id} ({one.definition.name}) trades through it; disable it or choose "
                    "another account, or unlink with force=true"
                    for one in using
                ]
            )

    async def _change(self, user_id: str, account_id: str, **changes: Any) -> Account:
        for _ in range(ATTEMPTS):
            before = await account_of(self.accounts, user_id, account_id)
            after = replace(before, **changes)
            if after == before or await self.accounts.change_account(before, after):
                return after
        raise Contended(f"account {account_id} is being changed by others; try again")
