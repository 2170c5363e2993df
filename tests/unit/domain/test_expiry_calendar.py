"""When index options should expire, and what is said of masters that differ."""

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared_config
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.domain.expiry_calendar import (
    MONTHLY_EXPIRY_WEEKDAY,
    WEEKLY_EXPIRY_WEEKDAY,
    expected_expiries,
    expiry_warnings,
)
from lambdas.domain.moments import IST
from lambdas.domain.trading_calendar import SessionRule, TradingCalendar

DOCUMENT = json.loads((Path(shared_config.__file__).parent / "calendar" / "2026.json").read_text("utf-8"))
OF_2026 = TradingCalendar.from_documents(SessionRule.EXCHANGE, [DOCUMENT])
CONTINUOUS = TradingCalendar.from_documents(SessionRule.CONTINUOUS, [DOCUMENT])
UNDERLYINGS = sorted(MONTHLY_EXPIRY_WEEKDAY)
MARKET_DATA = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[4] / "shared" / "data"))


def a_year(year: int, *holidays: str) -> dict[str, Any]:
    """The calendar file of a year in which only those dates are holidays."""
    return {
        "year": year,
        "hours": [{"from": f"{year}-01-01", "open": "09:15", "close": "15:30"}],
        "holidays": [{"date": f"{year}-{day}", "name": "a holiday"} for day in holidays],
        "special_sessions": [],
        "changed_hours": [],
    }


def calendar_of(*documents: Mapping[str, Any]) -> TradingCalendar:
    return TradingCalendar.from_documents(SessionRule.EXCHANGE, list(documents))


OF_2025_AND_2026 = calendar_of(a_year(2025, "11-05", "12-25"), DOCUMENT)


def dates(*texts: str, year: int = 2026) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"{year}-{text}") for text in texts)


def market_data(path: str) -> Path:
    if not (MARKET_DATA / path).exists():
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    return MARKET_DATA / path


