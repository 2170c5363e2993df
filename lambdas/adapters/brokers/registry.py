"""The brokers by name: what each needs to be linked, its limits, and how to open it.

Importing this module loads no HTTP client; a broker's code is loaded when it is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from lambdas.adapters.brokers.angel_one.limits import LIMITS as ANGEL_ONE_LIMITS
from lambdas.adapters.brokers.dhan.limits import LIMITS as DHAN_LIMITS
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.fyers.limits import LIMITS as FYERS_LIMITS
from lambdas.adapters.brokers.groww.limits import LIMITS as GROWW_LIMITS
from lambdas.adapters.brokers.limits import Limits
from lambdas.adapters.brokers.paper.limits import LIMITS as PAPER_LIMITS
from lambdas.adapters.brokers.upstox.limits import LIMITS as UPSTOX_LIMITS
from lambdas.adapters.brokers.zerodha.limits import LIMITS as ZERODHA_LIMITS
from lambdas.domain.accounts import NO_ALGO, PAPER, Account, Algo, AlgoPart
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import LinkField
from lambdas.ports.clock import Clock
from lambdas.ports.pace import Pace, RateStore
from lambdas.ports.secrets import AccountSecret

if TYPE_CHECKING:
    from lambdas.adapters.brokers.paper.adapter import PaperDesk
    from lambdas.adapters.brokers.paper.source import OpenSource


@dataclass(frozen=True)
class BrokerKind:
    """A broker that accounts can be linked at. `redirects` is True where the user logs in at its page.

    `algo` is what its order calls carry of a registered algorithm; only such an adapter is opened with one.
    `postback_at` is where a user enters the address that it posts order updates to, which its `postback.py` reads.
    `typed_code` is True where its login takes a one-time password as `totp`.
    """

    name: str
    label: str
    fields: tuple[LinkField, ...]
    redirects: bool
    limits: Limits
    algo: frozenset[AlgoPart] = frozenset()
    postback_at: str = ""
    typed_code: bool = False


_KITE = "At developers.kite.trade, My apps, in the app"
_SMARTAPI = "At smartapi.angelone.in, My apps, in the app"
_ANGEL_APP = "As in the Angel One app"
_UPSTOX = "At account.upstox.com/developer/apps, in the app"
_GROWW = "At groww.in, Profile, Settings, Trading APIs, Generate API key"
_FYERS = "At myapi.fyers.in, in the app"
_DHAN = "At web.dhan.co, Profile, Access DhanHQ APIs, API key; valid for 12 months"
_SAME_URL = "Exactly as it is entered at the broker"
_UNDER_THE_CODE = "the letters and digits under the QR code, not a six-digit code"

_ALL = (
    BrokerKind(
        name="zerodha",
        label="Zerodha",
        fields=(
            LinkField("api_key", "API key", False, help=_KITE),
            LinkField("api_secret", "API secret", True, help=_KITE),
        ),
        redirects=True,
        limits=ZERODHA_LIMITS,
        algo=frozenset({"id"}),
        postback_at="developers.kite.trade, My apps, the app: Postback URL",
    ),
    BrokerKind(
        name="angel_one",
        label="Angel One",
        fields=(
            LinkField("api_key", "API key", True, help=_SMARTAPI),
            LinkField("client_code", "Client code", False, help=_ANGEL_APP),
            LinkField("pin", "PIN", True, help=_ANGEL_APP),
            LinkField(
                "totp_secret",
                "TOTP secret",
                True,
                help=f"At smartapi.angelone.in, Enable TOTP: {_UNDER_THE_CODE}",
            ),
        ),
        redirects=False,
        limits=ANGEL_ONE_LIMITS,
        postback_at="smartapi.angelone.in, My apps, the app: Postback URL",
        typed_code=True,
    ),
    BrokerKind(
        name="upstox",
        label="Upstox",
        fields=(
            LinkField("api_key", "API key", False, help=_UPSTOX),
            LinkField("api_secret", "API secret", True, help=_UPSTOX),
            LinkField("redirect_url", "Redirect URL", False, help=_SAME_URL),
        ),
        redirects=True,
        limits=UPSTOX_LIMITS,
        algo=frozenset({"name"}),
        postback_at="account.upstox.com/developer/apps, the app: Postback URL, with order updates",
    ),
    BrokerKind(
        name="groww",
        label="Groww",
        fields=(
            LinkField("api_key", "API key", True, help=_GROWW),
            LinkField("api_secret", "API secret", True, help=f"{_GROWW}; shown with the key"),
            LinkField(
                "totp_secret",
                "TOTP secret",
                True,
                optional=True,
                help=f"{_GROWW}: {_UNDER_THE_CODE}. Without it the key has to be approved on that page once a day",
            ),
        ),
        redirects=False,
        limits=GROWW_LIMITS,
        typed_code=True,
    ),
    BrokerKind(
        name="fyers",
        label="Fyers",
        fields=(
            LinkField("api_key", "App ID", False, help=f"{_FYERS}; with its ending -100"),
            LinkField("api_secret", "App secret", True, help=_FYERS),
            LinkField("redirect_url", "Redirect URL", False, help=_SAME_URL),
            LinkField("pin", "PIN", True, optional=True, help="Of the Fyers app; only needed to renew a session"),
        ),
        redirects=True,
        limits=FYERS_LIMITS,
        postback_at="myapi.fyers.in, the app: Postback (webhook), for all four statuses",
    ),
    BrokerKind(
        name="dhan",
        label="Dhan",
        fields=(
            LinkField("client_id", "Client ID", False, help="In the profile at Dhan"),
            LinkField("api_key", "App ID", False, help=_DHAN),
            LinkField("api_secret", "App secret", True, help=_DHAN),
            LinkField("redirect_url", "Redirect URL", False, optional=True, help=_SAME_URL),
        ),
        redirects=True,
        limits=DHAN_LIMITS,
        postback_at="web.dhan.co, Profile, Access DhanHQ APIs, the API key: Postback URL",
    ),
    BrokerKind(
        name=PAPER,
        label="Paper",
        fields=(
            LinkField(
                "quotes_from",
                "Linked account whose quotes it trades at",
                False,
                help="It has to be logged in while this account trades",
            ),
            LinkField("capital", "Capital in rupees, for example 1000000", False, help="Up to 100 crore"),
        ),
        redirects=False,
        limits=PAPER_LIMITS,
    ),
)
BROKERS: Mapping[str, BrokerKind] = {kind.name: kind for kind in _ALL}
REAL: Mapping[str, BrokerKind] = {kind.name: kind for kind in _ALL if kind.name != PAPER}
"""Those that are reached over the wire."""


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
    pace: Pace | None = None,
    algo: Algo = NO_ALGO,
) -> Broker:
    """One logged-in account, reached through `proxy_url` or directly; without `pace` at a pace of its own.

    `algo` goes out with its orders as far as they carry it. Raises ValueError for an unknown broker, and for a
    credential or an algo that is not usable.
    """
    checked = _check(name, credentials)
    carried = {"algo": _sendable(algo)} if BROKERS[name].algo else {}
    module = import_module(f"{__package__}.{name}.adapter")
    opened = module.open_broker(
        credentials=checked,
        tokens=_usable(tokens),
        endpoints=endpoints,
        clock=clock,
        proxy_url=proxy_url,
        pace=pace or pace_of(name, clock=clock),
        **carried,
    )
    return cast(Broker, opened)


def open_paper(
    account: Account, secret: AccountSecret, *, desk: "PaperDesk", open_source: "OpenSource", clock: Clock
) -> Broker:
    """One paper account, at the quotes of the account that `open_source` opens.

    Raises ValueError as `open_broker` does.
    """
    from lambdas.adapters.brokers.paper.adapter import open_broker as open_it

    credentials, tokens = _check(PAPER, secret.credentials), _usable(secret.tokens)
    return open_it(account, credentials=credentials, tokens=tokens, desk=desk, open_source=open_source, clock=clock)


def pace_of(
    name: str, *, clock: Clock, store: RateStore | None = None, user_id: str = "", account_id: str = ""
) -> Pace:
    """How the calls of an account take turns; without a store, those of this process alone.

    Raises ValueError for an unknown broker.
    """
    from lambdas.adapters.brokers.pacing import MemoryRates, SharedPace

    limits = broker_kind(name).limits
    return SharedPace(store or MemoryRates(), limits, clock, broker=name, user_id=user_id, account_id=account_id)


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


def _sendable(algo: Algo) -> Algo:
    usable = _usable({"algo_id": algo.id, "algo_name": algo.name})
    return Algo(usable["algo_id"], usable["algo_name"])


def _usable(values: Mapping[str, str]) -> dict[str, str]:
    """Values without surrounding blanks. A value that no HTTP header can carry is named, never quoted."""
    usable = {key: value.strip() for key, value in values.items()}
    for key, value in usable.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"{key} has characters that cannot be sent")
    return usable
