"""Customers of the sandbox's brokers beside the demo accounts, so that their logins end no session of another test."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from lambdas.adapters.brokers.registry import open_broker, open_login
from lambdas.ports.broker import Broker
from lambdas.ports.broker_login import BrokerOAuthStrategy, BrokerSession
from tests.contract.sandboxed import CLOCK, CREDENTIALS, Sandbox, approve

_numbers = count(1)
PIN, TOTP_SECRET = "8351", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@dataclass(frozen=True)
class Customer:
    """One client of a broker with an app of its own; `credentials` may be changed to wrong ones."""

    broker: str
    client_id: str
    credentials: Mapping[str, str]
    sandbox: Sandbox

    def having(self, **credentials: str) -> "Customer":
        """The same client with other keys."""
        return replace(self, credentials={**self.credentials, **credentials})

    def login(self) -> BrokerOAuthStrategy:
        endpoints = self.sandbox.endpoints(self.broker)
        return open_login(self.broker, credentials=self.credentials, endpoints=endpoints, clock=CLOCK)

    def open(self, tokens: Mapping[str, str]) -> Broker:
        endpoints = self.sandbox.endpoints(self.broker)
        return open_broker(self.broker, credentials=self.credentials, tokens=tokens, endpoints=endpoints, clock=CLOCK)

    async def approved(self) -> dict[str, str]:
        """What the broker's page sends back after Approve; nothing where there is no page."""
        url = await self.login().get_auth_url("state-of-the-user")
        return {} if url is None else approve(url)

    async def log_in(self) -> BrokerSession:
        return await self.login().handle_callback(await self.approved(), CLOCK.now())


def new_customer(broker: str, sandbox: Sandbox) -> Customer:
    """A client that nobody else uses."""
    number = next(_numbers)
    client_id = f"10000009{number:02d}" if broker == "dhan" else f"BI{number:04d}"
    made = {
        "client_id": client_id,
        "client_code": client_id,
        "api_key": f"badinput{number:04d}key",
        "api_secret": f"Bad+Input/{number:04d}=Secret",
        "redirect_url": f"http://127.0.0.1:{sandbox.port}/callback-shown",
        "pin": PIN,
        "totp_secret": TOTP_SECRET,
    }
    account = {name: value for name, value in made.items() if name != "client_code"}
    sandbox.admin("POST", "/accounts", broker=broker, **account)
    credentials = {name: made[name] for name in CREDENTIALS[broker]}
    return Customer(broker, client_id, credentials, sandbox)
