"""`python -m bench.timing`: how far from second 0 orders leave, beside the two usual ways of acting each minute.

The deployed product, the textbook loop and the cron rule run in one emulator during the same real minutes.
"""

import argparse
import signal
import sys
import time
from datetime import datetime, timedelta

from bench.baseline_rig import Baselines
from bench.offsets import COLUMNS
from bench.outcome import arrivals_of, samples_of, settled_day, tell_differences
from bench.plan import MAX_TICKS, MIN_TICKS, Plan, first_minute, start_after
from bench.report import ROOT, Machine, Report, Table
from lambdas.domain.moments import IST
from local import seed, show
from local.api import sign_up
from local.cluster import Cluster
from local.instance import SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue, step
from shared_config.settings import SettingsError, load_settings

BASELINES_HIT_WITHIN = timedelta(seconds=35)
"""After second 0 of the last minute: half a minute later an instant would belong to the next one."""
FILE = ROOT / "docs" / "measurements" / "timing.md"
NOTES = (
    "p50 and p99 are nearest ranks, values that occurred. Early is before second 0; lost is expected and never sent.",
    "Each minute has an iron condor that enters and one that leaves (the first only enters, the last only leaves): "
    "two legs at each of two accounts. The second wave are sells that wait until the broker says that their hedge "
    "is filled.",
    "By the exchange's clock: when the sandbox exchange received the order, not what the product recorded.",
    "60 − second: a state machine that waits max(1, 60 − second) whole seconds, then calls a function that sends a "
    "request. Cron rule: the same function called each minute. Their instant is taken before they connect, and "
    "belongs to the nearest minute; a minute that none hit is lost. Both functions are warm before the first minute.",
    "The rules of this emulator are swept every 10 s; in AWS a rule fires at some time within its minute.",
    "All of it (emulator, exchange, product, baselines) shares the cores of one machine, and nothing leaves it.",
)


def main() -> int:
    """Returns 0 when the run itself went through, whatever its numbers; 1 when it did not."""
    parser = argparse.ArgumentParser(prog="python -m bench.timing", description=__doc__)
    parser.add_argument("--ticks", type=_ticks, default=20, help=f"minutes with orders, {MIN_TICKS} to {MAX_TICKS}")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        _wait_past_cuts(options.ticks)
        report = measure(options.ticks)
    except KeyboardInterrupt:
        print("\nStopped everything that was started.")
        return 1
    except (CannotContinue, SettingsError) as error:
        print(f"\n✗ {error}")
        return 1
    report.publish(FILE if options.write else None)
    return 0


def _ticks(text: str) -> int:
    if not text.isdigit() or not MIN_TICKS <= int(text) <= MAX_TICKS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {MIN_TICKS} to {MAX_TICKS}")
    return int(text)


def _wait_past_cuts(ticks: int) -> None:
    later = start_after(datetime.now(IST), ticks)
    if later is not None:
        print(f"  … waiting until {later:%H:%M:%S} IST, so that no session ends during the run", flush=True)
        _sleep_until(later)


def measure(ticks: int) -> Report:
    """Bring everything up, let the minutes pass, and read what happened. Raises CannotContinue."""
    machine = Machine.present()
    instance = Instance("bench", free_port_block(1), free_port_block(SANDBOX_PORTS), load_settings("local").region)
    with Cluster(instance) as cluster:
        cluster.start()
        baselines = Baselines(cluster)
        plan = _prepare(cluster, baselines, ticks)
        began = datetime.now(IST)
        _let_pass(plan)
        day = settled_day(cluster, plan)
        samples = samples_of(plan, day, arrivals_of(cluster), baselines)
        tell_differences(cluster, day)
    if not day["orders"]:
        raise CannotContinue(f"no order was made in {ticks} minutes: {show.summary(day)}")
    return Report(
        title="How far from second 0 orders leave",
        command=f"python -m bench.timing --ticks {ticks}",
        measured_at=began,
        machine=machine,
        sizes=f"{ticks} minutes ({plan.minutes[0].hhmm}–{plan.minutes[-1].hhmm} IST), {plan.orders} orders of "
        f"{ticks - 1} runs in 2 accounts",
        tables=(Table("Offsets in milliseconds", COLUMNS, tuple(sample.row() for sample in samples)),),
        notes=NOTES,
    )


def _prepare(cluster: Cluster, baselines: Baselines, ticks: int) -> Plan:
    with step("creating a user with two linked accounts, loading instrument masters, starting the loop"):
        api = sign_up(cluster, seed.DEMO_EMAIL, seed.DEMO_PASSWORD)
        seed.link_accounts(api)
        seed.load_masters(cluster)
        seed.ask_watchdog(cluster)
    with step("starting the baselines: the textbook loop and the cron rule"):
        baselines.start()
    lead = timedelta(seconds=cluster.settings.timing.lead_seconds)
    plan = Plan.beginning(first_minute(datetime.now(IST), lead, ticks), ticks)
    with step(f"storing the strategies of {ticks} minutes"):
        for strategy_id, definition in plan.strategies():
            api.put(f"/strategies/{strategy_id}", definition)
    if datetime.now(IST) > plan.minutes[0].instant - lead:
        raise CannotContinue(f"storing the strategies took until the lead of {plan.minutes[0].hhmm}: try again")
    return plan


def _let_pass(plan: Plan) -> None:
    """Wait through the minutes, doing nothing that could disturb them."""
    print(f"  … {len(plan.minutes)} minutes from {plan.minutes[0].hhmm} IST on", flush=True)
    for count, tick in enumerate(plan.minutes, 1):
        _sleep_until(tick.instant + timedelta(seconds=5))
        print(f"  minute {count} of {len(plan.minutes)} ({tick.hhmm} IST)", flush=True)
    _sleep_until(plan.minutes[-1].instant + BASELINES_HIT_WITHIN)


def _sleep_until(instant: datetime) -> None:
    while (left := (instant - datetime.now(IST)).total_seconds()) > 0:
        time.sleep(min(left, 30))


if __name__ == "__main__":
    sys.exit(main())
