"""A replay follows its file to the minute, then holds; a bad file is named precisely."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.clock import ManualClock
from sandbox.exchange.replay import BadRecording, load_recording
from sandbox.world import build_world
from tests.unit.sandbox.conftest import MONDAY, Bench

HEADER = "ts,open,high,low,close,volume,oi\n"
RISING = "2026-07-15 09:15:00+05:30,24000,24030,23990,24020,0,0\n"
FALLING = "2026-07-15 09:16:00+05:30,24020,24040,24000,24010,0,0\n"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Two minutes."""
    path = tmp_path / "two.csv"
    path.write_text(HEADER + RISING + FALLING)
    return path


def test_the_spot_walks_through_each_minutes_corners(recorded: Path) -> None:
    started = MONDAY + timedelta(seconds=17)
    recording = load_recording(recorded, started)
    levels = [recording.spot_paise(MONDAY + timedelta(seconds=s)) for s in (0, 20, 40, 60, 80, 100)]
    assert levels == [24000_00, 23990_00, 24030_00, 24020_00, 24040_00, 24000_00]
    assert recording.spot_paise(MONDAY + timedelta(seconds=10)) == 23995_00


def test_past_its_end_the_last_price_is_held_and_said_so(recorded: Path) -> None:
    clock = ManualClock(MONDAY)
    bench = Bench(clock, build_world(clock, replay=recorded))
    assert bench.admin.get("/status").json()["replay"]["ended"] is False
    clock.advance(121)
    status = bench.admin.get("/status").json()
    assert (status["mode"], status["spots"]["NIFTY"]) == ("replay", "24010.00")
    assert status["replay"]["ended"] is True
    assert status["replay"]["note"] == "past its end: the last price is held"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("ts,open,high,low,volume,oi\n", "line 1, column close: missing"),
        (HEADER, "line 2, column ts: no minute"),
        (HEADER + RISING.replace("24030", "abc"), "line 2, column high: 'abc' is no price"),
        (HEADER + RISING.replace("23990", "-1"), "line 2, column low: '-1' is not above 0"),
        (HEADER + RISING.replace("24030", "24001"), "line 2, column high: below another price"),
        (HEADER + RISING + RISING, "line 3, column ts"),
        (HEADER + RISING.replace("2026-07-15", "someday"), "line 2, column ts"),
    ],
)
def test_a_bad_file_is_named_with_line_and_column(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(body)
    with pytest.raises(BadRecording) as raised:
        load_recording(path, MONDAY)
    assert str(raised.value).startswith(str(path))
    assert said in str(raised.value)


def test_a_bad_file_ends_the_command_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--replay", str(tmp_path / "absent.csv")]) == 2
    assert "absent.csv" in capsys.readouterr().err


def test_a_recorded_day_is_followed_minute_by_minute() -> None:
    folder = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = folder / "minute" / "NIFTY50_2026-07-15.csv"
    if not path.exists():
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    recording = load_recording(path, MONDAY)
    assert len(recording.bars) == 375
    for number, bar in enumerate(recording.bars):
        minute = MONDAY + timedelta(minutes=number)
        seen = [recording.spot_paise(minute + timedelta(seconds=s)) for s in range(0, 60, 20)]
        assert seen[0] == pytest.approx(bar.open, abs=3)
        assert bar.low - 3 <= min(seen) <= max(seen) <= bar.high + 3
