"""Settings of one environment: read from `environments.json`, checked once, frozen.

Used at synth and by the laptop tools; the functions get their part as `runtime.Runtime`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from shared_config.runtime import BrokerEndpoints, EgressRoute, Frozen, Limits, Market, Runtime, SecretStorage, Timing

ENVIRONMENTS_FILE = Path(__file__).with_name("environments.json")
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]


class SettingsError(ValueError):
    """The configuration is not usable; the message names the key and what to do."""


class Modules(Frozen):
    """The word for each stack in every name."""

    auth: Slug
    options: Slug
    web: Slug


class Tokens(Frozen):
    """How long sign-in tokens live."""

    access_minutes: Annotated[int, Field(ge=5, le=1440)]
    id_minutes: Annotated[int, Field(ge=5, le=1440)]
    refresh_days: Annotated[int, Field(ge=1, le=365)]


class Api(Frozen):
    """Throttling of the HTTP API."""

    requests_per_second: Annotated[int, Field(ge=1)]
    burst: Annotated[int, Field(ge=1)]


class Features(Frozen):
    """What is switched on; the laptop emulator lacks some of it."""

    point_in_time_recovery: bool
    deletion_protection: bool
    budget: bool
    alarms: bool
    multi_factor: bool
    access_logs: bool
    tracing: bool


class Network(Frozen):
    """What gives the functions that talk to brokers one static public address."""

    mode: Literal["none", "nat_gateway", "nat_instance"]


class Settings(Frozen):
    """One environment, whole."""

    company: Slug
    project: Slug
    modules: Modules
    environment: Slug
    region: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+-\d$")]
    removal_policy: Literal["destroy", "retain"]
    log_retention_days: Literal[7, 30, 90]
    cors_origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s*]+$")], ...]
    tokens: Tokens
    timing: Timing
    market: Market
    limits: Limits
    api: Api
    features: Features
    brokers: dict[str, BrokerEndpoints]
    egress: dict[str, EgressRoute]
    egress_check_url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
    network: Network
    secrets: SecretStorage
    monthly_budget_usd: Annotated[int, Field(ge=1)]
    alarm_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None
    cost_tags: dict[str, str]

    @field_validator("network")
    @classmethod
    def _a_laptop_has_no_network(cls, network: Network, info: ValidationInfo) -> Network:
        if info.data.get("environment") == "local" and network.mode != "none":
            raise PydanticCustomError("local_network", "must have the mode 'none' in local: a laptop has no NAT")
        return network

    def prefix(self, module: str) -> str:
        """`{company}-{project}-{env}-{module}`, the start of every name in that stack."""
        return f"{self.company}-{self.project}-{self.environment}-{module}"

    def runtime(self) -> Runtime:
        """The part that the functions read."""
        return Runtime(
            environment=self.environment,
            timing=self.timing,
            market=self.market,
            limits=self.limits,
            brokers=self.brokers,
            egress=self.egress,
            egress_check_url=self.egress_check_url,
            secrets=self.secrets,
        )


def load_settings(
    environment: str, *, overrides: Mapping[str, Any] | None = None, file: Path = ENVIRONMENTS_FILE
) -> Settings:
    """Read and check the settings of one environment.

    `overrides` maps dotted keys (`brokers.zerodha.api_url`) to values that replace the file's. Raises
    SettingsError naming the environments that exist, or each key that is wrong, missing or unknown.
    """
    document = _read(file)
    known = document.pop("environments", None)
    if not isinstance(known, dict):
        raise SettingsError(f"{file.name}: the key 'environments' must hold one object for each environment")
    if environment not in known:
        raise SettingsError(
            f"environment {environment!r} does not exist in {file.name}; it has {', '.join(known)} "
            f"(choose one with -c env=NAME)"
        )
    defaults = document.pop("defaults", {})
    merged = _merge(_merge(document, defaults), known[environment])
    for key, value in (overrides or {}).items():
        merged = _merge(merged, _nest(key, value))
    try:
        return Settings.model_validate({**merged, "environment": environment})
    except ValidationError as error:
        raise SettingsError(_explain(file.name, environment, error)) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{file} is missing") from error
    except json.JSONDecodeError as error:
        raise SettingsError(
            f"{file.name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    if not isinstance(document, dict):
        raise SettingsError(f"{file.name} must hold one JSON object")
    return document


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def _nest(dotted: str, value: Any) -> dict[str, Any]:
    head, _, rest = dotted.partition(".")
    return {head: _nest(rest, value) if rest else value}


def _explain(file: str, environment: str, error: ValidationError) -> str:
    lines = [f"{file}: environment {environment!r} is not usable:"]
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        lines.append(f"  {key}: {_ADVICE.get(problem['type'], problem['msg'])}")
    return "\n".join(lines)


_ADVICE = {
    "missing": "is missing; add it to 'defaults' or to the environment",
    "extra_forbidden": "is not a key that anything reads; correct its spelling or remove it",
}
