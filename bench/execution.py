"""`python -m bench.execution`: how fast and how safely orders go out beyond one account and one strategy.

A four-leg strategy against the broker's own delay, a crowd at one minute, a burst above the rate limit, and what the
trouble of some accounts does to the others. Beside them the same orders by a bare HTTP client, in the same run.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bench import burst as burst_part
from bench.condor_times import CondorTimes, condor_times
from bench.crowd import Bulkheads, Minutes, Size, desks_of, minutes
from bench.desk import Desk, worker_of
from bench.minutes import TALLY_COLUMNS, sleep_until
from bench.offsets import COLUMNS as OFFSET_COLUMNS
from bench.plan import start_after
from bench.report import ROOT, Machine, Report, Table
from bench.sandbox_rig import Exchange
from bench.worker_runs import COLUMNS, PASSAGE_COLUMNS
from lambdas.bootstrap import run
from lambdas.domain.moments import IST
from local import seed
from local.cluster import Cluster
from local.instance import BROKERS, SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue, step
from shared_config.settings import SettingsError, load_settings

FILE = ROOT / "docs" / "measurements" / "execution.md"
LEAD_SECONDS = 30
"""Instead of 15: twenty-five functions that start cold take some 45 seconds of this machine's processors."""
LONGEST_MINUTES = 50
"""The run, and the exits of what it entered."""
SCALE = (
    "For scale, in its own run on such a machine: the leading open-source peer took 548 ms for four option legs at "
    "100 ms broker delay, accepted 16 of a burst of 100 orders, and left shorts open when the hedge was refused."
)
NOTES = (
    SCALE,
    "Delay: the sandbox's fault holds every request at every face so long after it has arrived, before it is carried "
    "out. Four legs are an iron condor: two hedges bought, then two shorts sold when the hedges are seen filled. "
    "Physically the shorts cannot be answered before two round trips (2 × delay). The worker looks at the order book "
    "while the hedges' answers are on their way. Aim: at most 220 ms at 100 ms.",
    "Legwise in that table and in the burst: the deployed functions' own workers (prepare, then one worker for each "
    "account), built from their variables, in this process and with the real clock, adapters and rate limits; their "
    "store is the emulator's DynamoDB on the loopback (some 2 to 5 ms a write). No Step Functions, no Lambda. The last "
    "answer is the last acknowledgement of an order. Not whole: repetitions in which an order was not taken; they are "
    "left out of the times.",
    "Bare httpx: the requests that Zerodha's adapter sent for the same four orders, over kept connections, in one "
    "account, counted from the first byte to the last answer; nothing is recorded. Seen filled: asks for both hedges "
    "again and again without a pause.",
    "From the hedges' first byte: medians over the accounts of all repetitions, each by itself. Fills are seen at the "
    "end of the look that releases the short.",
    "Crowd: every strategy has its calls in one account and its puts in the next, so each account has hedges of "
    "several strategies that wait for nothing, and as many shorts. What an account has beyond 10 orders in a "
    "second waits for its turn. Entries are made by workers that start cold within the lead, exits by warm ones. The "
    f"lead is {LEAD_SECONDS} s here instead of 15: all functions start on the cores of this one machine. "
    "Settled: from second 0 until no run is under way any more, by the API, looked at once a second. By the exchange's "
    "clock: when the sandbox took the request up, one process for all brokers and accounts.",
    "Burst: at least = the limit's own minimum, ten orders at once and ten in each further second. HTTP 429 is counted "
    "by a forwarder before the broker's face; the bare client's are its own answers. The worker keeps 100 ms more than "
    "a second between an order and the tenth before it.",
    "Bulkheads: one user with an account at each broker, of which one hangs (20 s for every request) and one is above "
    "its rate limit (HTTP 429 for every order), and with a strategy whose strikes are not listed; and another user "
    "with three accounts. The minute before is the same without faults. Lost: due and never sent.",
    "p50 and p99 are nearest ranks, values that occurred; the p99 of fewer than 100 values is their maximum. Emulator, "
    "exchange, product and measurement share the cores of one machine, and nothing leaves it.",
)


@dataclass(frozen=True)
class Sizes:
    """How much is measured: repetitions under each delay (ms), the crowd, the burst, strategies of each account."""

    repetitions: int
    delays: tuple[int, ...]
    crowd: Size
    burst: int
    bulkhead: int


WHOLE = Sizes(10, (0, 50, 100), Size(5, 4, 20), 100, 2)
QUICK = Sizes(2, (0, 100), Size(2, 3, 3), 24, 1)
Part = str
PARTS: tuple[Part, ...] = ("condor", "burst", "minutes")


