"""Where the flows run: the emulator on this machine, or a real AWS account.

`LEGWISE_FLOWS` decides. Unset, the fixture starts emulator and sandbox on free ports, deploys both stacks
(about 15 s) and stops all of it afterwards. Set to an environment of `environments.json`, for example
`LEGWISE_FLOWS=dev`, nothing is started: the outputs of the two deployed stacks are read from CloudFormation
with the ordinary AWS credentials, and `LEGWISE_FLOWS_SANDBOX` is the public address of a sandbox's admin face
(`LEGWISE_FLOWS_API` that of the API, when it is not the one that the stack names). The stacks must have been
deployed with the brokers' addresses pointing at that sandbox, and never at a broker:

    npx cdk deploy --all -c env=dev -c 'set={"brokers.zerodha.api_url": "http://sandbox.example:9601", …}'

Every test makes its own user, accounts and strategies, and all of them are removed at the end. Tests that stop
executions, age the lease of the day or halt everybody are marked `emulator_only` and are skipped on AWS.
"""

import json
import os
import time
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from local.cluster import Cluster
from local.instance import SANDBOX_PORTS, Instance, free_port_block
from shared_config import names
from shared_config.settings import Settings, load_settings

ENVIRONMENT = os.environ.get("LEGWISE_FLOWS", "")
LONGEST_EXECUTION_SECONDS = 300


class FunctionFailed(AssertionError):
    """An invoked function raised; the message is its own."""


@dataclass
class Deployment(ABC):
    """Two deployed stacks and a sandbox, and how to reach them."""

    clients: dict[str, Any] = field(default_factory=dict, init=False)
    told: list[str] = field(default_factory=list, init=False)
    """What every invoked function answered, errors with their traces included."""
    ready_at: datetime = field(default_factory=lambda: datetime.now(UTC), init=False)

    is_emulator = False

    @property
    @abstractmethod
    def settings(self) -> Settings:
        """What the stacks were deployed with."""

    @property
    @abstractmethod
    def sandbox_url(self) -> str:
        """The sandbox's admin address."""

    @property
    @abstractmethod
    def api_url(self) -> str:
        """The HTTP API."""

    @abstractmethod
    def output(self, module: str, name: str) -> str:
        """An output of a stack, by the name after its export prefix."""

    @abstractmethod
    def connect(self, service: str) -> Any:
        """A new client of an AWS service."""

    def aws(self, service: str) -> Any:
        """The shared client of an AWS service; clients may be used by several threads."""
        if service not in self.clients:
            self.clients[service] = self.connect(service)
        return self.clients[service]

    def prefix(self, module: str) -> str:
        """What all names of a stack begin with."""
        return self.settings.prefix(getattr(self.settings.modules, module))

    def function(self, module: str, name: str) -> str:
        """The full name of a function."""
        return f"{self.prefix(module)}-{name}"

    def invoke(self, name: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call a function of the options stack and wait. Raises FunctionFailed."""
        answer = self.aws("lambda").invoke(
            FunctionName=self.function("options", name), Payload=json.dumps(payload or {}).encode(), LogType="Tail"
        )
        text: str = answer["Payload"].read().decode()
        self.told.append(text)
        told: dict[str, Any] = json.loads(text)
        if "FunctionError" in answer:
            raise FunctionFailed(f"{name}: {told}\n{b64decode(answer.get('LogResult', '')).decode()}")
        return told

    @contextmanager
    def configured(self, name: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        """A function of the options stack with other settings, while the block runs."""
        client, function = self.aws("lambda"), self.function("options", name)
        kept = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        runtime = json.loads(kept[names.ENV_RUNTIME])
        change(runtime)
        try:
            self._configure(function, kept | {names.ENV_RUNTIME: json.dumps(runtime)})
            yield
        finally:
            self._configure(function, kept)

    def _configure(self, function: str, variables: dict[str, str]) -> None:
        client = self.aws("lambda")
        client.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
        client.get_waiter("function_updated_v2").wait(FunctionName=function)

    @property
    def table(self) -> Any:
        """The one table."""
        if "table" not in self.clients:
            self.clients["table"] = self._resource("dynamodb").Table(self.output("auth", names.EXPORT_TABLE_NAME))
        return self.clients["table"]

    @abstractmethod
    def _resource(self, service: str) -> Any:
        """A boto3 resource."""

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in self.clients.values():
            (client.meta.client if hasattr(client, "table_name") else client).close()
        self.clients.clear()


@dataclass
class OnEmulator(Deployment):
    """A cluster that the tests started themselves."""

    cluster: Cluster

    is_emulator = True

    @property
    def settings(self) -> Settings:
        return self.cluster.settings

    @property
    def sandbox_url(self) -> str:
        return self.cluster.instance.sandbox_url

    @property
    def api_url(self) -> str:
        api_id = self.output("auth", names.EXPORT_HTTP_API_ID)
        return f"{self.cluster.instance.emulator_url}/_aws/execute-api/{api_id}/$default"

    def output(self, module: str, name: str) -> str:
        return self.cluster.output(module, name)

    def connect(self, service: str) -> Any:
        # The host of a synchronous execution begins with `sync-` on AWS; here it must stay as it is.
        return self._session().client(service, config=_config(inject_host_prefix=False), **self._place())

    def _resource(self, service: str) -> Any:
        return self._session().resource(service, config=_config(), **self._place())

    def _session(self) -> Any:
        variables = self.cluster.instance.aws_variables()
        return boto3.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            region_name=self.cluster.instance.region,
        )

    def _place(self) -> dict[str, Any]:
        return {"endpoint_url": self.cluster.instance.emulator_url}


@dataclass
class OnAws(Deployment):
    """Stacks that somebody deployed; nothing is started or stopped."""

    environment: str
    sandbox: str
    outputs: dict[str, str] = field(default_factory=dict, init=False)

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    @property
    def sandbox_url(self) -> str:
        return self.sandbox.rstrip("/")

    @property
    def api_url(self) -> str:
        return os.environ.get("LEGWISE_FLOWS_API") or self.output("auth", names.EXPORT_HTTP_API_URL)

    def output(self, module: str, name: str) -> str:
        stack = self.prefix(module)
        if f"{stack}-{name}" not in self.outputs:
            found = self.aws("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
            self.outputs |= {output["ExportName"]: output["OutputValue"] for output in found if "ExportName" in output}
        return self.outputs[f"{stack}-{name}"]

    def connect(self, service: str) -> Any:
        return self._session().client(service, config=_config())

    def _resource(self, service: str) -> Any:
        return self._session().resource(service, config=_config())

    def _session(self) -> Any:
        return boto3.Session(region_name=self.settings.region)


def _config(**options: Any) -> Config:
    # One attempt: a synchronous execution that is asked for twice runs twice.
    return Config(
        read_timeout=LONGEST_EXECUTION_SECONDS,
        retries={"total_max_attempts": 1},
        max_pool_connections=20,
        **options,
    )


@contextmanager
def deployed() -> Iterator[Deployment]:
    """The deployment that the environment variables name, started first when it is the emulator."""
    if ENVIRONMENT:
        yield OnAws(ENVIRONMENT, os.environ["LEGWISE_FLOWS_SANDBOX"])
        return
    region = load_settings("local").region
    instance = Instance("tests", free_port_block(1), free_port_block(SANDBOX_PORTS), region)
    with Cluster(instance) as cluster:
        cluster.start()
        yield OnEmulator(cluster)


def until(what: str, look: Any, *, seconds: float, pause: float = 0.25) -> Any:
    """The first true value that `look` gives. Raises AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(pause)
