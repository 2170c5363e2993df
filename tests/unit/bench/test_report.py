from datetime import datetime
from pathlib import Path

import pytest

from bench.report import Machine, Report, Table, number, percentile
from lambdas.domain.moments import IST

TABLE = Table("Sizes", ("what", "n"), (("one", "1"), ("a|b", "1,000")))
REPORT = Report(
    title="A measurement",
    command="python -m bench.x",
    measured_at=datetime(2026, 11, 23, 9, 20, tzinfo=IST),
    machine=Machine("A CPU", 2, "3.11.9", "Linux 6.1", 0.5),
    sizes="2 rows",
    tables=(TABLE,),
    notes=("a note",),
)


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50.0), (99, 99.0), (99.5, 100.0), (100, 100.0), (1, 1.0), (0.1, 1.0)]
)
def test_a_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, percent) == expected


def test_the_99th_percentile_of_few_values_is_the_worst() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0


def test_the_median_of_an_even_number_of_values_occurred() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101), ([1.0], -1)])
def test_a_percentile_that_does_not_exist_is_an_error(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)


@pytest.mark.parametrize(
    ("value", "text"), [(1234.56, "1,234.6"), (-0.04, "0.0"), (-0.06, "-0.1"), (None, "–"), (7, "7.0")]
)
def test_numbers_as_text(value: float | None, text: str) -> None:
    assert number(value) == text


def test_text_aligns_names_left_and_numbers_right() -> None:
    assert TABLE.text().splitlines() == [
        "Sizes",
        "what      n",
        "────  ─────",
        "one       1",
        "a|b   1,000",
    ]


def test_markdown_has_the_same_cells() -> None:
    assert TABLE.markdown().splitlines() == [
        "Sizes:",
        "",
        "| what | n |",
        "| --- | ---: |",
        "| one | 1 |",
        "| a\\|b | 1,000 |",
    ]


def test_a_row_with_a_missing_cell_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not have 2 cells"):
        Table("Sizes", ("what", "n"), (("one",),))


def test_a_report_names_machine_sizes_and_command() -> None:
    for text in (REPORT.text(), REPORT.markdown()):
        assert "A CPU, 2 cores, Python 3.11.9, Linux 6.1, load before the run 0.50" in text
        assert "2 rows" in text
        assert "a note" in text
    assert "23 November 2026 with `python -m bench.x`" in REPORT.markdown()


def test_a_report_is_written_only_where_a_file_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.report.ROOT", tmp_path)
    REPORT.publish(None)
    assert not list(tmp_path.iterdir())
    REPORT.publish(tmp_path / "docs" / "it.md")
    assert (tmp_path / "docs" / "it.md").read_text("utf-8") == REPORT.markdown()


def test_this_machine_is_described() -> None:
    machine = Machine.present()
    assert machine.cpu
    assert machine.cores >= 1
