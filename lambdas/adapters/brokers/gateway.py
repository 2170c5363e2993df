"""Opens the accounts of users at the brokers of the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lambdas.adapters.brokers import registry
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.adapters.brokers.limits import DAY, MINUTE, SECOND
from lambdas.domain.accounts import PAPER, Account
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import BrokerFacts, OrderLimits
from lambdas.ports.clock import Clock
from lambdas.ports.pace import CallKind, Pace, RateStore
from lambdas.ports.secrets import AccountSecret

OpenPaper = Callable[[Account, AccountSecret], Broker]
NOWHERE = Endpoints("")


def no_paper(account: Account, secret: AccountSecret) -> Broker:  # noqa: ARG001 (stands in for what opens one)
    """Raises ValueError: where nothing keeps their orders, paper accounts cannot be opened."""
    raise ValueError(f"account {account.account_id}: paper accounts cannot be opened here")


@dataclass(frozen=True)
class BrokerGateway:
    """Implements `Brokers` with the endpoints and egress routes of the configuration; `rates` is shared by all
    processes. `open_paper` opens the accounts that no broker has."""

    endpoints: Mapping[str, Endpoints]
    proxies: Mapping[str, str | None]
    clock: Clock
    rates: RateStore
    open_paper: OpenPaper = no_paper
    _paces: dict[tuple[str, str], Pace] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(registry.BROKERS)

    def facts(self, broker: str) -> BrokerFacts:
        kind = registry.broker_kind(broker)
        limits = OrderLimits(
            per_second=kind.limits.orders_per_second,
            per_minute=kind.limits.per(CallKind.ORDER, MINUTE),
            per_day=kind.limits.per(CallKind.ORDER, DAY),
            modifications=kind.limits.modifications_per_order,
            books_per_second=kind.limits.per(CallKind.BOOK, SECOND),
        )
        return BrokerFacts(
            kind.name,
            kind.label,
            kind.fields,
            kind.redirects,
            limits,
            algo=kind.algo,
            postback_at=kind.postback_at,
            typed_code=kind.typed_code,
        )

    def pace(self, account: Account) -> Pace:
        key = account.user_id, account.account_id
        if key not in self._paces:
            self._paces[key] = registry.pace_of(
                account.broker, clock=self.clock, store=self.rates, user_id=key[0], account_id=key[1]
            )
        return self._paces[key]

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        if account.broker == PAPER:
            return self.open_paper(account, secret)
        return registry.open_broker(
            account.broker,
            credentials=secret.credentials,
            tokens=secret.tokens,
            endpoints=self.endpoints[account.broker],
            proxy_url=self.proxies[account.egress],
            clock=self.clock,
            pace=self.pace(account),
            algo=account.algo,
        )

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        return registry.open_login(
            account.broker,
            credentials=secret.credentials,
            endpoints=NOWHERE if account.broker == PAPER else self.endpoints[account.broker],
            proxy_url=self.proxies[account.egress],
            clock=self.clock,
        )
