"""`python -m bench.cold_start`: how long each function takes from a fresh interpreter to its first call.

Runs are interleaved, so that a busy moment of the machine does not fall on one function alone.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from bench.entrypoints import entrypoints
from bench.fresh import (
    BOTO3,
    BUILDS,
    IMPORTS,
    PASS,
    CannotMeasure,
    Case,
    Took,
    function_variables,
    import_times,
    measure,
    measure_pass,
    packaged_folder,
)
from bench.import_time import by_package
from bench.report import NOTHING, ROOT, Machine, Report, Table, number
from lambdas.domain.moments import IST

FILE = ROOT / "docs" / "measurements" / "cold-start.md"
PACKAGES_SHOWN = 12
SOURCE, PACKAGED = "source", "packaged"
COLUMNS = ("function", "source p50", "max", "packaged p50", "max", "ready p50", "max", "process p50")
NOTES = (
    "Source and packaged: importing the entry module and all it imports, in a fresh interpreter that has started. "
    "Source is the project's folder with the bytecode that the interpreter wrote; packaged is the folder that is "
    "deployed, compiled ahead with unchecked hashes. Both import the same dependencies, with bytecode.",
    "Ready: packaged, and everything built that the handler names (clients included, none is called). What a broker's "
    "adapter loads when an account is opened comes after.",
    "Process: from starting the interpreter to its end, ready included.",
    "Every file was read before, so the disk does not count; a real cold start adds the start of its sandbox.",
)


def main() -> int:
    """Returns 0 when everything could be measured, whatever the numbers."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.add_argument("--runs", type=_runs, default=7, help="fresh interpreters for each number, 1 to 100")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    options = parser.parse_args()
    try:
        report = measured(options.runs)
    except KeyboardInterrupt:
        return 1
    except CannotMeasure as error:
        print(f"\n✗ {error}")
        return 1
    report.publish(FILE if options.write else None)
    return 0


def _runs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100")
    return int(text)


def measured(runs: int) -> Report:
    """Measure every function. Raises CannotMeasure."""
    machine, began = Machine.present(), datetime.now(IST)
    folders = {SOURCE: ROOT, PACKAGED: packaged_folder()}
    cases = [Case.of(entrypoint) for entrypoint in entrypoints()]
    took = _took(cases, folders, runs)
    rows = sorted((_row(case.name, took) for case in cases), key=lambda row: -_ready(took, row[0]))
    worst = max(cases, key=lambda case: _ready(took, case.name))
    baselines = (_row(BOTO3.name, took), _row(PASS.name, took))
    return Report(
        title="How long functions take to start",
        command=f"python -m bench.cold_start --runs {runs}",
        measured_at=began,
        machine=machine,
        sizes=f"{len(cases)} functions, {runs} fresh interpreters for each number, dependencies of requirements.lock",
        tables=(
            Table("Milliseconds, beside two baselines", COLUMNS, (*rows, *baselines)),
            _where_it_goes(worst, folders[PACKAGED]),
        ),
        notes=NOTES,
    )


Times = dict[tuple[str, str], list[Took]]


def _took(cases: Sequence[Case], folders: dict[str, Path], runs: int) -> Times:
    """Interleaved runs; a first round, which writes missing bytecode and warms the disk's cache, does not count."""
    took: Times = defaultdict(list)
    for run in range(runs + 1):
        print(f"  run {run} of {runs}" if run else "  warming up", flush=True)
        for name, flavour, one in _round(cases, folders):
            if run:
                took[(name, flavour)].append(one)
    return took


def _round(cases: Sequence[Case], folders: dict[str, Path]) -> Iterator[tuple[str, str, Took]]:
    variables = function_variables()
    for case in cases:
        for flavour, folder in folders.items():
            yield case.name, flavour, measure(case, folder, variables)
    yield BOTO3.name, PACKAGED, measure(BOTO3, folders[PACKAGED], variables)
    yield PASS.name, PACKAGED, measure_pass(folders[PACKAGED], variables)


def _ready(took: Times, name: str) -> float:
    return median(one.ready for one in took[(name, PACKAGED)])


def _row(name: str, took: Times) -> tuple[str, ...]:
    source, packaged = took.get((name, SOURCE), []), took[(name, PACKAGED)]
    process = number(median(one.process for one in packaged))
    if name == PASS.name:
        return (name, *[NOTHING] * 6, process)
    return (
        name,
        *_middle_and_most([one.imported for one in source]),
        *_middle_and_most([one.imported for one in packaged]),
        *_middle_and_most([one.ready for one in packaged]),
        process,
    )


def _middle_and_most(values: Sequence[float]) -> tuple[str, str]:
    return (number(median(values)), number(max(values))) if values else (NOTHING, NOTHING)


def _where_it_goes(case: Case, folder: Path) -> Table:
    traced = import_times(case, folder, function_variables())
    times = by_package(traced.lines, IMPORTS, BUILDS)
    shown, others = times[:PACKAGES_SHOWN], times[PACKAGES_SHOWN:]
    imports, builds = sum(time.imports_ms for time in times), sum(time.builds_ms for time in times)
    took = traced.took
    rows = [
        *(_phases(time.package, time.imports_ms, time.builds_ms) for time in shown),
        _phases(
            f"({len(others)} others)", sum(time.imports_ms for time in others), sum(time.builds_ms for time in others)
        ),
        _phases("(work that is not importing)", took.imported - imports, took.ready - took.imported - builds),
        _phases("all", took.imported, took.ready - took.imported),
    ]
    return Table(
        f"Where the start of {case.name} goes, by package (milliseconds of one start, slowed by tracing it)",
        ("modules of", "until imported", "then until ready", "sum"),
        tuple(rows),
    )


def _phases(name: str, imports_ms: float, builds_ms: float) -> tuple[str, ...]:
    return (name, number(imports_ms), number(builds_ms), number(imports_ms + builds_ms))


if __name__ == "__main__":
    sys.exit(main())
