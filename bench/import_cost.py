"""What importing a module costs a fresh interpreter: time, memory, and how many modules come with it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.fresh import KEPT, CannotMeasure
from bench.report import NOTHING, ROOT, number, percentile

COLUMNS = ("import of", "n", "p50 ms", "p99 ms", "max ms", "RSS MiB", "modules")
SECONDS = 60
NOBODY = "http://127.0.0.1:9"
SCRIPT = """
import json, sys, time
def resident():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1])
    except OSError:
        return None
modules, pages, began = len(sys.modules), resident(), time.perf_counter()
import {module}
took = (time.perf_counter() - began) * 1000
after = resident()
grown = None if pages is None or after is None else after - pages
print(json.dumps([took, grown, len(sys.modules) - modules]))
"""


@dataclass(frozen=True)
class Import:
    """A module and the Python that imports it."""

    name: str
    module: str
    python: Path

    @classmethod
    def ours(cls, module: str) -> "Import":
        """A module that this environment has."""
        return cls(module, module, Path(sys.executable))


@dataclass(frozen=True)
class Cost:
    """One import. `mib` is the growth of the resident memory, None where the system does not tell it."""

    ms: float
    mib: float | None
    modules: int


def import_cost(case: Import) -> Cost:
    """Import in a fresh interpreter, in a folder of its own, without the internet. Raises CannotMeasure."""
    with tempfile.TemporaryDirectory(prefix="legwise-bench-") as folder:
        try:
            done = subprocess.run(
                [str(case.python), "-c", SCRIPT.format(module=case.module)],
                cwd=folder,
                env=variables() | {"PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CannotMeasure(f"importing {case.module} did not end within {SECONDS} s") from error
    if done.returncode:
        raise CannotMeasure(f"importing {case.module} failed:\n{done.stderr.strip()[-1000:]}")
    return read_cost(done.stdout.splitlines()[-1], os.sysconf("SC_PAGE_SIZE"))


def read_cost(line: str, page_bytes: int) -> Cost:
    """From what the interpreter printed: milliseconds, pages or null, modules."""
    ms, pages, modules = json.loads(line)
    return Cost(ms, None if pages is None else pages * page_bytes / 2**20, modules)


def variables() -> dict[str, str]:
    """Variables in which a call to the internet fails at once: a proxy that nobody serves.

    smartapi-python asks a public address service when it is imported.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    proxies = {name: NOBODY for way in ("http", "https") for name in (f"{way}_proxy", f"{way}_proxy".upper())}
    return kept | proxies | dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")


def rows(costs: Mapping[str, Sequence[Cost]]) -> tuple[tuple[str, ...], ...]:
    """Cells for `COLUMNS`, one row a name; memory and modules are medians."""
    return tuple(_row(name, found) for name, found in costs.items())


def _row(name: str, costs: Sequence[Cost]) -> tuple[str, ...]:
    took = [cost.ms for cost in costs]
    memory = [cost.mib for cost in costs if cost.mib is not None]
    return (
        name,
        str(len(costs)),
        *(number(value) for value in (percentile(took, 50), percentile(took, 99), max(took))),
        number(percentile(memory, 50)) if memory else NOTHING,
        number(percentile([cost.modules for cost in costs], 50), 0),
    )
