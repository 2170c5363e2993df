"""One AWS emulator for tests that talk over the real wire."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

START_SECONDS = 20


def start_emulator(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start one on a free port with a clean environment; the process and its URL once it is healthy."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("tmp", "state"):
        (folder / name).mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "STATE_DIR": str(folder / "state"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": "ap-south-1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    log = folder / "emulator.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "ministack"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _is_healthy(url):
            return process, url
        time.sleep(0.05)
    process.kill()
    process.wait()
    pytest.fail(f"the emulator did not start: {log.read_text('utf-8')}")


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
