"""A group of errors is logged whole: what a runtime shows of it is its own line."""

import logging

import pytest

from lambdas.entrypoints.frame import logger, told_in_full


class Kept(logging.Handler):
    """Keeps what is logged, as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Kept:
    handler = Kept()
    logger.addHandler(handler)
    return handler


def test_every_error_of_a_group_is_logged_with_its_trace_and_raised(kept: Kept) -> None:
    with pytest.raises(ExceptionGroup, match="2 of 3 accounts"), told_in_full():
        raise ExceptionGroup("2 of 3 accounts", [KeyError("the-route"), ValueError("the-amount")])
    (line,) = kept.lines
    for part in ("2 of 3 accounts", "KeyError: 'the-route'", "ValueError: the-amount", "Traceback"):
        assert part in line


def test_a_single_error_is_left_to_the_runtime(kept: Kept) -> None:
    with pytest.raises(KeyError), told_in_full():
        raise KeyError("the-route")
    assert kept.lines == []
