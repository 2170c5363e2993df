"""Makes the environments of the official clients: `.sdk/<name>/`, from a pinned and hashed lock file.

Run as `python -m tests.sdk.prepare`; the tests call it too. An environment whose lock has not changed is
kept as it is.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("kiteconnect", "smartapi", "growwapi", "upstox", "dhanhq", "fyers")


class CannotPrepare(RuntimeError):
    """The environment could not be made; the message carries the installer's last words."""


def prepare(name: str) -> Path:
    """The Python of that client's environment, made when it is missing or out of date."""
    lock = Path(__file__).parent / f"{name}.lock"
    folder = ROOT / ".sdk" / name
    python = folder / "bin" / "python"
    stamp = folder / "lock.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(lock)])
    stamp.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    if done.returncode:
        raise CannotPrepare(f"{command[1:4]} failed: {done.stderr.strip()[-1500:]}")


if __name__ == "__main__":
    for each in NAMES:
        print(prepare(each))
