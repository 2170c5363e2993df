"""A change of one day fits its kind, whoever wrote it, and untrusted input is told by its fields."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lambdas.domain.day_changes import ChangeFields, ChangeKind, DayChange, clock_time, iso_date, problems_in

DAY = date(2026, 11, 25)


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "opens", "closes", "told"),
        [
            (ChangeKind.HOLIDAY, time(9), None, "open, close: a holiday has no hours"),
            (ChangeKind.HOLIDAY, time(0), time(1), "open, close: a holiday has no hours"),
            (ChangeKind.HOURS, None, None, "open, close: changed hours need both"),
            (ChangeKind.HOURS, time(9), None, "open, close: changed hours need both"),
            (ChangeKind.SPECIAL_SESSION, None, time(9), "open, close: one is given without the other"),
            (ChangeKind.SPECIAL_SESSION, time(9), time(9), "close: 09:00 is not after the open at 09:00"),
            (ChangeKind.HOURS, time(15), time(9), "close: 09:00 is not after the open at 15:00"),
        ],
    )
    def test_hours_fit_the_kind(self, kind: ChangeKind, opens: time | None, closes: time | None, told: str) -> None:
        with pytest.raises(ValueError, match=f"^{told}$"):
            DayChange(DAY, kind, "Named", opens, closes)

    def test_midnight_is_an_hour_like_any_other(self) -> None:
        assert DayChange(DAY, ChangeKind.HOURS, "Named", time(0), time(1)).hours == (time(0), time(1))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (DayChange(DAY, ChangeKind.HOLIDAY, "Outage"), "HOLIDAY Outage"),
            (DayChange(DAY, ChangeKind.HOURS, "Early", time(9, 15), time(13)), "HOURS Early, 09:15-13:00"),
            (DayChange(DAY, ChangeKind.SPECIAL_SESSION, "Muhurat"), "SPECIAL_SESSION Muhurat"),
        ],
    )
    def test_a_change_is_told_in_words(self, change: DayChange, words: str) -> None:
        assert str(change) == words


class TestUntrusted:
    def test_what_is_written_is_what_is_meant(self) -> None:
        written = {"date": "2026-11-25", "kind": "HOURS", "name": "Early", "open": "09:15", "close": "13:00"}
        expected = DayChange(DAY, ChangeKind.HOURS, "Early", time(9, 15), time(13))
        assert ChangeFields.model_validate(written).change == expected

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"date": 1795564800}, ["date: 1795564800 is not a date like 2026-11-24"]),
            ({"date": "25.11.2026"}, ["date: '25.11.2026' is not a date like 2026-11-24"]),
            ({"open": 33300}, ["open: 33300 is not a time like 09:15"]),
            ({"open": "24:00", "close": ""}, ["open: '24:00' is not a time like 09:15", "close: '' is not a time"]),
            ({"kind": "holiday"}, ["kind: Input should be 'HOLIDAY', 'SPECIAL_SESSION' or 'HOURS'"]),
            ({"name": "x" * 61}, ["name: String should have at most 60 characters"]),
            ({"opens": "09:15"}, ["opens: Extra inputs are not permitted"]),
            ({"open": "13:00"}, ["close: 13:00 is not after the open at 13:00"]),
            ({"open": None, "close": None}, ["open, close: changed hours need both"]),
            ({"open": None, "close": None, "kind": "SPECIAL_SESSION"}, ["open, close: a special session needs both"]),
        ],
    )
    def test_problems_name_their_fields(self, change: dict[str, Any], told: list[str]) -> None:
        written = {"date": "2026-11-25", "kind": "HOURS", "name": "Early", "open": "09:15", "close": "13:00"}
        with pytest.raises(ValidationError) as caught:
            ChangeFields.model_validate(written | change)
        problems = problems_in(caught.value)
        assert len(problems) == len(told)
        assert all(problem.startswith(start) for problem, start in zip(problems, told, strict=True))

    @given(st.dates())
    def test_dates_are_read_as_they_are_written(self, day: date) -> None:
        assert iso_date(day.isoformat()) == day

    @given(st.times())
    def test_times_are_read_to_the_minute(self, moment: time) -> None:
        assert clock_time(f"{moment:%H:%M}") == moment.replace(second=0, microsecond=0)

    @pytest.mark.parametrize("text", ["2026-W48-3", "20261125", "2026-11-25T09:15", "२०२६-११-२५", None, True, 0, []])
    def test_what_looks_like_a_date_to_a_library_is_none_here(self, text: Any) -> None:
        with pytest.raises(ValueError, match="is not a date like 2026-11-24"):
            iso_date(text)

    @pytest.mark.parametrize("text", ["9:15", "0915", "09:15:00", "09:15+05:30", "०९:१५", None, True, 0, []])
    def test_what_looks_like_a_time_to_a_library_is_none_here(self, text: Any) -> None:
        with pytest.raises(ValueError, match="is not a time like 09:15"):
            clock_time(text)
