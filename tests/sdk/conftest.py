"""A sandbox on free ports, and the official clients' own Pythons."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.faces import PORTS
from tests.sdk.prepare import ROOT, prepare

Driver = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def sandbox_port() -> Iterator[int]:
    """The admin port of a running sandbox with the demo accounts."""
    port = _free_ports()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--demo-accounts", "--seed", "7"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield port
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
        process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def drive(sandbox_port: int, tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """Runs `scripts/drive_<name>.py` under that client's Python; returns what it saw."""

    def run(name: str) -> dict[str, Any]:
        python = prepare(name)
        script = Path(__file__).parent / "scripts" / f"drive_{name}.py"
        done = subprocess.run(
            [str(python), str(script), str(sandbox_port)],
            cwd=tmp_path_factory.mktemp(name),
            env=offline(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return seen

    return run


def offline() -> dict[str, str]:
    """An environment in which calls to the internet fail at once: a proxy that nobody serves.

    smartapi-python asks a public address service for the caller's IP when it is imported, without a
    timeout; it falls back to a fixed address when that fails.
    """
    nobody = "http://127.0.0.1:9"
    local = "127.0.0.1,localhost"
    return {
        **os.environ,
        "HTTP_PROXY": nobody, "HTTPS_PROXY": nobody, "http_proxy": nobody, "https_proxy": nobody,
        "NO_PROXY": local, "no_proxy": local,
    }  # fmt: skip


def _free_ports() -> int:
    """The first of as many neighbouring ports as the sandbox has faces that are free."""
    for base in range(21_000 + os.getpid() % 5_000, 60_000, PORTS):
        with ExitStack() as probes:
            try:
                for offset in range(PORTS):
                    probe = probes.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", base + offset))
            except OSError:
                continue
            return base
    raise AssertionError(f"no {PORTS} free ports in a row")
