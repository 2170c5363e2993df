"""The part of the settings that the functions need while they run, as one value in one variable."""

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[int, Field(ge=1, le=300)]


class Frozen(BaseModel):
    """A value that never changes and accepts no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Timing(Frozen):
    """When things happen around a tick T."""

    lead_seconds: Annotated[int, Field(ge=5, le=50, description="how long before T its preparation begins")]
    guard_ms: Annotated[int, Field(ge=1, le=50, description="the worker stops sleeping this long before T")]
    not_after_seconds: Annotated[Seconds, Field(description="an order is not sent later than this after T")]
    confirm_seconds: Annotated[Seconds, Field(description="how long fills are awaited before the rest is cancelled")]
    poll_ms: Annotated[
        int,
        Field(ge=20, le=5000, description="how often the order book is looked at while shorts wait for their hedges"),
    ]
    heartbeat_grace_seconds: Annotated[
        Seconds, Field(description="how late the loop may be before the watchdog starts another")
    ]


class Market(Frozen):
    """Which sessions count, and what instrument masters leave untold."""

    sessions: Literal["exchange", "continuous"]
    calendar: Annotated[str, Field(pattern=r"^[a-z_]+$", description="folder of dated files in shared_config")]
    freeze_quantities: Annotated[
        dict[str, Annotated[int, Field(ge=1)]],
        Field(description="largest quantity of one order, where the broker's master does not tell it"),
    ]


class Limits(Frozen):
    """Bounds that protect a user from a slip and the platform from one user."""

    due_shards: Annotated[int, Field(ge=1, le=16, description="partitions of one minute's due index")]
    max_lots_per_leg: Annotated[int, Field(ge=1, le=10_000)]
    max_strategies_per_user: Annotated[int, Field(ge=1, le=1_000)]


class BrokerEndpoints(Frozen):
    """Where one broker is reached."""

    api_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    login_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    master_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    order_url: Annotated[
        str | None, Field(pattern=r"^https?://[^/\s]+$", description="where orders go, if not to api_url")
    ] = None


class EgressRoute(Frozen):
    """How the calls of an account leave: directly, or through a proxy with a registered address."""

    proxy_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")] | None
    expected_ip: Annotated[
        IPv4Address | None, Field(description="the address that is registered at the brokers of its accounts")
    ] = None

    def static_address(self, of_network: IPv4Address | None) -> IPv4Address | None:
        """The address to register at brokers: the expected one, else that of the deployment's own way out, which a
        proxy is not. None where nothing says that the address stays the same."""
        return self.expected_ip or (of_network if self.proxy_url is None else None)


class SecretStorage(Frozen):
    """How the credentials of linked accounts are kept."""

    store: Annotated[
        Literal["secrets_manager", "sealed_table"],
        Field(description="one Secrets Manager secret for each account, or sealed items in the one table"),
    ]


class Runtime(Frozen):
    """Everything that the functions read from the configuration."""

    environment: str
    timing: Timing
    market: Market
    limits: Limits
    brokers: dict[str, BrokerEndpoints]
    egress: dict[str, EgressRoute]
    egress_check_url: Annotated[
        str, Field(pattern=r"^https?://[^\s]+$", description="answers with the caller's address as text")
    ]
    secrets: SecretStorage
