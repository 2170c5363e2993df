"""Emulator, sandbox and deployed stacks as one thing that can be brought up and stopped."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.instance import ACCOUNT, ROOT, SANDBOX_PORTS, Instance
from local.processes import Service
from local.steps import CannotContinue, step
from shared_config.settings import Settings, load_settings

OLDEST_NODE = 20
DEPLOY_SECONDS = 300


@dataclass
class Cluster:
    """One running instance. Use as a context manager: leaving it stops everything that it started."""

    instance: Instance
    replay: Path | None = None
    services: list[Service] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def settings(self) -> Settings:
        """The settings that the stacks were deployed with."""
        return load_settings("local", overrides=self.instance.settings_overrides)

    def output(self, module: str, name: str) -> str:
        """An output of a deployed stack, by the name after its export prefix."""
        return self.outputs[self.prefix(module)][name]

    def prefix(self, module: str) -> str:
        """The stack of a module (`auth`, `options`), which begins the names of all in it."""
        return self.settings.prefix(getattr(self.settings.modules, module))

    def start(self) -> None:
        """Start emulator and sandbox and deploy both stacks. Raises CannotContinue."""
        check_tools()
        self.instance.check_ports()
        shutil.rmtree(self.instance.folder, ignore_errors=True)
        with step(f"starting the AWS emulator on port {self.instance.emulator_port}"):
            self._start_emulator()
        with step(f"starting the sandbox exchange on ports {self._sandbox_ports()}"):
            self.start_sandbox()
        with step("synthesizing both stacks"):
            self._cdk("synth", "--quiet", "--app", f"{sys.executable} app.py", *self._context())
        with step("bootstrapping the emulated account"):
            self._cdk("bootstrap", "--app", str(self._assembly), f"aws://{ACCOUNT}/{self.instance.region}")
        for module, number in (("auth", 1), ("options", 2)):
            with step(f"deploying the {module} stack ({number} of 2)"):
                self._deploy(module)

    def start_sandbox(self) -> Service:
        """Start the exchange (again); it begins with fresh books."""
        command = [sys.executable, "-m", "sandbox", "--port", str(self.instance.sandbox_port), "--demo-accounts"]
        if self.instance.redirect_url is not None:
            command += ["--redirect-url", self.instance.redirect_url]
        if self.replay is not None:
            command += ["--replay", str(self.replay)]
        service = Service.start(
            "sandbox", command, folder=self.instance.folder, variables=self.instance.aws_variables()
        )
        self.services.append(service)
        service.wait_until(f"{self.instance.sandbox_url}/status", seconds=20)
        return service

    def stop(self) -> None:
        """Stop everything in the reverse order of starting."""
        while self.services:
            self.services.pop().stop()

    def _start_emulator(self) -> None:
        folder = self.instance.folder
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        variables = {name: value for name, value in self.instance.aws_variables().items() if "AWS" not in name}
        variables |= {
            "GATEWAY_PORT": str(self.instance.emulator_port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": self.instance.region,
            "TMPDIR": str(temporary),
            "STATE_DIR": str(folder / "state"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        service = Service.start("emulator", [sys.executable, "-m", "ministack"], folder=folder, variables=variables)
        self.services.append(service)
        service.wait_until(f"{self.instance.emulator_url}/_ministack/health", seconds=30)

    def _deploy(self, module: str) -> None:
        stack = self.prefix(module)
        written = self.instance.folder / f"{module}-outputs.json"
        self._cdk(
            "deploy",
            stack,
            "--exclusively",
            "--app",
            str(self._assembly),
            "--require-approval",
            "never",
            "--method",
            "direct",
            "--outputs-file",
            str(written),
        )
        self.outputs |= _outputs(written)

    @property
    def _assembly(self) -> Path:
        return self.instance.folder / "cdk.out"

    def _context(self) -> list[str]:
        overrides = json.dumps(self.instance.settings_overrides)
        return ["-c", "env=local", "-c", f"set={overrides}", "--output", str(self._assembly)]

    def _cdk(self, *arguments: str) -> None:
        command = [str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments, "--no-notices", "--no-version-reporting"]
        variables = self.instance.aws_variables() | {
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": self.instance.region,
            "CDK_VALIDATION": "false",  # the stack tests validate the templates; here it would only cost seconds
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": str(OLDEST_NODE),
        }
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=DEPLOY_SECONDS, check=False
            )
        except FileNotFoundError as error:
            raise CannotContinue("the CDK CLI is not installed: run 'make install'") from error
        except subprocess.TimeoutExpired as error:
            raise CannotContinue(f"cdk {arguments[0]} did not end within {DEPLOY_SECONDS} s") from error
        log = self.instance.folder / f"cdk-{arguments[0]}.log"
        log.write_text(done.stdout + done.stderr, "utf-8")
        if done.returncode:
            tail = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-20:])
            raise CannotContinue(
                f"cdk {arguments[0]} failed with code {done.returncode}:\n{tail}\n    (all of it: {log})"
            )

    def _sandbox_ports(self) -> str:
        return f"{self.instance.sandbox_port}–{self.instance.sandbox_port + SANDBOX_PORTS - 1}"


def check_tools() -> None:
    """Raises CannotContinue when Node is missing or too old for the CDK CLI."""
    node = shutil.which("node")
    if node is None:
        raise CannotContinue("Node.js is not installed: the CDK CLI needs it (22 or newer is best)")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        raise CannotContinue(f"Node.js {version} is too old for the CDK CLI: install 22 or newer")


def _outputs(file: Path) -> dict[str, dict[str, str]]:
    outputs: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return outputs
