"""Renaming, switching and unlinking accounts: nothing that is open or trades loses its account unasked."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.domain.accounts import NO_ALGO, Account, Algo
from lambdas.domain.runs import RunStatus
from lambdas.ports.secrets import SecretMissing
from lambdas.ports.store import Contended
from lambdas.use_cases.broker_accounts import AccountUnknown, LinkRefused
from lambdas.use_cases.keep_accounts import AccountInUse, AccountKeeper
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.examples import USER, a_run, a_strategy, an_account, an_order
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
OTHER = "user-two"


class BusyAccounts(MemoryAccounts):
    """Somebody else changes the account after each read, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__(an_account())
        self.times = times

    async def change_account(self, before: Account, after: Account) -> bool:
        if self.times:
            self.times -= 1
            await self.save_account(replace(before, client_id=f"changed {self.times}"))
        return await super().change_account(before, after)


class TestKeepAccounts:
    def keeper(self, scene: Scene, accounts: MemoryAccounts | None = None) -> AccountKeeper:
        return AccountKeeper(
            accounts or scene.accounts, scene.secrets, scene.strategies, scene.runs, scene.brokers, scene.clock
        )

    async def linked(self, scene: Scene, *, run: RunStatus | None = None, **order: Any) -> AccountKeeper:
        """An account, perhaps with a run of today that has an order."""
        await scene.link()
        if run:
            await scene.runs.begin_run(a_run(status=run))
            scene.put(an_order(**order))
        return self.keeper(scene)

    async def refused(self, keeper: AccountKeeper, *, force: bool = False) -> list[str]:
        with pytest.raises(AccountInUse) as caught:
            await keeper.unlink(USER, "zerodha-one", force=force)
        return caught.value.problems

    async def test_a_new_label_changes_nothing_else(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        assert await keeper.rename(USER, "zerodha-one", "Margin") == an_account(label="Margin")
        assert await scene.accounts.accounts(USER) == [an_account(label="Margin")]

    async def test_an_algo_is_registered_and_taken_back_and_changes_nothing_else(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        for algo in (Algo(id="NSE0012345"), NO_ALGO):
            expected = an_account(algo_id=algo.id)
            assert await keeper.register(USER, "zerodha-one", algo) == expected
            assert await scene.accounts.accounts(USER) == [expected]

    async def test_an_algo_that_the_orders_do_not_carry_is_not_registered(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        with pytest.raises(LinkRefused, match="algo_name: orders at Zerodha carry no algo name"):
            await keeper.register(USER, "zerodha-one", Algo(id="NSE0012345", name="Morning"))
        assert await scene.accounts.accounts(USER) == [an_account()]

    async def test_an_account_is_switched_off_and_on(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        for _ in range(2):
            assert await keeper.disable(USER, "zerodha-one") == an_account(enabled=False)
        assert await scene.accounts.accounts(USER) == [an_account(enabled=False)]
        assert await keeper.enable(USER, "zerodha-one") == an_account()

    async def test_a_change_that_comes_in_between_is_kept(self, scene: Scene) -> None:
        keeper = self.keeper(scene, BusyAccounts(times=2))
        assert await keeper.rename(USER, "zerodha-one", "Margin") == an_account(label="Margin", client_id="changed 0")

    async def test_changes_that_never_end_are_given_up(self, scene: Scene) -> None:
        with pytest.raises(Contended):
            await self.keeper(scene, BusyAccounts(times=9)).rename(USER, "zerodha-one", "Margin")

    async def test_unlinking_takes_the_keys_along(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        await keeper.unlink(USER, "zerodha-one", force=False)
        assert await scene.accounts.accounts(USER) == []
        with pytest.raises(SecretMissing):
            await scene.secrets.read(USER, "zerodha-one")

    async def test_unlinking_goes_on_where_an_attempt_before_broke_off(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        await scene.secrets.delete(USER, "zerodha-one")
        await keeper.unlink(USER, "zerodha-one", force=False)
        assert await scene.accounts.accounts(USER) == []

    async def test_an_account_with_an_open_run_is_neither_unlinked_nor_disabled(self, scene: Scene) -> None:
        keeper = await self.linked(scene, run=RunStatus.OPEN)
        for force in (False, True):
            assert await self.refused(keeper, force=force) == [
                "run spread-20261123 (Morning spread) is open in it; wait until it is closed"
            ]
        with pytest.raises(AccountInUse):
            await keeper.disable(USER, "zerodha-one")
        assert await scene.accounts.accounts(USER) == [an_account()]
        await scene.secrets.read(USER, "zerodha-one")

    @pytest.mark.parametrize(("run", "account_id"), [(RunStatus.FLAT, "zerodha-one"), (RunStatus.OPEN, "angel-one")])
    async def test_runs_that_are_closed_or_elsewhere_hold_no_account(
        self, scene: Scene, run: RunStatus, account_id: str
    ) -> None:
        keeper = await self.linked(scene, run=run, account_id=account_id)
        await keeper.disable(USER, "zerodha-one")
        await keeper.unlink(USER, "zerodha-one", force=False)
        assert await scene.accounts.accounts(USER) == []

    async def test_an_account_of_enabled_strategies_is_unlinked_by_force_only(self, scene: Scene) -> None:
        keeper = await self.linked(scene)
        for strategy in (
            a_strategy(),
            a_strategy("off", enabled=False),
            a_strategy("elsewhere", allocation=[{"account_id": "angel-one"}]),
            a_strategy("theirs", user_id=OTHER),
        ):
            await scene.strategies.save(strategy)
        (problem,) = await self.refused(keeper)
        assert problem.startswith("strategy spread (Morning spread) trades through it;")
        await scene.secrets.read(USER, "zerodha-one")
        await keeper.unlink(USER, "zerodha-one", force=True)
        assert await scene.accounts.accounts(USER) == []

    async def test_the_account_of_another_user_is_unknown_and_stays(self, scene: Scene) -> None:
        theirs = an_account(user_id=OTHER)
        await scene.link(theirs)
        keeper = self.keeper(scene)
        for work in (
            keeper.rename(USER, "zerodha-one", "Mine"),
            keeper.register(USER, "zerodha-one", Algo(id="NSE0012345")),
            keeper.enable(USER, "zerodha-one"),
            keeper.disable(USER, "zerodha-one"),
            keeper.unlink(USER, "zerodha-one", force=True),
        ):
            with pytest.raises(AccountUnknown, match="you have no account 'zerodha-one'"):
                await work
        assert await scene.accounts.accounts(OTHER) == [theirs]
        await scene.secrets.read(OTHER, "zerodha-one")
