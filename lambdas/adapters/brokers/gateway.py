"""Opens the accounts of users at the brokers of the registry."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.adapters.brokers import registry
from lambdas.adapters.brokers.endpoints import Endpoints
from lambdas.domain.accounts import Account
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy
from lambdas.ports.brokers import BrokerFacts, OrderLimits
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import AccountSecret


@dataclass(frozen=True)
class BrokerGateway:
    """Implements `Brokers` with the endpoints and egress routes of the configuration."""

    endpoints: Mapping[str, Endpoints]
    proxies: Mapping[str, str | None]
    clock: Clock

    @property
    def names(self) -> frozenset[str]:
        return frozenset(registry.BROKERS)

    def facts(self, broker: str) -> BrokerFacts:
        kind = registry.broker_kind(broker)
        limits = OrderLimits(
            per_second=kind.limits.orders_per_second,
            per_minute=kind.limits.orders_per_minute,
            per_day=kind.limits.orders_per_day,
            modifications=kind.limits.modifications_per_order,
        )
        return BrokerFacts(kind.name, kind.label, kind.fields, kind.redirects, limits)

    def orders_per_second(self, broker: str) -> int:
        return registry.broker_kind(broker).limits.orders_per_second

    def open(self, account: Account, secret: AccountSecret) -> Broker:
        return registry.open_broker(
            account.broker,
            credentials=secret.credentials,
            tokens=secret.tokens,
            endpoints=self.endpoints[account.broker],
            proxy_url=self.proxies[account.egress],
            clock=self.clock,
        )

    def login(self, account: Account, secret: AccountSecret) -> BrokerOAuthStrategy:
        return registry.open_login(
            account.broker,
            credentials=secret.credentials,
            endpoints=self.endpoints[account.broker],
            proxy_url=self.proxies[account.egress],
            clock=self.clock,
        )
