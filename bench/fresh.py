"""Fresh interpreters: how long one takes to import a function and to build what its first call needs."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.entrypoints import Entrypoint
from bench.report import ROOT
from shared_config.names import (
    ENV_EVENT_BUS,
    ENV_EXECUTE_TICK,
    ENV_RUNTIME,
    ENV_SECRETS_PREFIX,
    ENV_TABLE,
    ENV_TRADING_DAY,
)
from shared_config.settings import load_settings

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT")
SECONDS = 60
IMPORTS, BUILDS = "phase: imports", "phase: builds"
"""Lines that part the phases in the output of `-X importtime`."""


class CannotMeasure(RuntimeError):
    """A fresh interpreter failed; the message is its own."""


@dataclass(frozen=True)
class Case:
    """What an interpreter does: statements that import, then statements that build."""

    name: str
    imports: str
    builds: str

    @classmethod
    def of(cls, entrypoint: Entrypoint) -> "Case":
        """Import a function as Lambda does, then build what its first call uses."""
        uses = "; ".join(f"application.{part}" for part in entrypoint.uses)
        frame = "from lambdas.entrypoints.frame import application"
        return cls(entrypoint.name, f"import {entrypoint.module}", f"{frame}; {uses}" if uses else "pass")


BOTO3 = Case("import boto3, then a DynamoDB client", "import boto3", "boto3.client('dynamodb')")
PASS = Case("python -c pass", "pass", "pass")
PACK = Case("packaging the functions", "pass", "pass")


@dataclass(frozen=True)
class Took:
    """Milliseconds of one interpreter: until imported, until ready, and of its whole process."""

    imported: float
    ready: float
    process: float


@dataclass(frozen=True)
class Traced:
    """One interpreter under `-X importtime`: what it printed, its phases parted by `IMPORTS` and `BUILDS`."""

    lines: list[str]
    took: Took


def measure(case: Case, folder: Path, variables: Mapping[str, str]) -> Took:
    """Run a case in a fresh interpreter whose code is in `folder`. Raises CannotMeasure."""
    return _took([], case, folder, variables)[1]


def measure_pass(folder: Path, variables: Mapping[str, str]) -> Took:
    """An interpreter that does nothing at all."""
    began = time.perf_counter()
    _run(["-c", "pass"], folder, variables, PASS)
    return Took(0.0, 0.0, (time.perf_counter() - began) * 1000)


def import_times(case: Case, folder: Path, variables: Mapping[str, str]) -> Traced:
    """Run a case with every import timed."""
    return Traced(*_took(["-X", "importtime"], case, folder, variables))


def packaged_folder() -> Path:
    """The folder that is deployed, without dependencies. Made by another process: the CDK stays out of this one."""
    script = "from stacks.packaging import package_functions as p; print(p(with_dependencies=False).folder)"
    kinds = ("UNTESTED", "DEPRECATED", "END_OF_LIFE")
    silenced = {f"JSII_SILENCE_WARNING_{kind}_NODE_VERSION": "1" for kind in kinds}
    made = _run(["-c", script], ROOT, {name: os.environ[name] for name in KEPT if name in os.environ} | silenced, PACK)
    return Path(made.stdout.splitlines()[-1])


def _took(options: Sequence[str], case: Case, folder: Path, variables: Mapping[str, str]) -> tuple[list[str], Took]:
    """What the interpreter printed about its imports, and the times of its phases."""
    mark = "print({!r}, file=sys.stderr, flush=True)"
    script = (
        f"import sys, time; {mark.format(IMPORTS)}; a = time.perf_counter(); {case.imports}; "
        f"b = time.perf_counter(); {mark.format(BUILDS)}; {case.builds}; "
        "c = time.perf_counter(); print((b - a) * 1000, (c - a) * 1000)"
    )
    began = time.perf_counter()
    done = _run([*options, "-c", script], folder, variables, case)
    process = (time.perf_counter() - began) * 1000
    imported, ready = done.stdout.splitlines()[-1].split()
    return done.stderr.splitlines(), Took(float(imported), float(ready), process)


def _run(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], case: Case
) -> "subprocess.CompletedProcess[str]":
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=dict(variables),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotMeasure(f"{case.name} did not end within {SECONDS} s") from error
    if done.returncode:
        raise CannotMeasure(f"{case.name} failed with code {done.returncode}:\n{done.stderr.strip()}")
    return done


def function_variables() -> dict[str, str]:
    """The variables of a deployed function, with names that lead nowhere: nothing is called."""
    settings = load_settings("local")
    arn = f"arn:aws:states:{settings.region}:000000000000:stateMachine:bench"
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        ENV_RUNTIME: settings.runtime().model_dump_json(),
        ENV_TABLE: "bench",
        ENV_SECRETS_PREFIX: "bench",
        ENV_EVENT_BUS: "bench",
        ENV_EXECUTE_TICK: arn,
        ENV_TRADING_DAY: arn,
        "POWERTOOLS_SERVICE_NAME": "bench",
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_REGION": settings.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
