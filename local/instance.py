"""One whole Legwise on this machine: its folder, its ports, and the variables that lead clients to it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any

from local.steps import CannotContinue

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "000000000000"
"""The emulator takes a 12-digit access key as the account; unsigned calls (sign-in) reach this one only."""
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "VIRTUAL_ENV")
SANDBOX_PORTS = 7
"""The admin face, then one for each broker of `BROKERS`."""
BROKERS = ("zerodha", "angel_one", "upstox", "fyers", "dhan", "groww")


@dataclass(frozen=True)
class Instance:
    """Where one instance lives. Two with different names and ports do not disturb each other."""

    name: str
    emulator_port: int
    sandbox_port: int
    region: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else differs from the settings of a laptop, by dotted key."""
    dashboard_port: int | None = None
    """Where the dashboard is served; without one, it is not."""

    @property
    def folder(self) -> Path:
        """State and logs of this instance."""
        return ROOT / ".local" / self.name

    @property
    def emulator_url(self) -> str:
        """The AWS endpoint."""
        return f"http://127.0.0.1:{self.emulator_port}"

    @property
    def sandbox_url(self) -> str:
        """The sandbox exchange's admin address."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def dashboard_url(self) -> str | None:
        """The origin of the dashboard, where there is one."""
        return None if self.dashboard_port is None else f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def redirect_url(self) -> str | None:
        """Where brokers' login pages send back to; with no dashboard the sandbox shows what they bring."""
        return self.dashboard_url and f"{self.dashboard_url}/brokers/callback"

    @property
    def broker_urls(self) -> Mapping[str, str]:
        """Where each broker's face of the sandbox is."""
        return {name: f"http://127.0.0.1:{self.sandbox_port + place}" for place, name in enumerate(BROKERS, 1)}

    @property
    def settings_overrides(self) -> dict[str, Any]:
        """Settings that point the brokers' addresses, and who tells ours, at this instance's sandbox."""
        kinds = ("api_url", "login_url", "master_url", "order_url")
        brokers = {f"brokers.{name}.{kind}": url for name, url in self.broker_urls.items() for kind in kinds}
        origins = {"cors_origins": [self.dashboard_url]} if self.dashboard_url else {}
        return {**brokers, **origins, "egress_check_url": f"{self.sandbox_url}/my-ip", **self.settings}

    def aws_variables(self) -> dict[str, str]:
        """An environment in which AWS clients reach this instance and nothing else."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return kept | {
            "AWS_ENDPOINT_URL": self.emulator_url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def check_ports(self) -> None:
        """Raises CannotContinue when a port of this instance is in use."""
        wanted = {"emulator": self.emulator_port} | {
            f"sandbox {face}": self.sandbox_port + offset for offset, face in enumerate(("admin", *BROKERS))
        }
        if self.dashboard_port is not None:
            wanted["dashboard"] = self.dashboard_port
        for what, port in wanted.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise CannotContinue(
                        f"port {port} (for the {what}) is in use: stop what uses it, or choose others with "
                        "LEGWISE_EMULATOR_PORT, LEGWISE_SANDBOX_PORT and LEGWISE_DASHBOARD_PORT"
                    ) from error


def free_port_block(size: int) -> int:
    """The first of `size` neighbouring ports that nothing uses now.

    Below those that the system gives to outgoing connections, which come and go at any moment.
    """
    while True:
        first = SystemRandom().randrange(10_000, 20_000 - size)
        try:
            for port in range(first, first + size):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
