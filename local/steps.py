"""Telling the user which step runs, and failing with a message instead of a traceback."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class CannotContinue(RuntimeError):
    """Something on this machine is in the way; the message says what and what to do."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a slow step and say how long it took."""
    began = time.monotonic()
    print(f"  … {what}", end="\r" if sys.stdout.isatty() else "\n", flush=True)
    yield
    print(f"  ✓ {what} ({time.monotonic() - began:.1f} s)", flush=True)
