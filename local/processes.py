"""Starting processes, waiting until they serve, stopping what was started and nothing else."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.steps import CannotContinue

STOP_SECONDS = 10


@dataclass
class Service:
    """One started process with its log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, name: str, command: Sequence[str], *, folder: Path, variables: Mapping[str, str]) -> "Service":
        """Start a process of its own session, its output going to `folder/name.log`."""
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{name}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command, stdout=sink, stderr=subprocess.STDOUT, env=dict(variables), start_new_session=True
            )
        return cls(name, process, log)

    def wait_until(self, url: str, *, seconds: float) -> None:
        """Return when the address answers. Raises CannotContinue with the end of the log otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotContinue(f"{self.name} ended with code {self.process.returncode}:\n{self.tail()}")
            if _answers(url):
                return
            time.sleep(0.1)
        raise CannotContinue(f"{self.name} did not answer at {url} within {seconds:.0f} s:\n{self.tail()}")

    def tail(self, lines: int = 15) -> str:
        """The end of the log, and where the rest is."""
        text = self.log.read_text("utf-8", errors="replace").splitlines()[-lines:]
        return "\n".join(f"    {line}" for line in text) + f"\n    (all of it: {self.log})"

    def stop(self) -> None:
        """Ask the process and what it started to end; insist after a while."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                return
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (an address of this machine)
            return True
    except (urllib.error.URLError, OSError):
        return False