class TestExpectedExpiries:
    def test_nifty_expires_each_tuesday_and_a_holiday_moves_it_to_monday(self) -> None:
        found = expected_expiries("NIFTY", date(2026, 4, 7), OF_2026, 4)
        assert found == dates("04-07", "04-13", "04-21", "04-28")

    @pytest.mark.parametrize("underlying", ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"])
    def test_the_last_tuesday_of_november_2026_is_a_holiday_and_expires_on_monday(self, underlying: str) -> None:
        assert expected_expiries(underlying, date(2026, 11, 20), OF_2026, 1) == dates("11-23")

    def test_sensex_expires_on_christmas_eve_when_christmas_is_its_thursday(self) -> None:
        found = expected_expiries("SENSEX", date(2025, 12, 19), OF_2025_AND_2026, 3)
        assert found == (date(2025, 12, 24), date(2026, 1, 1), date(2026, 1, 8))

    @pytest.mark.parametrize("underlying", ["BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"])
    def test_monthly_indices_of_nse_expire_on_the_last_tuesday_only(self, underlying: str) -> None:
        found = expected_expiries(underlying, date(2026, 1, 1), OF_2026, 12)
        assert found == dates(
            *("01-27", "02-24", "03-30", "04-28", "05-26", "06-30"),
            *("07-28", "08-25", "09-29", "10-27", "11-23", "12-29"),
        )

    def test_bankex_expires_on_the_last_thursday_only(self) -> None:
        found = expected_expiries("BANKEX", date(2026, 1, 1), OF_2026, 12)
        assert found == dates(
            *("01-29", "02-26", "03-25", "04-30", "05-27", "06-25"),
            *("07-30", "08-27", "09-24", "10-29", "11-26", "12-31"),
        )

    def test_an_expiry_moves_over_several_holidays_and_a_weekend(self) -> None:
        calendar = calendar_of(a_year(2026, "11-23", "11-24"))
        assert expected_expiries("NIFTY", date(2026, 11, 18), calendar, 2) == dates("11-20", "12-01")

    def test_an_expiry_that_moved_to_before_the_day_is_over(self) -> None:
        assert expected_expiries("NIFTY", date(2026, 11, 23), OF_2026, 2) == dates("11-23", "12-01")
        assert expected_expiries("NIFTY", date(2026, 11, 24), OF_2026, 1) == dates("12-01")

    def test_two_expiries_that_move_to_the_same_day_are_one(self) -> None:
        week = [f"11-{day}" for day in range(17, 25)]
        found = expected_expiries("NIFTY", date(2026, 11, 10), calendar_of(a_year(2026, *week)), 3)
        assert found == dates("11-10", "11-16", "12-01")

    def test_an_expiry_does_not_fall_into_the_muhurat_hour_of_a_holiday(self) -> None:
        muhurat = {"date": "2025-10-21", "name": "Muhurat trading", "open": "13:45", "close": "14:45"}
        calendar = calendar_of({**a_year(2025, "10-22"), "special_sessions": [muhurat]})
        assert expected_expiries("NIFTY", date(2025, 10, 16), calendar, 1) == (date(2025, 10, 20),)
        assert expiry_warnings("NIFTY", [date(2025, 10, 21)], date(2025, 10, 16), calendar)[0] == (
            "NIFTY lists the expiry Tue 21 Oct 2025, which is none by the exchange's rules"
        )

    def test_an_operators_holiday_moves_an_expiry_too(self) -> None:
        mourning = DayChange(date(2026, 12, 1), ChangeKind.HOLIDAY, "Mourning")
        found = expected_expiries("NIFTY", date(2026, 11, 24), OF_2026.with_changes([mourning]), 2)
        assert found == dates("11-30", "12-08")

    def test_beyond_the_known_years_nothing_is_expected(self) -> None:
        assert expected_expiries("NIFTY", date(2026, 12, 20), OF_2026, 5) == dates("12-22", "12-29")
        assert expected_expiries("NIFTY", date(2027, 1, 4), OF_2026, 5) == ()

    def test_nothing_is_expected_of_an_index_without_a_rule_or_where_sessions_never_close(self) -> None:
        assert expected_expiries("CRUDEOIL", date(2026, 11, 2), OF_2026, 5) == ()
        assert expected_expiries("NIFTY", date(2026, 11, 2), CONTINUOUS, 5) == ()

    @given(
        underlying=st.sampled_from(UNDERLYINGS),
        day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        holidays=st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=60),
    )
    def test_every_expiry_is_a_trading_day_and_moved_over_days_without_a_session_only(
        self, underlying: str, day: date, holidays: set[date]
    ) -> None:
        calendar = calendar_of(a_year(2026, *(f"{holiday:%m-%d}" for holiday in holidays)))
        found = expected_expiries(underlying, day, calendar, 100)
        assert list(found) == sorted(set(found))
        for expiry in found:
            assert expiry >= day
            assert calendar.day(expiry).sessions
            to_nominal = (MONTHLY_EXPIRY_WEEKDAY[underlying] - expiry.weekday()) % 7
            moved_over = [expiry + timedelta(days=number) for number in range(1, to_nominal + 1)]
            assert not [passed for passed in moved_over if calendar.day(passed).sessions]


