"""Rename, enable, disable and unlink broker accounts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lambdas.domain.account_use import enabled_strategies_of
from lambdas.domain.accounts import Account, Algo, paper_accounts_on
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import Secrets
from lambdas.ports.store import AccountStore, Contended, RunStore, StrategyStore
from lambdas.use_cases.broker_accounts import account_of, check_algo, runs_open_today

ATTEMPTS = 3


class AccountInUse(Exception):
    """Something depends on the account; `problems` names each and what to do, `force_helps` is whether force does."""

    def __init__(self, problems: list[str], *, force_helps: bool = False) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.force_helps = force_helps


@dataclass(frozen=True)
class AccountKeeper:
    """Changes accounts that are linked, without touching their keys, and takes them away with their keys."""

    accounts: AccountStore
    secrets: Secrets
    strategies: StrategyStore
    runs: RunStore
    brokers: Brokers
    clock: Clock

    async def rename(self, user_id: str, account_id: str, label: str) -> Account:
        """Give an account another label. Raises AccountUnknown, Contended."""
        return await self._change(user_id, account_id, label=label)

    async def register(self, user_id: str, account_id: str, algo: Algo) -> Account:
        """Send another algo with the orders of an account from now on, or none.

        Raises AccountUnknown, Contended, and LinkRefused for what the broker's orders do not carry.
        """
        account = await account_of(self.accounts, user_id, account_id)
        check_algo(self.brokers.facts(account.broker), algo)
        return await self._change(user_id, account_id, algo_id=algo.id, algo_name=algo.name)

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

        Raises AccountUnknown, and AccountInUse while a run is open in it, while a paper account quotes from it or,
        without `force`, enabled strategies trade through it. Safe to repeat: keys that are gone already are no
        obstacle.
        """
        await account_of(self.accounts, user_id, account_id)
        await self._check_no_open_run(user_id, account_id)
        linked = await self.accounts.accounts(user_id)
        _check_no_paper_account(account_id, linked)
        if not force:
            await self._check_no_strategy(user_id, account_id, linked)
        await self.secrets.delete(user_id, account_id)
        await self.accounts.delete_account(user_id, account_id)

    async def _check_no_open_run(self, user_id: str, account_id: str) -> None:
        open_runs = await runs_open_today(self.runs, self.clock, user_id, account_id)
        if open_runs:
            raise AccountInUse(
                [f"run {run.run_id} ({run.name}) is {run.status} in it; wait until it is closed" for run in open_runs]
            )

    async def _check_no_strategy(self, user_id: str, account_id: str, linked: Sequence[Account]) -> None:
        by_id = {account.account_id: account for account in linked}
        using = enabled_strategies_of(account_id, await self.strategies.strategies(user_id), by_id)
        if using:
            raise AccountInUse(
                [
                    f"strategy {one.strategy_id} ({one.definition.name}) trades through it; disable it or choose "
                    "another account, or unlink with force=true"
                    for one in using
                ],
                force_helps=True,
            )

    async def _change(self, user_id: str, account_id: str, **changes: Any) -> Account:
        for _ in range(ATTEMPTS):
            before = await account_of(self.accounts, user_id, account_id)
            after = replace(before, **changes)
            if after == before or await self.accounts.change_account(before, after):
                return after
        raise Contended(f"account {account_id} is being changed by others; try again")


def _check_no_paper_account(account_id: str, linked: Sequence[Account]) -> None:
    on_it = paper_accounts_on(account_id, linked)
    if on_it:
        raise AccountInUse([f"paper account {paper} quotes from it; unlink that one first" for paper in on_it])
