"""An entry whose book cannot be believed is not sent, with all of its run; what closes is sent and says so."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.domain.contracts import Quote, Side
from lambdas.domain.intents import Intent, IntentStatus, Phase
from tests.doubles.broker import FakeBroker
from tests.doubles.examples import USER, a_contract, an_intent
from tests.doubles.limits import some_limits
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
WIDE = Quote(Decimal(100), Decimal(70), Decimal(130))
CLOSING: dict[str, Any] = {"phase": Phase.EXIT}


def hedge(**changes: Any) -> Intent:
    return an_intent(**{"leg": 2, "contract": a_contract(24700), **changes})


def short(**changes: Any) -> Intent:
    return an_intent(**{"leg": 1, "side": Side.SELL, **changes})


async def place(scene: Scene, *intents: Intent) -> FakeBroker:
    """Plan these intents and let the worker send them; the broker."""
    broker = scene.brokers.accounts.get((USER, "zerodha-one")) or await scene.link()
    ids = await scene.plan(*intents)
    await scene.placer.place(USER, "zerodha-one", intents[0].intended_at, ids)
    return broker


class TestEntries:
    @pytest.mark.parametrize("insane", ["NIFTY24700CE", "NIFTY24500CE"])
    async def test_one_insane_leg_withholds_all_of_its_run_and_no_other_run(self, scene: Scene, insane: str) -> None:
        broker = await scene.link()
        broker.quoted[insane] = WIDE
        other = an_intent(run_id="other-20261123", contract=a_contract(24600))
        await place(scene, hedge(), short(), other)
        assert [sent.order.tag for sent in broker.sent] == [other.tag]
        side, leg, word, price = ("BUY", 2, "ask", 130) if insane == "NIFTY24700CE" else ("SELL", 1, "bid", 70)
        for intent in (hedge(), short()):
            state = await scene.state(intent)
            assert (state.status, state.reason) == (
                IntentStatus.WITHHELD,
                f"not sent: price sanity: leg {leg} ({side} {insane}): price_sanity_percent: the {word} of {price} is "
                "30.0 % from the last price 100, the limit is 20",
            )

    async def test_a_crossed_book_is_refused(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.default_quote = Quote(Decimal(100), Decimal(101), Decimal(100))
        await place(scene, an_intent())
        assert broker.sent == []
        assert "the book is crossed: bid 101 is above ask 100" in (await scene.state(an_intent())).reason

    async def test_an_empty_book_is_priced_from_the_last_price(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.default_quote = Quote(Decimal(100))
        await place(scene, an_intent())
        assert [sent.order.limit_price for sent in broker.sent] == [Decimal(104)]

    @pytest.mark.parametrize(
        ("of_user", "of_account", "sent"), [(30, None, 1), (None, 30, 1), (29, 30, 0), (30, 29, 0), (500, 500, 1)]
    )
    async def test_the_users_and_the_accounts_percent_hold(
        self, scene: Scene, of_user: int | None, of_account: int | None, sent: int
    ) -> None:
        broker = await scene.link()
        broker.default_quote = WIDE
        of_accounts: dict[str, Any] = {
            "zerodha-one": {"price_sanity_percent": of_account},
            "angel-one": {"price_sanity_percent": 1},
        }
        scene.limits.put(some_limits(of_accounts, price_sanity_percent=of_user))
        await place(scene, an_intent())
        assert len(broker.sent) == sent
        assert scene.limits.asked == 1

    async def test_limits_that_cannot_be_read_stop_entries_and_no_exit(self, scene: Scene) -> None:
        scene.limits.unreadable = True
        closing = an_intent(**CLOSING)
        broker = await place(scene, an_intent(), closing)
        assert [sent.order.tag for sent in broker.sent] == [closing.tag]
        reason = (await scene.state(an_intent())).reason
        assert reason == "not sent: version 1 of the risk limits cannot be read; save others in its place"


class TestExits:
    async def test_what_closes_is_sent_at_its_protected_limit_and_says_so(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.default_quote = WIDE
        bought_back, sold = an_intent(**CLOSING), hedge(side=Side.SELL, **CLOSING)
        await place(scene, bought_back, sold)
        assert [(sent.order.symbol, sent.order.limit_price) for sent in broker.sent] == [
            ("NIFTY24500CE", Decimal("135.20")),
            ("NIFTY24700CE", Decimal("65.80")),
        ]
        for intent, told in ((bought_back, "the ask of 130"), (sold, "the bid of 70")):
            state = await scene.state(intent)
            assert state.reason == (
                f"sent all the same, to close: price sanity: price_sanity_percent: {told} is 30.0 % from the last "
                "price 100, the limit is 20"
            )

    async def test_what_closes_at_a_believable_price_says_nothing(self, scene: Scene) -> None:
        await place(scene, an_intent(**CLOSING))
        assert (await scene.state(an_intent(**CLOSING))).reason == ""
