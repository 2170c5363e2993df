"""The brokers' official clients as processes of their own, where their environments exist."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.import_cost import variables
from bench.report import ROOT
from bench.sandbox_rig import Linked
from local.steps import CannotContinue

SCRIPT = Path(__file__).with_name("official_client.py")
SECONDS = 60
NAMES = {
    "zerodha": "kiteconnect",
    "angel_one": "smartapi",
    "upstox": "upstox",
    "fyers": "fyers",
    "dhan": "dhanhq",
    "groww": "growwapi",
}
MODULES = {
    "zerodha": "kiteconnect",
    "angel_one": "SmartApi",
    "upstox": "upstox_client",
    "fyers": "fyers_apiv3.fyersModel",
    "dhan": "dhanhq",
    "groww": "growwapi",
}


@dataclass(frozen=True)
class Running:
    """A client that is logged in and waits for orders."""

    name: str
    process: asyncio.subprocess.Process

    async def place(self, fields: dict[str, Any]) -> float:
        """Milliseconds of the client's own call for one order. Raises CannotContinue when it was not taken."""
        answer = await self.ask(fields)
        if "ms" not in answer:
            raise CannotContinue(f"{self.name} did not place an order: {answer.get('error')}")
        return float(answer["ms"])

    async def ask(self, line: dict[str, Any]) -> dict[str, Any]:
        """Its answer to one line. Raises CannotContinue when there is none."""
        await self.tell(line)
        if self.process.stdout is None:
            raise CannotContinue(f"{self.name} has no output")
        async with asyncio.timeout(SECONDS):
            text = await self.process.stdout.readline()
        if not text:
            raise CannotContinue(f"{self.name} ended with code {await self.process.wait()}")
        return dict(json.loads(text))

    async def tell(self, line: dict[str, Any]) -> None:
        """Give it a line."""
        if self.process.stdin is None:
            raise CannotContinue(f"{self.name} has no input")
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        await self.process.stdin.drain()


@dataclass(frozen=True)
class Official:
    """A client whose environment exists."""

    name: str
    python: Path

    @asynccontextmanager
    async def running(self, root: str, linked: Linked) -> AsyncIterator[Running]:
        """Start it over the session of an account, with its broker at `root`; end it afterwards."""
        with tempfile.TemporaryDirectory(prefix="legwise-bench-") as folder:
            process = await asyncio.create_subprocess_exec(
                str(self.python),
                "-I",
                str(SCRIPT),
                self.name,
                root,
                cwd=folder,
                env=variables(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=None if "-v" in sys.argv else asyncio.subprocess.DEVNULL,
            )
            client = Running(self.name, process)
            try:
                await client.ask({"credentials": dict(linked.credentials), "tokens": dict(linked.tokens)})
                yield client
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()


def official_client(broker: str) -> Official | None:
    """The official client of a broker; None where its environment was not made (`python -m tests.sdk.prepare`)."""
    name = NAMES[broker]
    python = ROOT / ".sdk" / name / "bin" / "python"
    return Official(name, python) if python.is_file() else None
