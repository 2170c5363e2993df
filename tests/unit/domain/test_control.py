"""Who may not enter, who cannot trade, and when things happen around a tick."""

from datetime import timedelta

import pytest

from lambdas.domain.control import Control
from tests.doubles.examples import TICK, TIMING, an_account, at


class TestHalts:
    @pytest.mark.parametrize(
        ("scope", "said"),
        [
            ("PLATFORM", "halted (platform): why"),
            ("USER#user-one", "halted (user): why"),
            ("ACCOUNT#user-one#zerodha-one", "halted (account): why"),
        ],
    )
    def test_a_halt_of_any_scope_stops_the_account_and_says_why(self, scope: str, said: str) -> None:
        assert Control({scope: "why"}).halt_of("user-one", "zerodha-one") == said

    @pytest.mark.parametrize(
        "scope",
        ["USER#user-two", "USER#user-on", "ACCOUNT#user-one#zerodha-two", "ACCOUNT#user-two#zerodha-one"],
    )
    def test_a_halt_of_another_stops_nobody_else(self, scope: str) -> None:
        assert Control({scope: "why"}).halt_of("user-one", "zerodha-one") is None

    def test_a_halted_account_leaves_its_user_free(self) -> None:
        assert Control({"ACCOUNT#user-one#zerodha-one": "why"}).halt_of("user-one") is None

    def test_a_halted_strategy_stops_itself_and_nothing_else(self) -> None:
        control = Control({"STRATEGY#user-one#spread": "why"})
        assert control.halt_of("user-one", strategy_id="spread") == "halted (strategy): why"
        assert control.halt_of("user-one", "spread", "other") is None
        assert control.halt_of("user-two", strategy_id="spread") is None

    def test_the_widest_halt_is_told_first(self) -> None:
        control = Control({"USER#user-one": "mine", "PLATFORM": "all"})
        assert control.halt_of("user-one") == "halted (platform): all"

    def test_without_halts_everybody_may_enter(self) -> None:
        assert Control().halt_of("user-one", "zerodha-one") is None


class TestSessions:
    def test_a_session_holds_until_its_end_and_not_at_it(self) -> None:
        account = an_account(session_expires_at=at("15:00"))
        assert account.session_problem(at("14:59:59.999999")) is None
        problem = account.session_problem(at("15:00"))
        assert problem == "the zerodha session of account zerodha-one ended at 23 Nov 15:00; log in again"

    def test_a_disabled_account_does_not_trade(self) -> None:
        assert an_account(enabled=False).session_problem(at("09:20")) == "account zerodha-one is disabled"

    def test_an_account_without_a_login_says_so(self) -> None:
        problem = an_account(session_expires_at=None).session_problem(at("09:20"))
        assert problem == "account zerodha-one has never been logged in to zerodha"


class TestTiming:
    def test_a_tick_is_prepared_its_lead_before(self) -> None:
        assert TIMING.wake_for(TICK) == at("09:19:45")

    def test_a_loop_is_alive_until_its_grace_after_it_should_have_woken(self) -> None:
        assert TIMING.lease_until(TICK) == at("09:20:05")
        assert TIMING.lease_until(TICK) - TIMING.wake_for(TICK) == timedelta(seconds=20)
