"""One contract for every store: what use cases may rely on, in memory as on the table."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.dynamo.contracts import DynamoContracts
from lambdas.adapters.dynamo.controls import ATTEMPTS, DynamoControls
from lambdas.adapters.dynamo.logins import DynamoLogins
from lambdas.adapters.dynamo.runs import DynamoRuns
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Quote, Right
from lambdas.domain.control import AuditEntry, Control, Halt
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.intents import FINAL, TRANSITIONS, Intent, IntentStatus, OrderState, Phase, Quoted
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import Chase, OrderRules
from lambdas.domain.pending_login import PendingLogin, digest_of
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import RunStatus, Verdict
from lambdas.domain.values import Move
from lambdas.ports.store import Contended, MasterFailure, MasterInfo, RunStore
from shared_config.names import TTL_ATTRIBUTE
from tests.contract.store_fixtures import Stores, dynamo_stores, emulator, open_stores, stores, table
from tests.doubles.examples import (
    TICK,
    USER,
    a_contract,
    a_listing,
    a_run,
    a_strategy,
    an_account,
    an_intent,
    at,
    listings_of,
)

__all__ = ["emulator", "open_stores", "stores", "table"]
pytestmark = pytest.mark.anyio
DAY = TICK.date
ONE_LATER = TICK.instant + timedelta(minutes=1)
CHASED = OrderRules(
    style="limit",
    buffer=Move(unit="percent", value=Decimal("0.5")),
    chase=Chase(every_seconds=3, step=Move(unit="points", value=Decimal("1.25")), give_up_after_seconds=20),
)
NOT_MOTO = pytest.mark.parametrize("open_stores", ["memory", "emulator"], indirect=True)
"""For writes from several threads at once, and for megabytes: moto is no database for those."""


def the_way_to(status: IntentStatus) -> list[IntentStatus]:
    """Statuses to record, one after the other, to bring a planned intent there."""
    ways: dict[IntentStatus, list[IntentStatus]] = {IntentStatus.PLANNED: []}
    while status not in ways:
        for reached, way in list(ways.items()):
            for following in sorted(TRANSITIONS[reached]):
                ways.setdefault(following, [*way, following])
    return ways[status]


async def bring_to(runs: RunStore, intent: Intent, status: IntentStatus) -> None:
    """Plan an intent and let it pass through allowed states only."""
    assert await runs.plan([intent])
    await bring_on(runs, intent, status)


async def bring_on(runs: RunStore, intent: Intent, status: IntentStatus) -> None:
    """Let a planned intent pass through allowed states only."""
    for step in the_way_to(status):
        assert await runs.record(intent, OrderState(step))


class TestRuns:
    async def test_a_run_begins_once(self, stores: Stores) -> None:
        assert await stores.runs.begin_run(a_run())
        assert not await stores.runs.begin_run(a_run(reason="a second attempt"))
        assert await stores.runs.run(USER, DAY, "spread-20261123") == a_run()

    async def test_a_run_that_nobody_began_is_none(self, stores: Stores) -> None:
        assert await stores.runs.run(USER, DAY, "spread-20261123") is None

    async def test_a_conclusion_says_whether_it_changed_anything(self, stores: Stores) -> None:
        await stores.runs.begin_run(a_run())
        verdict = Verdict(RunStatus.OPEN, "every order is filled")
        assert await stores.runs.conclude(a_run(), verdict)
        assert not await stores.runs.conclude(a_run(), verdict)
        assert await stores.runs.conclude(a_run(), Verdict(RunStatus.OPEN, "another reason"))
        stored = await stores.runs.run(USER, DAY, "spread-20261123")
        assert stored == a_run(status=RunStatus.OPEN, reason="another reason")

    async def test_a_conclusion_creates_no_run(self, stores: Stores) -> None:
        assert not await stores.runs.conclude(a_run(), Verdict(RunStatus.FLAT, "closed"))
        assert await stores.runs.run(USER, DAY, "spread-20261123") is None

    async def test_a_closed_run_can_be_reopened_by_a_later_conclusion(self, stores: Stores) -> None:
        await stores.runs.begin_run(a_run())
        for status in (RunStatus.FLAT, RunStatus.INCOMPLETE):
            assert await stores.runs.conclude(a_run(), Verdict(status, "seen"))
        stored = await stores.runs.run(USER, DAY, "spread-20261123")
        assert stored is not None
        assert stored.status is RunStatus.INCOMPLETE

    async def test_runs_of_users_with_the_same_strategy_id_are_apart(self, stores: Stores) -> None:
        assert await stores.runs.begin_run(a_run())
        assert await stores.runs.begin_run(a_run(user_id="user-two", name="Another's"))
        mine = await stores.runs.run(USER, DAY, "spread-20261123")
        assert mine is not None
        assert mine.name == "Morning spread"

    async def test_a_run_that_is_squared_off_stays_marked_whatever_it_is_concluded_with(self, stores: Stores) -> None:
        await stores.runs.begin_run(a_run())
        assert await stores.runs.close_run(a_run(), "squared off by me")
        marked = a_run(status=RunStatus.EXITING, reason="squared off by me", closing="squared off by me")
        assert await stores.runs.run(USER, DAY, "spread-20261123") == marked
        await stores.runs.conclude(a_run(), Verdict(RunStatus.OPEN, "every order is filled"))
        stored = await stores.runs.run(USER, DAY, "spread-20261123")
        assert stored == replace(marked, status=RunStatus.OPEN, reason="every order is filled")

    @pytest.mark.parametrize("status", [RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED])
    async def test_a_run_that_is_over_is_not_squared_off(self, stores: Stores, status: RunStatus) -> None:
        await stores.runs.begin_run(a_run(status=status))
        assert not await stores.runs.close_run(a_run(), "squared off by me")
        assert not await stores.runs.close_run(a_run("never-made"), "squared off by me")
        assert await stores.runs.run(USER, DAY, "spread-20261123") == a_run(status=status)
        assert await stores.runs.run(USER, DAY, "never-made") is None

    async def test_a_run_that_is_squared_off_is_planned_by_nobody(self, stores: Stores) -> None:
        await stores.runs.begin_run(a_run())
        await stores.runs.close_run(a_run(), "squared off by me")
        assert not await stores.runs.plan([an_intent()], moving=(a_run(), Verdict(RunStatus.ENTERING, "planned")))
        assert await stores.runs.orders_of_run(USER, DAY, "spread-20261123") == []

    async def test_open_runs_are_those_of_all_users_and_days_that_are_not_closed(self, stores: Stores) -> None:
        friday = a_run("spread-20261120", date=date(2026, 11, 20), status=RunStatus.INCOMPLETE)
        theirs = a_run(user_id="user-two", status=RunStatus.OPEN)
        for run in (a_run(), friday, theirs, a_run("over-20261123", status=RunStatus.OPEN)):
            await stores.runs.begin_run(run)
        await stores.runs.conclude(a_run("over-20261123"), Verdict(RunStatus.FLAT, "closed"))
        await stores.runs.begin_run(a_run("missed-20261123", status=RunStatus.MISSED))
        found = {(run.user_id, run.run_id): run for run in await stores.runs.open_runs()}
        assert found == {(run.user_id, run.run_id): run for run in (a_run(), friday, theirs)}

    async def test_more_open_runs_than_a_page_holds_are_all_found(self, stores: Stores) -> None:
        runs = [a_run(f"r{number}-20261123", reason="x" * 20_000) for number in range(60)]
        for run in runs:
            await stores.runs.begin_run(run)
        assert {run.run_id for run in await stores.runs.open_runs()} == {run.run_id for run in runs}


class TestLedger:
    async def test_a_plan_is_written_whole(self, stores: Stores) -> None:
        intents = [an_intent(slice_number=number) for number in range(1, 101)]
        assert await stores.runs.plan(intents)
        planned = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert sorted(order.intent.slice_number for order in planned) == list(range(1, 101))
        assert {order.state for order in planned} == {OrderState()}

    async def test_a_plan_with_one_known_intent_writes_none_of_it(self, stores: Stores) -> None:
        assert await stores.runs.plan([an_intent(slice_number=2)])
        assert not await stores.runs.plan([an_intent(slice_number=number) for number in (1, 2, 3)])
        planned = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert [order.intent.slice_number for order in planned] == [2]

    async def test_an_intent_is_claimed_once(self, stores: Stores) -> None:
        intent = an_intent()
        await stores.runs.plan([intent])
        assert await stores.runs.claim(USER, DAY, intent.intent_id) == intent
        assert await stores.runs.claim(USER, DAY, intent.intent_id) is None

    @NOT_MOTO
    async def test_of_twenty_claimers_at_once_one_gets_the_intent(self, stores: Stores) -> None:
        intent = an_intent()
        await stores.runs.plan([intent])
        claims = await asyncio.gather(*(stores.runs.claim(USER, DAY, intent.intent_id) for _ in range(20)))
        assert [claim for claim in claims if claim] == [intent]

    async def test_an_intent_that_nobody_planned_cannot_be_claimed(self, stores: Stores) -> None:
        assert await stores.runs.claim(USER, DAY, an_intent().intent_id) is None
        assert (await stores.runs.day(USER, DAY)).orders == []

    async def test_nobody_claims_the_intent_of_another_user(self, stores: Stores) -> None:
        await stores.runs.plan([an_intent()])
        assert await stores.runs.claim("user-two", DAY, an_intent().intent_id) is None
        assert await stores.runs.claim(USER, DAY, an_intent().intent_id) == an_intent()

    @pytest.mark.parametrize("before", list(IntentStatus))
    async def test_a_record_is_taken_exactly_when_the_transition_is_allowed(
        self, stores: Stores, before: IntentStatus
    ) -> None:
        for number, after in enumerate(IntentStatus, 1):
            if after is IntentStatus.PLANNED:
                continue
            intent = an_intent(slice_number=number)
            await bring_to(stores.runs, intent, before)
            taken = await stores.runs.record(intent, OrderState(after, reason="recorded"))
            assert taken == (after in TRANSITIONS[before]), f"{before} → {after}"
            stored = {
                order.intent.slice_number: order.state
                for order in await stores.runs.orders_of_run(USER, DAY, intent.run_id)
            }[number]
            assert stored.status is (after if taken else before)
            assert (stored.reason == "recorded") == taken

    async def test_nothing_is_recorded_of_an_intent_that_nobody_planned(self, stores: Stores) -> None:
        assert not await stores.runs.record(an_intent(), OrderState(IntentStatus.SENDING))
        assert (await stores.runs.day(USER, DAY)).orders == []

    async def test_final_intents_leave_the_work_list_and_others_stay(self, stores: Stores) -> None:
        for number, status in enumerate(IntentStatus, 1):
            await bring_to(stores.runs, an_intent(slice_number=number), status)
        left = {order.state.status for order in await stores.runs.in_flight()}
        assert left == set(IntentStatus) - FINAL

    async def test_the_work_list_holds_the_intents_of_all_users(self, stores: Stores) -> None:
        for user_id in (USER, "user-two"):
            await stores.runs.plan([an_intent(user_id=user_id)])
        assert {order.intent.user_id for order in await stores.runs.in_flight()} == {USER, "user-two"}

    async def test_orders_of_a_run_do_not_mix_with_a_run_whose_id_begins_alike(self, stores: Stores) -> None:
        await stores.runs.plan([an_intent(run_id="spread-20261123")])
        await stores.runs.plan([an_intent(run_id="spread-20261123-late")])
        await stores.runs.plan([an_intent(run_id="spread-2026112")])
        found = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert [order.intent.run_id for order in found] == ["spread-20261123"]

    async def test_what_was_written_comes_back_equal(self, stores: Stores) -> None:
        intent = an_intent(
            contract=a_contract("24512.5", Right.PE),
            tick_size=Decimal("0.05"),
            intended_at=Tick.parse("2026-11-23T09:20:07+05:30"),
            not_after=at("09:20:27.000001"),
            phase=Phase.EXIT,
        )
        state = OrderState(
            status=IntentStatus.PARTLY_FILLED,
            reason="",
            limit_price=Decimal("104.50"),
            broker_order_id="221123000000001",
            filled_quantity=65,
            average_price=Decimal("101.333333"),
            sent_at=at("09:20:07.000123"),
            acknowledged_at=at("09:20:07"),
            exchange_at=None,
        )
        await stores.runs.plan([intent])
        await stores.runs.record(intent, OrderState(IntentStatus.SENDING))
        assert await stores.runs.record(intent, state)
        (order,) = await stores.runs.orders_of_run(USER, DAY, intent.run_id)
        assert (order.intent, order.state) == (intent, state)
        assert order.intent.tag == intent.tag
        assert isinstance(order.state.filled_quantity, int)

    @pytest.mark.parametrize("refusal", [None, *Refusal])
    async def test_a_refusal_is_kept_with_its_order(self, stores: Stores, refusal: Refusal | None) -> None:
        await stores.runs.plan([an_intent()])
        await stores.runs.record(an_intent(), OrderState(IntentStatus.SENDING))
        state = OrderState(IntentStatus.REFUSED, reason="RMS: …", refusal=refusal)
        assert await stores.runs.record(an_intent(), state)
        (order,) = await stores.runs.orders_of_run(USER, DAY, an_intent().run_id)
        assert order.state == state

    @pytest.mark.parametrize(
        "quote",
        [Quote(Decimal("100.05"), Decimal("99.95"), Decimal("100.10")), Quote(Decimal(0), None, Decimal("0.05"))],
    )
    async def test_what_an_order_was_priced_from_comes_back_and_stays_while_more_is_learned(
        self, stores: Stores, quote: Quote
    ) -> None:
        priced = OrderState(IntentStatus.ACCEPTED, quoted=Quoted(quote, at("09:19:57.000123")))
        await stores.runs.plan([an_intent()])
        await stores.runs.record(an_intent(), OrderState(IntentStatus.SENDING))
        assert await stores.runs.record(an_intent(), priced)
        step = replace(priced, limit_price=Decimal(101), chased=1, chased_at=at("09:20:03"))
        assert await stores.runs.move_limit(an_intent(), replace(step, quoted=None))
        (order,) = await stores.runs.orders_of_run(USER, DAY, an_intent().run_id)
        assert order.state == step

    async def test_what_an_order_was_cut_by_comes_back_wherever_it_is_read(self, stores: Stores) -> None:
        cut, uncut = an_intent(freeze_quantity=1755), an_intent(leg=2)
        await stores.runs.plan([cut, uncut])
        assert await stores.runs.claim(USER, DAY, cut.intent_id) == cut
        assert await stores.runs.claim(USER, DAY, uncut.intent_id) == uncut
        of_run = await stores.runs.orders_of_run(USER, DAY, cut.run_id)
        of_day = (await stores.runs.day(USER, DAY)).orders
        for found in (of_run, of_day, await stores.runs.in_flight()):
            assert [order.intent.freeze_quantity for order in found] == [1755, None]

    async def test_how_an_order_is_priced_and_chased_comes_back_equal(self, stores: Stores) -> None:
        await stores.runs.plan([an_intent(orders=CHASED), an_intent(leg=2, orders=OrderRules(hedges_first=False))])
        await bring_on(stores.runs, an_intent(orders=CHASED), IntentStatus.ACCEPTED)
        moved = OrderState(IntentStatus.ACCEPTED, limit_price=Decimal("101.05"), chased=1, chased_at=at("09:20:03.5"))
        assert await stores.runs.move_limit(an_intent(orders=CHASED), moved)
        first, second = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert (first.intent.orders, second.intent.orders) == (CHASED, OrderRules(hedges_first=False))
        assert (first.state, second.state) == (moved, OrderState())
        ended = replace(moved, status=IntentStatus.CANCELLED)
        assert await stores.runs.record(an_intent(), ended)
        assert (await stores.runs.orders_of_run(USER, DAY, "spread-20261123"))[0].state == ended

    @NOT_MOTO
    async def test_of_many_that_take_a_step_of_a_chase_one_moves_the_order(self, stores: Stores) -> None:
        await bring_to(stores.runs, an_intent(), IntentStatus.PARTLY_FILLED)
        for chased in (1, 2, 3):
            step = OrderState(limit_price=Decimal(100 + chased), chased=chased, chased_at=at("09:20:03"))
            taken = await asyncio.gather(*(stores.runs.move_limit(an_intent(), step) for _ in range(10)))
            assert sorted(taken) == [False] * 9 + [True]
        (order,) = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert (order.state.status, order.state.limit_price) == (IntentStatus.PARTLY_FILLED, Decimal(103))

    @pytest.mark.parametrize("status", sorted(set(IntentStatus) - {IntentStatus.ACCEPTED, IntentStatus.PARTLY_FILLED}))
    async def test_what_does_not_rest_is_not_moved(self, stores: Stores, status: IntentStatus) -> None:
        await bring_to(stores.runs, an_intent(), status)
        step = OrderState(limit_price=Decimal(101), chased=1, chased_at=at("09:20:03"))
        assert not await stores.runs.move_limit(an_intent(), step)
        assert not await stores.runs.move_limit(an_intent(leg=9), step)

    async def test_absent_values_come_back_as_none(self, stores: Stores) -> None:
        await stores.runs.plan([an_intent()])
        (order,) = await stores.runs.orders_of_run(USER, DAY, "spread-20261123")
        assert order.state == OrderState()
        assert order.state.limit_price is None

    async def test_a_day_holds_its_runs_and_orders_and_nothing_of_other_days_or_users(self, stores: Stores) -> None:
        tomorrow = Tick.parse("2026-11-25T09:20+05:30")
        await stores.runs.begin_run(a_run())
        await stores.runs.plan([an_intent(leg=1), an_intent(leg=2)])
        await stores.runs.begin_run(a_run("spread-20261125", date=tomorrow.date))
        await stores.runs.plan([an_intent(run_id="spread-20261125", intended_at=tomorrow)])
        await stores.runs.begin_run(a_run(user_id="user-two"))
        await stores.runs.begin_run(a_run(user_id=f"{USER}0"))
        day = await stores.runs.day(USER, DAY)
        assert day.runs == [a_run()]
        assert [order.intent for order in day.orders] == [an_intent(leg=1), an_intent(leg=2)]

    async def test_an_empty_day_is_empty(self, stores: Stores) -> None:
        day = await stores.runs.day(USER, date(2026, 11, 25))
        assert (day.runs, day.orders) == ([], [])


async def test_an_order_that_was_stored_before_its_freeze_quantity_was_is_read(table: Table) -> None:
    runs = DynamoRuns(table)
    await runs.plan([an_intent(freeze_quantity=1755)])
    key = f"USER#{USER}#DAY#{DAY}", f"ORDER#{an_intent().intent_id}"
    await table.update(*key, sets={"reason": ""}, removes=("freeze_quantity",))
    (order,) = await runs.orders_of_run(USER, DAY, an_intent().run_id)
    assert order.intent == an_intent()


class TestAccounts:
    async def test_an_account_comes_back_as_it_was_saved(self, stores: Stores) -> None:
        for account in (
            an_account(),
            an_account("never-logged-in", session_expires_at=None, enabled=False),
            an_account("registered", algo_id="NSE0012345", algo_name="Morning spread"),
            an_account("on-paper", broker="paper", quotes_from="registered", listed_at="zerodha"),
        ):
            await stores.accounts.save_account(account)
            assert await stores.accounts.account(USER, account.account_id) == account

    async def test_users_do_not_see_each_others_accounts(self, stores: Stores) -> None:
        await stores.accounts.save_account(an_account())
        await stores.accounts.save_account(an_account(user_id="user-two", label="Another's"))
        assert [account.label for account in await stores.accounts.accounts(USER)] == ["Mine"]
        assert await stores.accounts.account("user-three", "zerodha-one") is None
        assert await stores.accounts.accounts("user-three") == []

    async def test_a_saved_account_replaces_the_one_before(self, stores: Stores) -> None:
        await stores.accounts.save_account(an_account())
        await stores.accounts.save_account(an_account(label="Renamed"))
        assert await stores.accounts.accounts(USER) == [an_account(label="Renamed")]

    async def test_every_linked_broker_is_found_by_its_latest_session(self, stores: Stores) -> None:
        today, tomorrow = at("18:00"), at("06:00", "2026-11-24")
        newest = an_account("zerodha-two", user_id="user-two", session_expires_at=tomorrow)
        angel = an_account("angel-one", broker="angel_one", session_expires_at=today)
        for account in (
            an_account(session_expires_at=today),
            newest,
            an_account("zerodha-three", session_expires_at=today),
            an_account("dhan-one", broker="dhan", session_expires_at=None),
            an_account("on-paper", broker="paper", quotes_from="zerodha-one", listed_at="zerodha"),
            angel,
        ):
            await stores.accounts.save_account(account)
        assert list(await stores.accounts.linked_brokers()) == [angel, newest]

    async def test_instants_of_sessions_are_compared_and_not_their_texts(self, stores: Stores) -> None:
        late = an_account(session_expires_at=at("06:00", "2026-11-24"))
        early = an_account("zerodha-two", session_expires_at=datetime(2026, 11, 24, 0, 29, tzinfo=UTC))
        for account in (late, early):
            await stores.accounts.save_account(account)
        assert list(await stores.accounts.linked_brokers()) == [late]

    async def test_an_account_that_logs_in_anew_is_known_by_its_present_session(self, stores: Stores) -> None:
        await stores.accounts.save_account(an_account(client_id="before"))
        again = an_account(client_id="after", session_expires_at=at("05:00", "2026-11-24"))
        await stores.accounts.save_account(again)
        assert list(await stores.accounts.linked_brokers()) == [again]

    @pytest.mark.parametrize(
        "before",
        [
            an_account(),
            an_account(session_expires_at=None, client_id=""),
            an_account(session_end_reason="the broker says: TokenException"),
            an_account(algo_id="NSE0012345", algo_name="Morning spread"),
        ],
    )
    async def test_an_account_is_changed_while_it_is_as_it_was_read(self, stores: Stores, before: Account) -> None:
        await stores.accounts.save_account(before)
        read = await stores.accounts.account(USER, "zerodha-one")
        assert read is not None
        assert await stores.accounts.change_account(read, replace(read, label="First"))
        assert not await stores.accounts.change_account(read, replace(read, label="Second"))
        assert await stores.accounts.accounts(USER) == [replace(before, label="First")]

    @pytest.mark.parametrize(
        "changes",
        [
            {"label": "Renamed"},
            {"enabled": False},
            {"client_id": "ZZ9999"},
            {"session_expires_at": at("09:00")},
            {"session_expires_at": None},
            {"session_end_reason": "revoked"},
            {"algo_id": "NSE0012345"},
            {"algo_name": "Morning spread"},
            {"quotes_from": "another"},
            {"listed_at": "dhan"},
        ],
    )
    async def test_any_change_in_between_is_noticed(self, stores: Stores, changes: dict[str, Any]) -> None:
        await stores.accounts.save_account(an_account(**changes))
        assert not await stores.accounts.change_account(an_account(), an_account(label="Mine now"))
        assert await stores.accounts.accounts(USER) == [an_account(**changes)]

    async def test_an_account_that_is_not_there_is_not_changed_into_being(self, stores: Stores) -> None:
        assert not await stores.accounts.change_account(an_account(), an_account(label="Back again"))
        assert await stores.accounts.accounts(USER) == []
        assert await stores.accounts.enabled_accounts() == []

    async def test_enabled_accounts_of_all_users_are_found_as_they_are_now(self, stores: Stores) -> None:
        mine, theirs = an_account(), an_account(user_id="user-two", session_expires_at=None)
        for account in (mine, theirs, an_account("off", enabled=False), an_account("deleted")):
            await stores.accounts.save_account(account)
        ended = replace(mine, session_expires_at=at("08:45"), session_end_reason="revoked")
        assert await stores.accounts.change_account(mine, ended)
        await stores.accounts.delete_account(USER, "deleted")
        assert list(await stores.accounts.enabled_accounts()) == [ended, theirs]

    async def test_an_account_that_is_disabled_is_found_again_once_it_is_enabled(self, stores: Stores) -> None:
        on, off = an_account(), an_account(enabled=False)
        await stores.accounts.save_account(on)
        for before, after in ((on, off), (off, replace(off, label="Still off"))):
            assert await stores.accounts.change_account(before, after)
            assert list(await stores.accounts.enabled_accounts()) == []
        assert await stores.accounts.change_account(replace(off, label="Still off"), on)
        assert list(await stores.accounts.enabled_accounts()) == [on]
        await stores.accounts.save_account(off)
        assert list(await stores.accounts.enabled_accounts()) == []

    async def test_a_deleted_account_is_nowhere_any_more(self, stores: Stores) -> None:
        for account in (an_account(), an_account(user_id="user-two")):
            await stores.accounts.save_account(account)
        for _ in range(2):
            await stores.accounts.delete_account("user-two", "zerodha-one")
        assert await stores.accounts.account("user-two", "zerodha-one") is None
        assert list(await stores.accounts.enabled_accounts()) == [an_account()]
        assert [account.user_id for account in await stores.accounts.linked_brokers()] in ([], [USER])
        await stores.accounts.save_account(an_account())
        assert list(await stores.accounts.linked_brokers()) == [an_account()]

    async def test_deleting_an_account_leaves_the_latest_session_of_another(self, stores: Stores) -> None:
        late = an_account("zerodha-two", session_expires_at=at("07:00", "2026-11-24"))
        for account in (an_account(), late):
            await stores.accounts.save_account(account)
        await stores.accounts.delete_account(USER, "zerodha-one")
        assert list(await stores.accounts.linked_brokers()) == [late]


LOGIN = PendingLogin.begun(USER, "zerodha-one", "a state that nobody guesses", at("08:40"))


class TestLogins:
    async def test_a_login_that_began_is_known_to_its_user_only(self, stores: Stores) -> None:
        await stores.logins.begin_login(LOGIN)
        assert await stores.logins.pending_login(USER, LOGIN.digest) == LOGIN
        assert await stores.logins.pending_login("user-two", LOGIN.digest) is None
        assert await stores.logins.pending_login(USER, digest_of("another")) is None

    async def test_a_login_is_used_once(self, stores: Stores) -> None:
        await stores.logins.begin_login(LOGIN)
        assert await stores.logins.use_login(LOGIN, at("08:45"))
        assert not await stores.logins.use_login(LOGIN, at("08:45"))
        assert await stores.logins.pending_login(USER, LOGIN.digest) == replace(LOGIN, used=True)

    @NOT_MOTO
    async def test_of_callers_at_once_one_uses_a_login(self, stores: Stores) -> None:
        await stores.logins.begin_login(LOGIN)
        used = await asyncio.gather(*(stores.logins.use_login(LOGIN, at("08:45")) for _ in range(10)))
        assert sorted(used) == [False] * 9 + [True]

    async def test_a_login_is_used_until_just_before_its_end(self, stores: Stores) -> None:
        await stores.logins.begin_login(LOGIN)
        assert not await stores.logins.use_login(LOGIN, LOGIN.valid_until)
        last = (LOGIN.valid_until - timedelta(microseconds=1)).astimezone(UTC)
        assert await stores.logins.use_login(LOGIN, last)

    async def test_a_login_is_not_used_for_another_account_or_user(self, stores: Stores) -> None:
        await stores.logins.begin_login(LOGIN)
        for other in (replace(LOGIN, account_id="zerodha-two"), replace(LOGIN, user_id="user-two")):
            assert not await stores.logins.use_login(other, at("08:45"))
        assert await stores.logins.pending_login(USER, LOGIN.digest) == LOGIN

    async def test_the_table_forgets_a_login_an_hour_after_its_end(self, table: Table) -> None:
        await DynamoLogins(table).begin_login(LOGIN)
        item = await table.get(f"USER#{USER}", f"LOGIN#{LOGIN.digest}")
        assert item is not None
        assert item[TTL_ATTRIBUTE] == (LOGIN.valid_until + timedelta(hours=1)).timestamp()
        assert "a state that nobody guesses" not in str(item)


OUTAGE = DayChange(date(2026, 11, 25), ChangeKind.HOLIDAY, "Exchange outage")
CHANGES = (
    DayChange(date(2026, 11, 8), ChangeKind.SPECIAL_SESSION, "Muhurat trading", time(18), time(19)),
    OUTAGE,
    DayChange(date(2026, 11, 26), ChangeKind.HOURS, "Early close", time(9, 15), time(13)),
    DayChange(date(2027, 1, 2), ChangeKind.SPECIAL_SESSION, "Its hours are not known"),
)


class TestControls:
    async def test_nothing_is_halted_or_changed_at_first(self, stores: Stores) -> None:
        assert await stores.controls.control() == Control({})
        assert await stores.controls.audit("2026-11") == []

    async def test_a_halt_holds_until_it_is_released(self, stores: Stores) -> None:
        await stores.controls.halt("PLATFORM", "circuit breaker", "operator", at=at("10:00"))
        await stores.controls.halt(f"USER#{USER}", "asked for it", USER, at=at("10:01"))
        assert await stores.controls.control() == Control(
            {"PLATFORM": "circuit breaker", f"USER#{USER}": "asked for it"}
        )
        assert await stores.controls.halts() == [
            Halt("PLATFORM", "circuit breaker", "operator", at("10:00")),
            Halt(f"USER#{USER}", "asked for it", USER, at("10:01")),
        ]
        await stores.controls.release("PLATFORM", "operator", at=at("10:02"))
        assert await stores.controls.control() == Control({f"USER#{USER}": "asked for it"})
        assert [halt.scope for halt in await stores.controls.halts()] == [f"USER#{USER}"]

    async def test_a_second_halt_gives_the_latest_reason_and_a_released_scope_can_be_halted_again(
        self, stores: Stores
    ) -> None:
        for minute, reason in enumerate(("first", "second")):
            await stores.controls.halt("PLATFORM", reason, "operator", at=at(f"10:0{minute}"))
        await stores.controls.release("PLATFORM", "operator", at=at("10:02"))
        await stores.controls.halt("PLATFORM", "third", "operator", at=at("10:03"))
        assert (await stores.controls.control()).halts == {"PLATFORM": "third"}
        assert [(entry.what, entry.before, entry.after) for entry in await stores.controls.audit("2026-11")] == [
            ("halt", None, "first"),
            ("halt", "first", "second"),
            ("release", "second", None),
            ("halt", None, "third"),
        ]

    async def test_releasing_what_is_not_halted_changes_nothing(self, stores: Stores) -> None:
        await stores.controls.release("PLATFORM", "operator", at=at("10:00"))
        assert await stores.controls.control() == Control({})
        await stores.controls.halt("PLATFORM", "stop", "operator", at=at("10:01"))
        for minute in (2, 3):
            await stores.controls.release("PLATFORM", "operator", at=at(f"10:0{minute}"))
        assert [entry.what for entry in await stores.controls.audit("2026-11")] == ["halt", "release"]

    async def test_what_is_noted_is_in_the_audit_and_replaces_nothing(self, stores: Stores) -> None:
        subject = f"LOGIN#{USER}#zerodha-one"
        entry = AuditEntry(at("10:00"), subject, "refuse", None, "state: is missing", USER)
        assert await stores.controls.note(entry)
        assert not await stores.controls.note(replace(entry, after="something else"))
        assert await stores.controls.audit("2026-11") == [entry]
        assert await stores.controls.control() == Control({})

    async def test_changes_of_days_come_back_as_they_were_made_by_date(self, stores: Stores) -> None:
        for minute, change in enumerate(reversed(CHANGES)):
            await stores.controls.change_day(change, by="operator", at=at(f"10:0{minute}"))
        await stores.controls.halt("PLATFORM", "stop", "operator", at=at("10:05"))
        assert await stores.controls.control() == Control({"PLATFORM": "stop"}, CHANGES)

    async def test_a_change_takes_the_place_of_an_earlier_one_of_its_date(self, stores: Stores) -> None:
        first, second = OUTAGE, replace(OUTAGE, name="Longer outage")
        for minute, change in enumerate((first, second)):
            await stores.controls.change_day(change, by="operator", at=at(f"10:0{minute}"))
        assert (await stores.controls.control()).changes == (second,)

    async def test_a_withdrawn_change_is_gone_and_its_date_can_be_changed_again(self, stores: Stores) -> None:
        assert not await stores.controls.withdraw_change(OUTAGE.date, by="operator", at=at("10:00"))
        await stores.controls.change_day(OUTAGE, by="operator", at=at("10:01"))
        assert await stores.controls.withdraw_change(OUTAGE.date, by="operator", at=at("10:02"))
        assert not await stores.controls.withdraw_change(OUTAGE.date, by="operator", at=at("10:03"))
        assert await stores.controls.control() == Control({})
        await stores.controls.change_day(OUTAGE, by="operator", at=at("10:04"))
        assert (await stores.controls.control()).changes == (OUTAGE,)

    async def test_every_change_leaves_an_entry_in_order_of_time(self, stores: Stores) -> None:
        await stores.controls.change_day(OUTAGE, by="one", at=at("10:00:00.000001"))
        await stores.controls.withdraw_change(OUTAGE.date, by="two", at=at("10:00:00.1"))
        await stores.controls.halt("PLATFORM", "stop", "three", at=at("10:00"))
        subject, words = f"DAY#{OUTAGE.date}", str(OUTAGE)
        assert await stores.controls.audit("2026-11") == [
            AuditEntry(at("10:00"), "HALT#PLATFORM", "halt", None, "stop", "three"),
            AuditEntry(at("10:00:00.000001"), subject, "change", None, words, "one"),
            AuditEntry(at("10:00:00.1"), subject, "withdraw", words, None, "two"),
        ]

    async def test_the_audit_is_kept_by_the_month_in_india(self, stores: Stores) -> None:
        await stores.controls.halt("PLATFORM", "stop", "operator", at=datetime(2026, 11, 30, 18, 29, tzinfo=UTC))
        await stores.controls.release("PLATFORM", "operator", at=datetime(2026, 11, 30, 18, 30, tzinfo=UTC))
        assert [entry.what for entry in await stores.controls.audit("2026-11")] == ["halt"]
        assert [entry.what for entry in await stores.controls.audit("2026-12")] == ["release"]

    async def test_an_entry_is_never_replaced_and_without_one_nothing_changes(self, stores: Stores) -> None:
        await stores.controls.halt("PLATFORM", "first", "operator", at=at("10:00"))
        with pytest.raises(Contended):
            await stores.controls.halt("PLATFORM", "second", "operator", at=at("10:00"))
        assert (await stores.controls.control()).halts == {"PLATFORM": "first"}
        assert [entry.after for entry in await stores.controls.audit("2026-11")] == ["first"]


@dataclass(frozen=True)
class TableWithARival(Table):
    """Between reading a switch and writing it, somebody else writes it: that often."""

    rivals: list[str] = field(default_factory=list)

    async def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        found = await super().get(pk, sk)
        if self.rivals:
            reason = self.rivals.pop()
            await DynamoControls(Table(self.client, self.name)).halt(
                "PLATFORM", reason, "rival", at=at("10:00") + timedelta(seconds=len(self.rivals))
            )
        return found


class TestControlsOnTheTable:
    async def test_switches_and_changes_are_one_query(self, table: Table) -> None:
        controls = DynamoControls(table)
        await controls.halt("PLATFORM", "stop", "operator", at=at("10:00"))
        for minute, change in enumerate(CHANGES):
            await controls.change_day(change, by="operator", at=at(f"10:0{minute}"))
        asked = count_queries(table)
        control = await controls.control()
        assert (len(control.halts), control.changes, len(asked)) == (1, CHANGES, 1)

    async def test_a_change_may_be_forgotten_a_week_after_its_day(self, table: Table) -> None:
        controls = DynamoControls(table)
        await controls.change_day(OUTAGE, by="operator", at=at("10:00"))
        after_a_week = int(at("00:00", "2026-12-03").timestamp())
        for minute in (1, 2):
            item = await table.get("CONTROL", f"DAY#{OUTAGE.date}")
            assert item is not None
            assert item[TTL_ATTRIBUTE] == after_a_week
            await controls.withdraw_change(OUTAGE.date, by="operator", at=at(f"10:0{minute}"))
        assert all(TTL_ATTRIBUTE not in entry for entry in await table.query("AUDIT#2026-11"))

    async def test_the_table_forgets_a_halt_a_week_after_its_release_and_not_before(self, table: Table) -> None:
        controls = DynamoControls(table)
        for minute, scope in enumerate((f"ACCOUNT#{USER}#zerodha-one", f"STRATEGY#{USER}#spread")):
            await controls.halt(scope, "stop", USER, at=at(f"10:0{minute}"))
            held = await table.get("CONTROL", f"HALT#{scope}")
            assert held is not None
            assert TTL_ATTRIBUTE not in held
            await controls.release(scope, USER, at=at(f"11:0{minute}"))
            released = await table.get("CONTROL", f"HALT#{scope}")
            assert released is not None
            assert released[TTL_ATTRIBUTE] == (at(f"11:0{minute}") + timedelta(days=7)).timestamp()
            await controls.halt(scope, "again", USER, at=at(f"12:0{minute}"))
            assert TTL_ATTRIBUTE not in (await table.get("CONTROL", f"HALT#{scope}") or {})

    async def test_a_halt_that_was_put_by_hand_holds_and_can_be_released(self, table: Table) -> None:
        by_hand = {"pk": "CONTROL", "sk": "HALT#PLATFORM", "scope": "PLATFORM", "halted": True, "reason": "by hand"}
        await table.put({**by_hand, "by": "operator"})
        controls = DynamoControls(table)
        assert (await controls.control()).halts == {"PLATFORM": "by hand"}
        await controls.release("PLATFORM", "operator", at=at("10:00"))
        assert await controls.control() == Control({})
        assert [entry.before for entry in await controls.audit("2026-11")] == ["by hand"]

    async def test_the_audit_tells_what_a_rival_had_put_in_between(self, table: Table) -> None:
        controls = DynamoControls(TableWithARival(table.client, table.name, ["rival"]))
        await controls.halt("PLATFORM", "mine", "operator", at=at("11:00"))
        entries = await controls.audit("2026-11")
        assert [(entry.before, entry.after) for entry in entries] == [(None, "rival"), ("rival", "mine")]

    async def test_a_switch_that_never_rests_is_given_up_without_a_trace(self, table: Table) -> None:
        controls = DynamoControls(TableWithARival(table.client, table.name, ["rival"] * ATTEMPTS))
        with pytest.raises(Contended):
            await controls.halt("PLATFORM", "mine", "operator", at=at("11:00"))
        assert {entry.by for entry in await controls.audit("2026-11")} == {"rival"}


@dataclass(frozen=True)
class BreakingTable(Table):
    """Takes so many writes, and then no more."""

    left: Iterator[int]

    async def put(self, item: dict[str, Any], condition: Any = None) -> bool:
        if next(self.left, None) is None:
            raise ConnectionError("the table is away")
        return await super().put(item, condition)


class TestContracts:
    async def test_a_chain_comes_back_as_it_was_loaded(self, stores: Stores) -> None:
        rows = [
            *listings_of(24500),
            *(replace(row, freeze_quantity=1755, symbol="with-freeze") for row in listings_of(24550)),
            replace(listings_of(24600)[0], contract=a_contract("24612.5")),
            a_listing(a_contract(0, Right.FUT), token="NSE_FO|57352", symbol="NIFTY 24300 CE 21 JUL 26"),
            a_listing(a_contract(24700), exchange="BFO", lot_size=75, tick_size=Decimal("0.10"), freeze_quantity=1800),
        ]
        await stores.contracts.save_listings("zerodha", DAY, rows)
        chain = await stores.contracts.chain("zerodha", "NIFTY", rows[0].contract.expiry)
        assert chain is not None
        assert (chain.broker, chain.underlying, chain.expiry) == ("zerodha", "NIFTY", rows[0].contract.expiry)
        assert dict(chain.listings) == {row.contract: row for row in rows}
        assert chain.strikes == {Decimal(24500), Decimal(24550), Decimal("24612.5"), Decimal(24700)}

    async def test_expiries_are_listed_in_order_by_broker_and_underlying(self, stores: Stores) -> None:
        december, november = date(2026, 12, 1), date(2026, 11, 30)
        rows = [row for expiry in (december, november) for row in listings_of(24500, expiry=expiry)]
        await stores.contracts.save_listings("zerodha", DAY, rows)
        await stores.contracts.save_listings("angel_one", DAY, listings_of(24500, expiry=december))
        assert list(await stores.contracts.expiries("zerodha", "NIFTY")) == [november, december]
        assert list(await stores.contracts.expiries("angel_one", "NIFTY")) == [december]

    async def test_what_no_master_lists_is_absent(self, stores: Stores) -> None:
        await stores.contracts.save_listings("zerodha", DAY, listings_of(24500))
        assert list(await stores.contracts.expiries("zerodha", "SENSEX")) == []
        assert list(await stores.contracts.expiries("angel_one", "NIFTY")) == []
        assert await stores.contracts.chain("zerodha", "NIFTY", date(2026, 12, 8)) is None
        assert await stores.contracts.chain("angel_one", "NIFTY", date(2026, 12, 1)) is None

    async def test_several_expiries_are_read_at_once(self, stores: Stores) -> None:
        near, far, absent = date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)
        rows = [row for expiry in (near, far) for row in listings_of(24500, expiry=expiry)]
        await stores.contracts.save_listings("zerodha", DAY, rows)
        chains = await stores.contracts.chains("zerodha", "NIFTY", {far, near, absent})
        assert {expiry: chain.expiry for expiry, chain in chains.items()} == {near: near, far: far}
        assert chains[far] == await stores.contracts.chain("zerodha", "NIFTY", far)
        assert await stores.contracts.chains("zerodha", "NIFTY", []) == {}

    async def test_a_new_master_replaces_the_one_before(self, stores: Stores) -> None:
        old, new = date(2026, 11, 30), date(2026, 12, 1)
        rows = [*listings_of(24500, expiry=old), *listings_of(24500, 24550, expiry=new)]
        await stores.contracts.save_listings("zerodha", date(2026, 11, 20), rows)
        await stores.contracts.save_listings("zerodha", DAY, listings_of(24600, expiry=new, lot_size=75))
        assert list(await stores.contracts.expiries("zerodha", "NIFTY")) == [new]
        chain = await stores.contracts.chain("zerodha", "NIFTY", new)
        assert chain is not None
        assert chain.strikes == {Decimal(24600)}
        assert {row.lot_size for row in chain.listings.values()} == {75}

    async def test_contracts_of_an_expiry_that_vanished_are_known_and_no_longer_listed(self, stores: Stores) -> None:
        moved, to = date(2026, 12, 29), date(2026, 12, 28)
        await stores.contracts.save_listings("zerodha", date(2026, 11, 20), listings_of(24500, expiry=moved))
        await stores.contracts.save_listings("zerodha", DAY, listings_of(24500, expiry=to))
        assert list(await stores.contracts.expiries("zerodha", "NIFTY")) == [to]
        assert await stores.contracts.chain("zerodha", "NIFTY", moved) is not None

    async def test_an_underlying_that_vanished_is_no_longer_listed_and_other_brokers_keep_it(
        self, stores: Stores
    ) -> None:
        for broker in ("zerodha", "angel_one"):
            await stores.contracts.save_listings(broker, DAY, listings_of(24500))
        await stores.contracts.save_listings("zerodha", DAY, listings_of(52000, underlying="BANKNIFTY"))
        assert list(await stores.contracts.expiries("zerodha", "NIFTY")) == []
        assert len(await stores.contracts.expiries("zerodha", "BANKNIFTY")) == 1
        assert len(await stores.contracts.expiries("angel_one", "NIFTY")) == 1

    async def test_a_master_that_cannot_be_kept_changes_nothing(self, stores: Stores) -> None:
        await stores.contracts.save_listings("zerodha", date(2026, 11, 20), listings_of(24500))
        odd = a_listing(a_contract(25000), symbol="NIFTY\t25000")
        with pytest.raises(ValueError, match=r"NIFTY 01 Dec 26 25000 CE: .*holds a tab"):
            await stores.contracts.save_listings("zerodha", DAY, [*listings_of(24550, expiry=date(2026, 12, 8)), odd])
        assert list(await stores.contracts.expiries("zerodha", "NIFTY")) == [date(2026, 12, 1)]
        assert await stores.contracts.master_of("zerodha") == MasterInfo(date(2026, 11, 20), 2)

    @pytest.mark.parametrize("puts", range(6))
    async def test_a_load_that_breaks_off_leaves_what_is_listed_readable(self, table: Table, puts: int) -> None:
        friday, near, moved, to = date(2026, 11, 20), date(2026, 12, 1), date(2026, 12, 29), date(2026, 12, 28)
        before = [row for expiry in (near, moved) for row in listings_of(24500, expiry=expiry, lot_size=75)]
        before += listings_of(52000, underlying="BANKNIFTY")
        contracts = DynamoContracts(table)
        await contracts.save_listings("zerodha", friday, before)

        after = [row for expiry in (near, to) for row in listings_of(24500, 24550, expiry=expiry)]
        breaking = DynamoContracts(BreakingTable(table.client, table.name, iter(range(puts))))
        with pytest.raises(ConnectionError):
            await breaking.save_listings("zerodha", DAY, [*after, *listings_of(52000, underlying="BANKNIFTY")])
        for underlying in ("NIFTY", "BANKNIFTY"):
            listed = await contracts.expiries("zerodha", underlying)
            chains = await contracts.chains("zerodha", underlying, listed)
            assert set(chains) == set(listed)
            for chain in chains.values():
                assert len({row.lot_size for row in chain.listings.values()}) == 1
        assert await contracts.master_of("zerodha") == MasterInfo(friday, len(before))

    async def test_the_master_in_use_is_known_by_broker(self, stores: Stores) -> None:
        assert await stores.contracts.master_of("zerodha") is None
        await stores.contracts.save_listings("zerodha", date(2026, 11, 20), listings_of(24500), ["odd", "very odd"])
        first = await stores.contracts.master_of("zerodha")
        assert first == MasterInfo(date(2026, 11, 20), 2, ("odd", "very odd"))
        await stores.contracts.save_listings("zerodha", DAY, listings_of(24500, 24550))
        assert await stores.contracts.master_of("zerodha") == MasterInfo(DAY, 4)
        assert await stores.contracts.master_of("angel_one") is None

    async def test_the_last_failure_is_known_by_broker(self, stores: Stores) -> None:
        assert await stores.contracts.last_failure("zerodha") is None
        for reason in ("connection refused", "no answer"):
            await stores.contracts.save_failure("zerodha", MasterFailure(DAY, reason))
        assert await stores.contracts.last_failure("zerodha") == MasterFailure(DAY, "no answer")
        assert await stores.contracts.last_failure("angel_one") is None
        assert await stores.contracts.master_of("zerodha") is None


class TestLoop:
    async def test_a_second_loop_gets_no_lease_while_the_first_is_alive(self, stores: Stores) -> None:
        first = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert first is not None
        assert (first.holder, first.token, first.valid_until) == ("loop-a", 1, ONE_LATER)
        assert await stores.loop.acquire(DAY, "loop-b", ONE_LATER, ONE_LATER + timedelta(minutes=1)) is None
        assert await stores.loop.lease(DAY) == first

    @NOT_MOTO
    async def test_of_loops_that_start_at_once_one_gets_the_lease(self, stores: Stores) -> None:
        leases = await asyncio.gather(
            *(stores.loop.acquire(DAY, f"loop-{number}", TICK.instant, ONE_LATER) for number in range(10))
        )
        assert len([lease for lease in leases if lease]) == 1

    async def test_the_same_holder_takes_its_lease_again_under_a_higher_token(self, stores: Stores) -> None:
        first = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        again = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert first is not None
        assert again is not None
        assert again.token > first.token

    async def test_an_expired_lease_is_taken_over_with_a_higher_token(self, stores: Stores) -> None:
        await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        later = ONE_LATER + timedelta(seconds=1)
        taken = await stores.loop.acquire(DAY, "loop-b", later, later + timedelta(minutes=1))
        assert taken is not None
        assert (taken.holder, taken.token) == ("loop-b", 2)

    async def test_a_lease_is_renewed_with_its_next_tick(self, stores: Stores) -> None:
        lease = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert lease is not None
        renewed = replace(lease, valid_until=ONE_LATER + timedelta(minutes=1), next_tick=str(TICK))
        assert await stores.loop.renew(DAY, renewed)
        assert await stores.loop.lease(DAY) == renewed

    async def test_the_next_tick_outlives_its_loop(self, stores: Stores) -> None:
        lease = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert lease is not None
        await stores.loop.renew(DAY, replace(lease, next_tick=str(TICK)))
        later = ONE_LATER + timedelta(minutes=5)
        taken = await stores.loop.acquire(DAY, "loop-b", later, later + timedelta(minutes=1))
        assert taken is not None
        assert taken.next_tick == str(TICK)

    async def test_an_old_token_renews_nothing(self, stores: Stores) -> None:
        old = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        new = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert old is not None
        assert not await stores.loop.renew(DAY, replace(old, valid_until=ONE_LATER + timedelta(hours=1)))
        assert await stores.loop.lease(DAY) == new

    async def test_a_lease_that_nobody_took_cannot_be_renewed(self, stores: Stores) -> None:
        lease = await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        assert lease is not None
        assert not await stores.loop.renew(date(2026, 11, 25), lease)
        assert await stores.loop.lease(date(2026, 11, 25)) is None

    async def test_days_have_leases_of_their_own(self, stores: Stores) -> None:
        await stores.loop.acquire(DAY, "loop-a", TICK.instant, ONE_LATER)
        other = await stores.loop.acquire(date(2026, 11, 25), "loop-b", TICK.instant, ONE_LATER)
        assert other is not None
        assert other.token == 1

    async def test_a_minute_is_recorded_once(self, stores: Stores) -> None:
        assert await stores.loop.record_tick(TICK, "dispatched", {"users": 2, "token": 1})
        assert not await stores.loop.record_tick(TICK, "skipped", {"reason": "late"})
        (recorded,) = await stores.loop.ticks(DAY)
        assert (recorded["tick"], recorded["what"], recorded["users"]) == (str(TICK), "dispatched", 2)

    async def test_the_minutes_of_a_day_come_in_order(self, stores: Stores) -> None:
        for minute in ("2026-11-23T09:22+05:30", "2026-11-23T09:20+05:30", "2026-11-25T09:21+05:30"):
            await stores.loop.record_tick(Tick.parse(minute), "dispatched", {})
        assert [record["tick"] for record in await stores.loop.ticks(DAY)] == [
            "2026-11-23T09:20+05:30",
            "2026-11-23T09:22+05:30",
        ]


class TestTable:
    """What only the table can show: how many requests an answer takes."""

    async def test_a_query_follows_its_pages_to_the_end(self, table: Table) -> None:
        asked = count_queries(table)
        for number in range(5):
            await table.put({"pk": "large", "sk": f"{number}", "text": "x" * 300_000})
        assert [item["sk"] for item in await table.query("large")] == ["0", "1", "2", "3", "4"]
        assert len(asked) > 1

    async def test_a_day_is_one_query(self, table: Table) -> None:
        runs = dynamo_stores(table, 1).runs
        await runs.begin_run(a_run())
        await runs.plan([an_intent(leg=leg) for leg in range(1, 11)])
        asked = count_queries(table)
        day = await runs.day(USER, DAY)
        assert (len(day.runs), len(day.orders), len(asked)) == (1, 10, 1)

    @pytest.mark.parametrize("shards", [1, 4])
    async def test_what_is_due_takes_one_query_for_each_shard(self, table: Table, shards: int) -> None:
        strategies = dynamo_stores(table, shards).strategies
        for number in range(6):
            await strategies.save(a_strategy(user_id=f"user-{number}"))
        asked = count_queries(table)
        assert len(await strategies.due_at("MON", "09:20")) == 6
        assert len(asked) == shards


def count_queries(table: Table) -> list[str]:
    """A list that grows by one with each query over this table's client."""
    asked: list[str] = []

    def remember(model: object, **_: object) -> None:
        asked.append(str(model))

    table.client.meta.events.register("before-call.dynamodb.Query", remember)
    return asked
