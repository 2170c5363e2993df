"""What a measurement says: the machine, the sizes, the tables; as text for the terminal and as Markdown."""

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
NOTHING = "–"
CPU_INFO = Path("/proc/cpuinfo")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of 100 values do not exceed (nearest rank: a value that occurred).

    >>> percentile([1, 2, 3, 4], 50)
    2

    Raises ValueError for no values or a percentage outside (0, 100].
    """
    if not values:
        raise ValueError("a percentile of no values")
    if not 0 < percent <= 100:
        raise ValueError(f"percentile {percent} is not in (0, 100]")
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def number(value: float | None, digits: int = 1) -> str:
    """A number with thousands separated, a dash for None: `1,234.5`. Never a negative zero."""
    if value is None:
        return NOTHING
    return f"{round(value, digits) + 0.0:,.{digits}f}"


@dataclass(frozen=True)
class Machine:
    """What the numbers were measured on."""

    cpu: str
    cores: int
    python: str
    kernel: str
    load: float | None

    @classmethod
    def present(cls) -> Self:
        """This machine, with the load of its last minute (None where the system does not tell it)."""
        try:
            load: float | None = os.getloadavg()[0]
        except OSError:
            load = None
        return cls(_cpu(), os.cpu_count() or 1, platform.python_version(), _kernel(), load)

    def __str__(self) -> str:
        load = f", load before the run {self.load:.2f}" if self.load is not None else ""
        return f"{self.cpu}, {self.cores} cores, Python {self.python}, {self.kernel}{load}"


def _cpu() -> str:
    if CPU_INFO.is_file():
        for line in CPU_INFO.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _kernel() -> str:
    return f"{platform.system()} {platform.release()}"


@dataclass(frozen=True)
class Table:
    """Rows of cells under named columns; the first column is text, the others are numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"the row {row} does not have {len(self.columns)} cells")

    def text(self) -> str:
        """Aligned columns for the terminal."""
        lines = (self.columns, *self.rows)
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        drawn = [_aligned(line, widths) for line in lines]
        drawn.insert(1, "  ".join("─" * width for width in widths))
        return "\n".join([self.caption, *drawn])

    def markdown(self) -> str:
        """The same cells as a Markdown table."""
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [[cell.replace("|", "\\|") for cell in line] for line in (self.columns, *self.rows)]
        lines.insert(1, rule)
        return "\n".join([f"{self.caption}:", "", *(f"| {' | '.join(line)} |" for line in lines)])


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()


@dataclass(frozen=True)
class Report:
    """One finished measurement."""

    title: str
    command: str
    measured_at: datetime
    machine: Machine
    sizes: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...]

    def text(self) -> str:
        """For the terminal."""
        head = f"{self.title}\nMachine: {self.machine}\nSizes: {self.sizes}"
        return "\n\n".join([head, *(table.text() for table in self.tables), "\n".join(f"· {n}" for n in self.notes)])

    def markdown(self) -> str:
        """For `docs/measurements`."""
        head = [
            f"# {self.title}",
            f"Measured on {self.measured_at:%d %B %Y} with `{self.command}`.",
            f"- Machine: {self.machine}\n- Sizes: {self.sizes}",
        ]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n\n".join([*head, *(table.markdown() for table in self.tables), notes]) + "\n"

    def publish(self, file: Path | None) -> None:
        """Print it, and write it to a file of the project when one is given."""
        print(f"\n{self.text()}")
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.markdown(), "utf-8")
            print(f"\nWritten to {file.relative_to(ROOT)}")
