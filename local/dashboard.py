"""The dashboard of a running instance: a process of its own beside emulator and sandbox."""

import json
import sys

from local.api import api_url
from local.cluster import Cluster
from local.dashboard_server import BUILT, config_of
from local.processes import Service
from local.steps import CannotContinue
from shared_config.names import EXPORT_USER_POOL_CLIENT_ID


def check_built() -> None:
    """Raises CannotContinue where there is nothing to serve."""
    if not (BUILT / "index.html").is_file():
        raise CannotContinue("the dashboard is not built: run 'make dashboard'")


def start_dashboard(cluster: Cluster, *, demo: tuple[str, str]) -> Service:
    """Serve the dashboard of deployed stacks, which offers the user `demo` (name, password). Raises CannotContinue."""
    check_built()
    instance = cluster.instance
    config = instance.folder / "dashboard-config.json"
    client_id = cluster.output("auth", EXPORT_USER_POOL_CLIENT_ID)
    config.write_text(json.dumps(config_of(region=instance.region, client_id=client_id, demo=demo)), "utf-8")
    command = [sys.executable, "-m", "local.dashboard_server", "--port", str(instance.dashboard_port)]
    command += ["--emulator", instance.emulator_url, "--config", str(config)]
    command += ["--api-path", api_url(cluster).removeprefix(instance.emulator_url)]
    service = Service.start("dashboard", command, folder=instance.folder, variables=instance.aws_variables())
    cluster.services.append(service)
    service.wait_until(f"{instance.dashboard_url}/config.json", seconds=20)
    return service
