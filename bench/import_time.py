"""Reading `-X importtime`: which packages the time of a start goes to. Pure."""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

STANDARD_LIBRARY = "(standard library)"
_LINE = re.compile(r"import time:\s*(?P<self>\d+) \|\s*\d+ \|\s*(?P<module>[\w.]+)")


@dataclass(frozen=True)
class PackageTime:
    """Milliseconds that the modules of one package took themselves, in each phase."""

    package: str
    imports_ms: float
    builds_ms: float

    @property
    def total_ms(self) -> float:
        """Both phases."""
        return self.imports_ms + self.builds_ms


def by_package(lines: Iterable[str], imports: str, builds: str) -> list[PackageTime]:
    """Self times summed by top-level package, the largest first; lines before the mark `imports` do not count."""
    phases: dict[str, Counter[str]] = {imports: Counter(), builds: Counter()}
    phase: Counter[str] | None = None
    for line in lines:
        phase = phases.get(line.strip(), phase)
        found = _LINE.match(line)
        if found and phase is not None:
            phase[_package(found["module"])] += int(found["self"])
    packages = {*phases[imports], *phases[builds]}
    times = [PackageTime(name, phases[imports][name] / 1000, phases[builds][name] / 1000) for name in packages]
    return sorted(times, key=lambda time: (-time.total_ms, time.package))


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return STANDARD_LIBRARY if top in sys.stdlib_module_names else top
