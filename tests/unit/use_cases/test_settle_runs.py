"""Runs are judged once for each change, and every failure is said aloud."""

from decimal import Decimal

import pytest

from lambdas.domain.contracts import Side
from lambdas.domain.intents import IntentStatus, Phase
from lambdas.domain.order_rules import Policies
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import RunStatus
from tests.doubles.examples import EXIT_TICK, TICK, USER, a_run, a_strategy, an_order
from tests.unit.use_cases.scene import Scene, entries, exits

pytestmark = pytest.mark.anyio
RUN = "spread-20261123"
KEEP = Policies(on_refusal="keep", on_partial_fill="keep", on_broker_failure="keep")


async def settle(scene: Scene) -> dict[str, str]:
    return dict((await scene.settler.settle(USER, TICK, [RUN])).statuses)


class TestSettle:
    async def test_a_run_whose_orders_are_filled_is_open_and_says_so_once(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run(status=RunStatus.ENTERING))
        scene.put(an_order())
        assert await settle(scene) == {RUN: "open"}
        assert await settle(scene) == {RUN: "open"}
        assert scene.events.names == ["RunEntered"]
        (event,) = scene.events.of("RunEntered")
        assert (event["user_id"], event["run_id"], event["status"]) == (USER, RUN, "open")
        assert (await scene.run(a_strategy())).reason == "every order is filled"

    @pytest.mark.parametrize(
        "status", [IntentStatus.REFUSED, IntentStatus.WITHHELD, IntentStatus.MISSED, IntentStatus.CANCELLED]
    )
    async def test_every_order_that_went_wrong_is_told_with_its_reason(
        self, scene: Scene, status: IntentStatus
    ) -> None:
        await scene.runs.begin_run(a_run(policies=KEEP))
        scene.put(an_order(), an_order(status, leg=2, reason="no margin"))
        assert await settle(scene) == {RUN: "incomplete"}
        assert scene.events.names == ["RunIncomplete", "OrderRefused"]
        (event,) = scene.events.of("OrderRefused")
        assert (event["status"], event["reason"], event["account_id"]) == (status, "no margin", "zerodha-one")
        assert {"refusal", "advice"} & set(event) == set()

    async def test_a_refusal_is_told_with_its_kind_and_what_to_do(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        scene.put(an_order(), an_order(IntentStatus.REFUSED, leg=2, reason="RMS: …", refusal=Refusal.FUNDS))
        await settle(scene)
        (event,) = scene.events.of("OrderRefused")
        assert (event["reason"], event["refusal"]) == ("RMS: …", "funds")
        assert event["advice"] == Refusal.FUNDS.advice

    async def test_orders_of_another_tick_are_not_told_again(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run(policies=KEEP))
        scene.put(an_order(), an_order(IntentStatus.REFUSED, leg=2))
        await scene.settler.settle(USER, EXIT_TICK, [RUN])
        assert scene.events.names == ["RunIncomplete"]

    async def test_a_run_in_flight_is_unresolved_until_it_is_resolved(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        scene.put(an_order(IntentStatus.UNKNOWN))
        assert await settle(scene) == {RUN: "unresolved"}
        scene.put(an_order())
        assert await settle(scene) == {RUN: "open"}
        assert scene.events.names == ["RunIncomplete", "RunEntered"]

    async def test_a_flat_run_tells_its_profit(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        back = an_order(phase=Phase.EXIT, side=Side.SELL, price="110.5", intended_at=EXIT_TICK)
        scene.put(an_order(price="100"), back)
        assert await settle(scene) == {RUN: "flat"}
        (event,) = scene.events.of("RunFlat")
        assert Decimal(event["realised"]) == Decimal("1365")

    async def test_a_run_without_orders_stays_what_it_is(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run(status=RunStatus.REFUSED, reason="no master"))
        assert await settle(scene) == {RUN: "refused"}
        assert scene.events.published == []

    async def test_a_run_that_does_not_exist_is_an_error(self, scene: Scene) -> None:
        with pytest.raises(ValueError, match="run spread-20261123 of user-one does not exist"):
            await settle(scene)


class TestFailure:
    async def test_a_failed_step_is_written_on_runs_that_got_no_further(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run())
        work = [*entries([a_strategy(), a_strategy("never-begun")])]
        await scene.settler.report_failure(USER, TICK, "the function timed out", work)
        for strategy in (a_strategy(), a_strategy("never-begun")):
            run = await scene.run(strategy)
            assert (run.status, run.reason) == (RunStatus.REFUSED, "the function timed out")
        assert scene.events.published[-1].detail == {
            "user_id": USER,
            "tick": str(TICK),
            "reason": "the function timed out",
        }
        assert scene.events.names[-1] == "TickFailed"

    async def test_a_failed_exit_leaves_its_run_incomplete(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        await scene.settler.report_failure(USER, TICK, "the function timed out", exits([a_strategy()]))
        assert (await scene.run(a_strategy())).status is RunStatus.INCOMPLETE

    @pytest.mark.parametrize("status", [RunStatus.FLAT, RunStatus.REFUSED, RunStatus.MISSED])
    async def test_a_closed_run_is_not_opened_again_by_a_failure(self, scene: Scene, status: RunStatus) -> None:
        await scene.runs.begin_run(a_run(status=status))
        await scene.settler.report_failure(USER, TICK, "failed", exits([a_strategy()]))
        assert (await scene.run(a_strategy())).status is status

    async def test_a_failed_repetition_of_an_entry_does_not_close_an_open_run(self, scene: Scene) -> None:
        await scene.runs.begin_run(a_run(status=RunStatus.OPEN))
        await scene.settler.report_failure(USER, TICK, "failed", entries([a_strategy()]))
        assert (await scene.run(a_strategy())).status is RunStatus.OPEN