def main() -> int:
    """Returns 0 when everything could be measured, whatever the numbers."""
    parser = argparse.ArgumentParser(prog="python -m bench.execution", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions and a small crowd")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part (may be given again)")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    parser.add_argument("--note", action="append", default=[], help="a line for the report, for example: machine busy")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        _wait_past_cuts()
        report = measured(QUICK if options.quick else WHOLE, options.only or PARTS, options.note)
    except KeyboardInterrupt:
        print("\nStopped everything that was started.")
        return 1
    except (CannotContinue, SettingsError) as error:
        print(f"\n✗ {error}")
        return 1
    report.publish(FILE if options.write else None)
    return 0


def _wait_past_cuts() -> None:
    later = start_after(datetime.now(IST), LONGEST_MINUTES)
    if later is not None:
        print(f"  … waiting until {later:%H:%M:%S} IST, so that no session ends during the run", flush=True)
        sleep_until(later)


def measured(sizes: Sizes, parts: Sequence[Part] = PARTS, remarks: Sequence[str] = ()) -> Report:
    """Measure all of it. Raises CannotContinue."""
    machine, began = Machine.present(), datetime.now(IST)
    instance = Instance(
        "bench-execution",
        free_port_block(1),
        free_port_block(SANDBOX_PORTS),
        load_settings("local").region,
        {"timing.lead_seconds": LEAD_SECONDS},
    )
    tables: list[Table] = []
    ends: tuple[str, ...] = ()
    with Cluster(instance) as cluster:
        cluster.start()
        if "condor" in parts or "burst" in parts:
            tables += _by_workers(cluster, sizes, parts)
        if "minutes" in parts:
            passed = _minutes(cluster, sizes)
            tables += minute_tables(passed)
            ends = passed.ends
    return Report(
        title="How orders of many legs, accounts and strategies go out",
        command="make bench-execution" if sizes == WHOLE else "python -m bench.execution --quick",
        measured_at=began,
        machine=machine,
        sizes=in_words(sizes),
        tables=tuple(tables),
        notes=(*remarks, *ends, *NOTES),
    )


def in_words(sizes: Sizes) -> str:
    """For the head of the report."""
    crowd = sizes.crowd
    return (
        f"{sizes.repetitions} repetitions of four legs under {', '.join(map(str, sizes.delays))} ms; a burst of "
        f"{sizes.burst}; {crowd.users * crowd.strategies} strategies × 4 legs over {crowd.users * crowd.accounts} "
        f"accounts of {crowd.users} users, in and out; bulkheads with {sizes.bulkhead} strategies in each of 9 accounts"
    )


def _by_workers(cluster: Cluster, sizes: Sizes, parts: Sequence[Part]) -> list[Table]:
    exchange = Exchange(cluster.instance)
    with step("creating users with accounts at the sandbox's brokers, loading instrument masters"):
        desk = Desk.opened(cluster, "condor", ["zerodha", "angel_one"])
        crowded = Desk.opened(cluster, "burst", ["zerodha"])
        seed.load_masters(cluster)
        linked = run(exchange.link("zerodha"))
    tables: list[Table] = []
    if "condor" in parts:
        found = run(condor_times(worker_of(cluster), desk, linked, sizes.delays, sizes.repetitions))
        tables += condor_tables(found)
    if "burst" in parts:
        rows = run(burst_part.burst(cluster, crowded, linked, sizes.burst))
        tables.append(Table("A burst with the limits in force", burst_part.COLUMNS, rows))
    return tables


def condor_tables(found: CondorTimes) -> list[Table]:
    """The tables of the first part."""
    return [
        Table("Four legs under the broker's delay", COLUMNS, tuple(found.times)),
        Table("Where the time between goes", PASSAGE_COLUMNS, tuple(found.passages)),
    ]


def _minutes(cluster: Cluster, sizes: Sizes) -> Minutes:
    with step("creating the users of the crowd and of the bulkheads, starting the loop"):
        desks = desks_of(cluster, sizes.crowd)
        hit = Desk.opened(cluster, "hit", BROKERS)
        other = Desk.opened(cluster, "other", BROKERS[:3])
        seed.load_masters(cluster)
        seed.ask_watchdog(cluster)
    return minutes(cluster, desks, sizes.crowd, Bulkheads(hit, other, sizes.bulkhead))


def minute_tables(passed: Minutes) -> list[Table]:
    """The tables of the minutes of the deployed product."""
    return [
        Table("The crowd: offsets in milliseconds", OFFSET_COLUMNS, passed.offsets),
        Table("The crowd: every intent in the exchange's books", TALLY_COLUMNS, passed.counts),
        Table("Bulkheads: offsets in milliseconds", OFFSET_COLUMNS, passed.bulkheads),
    ]


if __name__ == "__main__":
    sys.exit(main())
