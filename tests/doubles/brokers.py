"""The brokers that a test has accounts at."""

from collections.abc import Mapping
from datetime import datetime

from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker, BrokerError, BrokerLogin, BrokerSession
from lambdas.ports.secrets import AccountSecret
from tests.doubles.broker import FakeBroker

FIELDS: Mapping[str, tuple[str, ...]] = {
    "angel_one": ("api_key", "pin"),
    "zerodha": ("api_key", "api_secret"),
}


class FakeLogin:
    """Implements `BrokerLogin`: the answer is exchanged for `session`, or `error` is raised."""

    def __init__(self, session: BrokerSession | None, error: BrokerError | None) -> None:
        self._session = session
        self._error = error

    def login_url(self, state: str) -> str | None:
        return f"https://broker.example/login?state={state}"

    async def start_session(self, answer: Mapping[str, str], now: datetime) -> BrokerSession:
        if self._error or self._session is None:
            raise self._error or BrokerError("no session is prepared")
        return self._session


class FakeBrokers:
    """Implements `Brokers`: each account leads to its own `FakeBroker`; `opened` says which were opened, in order."""

    def __init__(self, per_second: int = 10) -> None:
        self.accounts: dict[tuple[str, str], FakeBroker] = {}
        self.opened: list[str] = []
        self.per_second = per_second
        self.session: BrokerSession | None = None
        self.login_error: BrokerError | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset(FIELDS)

    def credential_fields(self, broker: str) -> tuple[str, ...]:
        if broker not in FIELDS:
            raise ValueError(f"no broker is called {broker!r}")
        return FIELDS[broker]

    def orders_per_second(self, broker: str) -> int:
        return self.per_second

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        self.opened.append(account.account_id)
        try:
            return self.accounts[account.user_id, account.account_id]
        except KeyError as error:
            raise ValueError(f"{account.broker}: api_key has characters that cannot be sent") from error

    def login(self, account: Account, secret: AccountSecret) -> BrokerLogin:
        return FakeLogin(self.session, self.login_error)
