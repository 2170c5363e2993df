"""Linking accounts: refusals say everything and store nothing."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.domain.accounts import Algo
from lambdas.domain.runs import RunStatus
from lambdas.ports.brokers import BrokerFacts, LinkField
from lambdas.ports.secrets import AccountSecret, SecretMissing
from lambdas.use_cases.broker_accounts import AccountLinker, LinkRefused
from tests.doubles.brokers import FakeBrokers
from tests.doubles.examples import USER, a_run, an_account, an_order
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
KEYS = {"api_key": "key", "api_secret": "secret"}


class WithAnOptionalKey(FakeBrokers):
    """Brokers that also take a PIN, and need none."""

    def facts(self, broker: str) -> BrokerFacts:
        facts = super().facts(broker)
        return replace(facts, fields=(*facts.fields, LinkField("pin", "PIN", True, optional=True)))


class TestLinkAccount:
    def linker(self, scene: Scene) -> AccountLinker:
        return AccountLinker(
            scene.accounts, scene.secrets, scene.runs, scene.brokers, scene.clock, frozenset({"default"})
        )

    async def link(self, scene: Scene, **changes: Any) -> Any:
        arguments: dict[str, Any] = {"broker": "zerodha", "label": "Mine", "egress": "default", "credentials": KEYS}
        return await self.linker(scene).link(USER, "zerodha-one", **{**arguments, **changes})

    async def test_an_account_is_stored_without_its_keys_and_cannot_trade_yet(self, scene: Scene) -> None:
        linked = await self.link(scene)
        assert linked == await scene.accounts.account(USER, "zerodha-one")
        assert linked == an_account(client_id="", session_expires_at=None)
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"broker": "dhan"}, "broker: 'dhan' is not supported; choose one of angel_one, paper, zerodha"),
            ({"egress": "moon"}, "egress: 'moon' is no route; choose one of default"),
            ({"credentials": {"api_key": "key"}}, "needs api_key, api_secret; missing: api_secret"),
            ({"credentials": {**KEYS, "api_secret": "  "}}, "missing: api_secret"),
            ({"credentials": {**KEYS, "password": "no"}}, "unknown: password"),
            (
                {"algo": Algo(name="Morning")},
                "algo_name: orders at Zerodha carry no algo name; leave it empty, or set algo_id",
            ),
            (
                {"broker": "angel_one", "credentials": {"api_key": "k", "pin": "1"}, "algo": Algo(id="NSE0012345")},
                "algo_id: orders at Angel One carry no algo id; leave it empty",
            ),
        ],
    )
    async def test_what_cannot_be_linked_names_its_field_and_stores_nothing(
        self, scene: Scene, changes: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(LinkRefused) as caught:
            await self.link(scene, **changes)
        assert said in str(caught.value)
        assert await scene.accounts.accounts(USER) == []
        with pytest.raises(SecretMissing):
            await scene.secrets.read(USER, "zerodha-one")

    async def test_an_optional_key_may_be_left_out(self, scene: Scene) -> None:
        scene.brokers = WithAnOptionalKey(scene.clock)
        await self.link(scene)
        await self.link(scene, credentials={**KEYS, "pin": "1234"})
        with pytest.raises(LinkRefused, match=r"needs api_key, api_secret, pin \(optional\); missing: api_secret$"):
            await self.link(scene, credentials={"api_key": "key"})

    async def test_an_algo_is_kept_until_the_account_is_linked_without_it(self, scene: Scene) -> None:
        linked = await self.link(scene, algo=Algo(id="NSE0012345"))
        assert linked == await scene.accounts.account(USER, "zerodha-one")
        assert linked.algo == Algo(id="NSE0012345")
        assert (await self.link(scene)).algo == Algo()

    async def test_a_refusal_quotes_no_secret(self, scene: Scene) -> None:
        with pytest.raises(LinkRefused) as caught:
            await self.link(scene, credentials={"api_key": "very-secret", "password": "most-secret"})
        assert "secret" not in str(caught.value).replace("api_secret", "")

    async def link_with_open_run(self, scene: Scene, status: RunStatus = RunStatus.OPEN) -> None:
        await self.link(scene)
        await scene.runs.begin_run(a_run(status=status))
        scene.put(an_order())

    async def test_an_account_with_an_open_run_keeps_its_keys(self, scene: Scene) -> None:
        await self.link_with_open_run(scene)
        with pytest.raises(LinkRefused, match=r"open runs today \(Morning spread\).*force=true"):
            await self.link(scene, credentials={"api_key": "new", "api_secret": "new"})
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(KEYS)

    async def test_new_keys_are_forced_upon_an_account_with_an_open_run(self, scene: Scene) -> None:
        await self.link_with_open_run(scene)
        new = {"api_key": "new", "api_secret": "new"}
        await self.link(scene, credentials=new, force=True)
        assert await scene.secrets.read(USER, "zerodha-one") == AccountSecret(new)

    async def test_an_account_with_an_open_run_stays_at_its_broker_by_all_means(self, scene: Scene) -> None:
        await self.link_with_open_run(scene)
        with pytest.raises(LinkRefused, match="link angel_one under another id"):
            await self.link(scene, broker="angel_one", credentials={"api_key": "k", "pin": "1"}, force=True)
        assert await scene.accounts.accounts(USER) == [an_account(client_id="", session_expires_at=None)]

    async def test_an_account_whose_runs_are_closed_is_linked_anew(self, scene: Scene) -> None:
        await self.link_with_open_run(scene, RunStatus.FLAT)
        linked = await self.link(scene, label="Again")
        assert await scene.accounts.accounts(USER) == [linked]
