"""Paper accounts among the others: linked to one, logged in by themselves, trading what mode paper says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.paper.adapter import PaperDesk
from lambdas.adapters.brokers.paper.source import source_of
from lambdas.adapters.brokers.registry import open_login, open_paper
from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus
from lambdas.domain.runs import RunStatus
from lambdas.ports.broker import Broker, SessionOver
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.brokers import BrokerFacts, LinkField
from lambdas.ports.secrets import AccountSecret, SecretMissing
from lambdas.use_cases.broker_accounts import AccountLinker, LinkRefused
from lambdas.use_cases.check_sessions import SessionChecker
from lambdas.use_cases.keep_accounts import AccountInUse, AccountKeeper
from lambdas.use_cases.log_in import LoginDesk
from lambdas.use_cases.tell_status import StrategyStatus
from tests.doubles.brokers import FakeBrokers
from tests.doubles.examples import EXIT_TICK, TICK, USER, a_strategy, an_account, at, listings_of
from tests.doubles.paper import MemoryPaper
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
OTHER = "user-two"
CREDENTIALS = {"quotes_from": "zerodha-one", "capital": "1000000"}
ON_PAPER = an_account(
    "on-paper", broker="paper", client_id="PAPER-zerodha-one", quotes_from="zerodha-one", listed_at="zerodha"
)
SESSION = BrokerSession({"access_token": "paper"}, "PAPER-zerodha-one", at("06:00", "2026-11-24"))


class OneOptional(FakeBrokers):
    """Every broker takes a field that may be left empty."""

    def facts(self, broker: str) -> BrokerFacts:
        facts = super().facts(broker)
        return replace(facts, fields=(*facts.fields, LinkField("note", "Note", False, optional=True)))


async def link_paper(scene: Scene, account: Account = ON_PAPER) -> None:
    """A paper account over `zerodha-one`, with its keys."""
    broker = await scene.link(account)
    broker.client_id = account.client_id
    await scene.secrets.write(USER, account.account_id, AccountSecret(CREDENTIALS, SESSION.tokens))


class TestLinking:
    async def link(self, scene: Scene, account_id: str = "on-paper", **changes: Any) -> Account:
        linker = AccountLinker(
            scene.accounts, scene.secrets, scene.runs, scene.brokers, scene.clock, frozenset({"default"})
        )
        fields = {"broker": "paper", "label": "On paper", "egress": "default", "credentials": CREDENTIALS, **changes}
        return await linker.link(USER, account_id, **fields)

    async def test_it_remembers_its_source_and_where_that_is_listed(self, scene: Scene) -> None:
        await scene.link()
        linked = await self.link(scene)
        assert (linked.quotes_from, linked.listed_at, linked.master) == ("zerodha-one", "zerodha", "zerodha")
        assert await scene.accounts.account(USER, "on-paper") == linked
        assert await scene.secrets.read(USER, "on-paper") == AccountSecret(CREDENTIALS)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"quotes_from": "angel-one"}, "credentials.quotes_from: 'angel-one' is no account of yours at a broker"),
            ({"quotes_from": "other-paper"}, "choose one (zerodha-one)"),
            ({"quotes_from": "on-paper"}, "credentials.quotes_from: 'on-paper' is no account of yours"),
            ({"capital": "much"}, "credentials.capital: 'much' is no amount in rupees"),
            ({"capital": "0"}, "credentials.capital: '0' is not above 0 and at most 1,000,000,000 rupees"),
        ],
    )
    async def test_what_it_cannot_trade_with_is_refused_by_its_field(
        self, scene: Scene, changes: dict[str, str], said: str
    ) -> None:
        await scene.link()
        await scene.link(an_account("angel-one", user_id=OTHER, broker="angel_one"))
        await scene.link(an_account("other-paper", broker="paper", quotes_from="zerodha-one", listed_at="zerodha"))
        with pytest.raises(LinkRefused) as caught:
            await self.link(scene, credentials={**CREDENTIALS, **changes})
        assert said in str(caught.value)
        with pytest.raises(SecretMissing):
            await scene.secrets.read(USER, "on-paper")

    async def test_its_source_keeps_its_broker_but_may_get_new_keys(self, scene: Scene) -> None:
        await scene.link()
        await link_paper(scene)
        keys = {"api_key": "k", "pin": "1"}
        with pytest.raises(LinkRefused, match=r"^broker: paper accounts quote from account zerodha-one at zerodha"):
            await self.link(scene, "zerodha-one", broker="angel_one", credentials=keys)
        await self.link(scene, "zerodha-one", broker="zerodha", credentials={"api_key": "k", "api_secret": "s"})

    async def test_a_source_is_not_unlinked_before_it(self, scene: Scene) -> None:
        await scene.link()
        await link_paper(scene)
        keeper = AccountKeeper(scene.accounts, scene.secrets, scene.strategies, scene.runs, scene.brokers, scene.clock)
        with pytest.raises(AccountInUse) as caught:
            await keeper.unlink(USER, "zerodha-one", force=True)
        assert caught.value.problems == ["paper account on-paper quotes from it; unlink that one first"]
        await keeper.unlink(USER, "on-paper", force=False)
        await keeper.unlink(USER, "zerodha-one", force=False)
        assert await scene.accounts.accounts(USER) == []

    async def test_a_strategy_in_mode_paper_holds_the_paper_account_that_trades_it(self, scene: Scene) -> None:
        await scene.link()
        await link_paper(scene)
        await scene.strategies.save(a_strategy(mode="paper"))
        keeper = AccountKeeper(scene.accounts, scene.secrets, scene.strategies, scene.runs, scene.brokers, scene.clock)
        with pytest.raises(AccountInUse, match="strategy spread"):
            await keeper.unlink(USER, "on-paper", force=False)

    async def test_no_master_of_paper_is_asked_for(self, scene: Scene) -> None:
        await scene.link()
        await link_paper(scene)
        assert [account.broker for account in await scene.accounts.linked_brokers()] == ["zerodha"]


class TestSessions:
    def checker(self, scene: Scene) -> SessionChecker:
        return SessionChecker(
            accounts=scene.accounts,
            secrets=scene.secrets,
            strategies=scene.strategies,
            controls=scene.controls,
            brokers=scene.brokers,
            events=scene.events,
            clock=scene.clock,
            calendar=scene.calendar,
        )

    async def test_the_mornings_check_logs_it_in_alone_and_after_its_source(self, scene: Scene) -> None:
        scene.brokers = OneOptional(scene.clock)
        await link_paper(
            scene,
            an_account(
                "a-paper",
                broker="paper",
                client_id="PAPER-zerodha-one",
                session_expires_at=at("06:00"),
                quotes_from="zerodha-one",
            ),
        )
        source = await scene.link()
        source.client_id = "AB1234"
        scene.brokers.session = SESSION
        assert await self.checker(scene).check() == {"usable": 1, "renewed": 1}
        assert scene.brokers.opened == ["zerodha-one", "a-paper"]
        account = await scene.accounts.account(USER, "a-paper")
        assert account is not None
        assert account.session_expires_at == SESSION.expires_at

    async def test_a_source_that_is_over_ends_it_with_the_sources_words(self, scene: Scene) -> None:
        await scene.link()
        await link_paper(scene)
        scene.brokers.session = SESSION
        for account_id in ("zerodha-one", "on-paper"):
            scene.brokers.accounts[USER, account_id].trouble = SessionOver("TokenException")
        assert await self.checker(scene).check() == {"ended": 2}
        ended = await scene.accounts.account(USER, "on-paper")
        assert ended is not None
        assert ended.session_end_reason == "TokenException (right after a new session began)"

    async def test_the_login_of_its_source_begins_its_session_too(self, scene: Scene) -> None:
        await scene.link(an_account(client_id="", session_expires_at=None))
        await link_paper(
            scene,
            an_account(
                "on-paper",
                broker="paper",
                client_id="",
                session_expires_at=None,
                quotes_from="zerodha-one",
                listed_at="zerodha",
            ),
        )
        scene.brokers.session = SESSION
        desk = LoginDesk(
            scene.accounts, scene.secrets, scene.logins, scene.controls, scene.brokers, scene.clock, lambda: "state-1"
        )
        await desk.begin(USER, "zerodha-one")
        await desk.finish(USER, "zerodha-one", {"state": "state-1", "request_token": "r"})
        account = await scene.accounts.account(USER, "on-paper")
        assert account is not None
        assert account.session_problem(scene.clock.now()) is None


class TestModePaper:
    async def scene_with(self, scene: Scene, **changes: Any) -> None:
        for account in (an_account(), an_account("angel-one", broker="angel_one")):
            await scene.link(account)
        await scene.load_masters()
        await scene.strategies.save(a_strategy(**changes))

    async def entered(self, scene: Scene, **changes: Any) -> dict[str, int]:
        """Orders planned in each account."""
        prepared = await scene.preparer.prepare(USER, TICK, entries([a_strategy(**changes)]))
        return {account: len(ids) for account, ids in prepared.intent_ids.items()}

    async def test_the_paper_account_is_planned_for_with_the_symbols_of_its_source(self, scene: Scene) -> None:
        await self.scene_with(scene, mode="paper")
        await link_paper(scene)
        assert await self.entered(scene, mode="paper") == {"on-paper": 2}
        day = await scene.runs.day(USER, TICK.date)
        assert {order.intent.account_id for order in day.orders} == {"on-paper"}
        assert {order.intent.symbol for order in day.orders} == {"NIFTY24500CE", "NIFTY24700CE"}
        assert scene.brokers.opened == ["on-paper"]

    async def test_live_and_paper_accounts_trade_next_to_each_other_in_mode_live(self, scene: Scene) -> None:
        both = {"allocation": [{"account_id": "angel-one"}, {"account_id": "on-paper"}]}
        await self.scene_with(scene, **both)
        await link_paper(scene)
        assert await self.entered(scene, **both) == {"angel-one": 2, "on-paper": 2}

    async def test_without_a_paper_account_the_run_says_what_to_link(self, scene: Scene) -> None:
        await self.scene_with(scene, mode="paper")
        assert await self.entered(scene, mode="paper") == {}
        run = await scene.run(a_strategy())
        told = "mode: paper needs a paper account that quotes from account zerodha-one; link one"
        assert (run.status, run.reason) == (RunStatus.REFUSED, told)
        status = StrategyStatus(scene.strategies, scene.accounts, scene.controls, scene.clock, scene.calendar)
        assert (await status.of(a_strategy(mode="paper"))).reasons == [told]

    async def test_a_source_that_is_not_logged_in_is_why_a_paper_account_would_not_trade(self, scene: Scene) -> None:
        await self.scene_with(scene, mode="paper")
        await link_paper(scene)
        status = StrategyStatus(scene.strategies, scene.accounts, scene.controls, scene.clock, scene.calendar)
        assert (await status.of(a_strategy(mode="paper"))).reasons == []
        await scene.accounts.save_account(an_account(session_expires_at=None))
        why = (await status.of(a_strategy(mode="paper"))).reasons
        assert why == ["account zerodha-one has never been logged in to zerodha"]


class TestADayOnPaper:
    async def test_a_strategy_enters_and_leaves_on_paper_as_it_would_at_a_broker(self, scene: Scene) -> None:
        """The whole engine over the real paper account: bought first, sold then, flat at the exit, all at quotes."""
        source = await scene.link()
        source.market(Decimal("24512.30"), 0.14, listings_of())
        await scene.load_masters()
        await link_paper(scene)
        strategy = a_strategy(mode="paper")
        await scene.strategies.save(strategy)
        orders = MemoryPaper()
        for tick, due in ((TICK, entries([strategy])), (EXIT_TICK, exits([strategy]))):
            scene.clock.move_to(max(scene.clock.now(), tick.instant - timedelta(seconds=15)))
            scene.brokers.accounts[USER, "on-paper"] = await opened(scene, orders)  # type: ignore[assignment]
            prepared = await scene.preparer.prepare(USER, tick, due)
            ids = prepared.intent_ids["on-paper"]
            assert await scene.placer.place(USER, "on-paper", tick, ids) == 2
            await scene.confirmer.confirm_tick(USER, "on-paper", tick, prepared.run_ids)
        assert {state.status for state in (await scene.states()).values()} == {IntentStatus.FILLED}
        account = await opened(scene, orders)
        rows = await account.orders()
        assert [row.status for row in rows] == [IntentStatus.FILLED] * 4
        assert {row.tag for row in rows} == {
            order.intent.tag for order in (await scene.runs.day(USER, TICK.date)).orders
        }
        assert {position.net for position in await account.positions()} == {0}
        sold, bought = (source.quoted[f"NIFTY{strike}CE"] for strike in (24500, 24700))
        assert [(row.side, row.average_price) for row in rows[:2]] == [(Side.BUY, bought.ask), (Side.SELL, sold.bid)]
        assert source.sent == []


async def opened(scene: Scene, orders: MemoryPaper) -> Broker:
    """The paper account as the gateway opens it."""
    login = open_login("paper", credentials=CREDENTIALS, endpoints=Endpoints(""), clock=scene.clock)
    session = await login.handle_callback({}, scene.clock.now())
    open_source = source_of(
        ON_PAPER, accounts=scene.accounts, secrets=scene.secrets, brokers=scene.brokers, clock=scene.clock
    )
    secret, desk = AccountSecret(CREDENTIALS, session.tokens), PaperDesk(orders, scene.contracts)
    return open_paper(ON_PAPER, secret, desk=desk, open_source=open_source, clock=scene.clock)
