"""The brokers that a test has accounts at."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker, BrokerError
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from lambdas.ports.brokers import BrokerFacts, LinkField, OrderLimits
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret
from tests.doubles.broker import FakeBroker
from tests.doubles.pace import FakePace

FACTS: Mapping[str, BrokerFacts] = {
    "angel_one": BrokerFacts(
        "angel_one",
        "Angel One",
        (LinkField("api_key", "API key", True), LinkField("pin", "PIN", True, optional=True, help="As in its app")),
        redirects=False,
        limits=OrderLimits(10, per_minute=500, books_per_second=1),
        typed_code=True,
    ),
    "paper": BrokerFacts(
        "paper",
        "Paper",
        (LinkField("quotes_from", "Quotes", False), LinkField("capital", "Capital", False)),
        redirects=False,
        limits=OrderLimits(10),
    ),
    "zerodha": BrokerFacts(
        "zerodha",
        "Zerodha",
        (LinkField("api_key", "API key", False), LinkField("api_secret", "API secret", True)),
        redirects=True,
        limits=OrderLimits(10, per_minute=400, per_day=5000, modifications=25),
        algo=frozenset({"id"}),
        postback_at="its page of the app",
    ),
}


class FakeLogin(BrokerOAuthStrategy):
    """Implements `BrokerOAuthStrategy`: the answer is exchanged for `session`, or `error` is raised.

    `asked` remembers every answer that came; `refreshed` is what a session becomes without the user.
    """

    def __init__(
        self,
        session: BrokerSession | None,
        error: BrokerError | None,
        *,
        redirects: bool,
        asked: list[Mapping[str, str]],
        refreshed: BrokerSession | BrokerError | None,
        meanwhile: Callable[[], Awaitable[object]] | None,
    ) -> None:
        self._session = session
        self._error = error
        self._redirects = redirects
        self._asked = asked
        self._refreshed = refreshed
        self._meanwhile = meanwhile

    async def get_auth_url(self, state: str) -> str | None:
        return f"https://broker.example/login?state={state}" if self._redirects else None

    async def refresh(self, tokens: Mapping[str, str], now: datetime) -> BrokerSession | None:
        if isinstance(self._refreshed, BrokerError):
            raise self._refreshed
        return self._refreshed

    async def handle_callback(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        self._asked.append(answer)
        if self._meanwhile:
            await self._meanwhile()
        if self._error or self._session is None:
            raise self._error or BrokerError("no session is prepared")
        return self._session

    def session_ends_at(self, now: datetime) -> datetime:
        return now + timedelta(hours=12)


class FakeBrokers:
    """Implements `Brokers`: each account leads to its own `FakeBroker`; `opened` says which were opened, in order."""

    def __init__(self, clock: Clock, per_second: int = 10) -> None:
        self.clock = clock
        self.accounts: dict[tuple[str, str], FakeBroker] = {}
        self.opened: list[str] = []
        self.per_second = per_second
        self.per_day: int | None = None
        self.paces: dict[tuple[str, str], FakePace] = {}
        self.session: BrokerSession | None = None
        self.login_error: BrokerError | None = None
        self.refreshed: BrokerSession | BrokerError | None = None
        self.callbacks: list[Mapping[str, str]] = []
        self.while_logging_in: Callable[[], Awaitable[object]] | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset(FACTS)

    def facts(self, broker: str) -> BrokerFacts:
        if broker not in FACTS:
            raise ValueError(f"no broker is called {broker!r}")
        return FACTS[broker]

    def pace(self, account: Account) -> FakePace:
        key = account.user_id, account.account_id
        return self.paces.setdefault(key, FakePace(self.clock, self.per_second, self.per_day))

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        self.opened.append(account.account_id)
        try:
            return self.accounts[account.user_id, account.account_id]
        except KeyError as error:
            raise ValueError(f"{account.broker}: api_key has characters that cannot be sent") from error

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        return FakeLogin(
            self.session,
            self.login_error,
            redirects=FACTS[account.broker].redirects,
            asked=self.callbacks,
            refreshed=self.refreshed,
            meanwhile=self.while_logging_in,
        )