class TestExpiryWarnings:
    DAY = date(2026, 11, 16)

    def warnings(self, *listed: str, underlying: str = "NIFTY") -> list[str]:
        return expiry_warnings(underlying, dates(*listed), self.DAY, OF_2026)

    def test_a_master_that_follows_the_rules_raises_none(self) -> None:
        assert self.warnings("11-17", "11-23", "12-01", "12-08", "12-15", "12-29") == []

    def test_a_day_without_a_session_is_named_with_its_reason_and_what_was_expected(self) -> None:
        assert self.warnings("11-17", "11-24", "12-01", "12-08") == [
            "NIFTY lists the expiry Tue 24 Nov 2026, a day without a session: holiday: Guru Nanak Jayanti",
            "NIFTY does not list Mon 23 Nov 2026, an expiry by the exchange's rules",
        ]

    def test_a_trading_day_that_is_no_expiry_is_named(self) -> None:
        assert self.warnings("11-23", "12-03", underlying="BANKNIFTY") == [
            "BANKNIFTY lists the expiry Thu 03 Dec 2026, which is none by the exchange's rules"
        ]

    def test_a_weekly_expiry_of_a_monthly_index_is_none(self) -> None:
        (said,) = self.warnings("11-23", "12-01", underlying="FINNIFTY")
        assert said.startswith("FINNIFTY lists the expiry Tue 01 Dec 2026")

    def test_an_expiry_must_be_listed_four_weeks_ahead_and_no_earlier(self) -> None:
        day = date(2026, 9, 1)
        four_weeks = dates("09-01", "09-08", "09-15", "09-22", "09-29")
        assert expiry_warnings("NIFTY", four_weeks, day, OF_2026) == []
        assert expiry_warnings("NIFTY", four_weeks[:-1], day, OF_2026) == [
            "NIFTY does not list Tue 29 Sep 2026, an expiry by the exchange's rules"
        ]

    def test_what_is_over_and_what_is_far_ahead_is_not_checked(self) -> None:
        assert self.warnings("11-12", "11-17", "11-23", "12-01", "12-08", "12-23") == []

    def test_an_empty_master_lacks_everything(self) -> None:
        assert len(self.warnings()) == 4

    def test_years_without_a_calendar_are_said_to_be_unchecked(self) -> None:
        listed = [*dates("12-22", "12-29"), date(2027, 1, 5)]
        assert expiry_warnings("NIFTY", listed, date(2026, 12, 21), OF_2026) == [
            "the expiries of 2027 are not checked: no calendar is known for that year"
        ]

    def test_nothing_is_said_where_sessions_never_close_or_without_a_rule(self) -> None:
        assert expiry_warnings("NIFTY", dates("11-25"), self.DAY, CONTINUOUS) == []
        assert expiry_warnings("CRUDEOIL", dates("11-25"), self.DAY, OF_2026) == []


class TestRealMasters:
    @pytest.mark.parametrize(
        ("file", "day", "underlyings"),
        [
            ("upstox_nse_index_2026-07.json.gz", date(2026, 7, 15), {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"}),
            ("upstox_bse_index_2025-11.json.gz", date(2025, 11, 24), {"SENSEX", "BANKEX"}),
        ],
    )
    def test_the_masters_of_a_broker_follow_the_rules(self, file: str, day: date, underlyings: set[str]) -> None:
        found: dict[str, set[date]] = defaultdict(set)
        for row in json.loads(gzip.decompress(market_data(f"instruments/{file}").read_bytes())):
            if row["instrument_type"] in ("CE", "PE", "FUT") and row["underlying_symbol"] in underlyings:
                expiry = datetime.fromtimestamp(row["expiry"] / 1000, IST).date()
                found[row["underlying_symbol"]].add(expiry)
        assert set(found) == underlyings
        for underlying, listed in found.items():
            self.follows_the_rules(underlying, sorted(listed), day)

    @pytest.mark.parametrize("underlying", ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY"])
    def test_what_traded_in_march_2026_followed_the_rules(self, underlying: str) -> None:
        days = sorted(market_data("bhavcopy").iterdir())
        assert len(days) == 15
        for folder in days:
            with gzip.open(folder / f"{underlying}.csv.gz", "rt", encoding="utf-8") as file:
                listed = sorted({date.fromisoformat(row["XpryDt"]) for row in csv.DictReader(file)})
            self.follows_the_rules(underlying, listed, date.fromisoformat(folder.name))

    @staticmethod
    def follows_the_rules(underlying: str, listed: Sequence[date], day: date) -> None:
        assert expiry_warnings(underlying, listed, day, OF_2025_AND_2026) == []
        first = expected_expiries(underlying, day, OF_2025_AND_2026, 4 if underlying in WEEKLY_EXPIRY_WEEKDAY else 3)
        assert tuple(listed[: len(first)]) == first
