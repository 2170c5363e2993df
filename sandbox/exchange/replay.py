"""A recorded day of one-minute bars, played from the minute in which the sandbox started."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sandbox.exchange.ticks import to_tick

COLUMNS = ("ts", "open", "high", "low", "close", "volume", "oi")
PRICES = COLUMNS[1:5]


class BadRecording(ValueError):
    """A file that cannot be replayed; the message names the file, the line and the column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute; prices in paise."""

    open: int
    high: int
    low: int
    close: int

    def path(self) -> tuple[int, int, int, int]:
        """Corners of the minute: a rising minute dips first, a falling one spikes first."""
        first, second = (self.low, self.high) if self.close >= self.open else (self.high, self.low)
        return self.open, first, second, self.close


class Recording:
    """Bars mapped onto the wall clock: bar 0 covers the minute that `started` lies in."""

    def __init__(self, source: str, bars: list[Bar], started: datetime) -> None:
        self.source = source
        self.bars = bars
        self.starts_at = started.replace(second=0, microsecond=0)
        self.ends_at = self.starts_at + timedelta(minutes=len(bars))

    def spot_paise(self, instant: datetime) -> int:
        """The recorded level at an instant: the first open before, the last close after the end."""
        if instant < self.starts_at:
            return to_tick(self.bars[0].open)
        if instant >= self.ends_at:
            return to_tick(self.bars[-1].close)
        minute, within = divmod(instant - self.starts_at, timedelta(minutes=1))
        corners = self.bars[minute].path()
        leg, share = divmod(within / timedelta(minutes=1) * 3, 1)
        left, right = corners[int(leg)], corners[int(leg) + 1]
        return to_tick(left + (right - left) * share)

    def describe(self, now: datetime) -> dict[str, object]:
        """Where the replay stands, for the status page."""
        minute = max(0, min(len(self.bars), int((now - self.starts_at) / timedelta(minutes=1))))
        return {
            "file": self.source,
            "minutes": len(self.bars),
            "minute_now": minute,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "ended": now >= self.ends_at,
            "note": "past its end: the last price is held" if now >= self.ends_at else "following the file",
        }


def load_recording(path: Path, started: datetime) -> Recording:
    """Read a CSV with columns ts, open, high, low, close, volume, oi (prices in rupees).

    Raises BadRecording with file, line and column for the first thing that is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            bars = _read(path, csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRecording(f"{path}: cannot be read ({error})") from error
    return Recording(str(path), bars, started)


def _read(path: Path, reader: "csv.DictReader[str]") -> list[Bar]:
    for column in COLUMNS:
        if column not in (reader.fieldnames or []):
            raise BadRecording(f"{path}, line 1, column {column}: missing (expected {', '.join(COLUMNS)})")
    bars: list[Bar] = []
    previous: datetime | None = None
    for row in reader:
        previous = _timestamp(path, reader.line_num, row["ts"], previous)
        bars.append(_bar(path, reader.line_num, row))
    if not bars:
        raise BadRecording(f"{path}, line 2, column ts: no minute in the file")
    return bars


def _timestamp(path: Path, line: int, text: str, previous: datetime | None) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadRecording(f"{path}, line {line}, column ts: {text!r} is no timestamp") from None
    if previous is not None and (instant.tzinfo is None) != (previous.tzinfo is None):
        raise BadRecording(f"{path}, line {line}, column ts: {text!r} differs in its time zone")
    if previous is not None and instant <= previous:
        raise BadRecording(f"{path}, line {line}, column ts: {text!r} does not come after the line above")
    return instant


def _bar(path: Path, line: int, row: dict[str, str]) -> Bar:
    values: dict[str, int] = {}
    for column in PRICES:
        try:
            price = Decimal(row[column])
        except (InvalidOperation, TypeError):
            raise BadRecording(f"{path}, line {line}, column {column}: {row[column]!r} is no price") from None
        if not price.is_finite() or price <= 0:
            raise BadRecording(f"{path}, line {line}, column {column}: {row[column]!r} is not above 0")
        values[column] = int(price * 100)
    bar = Bar(values["open"], values["high"], values["low"], values["close"])
    if bar.high < max(bar.open, bar.close, bar.low):
        raise BadRecording(f"{path}, line {line}, column high: below another price of its minute")
    if bar.low > min(bar.open, bar.close):
        raise BadRecording(f"{path}, line {line}, column low: above another price of its minute")
    return bar
