"""The places where the contract suite keeps secrets: in memory, and both ways on AWS, on moto and on the emulator."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import uuid4

import pytest
from moto import mock_aws

from lambdas.adapters.secrets import envelope, secrets_manager
from lambdas.adapters.secrets.envelope import Envelope
from lambdas.adapters.secrets.sealed_table import SealedTable
from lambdas.adapters.secrets.secrets_manager import SecretsManager
from lambdas.ports.secrets import AccountSecret, Secrets
from tests.contract.recorded import RECORDED
from tests.contract.store_fixtures import aws_variables, dynamo_table
from tests.doubles.secrets import MemorySecrets

CANARIES: Mapping[str, AccountSecret] = {
    "zerodha": AccountSecret({"api_secret": "canary-zerodha-secret"}, {"access_token": "canary-zerodha-access"}),
    "angel_one": AccountSecret(
        {"api_key": "canary-angel-key", "pin": "canary-angel-pin", "totp_secret": "canary-angel-totp"},
        {
            "jwt_token": "canary-angel-jwt",
            "refresh_token": "canary-angel-refresh",
            "feed_token": "canary-angel-feed",
        },
    ),
    "upstox": AccountSecret({"api_secret": "canary-upstox-secret"}, {"access_token": "canary-upstox-access"}),
    "groww": AccountSecret(
        {"api_key": "canary-groww-key", "api_secret": "canary-groww-secret", "totp_secret": "canary-groww-totp"},
        {"access_token": "canary-groww-access"},
    ),
    "fyers": AccountSecret(
        {"api_secret": "canary-fyers-secret", "pin": "canary-fyers-pin"},
        {"access_token": "canary-fyers-access", "refresh_token": "canary-fyers-refresh"},
    ),
    "dhan": AccountSecret({"api_secret": "canary-dhan-secret"}, {"access_token": "canary-dhan-access"}),
}
"""What nobody may see of an account at each broker: its keys that are secret, and the tokens of its session."""
Where = Literal["moto", "emulator"]


@dataclass(frozen=True)
class SealedPlace:
    """Sealed secrets with what tests change behind their back."""

    where: Where
    secrets: SealedTable

    def another_key(self) -> str:
        """The id of a key made now."""
        return new_key(self.secrets.envelope.client)


@contextmanager
def managed_secrets(where: Where, url: str) -> Iterator[Secrets]:
    """Secrets Manager without secrets."""
    variables = {"AWS_ENDPOINT_URL": url} if url else {}
    with mock_aws() if where == "moto" else nullcontext(), aws_variables(**variables):
        client = secrets_manager.connect()
        try:
            yield SecretsManager(client, f"legwise-test/{uuid4()}")
        finally:
            client.close()


@contextmanager
def sealed_secrets(where: Where, url: str) -> Iterator[SealedPlace]:
    """A table and a key, both new."""
    with dynamo_table(where, url) as table, RECORDED.writes_to(table):
        client = envelope.connect()
        try:
            yield SealedPlace(where, SealedTable(table, Envelope(client, new_key(client))))
        finally:
            client.close()


def new_key(client: Any) -> str:
    """The id of a symmetric key that encrypts, made now."""
    return cast(str, client.create_key()["KeyMetadata"]["KeyId"])


def url_of(where: str, request: pytest.FixtureRequest) -> str:
    """The address of the emulator, started when it is asked for."""
    return cast(str, request.getfixturevalue("emulator")) if where == "emulator" else ""


@pytest.fixture(params=["memory", "secrets_manager-moto", "secrets_manager-emulator", "sealed-moto", "sealed-emulator"])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    """A place without secrets."""
    RECORDED.tests.add(request.node.originalname)
    kind, _, where = request.param.partition("-")
    if kind == "memory":
        yield MemorySecrets()
    elif kind == "secrets_manager":
        with managed_secrets(where, url_of(where, request)) as managed:
            yield managed
    else:
        with sealed_secrets(where, url_of(where, request)) as place:
            yield place.secrets


@pytest.fixture(params=["moto", "emulator"])
def place(request: pytest.FixtureRequest) -> Iterator[SealedPlace]:
    """Sealed secrets, for what only they can do."""
    RECORDED.tests.add(request.node.originalname)
    with sealed_secrets(request.param, url_of(request.param, request)) as opened:
        yield opened
