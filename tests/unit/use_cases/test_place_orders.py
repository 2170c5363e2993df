"""The worker of one account: at T and never before, hedges first, every claim with an end."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.control import Control
from lambdas.domain.intents import FINAL, Intent, IntentStatus, OrderState, Phase, Quoted
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import PROTECTED_ACROSS
from lambdas.domain.rate_log import JITTER
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import (
    BrokerBusy,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerUnreachable,
    OrderRequest,
    Placement,
    SessionOver,
)
from lambdas.ports.pace import CallKind
from lambdas.use_cases.watch_fills import FIRST_LOOK
from tests.doubles.broker import FakeBroker
from tests.doubles.controls import MemoryControls
from tests.doubles.examples import TICK, TIMING, USER, a_contract, an_account, an_intent, an_order, at
from tests.doubles.reactions import Reaction
from tests.doubles.runs import MemoryRuns
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
T = TICK.instant
SECOND = timedelta(seconds=1)
WINDOW = SECOND + JITTER
HEDGE_SYMBOL, SHORT_SYMBOL = "NIFTY24700CE", "NIFTY24500CE"


def hedge(**changes: Any) -> Intent:
    return an_intent(**{"leg": 2, "contract": a_contract(24700), **changes})


def short(**changes: Any) -> Intent:
    return an_intent(**{"leg": 1, "side": Side.SELL, **changes})


async def place(scene: Scene, *intents: Intent, tick: Tick = TICK) -> int:
    """Plan these intents and let the worker of the account send them."""
    ids = await scene.plan(*intents)
    return await scene.placer.place(USER, "zerodha-one", tick, ids)


class TestTime:
    async def test_nothing_leaves_before_the_tick_and_all_leaves_at_it(self, scene: Scene) -> None:
        broker = await scene.link()
        intents = [an_intent(run_id=f"run-{number}-20261123") for number in range(5)]
        assert await place(scene, *intents) == 5
        assert [sent.at for sent in broker.sent] == [T] * 5

    async def test_orders_are_priced_and_connections_opened_in_the_last_seconds(self, scene: Scene) -> None:
        broker = await scene.link()
        asked: list[datetime] = []
        broker_quotes = broker.quotes

        class Watched(FakeBroker):
            async def quotes(self, instruments: Any) -> Any:
                asked.append(self.clock.now())
                return await broker_quotes(instruments)

        watched = Watched(scene.clock)
        scene.brokers.accounts[USER, "zerodha-one"] = watched
        await place(scene, an_intent())
        assert asked == [T - 3 * SECOND]
        assert [sent.at for sent in watched.sent] == [T]

    async def test_a_worker_that_starts_late_but_in_time_sends_at_once(self) -> None:
        scene = Scene(start=T + 5 * SECOND)
        broker = await scene.link()
        assert await place(scene, an_intent()) == 1
        assert [sent.at for sent in broker.sent] == [T + 5 * SECOND]

    async def test_past_its_limit_nothing_is_sent_and_the_miss_is_recorded(self) -> None:
        scene = Scene(start=T + timedelta(seconds=20, microseconds=1))
        broker = await scene.link()
        assert await place(scene, an_intent()) == 0
        assert broker.sent == []
        state = await scene.state(an_intent())
        assert state.status is IntentStatus.MISSED
        assert state.reason == "not sent: it is past 2026-11-23T09:20:20+05:30"

    async def test_at_its_limit_exactly_an_order_still_leaves(self) -> None:
        scene = Scene(start=T + 20 * SECOND)
        await scene.link()
        assert await place(scene, an_intent()) == 1

    async def test_no_second_holds_more_orders_than_the_broker_takes(self, scene: Scene) -> None:
        scene.brokers.per_second = 4
        broker = await scene.link()
        assert await place(scene, *(an_intent(slice_number=number) for number in range(1, 11))) == 10
        assert [sent.at - T for sent in broker.sent] == [0 * WINDOW] * 4 + [WINDOW] * 4 + [2 * WINDOW] * 2

    async def test_what_pacing_pushes_past_the_limit_is_missed_and_not_sent(self, scene: Scene) -> None:
        scene.brokers.per_second = 1
        broker = await scene.link()
        limit = T + WINDOW
        assert await place(scene, *(an_intent(slice_number=n, not_after=limit) for n in range(1, 5))) == 2
        assert max(sent.at for sent in broker.sent) <= limit
        statuses = [state.status for state in (await scene.states()).values()]
        assert sorted(statuses) == ["accepted", "accepted", "missed", "missed"]

    async def test_the_turns_of_what_leaves_first_are_reserved_before_the_tick(self, scene: Scene) -> None:
        await scene.link()
        await place(scene, hedge(), short(), short(run_id="other-20261123"))
        pace = scene.brokers.paces[USER, "zerodha-one"]
        assert pace.expected == [(["NFO", "NFO"], T)]

    async def test_an_order_that_meets_a_rate_limit_waits_and_is_sent_again(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.busy_times = 2
        assert await place(scene, an_intent()) == 1
        assert [sent.at - T for sent in broker.sent] == [0 * SECOND, SECOND, 2 * SECOND]
        assert len({sent.order.tag for sent in broker.sent}) == 1
        assert scene.brokers.paces[USER, "zerodha-one"].told_busy == [CallKind.ORDER] * 2
        state = await scene.state(an_intent())
        assert (state.status, state.sent_at) == (IntentStatus.ACCEPTED, T + 2 * SECOND)

    async def test_a_rate_limit_that_outlasts_the_limit_of_the_order_is_the_brokers_refusal(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.busy_times = 1000
        await place(scene, an_intent(not_after=T + 3 * SECOND))
        assert [sent.at - T for sent in broker.sent] == [n * SECOND for n in range(4)]
        state = await scene.state(an_intent())
        assert (state.status, state.reason) == (IntentStatus.REFUSED, "the broker says: rate limited")
        assert state.refusal is Refusal.RATE_LIMIT

    async def test_why_the_broker_refused_is_recorded_with_its_words(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[SHORT_SYMBOL], broker.refusals[SHORT_SYMBOL] = Reaction.REFUSE, Refusal.FUNDS
        await place(scene, an_intent())
        state = await scene.state(an_intent())
        assert (state.status, state.refusal) == (IntentStatus.REFUSED, Refusal.FUNDS)
        assert state.reason.startswith("the broker says")

    async def test_why_the_exchange_refused_a_hedge_is_recorded_and_nothing_of_its_short(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL], broker.refusals[HEDGE_SYMBOL] = Reaction.KILL_AT_EXCHANGE, Refusal.PRICE_BAND
        await place(scene, short(), hedge())
        refused, withheld = await scene.state(hedge()), await scene.state(short())
        assert (refused.status, refused.refusal) == (IntentStatus.REFUSED, Refusal.PRICE_BAND)
        assert (withheld.status, withheld.refusal) == (IntentStatus.WITHHELD, None)

    async def test_a_short_whose_hedge_met_a_rate_limit_still_waits_for_it(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.busy_times = 1
        assert await place(scene, hedge(), short()) == 2
        assert broker.sent_symbols == [HEDGE_SYMBOL, HEDGE_SYMBOL, SHORT_SYMBOL]

    async def test_an_account_that_used_up_its_day_sends_nothing_and_says_so(self, scene: Scene) -> None:
        scene.brokers.per_day = 1
        broker = await scene.link()
        assert await place(scene, an_intent(), hedge()) == 0
        assert broker.sent == []
        states = await scene.states()
        assert {state.reason for state in states.values()} == {"not sent: fake: 1 orders of the day 23 Nov are used up"}

    async def test_a_day_that_is_used_up_on_the_way_withholds_the_rest(self, scene: Scene) -> None:
        scene.brokers.per_day = 1
        broker = await scene.link()
        assert await place(scene, hedge(), short()) == 1
        assert broker.sent_symbols == [HEDGE_SYMBOL]
        state = await scene.state(short())
        assert (state.status, state.reason[:8]) == (IntentStatus.WITHHELD, "not sent")

    async def test_outside_a_session_nothing_is_sent(self) -> None:
        scene = Scene(start=at("09:19:45", "2026-11-10"))
        holiday = Tick(at("09:20", "2026-11-10"))
        broker = await scene.link()
        intent = an_intent(intended_at=holiday)
        assert await place(scene, intent, tick=holiday) == 0
        assert broker.sent == []
        assert "is in no session: holiday: Diwali Balipratipada" in (await scene.state(intent)).reason


class TestRecords:
    async def test_an_accepted_order_is_recorded_with_its_instants_and_price(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reply_after[SHORT_SYMBOL] = timedelta(milliseconds=40)
        await place(scene, an_intent())
        assert await scene.state(an_intent()) == OrderState(
            status=IntentStatus.ACCEPTED,
            limit_price=Decimal("104.10"),
            broker_order_id="zerodha-one-1",
            sent_at=T,
            acknowledged_at=T + timedelta(milliseconds=40),
            quoted=Quoted(Quote(Decimal(100), Decimal("99.95"), Decimal("100.05")), T - 3 * SECOND),
        )

    async def test_the_quote_that_an_order_was_priced_from_is_kept_by_the_write_of_its_answer(
        self, scene: Scene
    ) -> None:
        written: list[OrderState] = []

        class Watched(MemoryRuns):
            async def record(self, intent: Intent, state: OrderState) -> bool:
                written.append(state)
                return await super().record(intent, state)

        scene.runs = Watched()
        await scene.link()
        await place(scene, an_intent())
        assert [(state.status, state.quoted is not None) for state in written] == [(IntentStatus.ACCEPTED, True)]

    @pytest.mark.parametrize("asked", [Decimal("100.05"), Decimal(130)])
    async def test_words_with_which_a_broker_takes_an_order_do_not_replace_what_its_price_was_noted_for(
        self, scene: Scene, asked: Decimal
    ) -> None:
        class Polite(FakeBroker):
            async def _send(self, order: OrderRequest) -> Placement:
                return replace(await super()._send(order), reason="accepted")

        await scene.link()
        polite = Polite(scene.clock, client_id="zerodha-one")
        polite.default_quote = Quote(Decimal(100), Decimal("99.95"), asked)
        scene.brokers.accounts[USER, "zerodha-one"] = polite
        closing = an_intent(phase=Phase.EXIT)
        await place(scene, closing)
        state = await scene.state(closing)
        noted = state.reason.startswith("sent all the same, to close: price sanity")
        assert (state.status, noted) == (IntentStatus.ACCEPTED, asked == Decimal(130))
        assert noted or state.reason == "accepted"

    @pytest.mark.parametrize("reaction", [Reaction.REFUSE, Reaction.LOSE_ORDER, Reaction.FILL])
    async def test_whatever_came_of_an_order_its_quote_is_kept(self, scene: Scene, reaction: Reaction) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL] = reaction
        await place(scene, short(), hedge())
        quoted = (await scene.state(hedge())).quoted
        assert quoted == Quoted(Quote(Decimal(100), Decimal("99.95"), Decimal("100.05")), T - 3 * SECOND)

    async def test_the_request_carries_what_was_planned_and_a_protected_price(self, scene: Scene) -> None:
        broker = await scene.link()
        await place(scene, short())
        (sent,) = broker.sent
        assert (sent.order.symbol, sent.order.side, sent.order.quantity) == (SHORT_SYMBOL, Side.SELL, 130)
        assert (sent.order.limit_price, sent.order.protection_percent) == (Decimal("93.95"), Decimal(2))
        assert sent.order.tag == short().tag

    @pytest.mark.parametrize(
        ("reaction", "status", "sent"),
        [
            (Reaction.REFUSE, IntentStatus.REFUSED, 1),
            (Reaction.SESSION_OVER, IntentStatus.REFUSED, 1),
            (Reaction.UNREACHABLE, IntentStatus.REFUSED, 0),
            (Reaction.LOSE_REPLY, IntentStatus.UNKNOWN, 1),
            (Reaction.LOSE_ORDER, IntentStatus.UNKNOWN, 1),
            (Reaction.REST, IntentStatus.ACCEPTED, 1),
        ],
    )
    async def test_every_answer_is_recorded_as_what_it_is(
        self, scene: Scene, reaction: Reaction, status: IntentStatus, sent: int
    ) -> None:
        broker = await scene.link()
        broker.reactions[SHORT_SYMBOL] = reaction
        assert await place(scene, an_intent()) == sent
        state = await scene.state(an_intent())
        assert state.status is status
        assert (state.sent_at == T) is bool(sent)
        assert state.reason or status is IntentStatus.ACCEPTED

    async def test_an_unknown_answer_is_not_sent_again(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[SHORT_SYMBOL] = Reaction.LOSE_ORDER
        await place(scene, an_intent())
        assert await scene.placer.place(USER, "zerodha-one", TICK, [an_intent().intent_id]) == 0
        assert len(broker.sent) == 1

    async def test_a_short_is_never_sent_by_a_worker_that_does_not_hold_its_hedge(self, scene: Scene) -> None:
        broker = await scene.link()
        ids = await scene.plan(short(), hedge(), short(run_id="other-20261123"))
        await scene.runs.claim(USER, TICK.date, hedge().intent_id)
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
        assert [sent.order.tag for sent in broker.sent] == [short(run_id="other-20261123").tag]
        state = await scene.state(short())
        assert state.status is IntentStatus.PLANNED or state.reason.endswith("is sending, and not sent here")

    async def test_of_two_workers_one_sends(self, scene: Scene) -> None:
        broker = await scene.link()
        ids = await scene.plan(an_intent(), hedge())
        sent = await asyncio.gather(*(scene.placer.place(USER, "zerodha-one", TICK, ids) for _ in range(3)))
        assert sorted(sent) == [0, 0, 2]
        assert sorted(broker.sent_symbols) == sorted([SHORT_SYMBOL, HEDGE_SYMBOL])

    async def test_an_intent_that_is_claimed_already_is_not_sent(self, scene: Scene) -> None:
        broker = await scene.link()
        other = hedge(run_id="other-20261123")
        ids = await scene.plan(an_intent(), other)
        await scene.runs.claim(USER, TICK.date, an_intent().intent_id)
        assert await scene.placer.place(USER, "zerodha-one", TICK, ids) == 1
        assert [sent.order.tag for sent in broker.sent] == [other.tag]
        assert (await scene.state(an_intent())).status is IntentStatus.SENDING

    async def test_connections_are_closed_whatever_happens(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.trouble = SessionOver("log in again")
        await place(scene, an_intent())
        assert broker.closed == 1

    async def test_a_session_that_the_broker_ended_is_told_at_the_account(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.trouble = SessionOver("fake: token expired; log in again")
        await place(scene, an_intent())
        account = await scene.accounts.account(USER, "zerodha-one")
        assert account is not None
        assert account.session_end_reason == "fake: token expired; log in again"
        assert account.session_problem(scene.clock.now())

    @pytest.mark.parametrize("error", [BrokerBusy("429"), BrokerGarbled("<html>"), BrokerRefused("no")])
    async def test_other_trouble_does_not_end_a_session(self, scene: Scene, error: BrokerError) -> None:
        broker = await scene.link()
        broker.trouble = error
        await place(scene, an_intent())
        account = await scene.accounts.account(USER, "zerodha-one")
        assert account is not None
        assert account.session_problem(scene.clock.now()) is None

    @pytest.mark.parametrize("reaction", list(Reaction))
    async def test_every_claimed_intent_ends_with_a_recorded_state(self, scene: Scene, reaction: Reaction) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL] = reaction
        broker.missing_quotes.add("NIFTY25000CE")
        unpriced = hedge(leg=3, contract=a_contract(25000))
        await place(scene, hedge(), short(), unpriced, hedge(run_id="other-20261123"))
        states = (await scene.states()).values()
        assert not [state for state in states if state.status in (IntentStatus.PLANNED, IntentStatus.SENDING)]
        assert all(state.reason for state in states if state.status in FINAL - {IntentStatus.FILLED})

    async def test_a_ledger_that_fails_for_one_order_lets_the_others_go_to_their_end(self, scene: Scene) -> None:
        class FailsOnce(MemoryRuns):
            async def record(self, intent: Intent, state: OrderState) -> bool:
                if intent.run_id == "fails-20261123":
                    raise ConnectionError("the table did not answer")
                return await super().record(intent, state)

        scene.runs = FailsOnce()
        broker = await scene.link()
        broker.reply_after[SHORT_SYMBOL] = SECOND
        with pytest.raises(ConnectionError):
            await place(scene, hedge(run_id="fails-20261123"), an_intent())
        assert (await scene.state(an_intent())).status is IntentStatus.ACCEPTED


class TestHedges:
    async def test_a_short_waits_for_its_hedge(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.fill_after = timedelta(milliseconds=700)
        assert await place(scene, short(), hedge()) == 2
        assert [(sent.order.symbol, sent.at - T) for sent in broker.sent] == [
            (HEDGE_SYMBOL, timedelta(0)),
            (SHORT_SYMBOL, FIRST_LOOK + 3 * TIMING.poll),
        ]
        assert (await scene.state(hedge())).status is IntentStatus.FILLED

    async def test_a_short_without_a_hedge_in_its_run_leaves_at_once(self, scene: Scene) -> None:
        broker = await scene.link()
        await place(scene, short())
        assert [sent.at for sent in broker.sent] == [T]

    async def test_a_short_waits_for_every_slice_of_every_hedge(self, scene: Scene) -> None:
        broker = await scene.link()
        slices = [hedge(slice_number=1), hedge(slice_number=2), hedge(leg=3, contract=a_contract(24800))]
        broker.reactions["NIFTY24800CE"] = Reaction.REST
        assert await place(scene, short(), *slices) == 3
        assert SHORT_SYMBOL not in broker.sent_symbols

    @pytest.mark.parametrize(
        ("reaction", "reason"),
        [
            (Reaction.REFUSE, "leg 2 (BUY NIFTY24700CE) is refused: the broker says"),
            (Reaction.UNREACHABLE, "leg 2 (BUY NIFTY24700CE) is refused: not sent: no connection"),
            (Reaction.LOSE_ORDER, "leg 2 (BUY NIFTY24700CE) is unknown: the answer did not come"),
            (Reaction.KILL_AT_EXCHANGE, "leg 2 (BUY NIFTY24700CE) is refused: the exchange refused it"),
            (Reaction.REST, "leg 2 (BUY NIFTY24700CE) was not filled by 2026-11-23T09:20:20+05:30"),
            (Reaction.PARTLY, "leg 2 (BUY NIFTY24700CE) was not filled by 2026-11-23T09:20:20+05:30"),
        ],
    )
    async def test_a_short_is_withheld_with_the_reason_when_its_hedge_is_not_filled(
        self, scene: Scene, reaction: Reaction, reason: str
    ) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL] = reaction
        await place(scene, short(), hedge())
        assert SHORT_SYMBOL not in broker.sent_symbols
        state = await scene.state(short())
        assert state.status is IntentStatus.WITHHELD
        assert state.reason.startswith(f"not sent: {reason}")

    @pytest.mark.parametrize("error", [BrokerGarbled("no JSON"), BrokerBusy("slow down"), SessionOver("log in")])
    async def test_a_fill_that_cannot_be_read_is_no_fill(self, scene: Scene, error: Exception) -> None:
        broker = await scene.link()
        broker.unreadable_orders = error  # type: ignore[assignment]
        await place(scene, short(), hedge())
        assert broker.sent_symbols == [HEDGE_SYMBOL]
        assert (await scene.state(short())).status is IntentStatus.WITHHELD

    async def test_a_hedge_that_the_book_shows_filled_releases_its_short_before_its_answer_comes(
        self, scene: Scene
    ) -> None:
        broker = await scene.link()
        broker.reply_after[HEDGE_SYMBOL] = SECOND
        assert await place(scene, short(), hedge()) == 2
        assert broker.sent[1].at == T + FIRST_LOOK
        state = await scene.state(hedge())
        assert (state.status, state.acknowledged_at) == (IntentStatus.FILLED, T + SECOND)

    async def test_a_hedge_whose_answer_is_lost_releases_its_short_when_the_book_shows_its_fill(
        self, scene: Scene
    ) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL] = Reaction.LOSE_REPLY
        assert await place(scene, short(), hedge()) == 2
        assert broker.sent_symbols == [HEDGE_SYMBOL, SHORT_SYMBOL]
        state = await scene.state(hedge())
        assert (state.status, state.filled_quantity) == (IntentStatus.FILLED, hedge().quantity)

    async def test_a_hedge_whose_number_was_lost_is_found_in_a_later_book_where_books_are_scarce(
        self, scene: Scene
    ) -> None:
        broker = await scene.link(an_account("zerodha-one", broker="angel_one"))
        broker.reactions[HEDGE_SYMBOL] = Reaction.LOSE_REPLY
        broker.fill_after = SECOND
        assert await place(scene, short(), hedge()) == 2
        assert broker.sent[1].at >= T + SECOND
        assert (await scene.state(hedge())).status is IntentStatus.FILLED

    async def test_all_hedges_of_an_account_are_looked_for_in_one_book(self, scene: Scene) -> None:
        broker = await scene.link()
        pairs = [
            (hedge(run_id=f"run-{number}-20261123"), short(run_id=f"run-{number}-20261123")) for number in range(5)
        ]
        assert await place(scene, *(intent for pair in pairs for intent in pair)) == 10
        assert broker.calls.count("orders") == 1
        assert broker.calls.count("order") == 0

    async def test_where_books_are_scarce_one_is_read_and_then_the_orders_themselves(self, scene: Scene) -> None:
        broker = await scene.link(an_account("zerodha-one", broker="angel_one"))
        broker.fill_after = timedelta(milliseconds=700)
        assert await place(scene, short(), hedge()) == 2
        assert (broker.calls.count("orders"), broker.calls.count("order")) == (1, 3)

    async def test_an_exit_buys_the_shorts_back_before_it_sells_the_hedges(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.fill_after = SECOND
        back = short(phase=Phase.EXIT, side=Side.BUY)
        sold = hedge(phase=Phase.EXIT, side=Side.SELL)
        await place(scene, sold, back)
        assert broker.sent_symbols == [SHORT_SYMBOL, HEDGE_SYMBOL]
        assert broker.sent[1].at >= T + SECOND

    async def test_a_hedge_that_cannot_be_priced_stops_its_short(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.missing_quotes.add(HEDGE_SYMBOL)
        await place(scene, short(), hedge())
        assert broker.sent_symbols == []
        state = await scene.state(short())
        assert state.status is IntentStatus.WITHHELD
        assert state.reason.startswith("not sent: ")

    async def test_a_short_that_cannot_be_priced_leaves_hedge_and_other_shorts_alone(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.missing_quotes.add("NIFTY24400CE")
        await place(scene, short(), hedge(), short(leg=3, contract=a_contract(24400)))
        assert broker.sent_symbols == [HEDGE_SYMBOL, SHORT_SYMBOL]


class TestHedgesOfAllAccounts:
    """Strategies that say `hedges_of: run`: the worker of each account holds only its own orders."""

    async def both(self, scene: Scene) -> tuple[FakeBroker, FakeBroker, list[str], list[str]]:
        """The hedge at Zerodha, the short at Angel One."""
        zerodha, angel = await scene.link(), await scene.link(an_account("angel-one", broker="angel_one"))
        ids = await scene.plan(hedge(orders=PROTECTED_ACROSS), short(account_id="angel-one", orders=PROTECTED_ACROSS))
        return zerodha, angel, ids[:1], ids[1:]

    async def place_both(self, scene: Scene, first: list[str], second: list[str]) -> None:
        await asyncio.gather(
            scene.placer.place(USER, "zerodha-one", TICK, first), scene.placer.place(USER, "angel-one", TICK, second)
        )

    async def test_a_short_waits_for_the_hedge_of_another_account(self, scene: Scene) -> None:
        zerodha, angel, first, second = await self.both(scene)
        zerodha.fill_after = SECOND
        await self.place_both(scene, first, second)
        (sent,) = angel.sent
        assert T + SECOND <= sent.at <= T + 2 * SECOND

    async def test_a_short_is_withheld_when_the_hedge_of_another_account_is_refused(self, scene: Scene) -> None:
        zerodha, angel, first, second = await self.both(scene)
        zerodha.reactions[HEDGE_SYMBOL] = Reaction.REFUSE
        await self.place_both(scene, first, second)
        assert angel.sent == []
        state = await scene.state(short(account_id="angel-one"))
        assert state.reason == "not sent: leg 2 (BUY NIFTY24700CE at zerodha-one) is refused"

    async def test_a_short_is_withheld_when_the_worker_of_its_hedge_is_dead(self, scene: Scene) -> None:
        _, angel, _, second = await self.both(scene)
        await scene.placer.place(USER, "angel-one", TICK, second)
        assert angel.sent == []
        state = await scene.state(short(account_id="angel-one"))
        assert state.reason.startswith("not sent: leg 2 (BUY NIFTY24700CE at zerodha-one) was not filled by ")

    async def test_a_hedge_is_sold_when_the_short_of_another_account_is_bought_back(self, scene: Scene) -> None:
        zerodha, angel = await scene.link(), await scene.link(an_account("angel-one", broker="angel_one"))
        angel.fill_after = SECOND
        at_angel: dict[str, Any] = {"account_id": "angel-one", "orders": PROTECTED_ACROSS}
        scene.put(an_order(IntentStatus.FILLED, leg=2, contract=a_contract(24700), orders=PROTECTED_ACROSS))
        scene.put(an_order(IntentStatus.FILLED, side=Side.SELL, **at_angel))
        ids = await scene.plan(
            hedge(phase=Phase.EXIT, side=Side.SELL, orders=PROTECTED_ACROSS),
            short(phase=Phase.EXIT, side=Side.BUY, **at_angel),
        )
        await self.place_both(scene, ids[:1], ids[1:])
        assert [sent.at for sent in angel.sent] == [T]
        (sold,) = zerodha.sent
        assert T + SECOND <= sold.at <= T + 2 * SECOND


class TestRunsApart:
    async def test_a_run_does_not_wait_for_the_hedge_of_another(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.reactions[HEDGE_SYMBOL] = Reaction.REST
        other = short(run_id="other-20261123")
        await place(scene, hedge(), short(), other)
        assert [(sent.order.tag, sent.at) for sent in broker.sent] == [(hedge().tag, T), (other.tag, T)]

    async def test_a_hanging_hedge_delays_only_its_own_run(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.fills_after[HEDGE_SYMBOL] = 15 * SECOND
        broker.reply_after[HEDGE_SYMBOL] = 4 * SECOND
        other_hedge = hedge(run_id="other-20261123", leg=2, contract=a_contract(24800))
        other_short = short(run_id="other-20261123", contract=a_contract(24600))
        await place(scene, hedge(), short(), other_hedge, other_short)
        assert {sent.order.tag: sent.at for sent in broker.sent} == {
            hedge().tag: T,
            other_hedge.tag: T,
            other_short.tag: T + FIRST_LOOK,
            short().tag: T + FIRST_LOOK + 15 * SECOND,
        }

    async def test_a_missing_quote_withholds_that_order_alone(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.missing_quotes.add(HEDGE_SYMBOL)
        other = an_intent(run_id="other-20261123")
        await place(scene, hedge(), other)
        assert [sent.order.tag for sent in broker.sent] == [other.tag]
        assert (await scene.state(hedge())).reason == "not sent: the broker has no quote for NIFTY24700CE"

    async def test_an_option_without_any_price_is_withheld(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.default_quote = Quote(Decimal(0))
        await place(scene, short())
        assert broker.sent == []
        assert "no price is known" in (await scene.state(short())).reason


class TestWhatCannotBeSent:
    async def reasons(self, scene: Scene, *intents: Intent) -> set[str]:
        """Send; nothing must leave, and everything must be withheld: the reasons."""
        assert await place(scene, *intents) == 0
        states = (await scene.states()).values()
        assert {state.status for state in states} == {IntentStatus.WITHHELD}
        return {state.reason for state in states}

    async def test_an_account_that_is_not_linked_any_more(self, scene: Scene) -> None:
        assert await self.reasons(scene, short(), hedge()) == {"not sent: account 'zerodha-one' is not linked any more"}

    async def test_a_session_that_is_over(self, scene: Scene) -> None:
        broker = await scene.link(an_account(session_expires_at=at("06:00")))
        (reason,) = await self.reasons(scene, an_intent())
        assert "ended at 23 Nov 06:00; log in again" in reason
        assert broker.calls == []

    async def test_keys_that_are_gone(self, scene: Scene) -> None:
        await scene.accounts.save_account(an_account())
        (reason,) = await self.reasons(scene, an_intent())
        assert reason == "not sent: no keys are stored for account zerodha-one; link it again"

    async def test_keys_that_cannot_be_used(self, scene: Scene) -> None:
        await scene.link()
        scene.brokers.accounts.clear()
        (reason,) = await self.reasons(scene, an_intent())
        assert "api_key has characters that cannot be sent" in reason

    @pytest.mark.parametrize("error", [SessionOver("the token was revoked"), BrokerRefused("no F&O for this account")])
    async def test_a_broker_that_says_no_is_not_asked_again(self, scene: Scene, error: Any) -> None:
        broker = await scene.link()
        broker.trouble = error
        (reason,) = await self.reasons(scene, short(), hedge())
        assert reason == f"not sent: the broker could not be used: {error}"
        assert broker.calls == ["warm"]

    @pytest.mark.parametrize("scope", ["PLATFORM", f"USER#{USER}", f"ACCOUNT#{USER}#zerodha-one"])
    async def test_a_halt_withholds_entries(self, scene: Scene, scope: str) -> None:
        await scene.link()
        await scene.controls.halt(scope, "stop", "operator")
        (reason,) = await self.reasons(scene, short(), hedge())
        assert reason.endswith(": stop")

    async def test_switches_that_cannot_be_read_withhold_entries_and_no_exit(self, scene: Scene) -> None:
        class Away(MemoryControls):
            async def control(self) -> Control:
                raise ConnectionError("the table did not answer")

        scene.controls = Away()
        broker = await scene.link()
        out = an_intent(phase=Phase.EXIT, side=Side.SELL, run_id="other-20261123")
        assert await place(scene, an_intent(), out) == 1
        assert [sent.order.tag for sent in broker.sent] == [out.tag]
        state = await scene.state(an_intent())
        assert state.status is IntentStatus.WITHHELD
        assert state.reason == "not sent: the switches could not be read: the table did not answer"

    async def test_what_closes_at_once_needs_a_session_now_and_none_at_its_tick(self) -> None:
        scene = Scene(at("09:15:01"))
        broker = await scene.link()
        before_the_open = Tick(at("09:14"))
        out = an_intent(
            phase=Phase.EXIT, side=Side.SELL, at_once=True, intended_at=before_the_open, not_after=at("09:15:20")
        )
        assert await place(scene, out, tick=before_the_open) == 1
        assert broker.sent_symbols == [out.symbol]

    async def test_a_halt_lets_exits_through_even_together_with_entries(self, scene: Scene) -> None:
        broker = await scene.link()
        await scene.controls.halt("PLATFORM", "stop", "operator")
        leaving = short(phase=Phase.EXIT, side=Side.BUY, run_id="other-20261123")
        assert await place(scene, hedge(), leaving) == 1
        assert [sent.order.tag for sent in broker.sent] == [leaving.tag]
        assert (await scene.state(hedge())).status is IntentStatus.WITHHELD


class TestTrouble:
    @pytest.mark.parametrize("error", [BrokerUnreachable("refused"), BrokerBusy("429"), BrokerGarbled("<html>")])
    async def test_a_broker_in_trouble_is_asked_again_and_the_order_leaves_late_but_in_time(
        self, scene: Scene, error: Any
    ) -> None:
        broker = await scene.link()
        broker.trouble, broker.trouble_until = error, T + 4 * SECOND
        assert await place(scene, an_intent()) == 1
        assert [sent.at for sent in broker.sent] == [T + 4 * SECOND]

    async def test_a_broker_that_stays_in_trouble_is_given_up_at_the_limit(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.trouble = BrokerUnreachable("connection refused")
        assert await place(scene, short(), hedge()) == 0
        assert T + 19 * SECOND <= scene.clock.now() <= T + 20 * SECOND
        state = await scene.state(short())
        assert state.status is IntentStatus.WITHHELD
        assert state.reason == "not sent: the broker could not be used: connection refused"

    async def test_nothing_to_send_asks_nobody(self, scene: Scene) -> None:
        broker = await scene.link()
        assert await scene.placer.place(USER, "zerodha-one", TICK, []) == 0
        assert broker.calls == []


async def test_the_clock_of_these_tests_lets_sleepers_pass_in_their_order() -> None:
    scene, woken = Scene(start=T), []

    async def sleeper(name: str, seconds: int, times: int) -> None:
        for _ in range(times):
            await scene.clock.sleep(seconds * SECOND)
            woken.append((name, (scene.clock.now() - T).seconds))

    await asyncio.gather(sleeper("a", 2, 2), sleeper("b", 1, 3), sleeper("c", 3, 1))
    assert woken == [("b", 1), ("a", 2), ("b", 2), ("c", 3), ("b", 3), ("a", 4)]
