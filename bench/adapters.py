"""`python -m bench.adapters`: what an order costs at each broker, and what importing its adapter costs.

Beside each adapter the same order by a bare HTTP client and by the broker's official client, in the same run, one
after the other in every round, so that a busy moment of the machine does not fall on one of them alone.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import httpx

from bench.fresh import CannotMeasure
from bench.import_cost import COLUMNS as IMPORT_COLUMNS
from bench.import_cost import Cost, Import, import_cost
from bench.import_cost import rows as import_rows
from bench.official import MODULES, Running, official_client
from bench.order_count import COLUMNS as COUNT_COLUMNS
from bench.order_count import TIMES, Counted, Known, accepted, counted, new_tag, tagged
from bench.report import ROOT, Machine, Report, Table, number, percentile
from bench.sandbox_rig import Exchange, Linked, running_exchange
from lambdas.domain.moments import IST
from lambdas.ports.broker import Broker
from local.instance import BROKERS
from local.steps import CannotContinue, step

FILE = ROOT / "docs" / "measurements" / "adapters.md"
DELAY_MS = 100
ROUND_SECONDS = 0.12
"""At least so long from round to round: no sender places more than 10 orders in a second."""
WARM_UP = 3
ADAPTER, BARE, OFFICIAL = "adapter", "bare httpx", "official client"
COLUMNS = ("broker, sent by", "n", "p50", "p99", "max", f"n at +{DELAY_MS}", "p50", "p99", "max", "p50 − delay")
NOTES = (
    "An order is one lot of an option near the money, bought at a price that crosses the spread. The adapter's time "
    "is from calling what `prepare` returned to its answer; building the request and waiting for a turn below the "
    "broker's limits come before. Bare httpx: the request that the adapter sent (method, path, headers, body) over one "
    "kept connection, from sending to the whole answer, which is not parsed. Official client: its own place_order "
    "call, in a process of its own, over the same session with the same fields; it builds its request within that "
    "time.",
    f"{WARM_UP} rounds that do not count open the connections of those who keep them. The senders take turns in "
    "each round, in another order each time and never two at once; the exchange's books have one order for each "
    "that was sent. A round begins "
    f"{ROUND_SECONDS * 1000:.0f} ms after the last one at the earliest, for the sake of the brokers' limits; the "
    "sandbox's are off (POST /relax).",
    f"+{DELAY_MS}: the sandbox's `delay` fault holds every request at every face for {DELAY_MS} ms after it has "
    "arrived with its body, before it is authenticated and carried out. Connecting and the way there and back are not "
    "delayed, so a client that connects anew for each order pays less here than over the internet.",
    f"Counted: requests that passed a forwarder in front of the broker's face, for each of {TIMES} orders. Place is "
    "the order alone. → seen filled adds looking at that order every 50 ms until the broker says that it is filled "
    "(the sandbox takes 9 ms). → cancelled adds the cancellation of an order that rests, until it is answered. "
    f"Connections are those that {TIMES} placed orders of a fresh client took.",
    "Imports: a fresh interpreter each time, interleaved, after a first round that does not count (it writes bytecode "
    "and warms the disk's cache). RSS is the growth of the resident memory, modules the growth of sys.modules; both "
    "are medians. Official clients are imported by their own environments (made by `python -m tests.sdk.prepare`; one "
    "that is missing is left out). There the internet is out of reach: smartapi-python asks an address service when "
    "it is imported, which fails here at once. Most of an adapter is httpx; growwapi brings pandas, kiteconnect "
    "Twisted.",
    "→ seen filled: the first look follows the answer to the order at once, often before the sandbox has passed the "
    "order on; then it is the second look, a pause later, that sees the fill, and the order takes three requests.",
    "With delay every sender, the bare one too, needs some milliseconds more than without it on top of the "
    f"{DELAY_MS}, so the adapters are not the cause: sandbox and senders have slept meanwhile and must be woken.",
    "Connections, official: smartapi-python and growwapi open a connection for each order, since they call "
    "`requests` without a session. Over the internet each of their orders pays for a TCP and a TLS handshake.",
    "p50 and p99 are nearest ranks, values that occurred; the p99 of fewer than 100 values is their maximum. Exchange "
    "and senders share the cores of one machine, and nothing leaves it: no TLS, no distance.",
)


@dataclass(frozen=True)
class Sizes:
    """How often each thing is measured: rounds without delay, rounds with it, fresh interpreters."""

    rounds: int
    delayed_rounds: int
    imports: int


WHOLE = Sizes(200, 40, 15)
QUICK = Sizes(10, 3, 2)
Key = tuple[str, str]
"""Broker and sender."""
Times = dict[Key, list[float]]
Place = Callable[[], Awaitable[float]]
"""Places one order; milliseconds."""


def main() -> int:
    """Returns 0 when everything could be measured, whatever the numbers."""
    parser = argparse.ArgumentParser(prog="python -m bench.adapters", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    parser.add_argument("--note", action="append", default=[], help="a line for the report, for example: machine busy")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        report = measured(QUICK if options.quick else WHOLE, options.note)
    except KeyboardInterrupt:
        print("\nStopped everything that was started.")
        return 1
    except (CannotContinue, CannotMeasure) as error:
        print(f"\n✗ {error}")
        return 1
    report.publish(FILE if options.write else None)
    return 0


def measured(sizes: Sizes, remarks: Sequence[str] = ()) -> Report:
    """Measure everything. Raises CannotContinue and CannotMeasure."""
    machine, began = Machine.present(), datetime.now(IST)
    for broker in BROKERS:
        if official_client(broker) is None:
            print(f"  ! {broker}: without its official client, whose environment is made by -m tests.sdk.prepare")
    with running_exchange("bench-adapters") as exchange:
        counts, at_once, delayed = asyncio.run(_orders(exchange, sizes))
    with step(f"{sizes.imports} fresh interpreters for each import"):
        costs = _imports(sizes.imports)
    return Report(
        title="What an order and an adapter cost",
        command="make bench-adapters" if sizes == WHOLE else "python -m bench.adapters --quick",
        measured_at=began,
        machine=machine,
        sizes=f"{len(BROKERS)} brokers; {sizes.rounds} orders of each sender, {sizes.delayed_rounds} with delay; "
        f"{TIMES} counted orders of each kind; {sizes.imports} fresh interpreters for each import",
        tables=(
            Table("Requests for one order, counted on the wire", COUNT_COLUMNS, _count_rows(counts)),
            Table("Milliseconds for one order", COLUMNS, time_rows(at_once, delayed)),
            Table("What an import costs", IMPORT_COLUMNS, import_rows(costs)),
        ),
        notes=(*remarks, *NOTES),
    )


async def _orders(exchange: Exchange, sizes: Sizes) -> tuple[Mapping[str, Counted], Times, Times]:
    counts: dict[str, Counted] = {}
    async with AsyncExitStack() as stack:
        senders: dict[Key, Place] = {}
        with step("logging in at every broker, counting requests"):
            for broker in BROKERS:
                linked = await exchange.link(broker)
                counts[broker], known = await counted(exchange, linked)
                senders |= await _senders(stack, linked, known)
        before = _booked(exchange)
        with step(f"{sizes.rounds} orders of each sender"):
            at_once = await rounds(senders, sizes.rounds, ROUND_SECONDS)
        exchange.delay(DELAY_MS)
        with step(f"{sizes.delayed_rounds} orders of each, every request delayed by {DELAY_MS} ms"):
            delayed = await rounds(senders, sizes.delayed_rounds, ROUND_SECONDS)
        exchange.delay(0)
        check_booked(before, _booked(exchange), senders, 2 * WARM_UP + sizes.rounds + sizes.delayed_rounds)
    return counts, at_once, delayed


def _booked(exchange: Exchange) -> dict[str, int]:
    return {broker: exchange.orders(broker) for broker in BROKERS}


def check_booked(before: Mapping[str, int], after: Mapping[str, int], senders: Collection[Key], each: int) -> None:
    """Raises CannotContinue unless the exchange has one order for every one that was sent.

    A broker may answer a refusal with HTTP 200: a bare client would not notice.
    """
    for broker in before:
        expected = each * sum(of == broker for of, _ in senders)
        if (found := after[broker] - before[broker]) != expected:
            raise CannotContinue(f"{broker} has {found} of {expected} orders that were sent")


async def _senders(stack: AsyncExitStack, linked: Linked, known: Known) -> dict[Key, Place]:
    """Who sends orders at one broker; all are closed with the stack."""
    broker = linked.open(linked.face)
    stack.push_async_callback(broker.aclose)
    client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
    senders = {
        (linked.broker, ADAPTER): _by_adapter(broker, known),
        (linked.broker, BARE): _bare(client, linked.face, known),
    }
    if (official := official_client(linked.broker)) is not None:
        running = await stack.enter_async_context(official.running(linked.face, linked))
        senders[(linked.broker, OFFICIAL)] = _by_official(running, known)
    return senders


def _by_adapter(broker: Broker, known: Known) -> Place:
    async def place() -> float:
        send = broker.prepare(tagged(known.order))
        began = time.perf_counter()
        placement = await send()
        took = (time.perf_counter() - began) * 1000
        accepted(placement)
        return took

    return place


def _bare(client: httpx.AsyncClient, face: str, known: Known) -> Place:
    async def place() -> float:
        sent = known.sent.tagged(known.order.tag, new_tag())
        request = client.build_request(sent.method, face + sent.path, headers=sent.headers, content=sent.body)
        began = time.perf_counter()
        answer = await client.send(request)
        took = (time.perf_counter() - began) * 1000
        if not answer.is_success:
            raise CannotContinue(f"the bare request was refused: {answer.text}")
        return took

    return place


def _by_official(running: Running, known: Known) -> Place:
    async def place() -> float:
        return await running.place(known.sent.tagged(known.order.tag, new_tag()).fields())

    return place


async def rounds(senders: Mapping[Key, Place], number_of_rounds: int, pause: float, warm_up: int = WARM_UP) -> Times:
    """One order of each sender in each round, one after the other; the first rounds do not count."""
    took: Times = {key: [] for key in senders}
    for count in range(warm_up + number_of_rounds):
        ends = time.monotonic() + pause
        for key in turns(list(senders), count):
            ms = await senders[key]()
            if count >= warm_up:
                took[key].append(ms)
        await asyncio.sleep(max(0.0, ends - time.monotonic()))
    return took


def turns(keys: Sequence[Key], number_of_round: int) -> list[Key]:
    """Who is next in a round: each beginning is taken once forwards and once backwards, then the next one begins.

    A sender after a pause, or after a busy one, waits longer for its processor; so nobody has a fixed place.
    """
    first = number_of_round // 2 % len(keys)
    order = [*keys[first:], *keys[:first]]
    return order[::-1] if number_of_round % 2 else order


def time_rows(
    at_once: Mapping[Key, Sequence[float]], delayed: Mapping[Key, Sequence[float]]
) -> tuple[tuple[str, ...], ...]:
    """Cells for `COLUMNS`; the last is what is left of the delayed median without the delay."""
    return tuple(
        (f"{broker}, {sender}", *_spread(at_once[broker, sender]), *_spread(delayed[broker, sender]), left)
        for broker, sender in at_once
        for left in [number(percentile(delayed[broker, sender], 50) - DELAY_MS, 2)]
    )


def _spread(took: Sequence[float]) -> tuple[str, ...]:
    return (str(len(took)), *(number(value, 2) for value in (percentile(took, 50), percentile(took, 99), max(took))))


def _count_rows(counts: Mapping[str, Counted]) -> tuple[tuple[str, ...], ...]:
    return tuple(count.row(broker) for broker, count in counts.items())


def _imports(times: int) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = defaultdict(list)
    for run in range(times + 1):
        for case in cases():
            cost = import_cost(case)
            if run:
                costs[case.name].append(cost)
    return costs


def cases() -> list[Import]:
    """The adapters, then the baselines; official clients where their environments exist."""
    adapters = [Import.ours(f"lambdas.adapters.brokers.{broker}.adapter") for broker in BROKERS]
    found = [(official_client(broker), MODULES[broker]) for broker in BROKERS]
    official = [Import(f"{one.name} (official)", module, one.python) for one, module in found if one is not None]
    return [*adapters, Import.ours("httpx"), Import.ours("boto3"), *official]


if __name__ == "__main__":
    sys.exit(main())
