"""The brokers by name: what each needs to be linked, its limits, and how to open it.

Importing this module loads no HTTP client; a broker's code is loaded when it is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from lambdas.adapters.brokers.angel_one.limits import LIMITS as ANGEL_ONE_LIMITS
from lambdas.adapters.brokers.dhan.limits import LIMITS as DHAN_LIMITS
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.fyers.limits import LIMITS as FYERS_LIMITS
from lambdas.adapters.brokers.groww.limits import LIMITS as GROWW_LIMITS
from lambdas.adapters.brokers.limits import Limits
from lambdas.adapters.brokers.upstox.limits import LIMITS as UPSTOX_LIMITS
from lambdas.adapters.brokers.zerodha.limits import LIMITS as ZERODHA_LIMITS
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import LinkField
from lambdas.ports.clock import Clock


@dataclass(frozen=True)
class BrokerKind:
    """A broker that accounts can be linked at. `redirects` is True where the user logs in at its page."""

    name: str
    label: str
    fields: tuple[LinkField, ...]
    redirects: bool
    limits: Limits


_ALL = (
    BrokerKind(
        name="zerodha",
        label="Zerodha",
        fields=(LinkField("api_key", "API key", False), LinkField("api_secret", "API secret", True)),
        redirects=True,
        limits=ZERODHA_LIMITS,
    ),
    BrokerKind(
        name="angel_one",
        label="Angel One",
        fields=(
            LinkField("api_key", "API key", True),
            LinkField("client_code", "Client code", False),
            LinkField("pin", "PIN", True),
            LinkField("totp_secret", "TOTP secret", True),
        ),
        redirects=False,
        limits=ANGEL_ONE_LIMITS,
    ),
    BrokerKind(
        name="upstox",
        label="Upstox",
        fields=(
            LinkField("api_key", "API key", False),
            LinkField("api_secret", "API secret", True),
            LinkField("redirect_url", "Redirect URL", False),
        ),
        redirects=True,
        limits=UPSTOX_LIMITS,
    ),
    BrokerKind(
        name="groww",
        label="Groww",
        fields=(
            LinkField("api_key", "API key", True),
            LinkField("api_secret", "API secret", True),
            LinkField("totp_secret", "TOTP secret", True, optional=True),
        ),
        redirects=False,
        limits=GROWW_LIMITS,
    ),
    BrokerKind(
        name="fyers",
        label="Fyers",
        fields=(
            LinkField("api_key", "App ID", False),
            LinkField("api_secret", "App secret", True),
            LinkField("redirect_url", "Redirect URL", False),
            LinkField("pin", "PIN", True, optional=True),
        ),
        redirects=True,
        limits=FYERS_LIMITS,
    ),
    BrokerKind(
        name="dhan",
        label="Dhan",
        fields=(
            LinkField("client_id", "Client ID", False),
            LinkField("api_key", "App ID", False),
            LinkField("api_secret", "App secret", True),
            LinkField("redirect_url", "Redirect URL", False, optional=True),
        ),
        redirects=True,
        limits=DHAN_LIMITS,
    ),
)
BROKERS: Mapping[str, BrokerKind] = {kind.name: kind for kind in _ALL}


def broker_kind(name: str) -> BrokerKind:
    """What is known of a broker. Raises ValueError listing the known ones."""
    if name not in BROKERS:
        raise ValueError(f"no broker is called {name!r}; known are {', '.join(sorted(BROKERS))}")
    return BROKERS[name]


def open_broker(
    name: str,
    *,
    credentials: Mapping[str, str],
    tokens: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None = None,
) -> Broker:
    """One logged-in account, reached through `proxy_url` or directly.

    Raises ValueError for an unknown broker or a credential that is not usable.
    """
    checked = _check(name, credentials)
    module = import_module(f"{__package__}.{name}.adapter")
    opened = module.open_broker(
        credentials=checked, tokens=_usable(tokens), endpoints=endpoints, clock=clock, proxy_url=proxy_url
    )
    return cast(Broker, opened)


def open_login(
    name: str,
    *,
    credentials: Mapping[str, str],
    endpoints: Endpoints,
    clock: Clock,
    proxy_url: str | None = None,
) -> BrokerOAuthStrategy:
    """How sessions begin at a broker. Raises ValueError as `open_broker` does."""
    checked = _check(name, credentials)
    module = import_module(f"{__package__}.{name}.auth")
    opened = module.open_login(credentials=checked, endpoints=endpoints, clock=clock, proxy_url=proxy_url)
    return cast(BrokerOAuthStrategy, opened)


def _check(name: str, credentials: Mapping[str, str]) -> dict[str, str]:
    usable = _usable(credentials)
    for field in broker_kind(name).fields:
        if not field.optional and not usable.get(field.name):
            raise ValueError(f"{name}: {field.label} ({field.name}) is missing")
    return usable


def _usable(values: Mapping[str, str]) -> dict[str, str]:
    """Values without surrounding blanks. A value that no HTTP header can carry is named, never quoted."""
    usable = {key: value.strip() for key, value in values.items()}
    for key, value in usable.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"{key} has characters that cannot be sent")
    return usable
