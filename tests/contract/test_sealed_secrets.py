"""What sealing promises: whose a secret is decides who opens it, versions are not lost, and nothing shows."""

import asyncio
import logging
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdas.adapters.brokers.registry import BROKERS
from lambdas.adapters.dynamo.items import Item
from lambdas.adapters.secrets.envelope import Sealed, Unopened
from lambdas.ports.secrets import AccountSecret, SecretMissing
from tests.contract.secret_places import CANARIES, SealedPlace, place
from tests.contract.store_fixtures import emulator

__all__ = ["emulator", "place"]
pytestmark = pytest.mark.anyio
USER, ACCOUNT = "user-one", "zerodha-one"
PK, SK = f"USER#{USER}", f"SECRET#{ACCOUNT}"
VALUES = ("an-application-key", "a-long-application-secret", "the-token-of-today")
SECRET = AccountSecret({"api_key": VALUES[0], "api_secret": VALUES[1]}, {"access_token": VALUES[2]})
CANNOT_BE_OPENED = f"account {ACCOUNT} cannot be opened; link it again"


async def stored(place: SealedPlace, sk: str = SK) -> Item:
    """The item of a secret that exists."""
    item = await place.secrets.table.get(PK, sk)
    assert item is not None
    return item


async def test_an_item_holds_ciphertext_only_and_every_write_has_its_own_data_key(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    first = await stored(place)
    await place.secrets.write(USER, ACCOUNT, SECRET)
    second = await stored(place)
    assert set(first) == {"pk", "sk", "version", "ciphertext", "data_key"}
    assert bytes(first["data_key"]) != bytes(second["data_key"])
    assert bytes(first["ciphertext"]) != bytes(second["ciphertext"])
    held = bytes(first["ciphertext"]) + bytes(first["data_key"])
    assert not [value for value in VALUES if value.encode() in held]


def test_the_canaries_are_what_each_broker_wants_hidden() -> None:
    hidden = {name: {field.name for field in kind.fields if field.secret} for name, kind in BROKERS.items()}
    assert {name: set(secret.credentials) for name, secret in CANARIES.items()} == {
        name: fields for name, fields in hidden.items() if fields
    }
    assert all(secret.tokens for secret in CANARIES.values())


async def test_no_key_or_token_of_any_broker_shows_in_the_table(place: SealedPlace) -> None:
    for broker, secret in CANARIES.items():
        await place.secrets.write(USER, broker, secret)
    items = [await stored(place, f"SECRET#{broker}") for broker in CANARIES]
    shown = b" ".join(_as_bytes(value) for item in items for value in item.values())
    assert all(broker.encode() in shown for broker in CANARIES), "there was nothing to search"
    assert [value for secret in CANARIES.values() for value in _secrets(secret) if value.encode() in shown] == []
    for broker, secret in CANARIES.items():
        assert await place.secrets.read(USER, broker) == secret


def _as_bytes(value: Any) -> bytes:
    return str(value).encode() if isinstance(value, str | int | Decimal) else bytes(value)


def _secrets(secret: AccountSecret) -> list[str]:
    return [*secret.credentials.values(), *secret.tokens.values()]


async def test_a_secret_that_was_moved_to_another_account_is_not_opened(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    moved = {**await stored(place), "sk": "SECRET#zerodha-two"}
    await place.secrets.table.put(moved)
    with pytest.raises(SecretMissing, match="account zerodha-two cannot be opened; link it again"):
        await place.secrets.read(USER, "zerodha-two")


async def test_a_secret_that_was_moved_to_another_user_is_not_opened(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    await place.secrets.table.put({**await stored(place), "pk": "USER#user-two"})
    with pytest.raises(SecretMissing, match=CANNOT_BE_OPENED):
        await place.secrets.read("user-two", ACCOUNT)


async def test_the_key_service_itself_opens_no_data_key_for_another_context(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    envelope, data_key = place.secrets.envelope, bytes((await stored(place))["data_key"])
    client, known = envelope.client, {"user": USER, "account": ACCOUNT}
    opened = client.decrypt(CiphertextBlob=data_key, EncryptionContext=known)
    assert len(opened["Plaintext"]) == 32
    for context in ({}, {"user": USER}, {**known, "account": "zerodha-two"}, {**known, "more": "of it"}):
        with pytest.raises(client.exceptions.InvalidCiphertextException):
            client.decrypt(CiphertextBlob=data_key, EncryptionContext=context)


async def test_a_changed_ciphertext_is_not_opened(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    item = await stored(place)
    ciphertext = bytearray(bytes(item["ciphertext"]))
    ciphertext[-1] ^= 1
    await place.secrets.table.put({**item, "ciphertext": bytes(ciphertext)})
    with pytest.raises(SecretMissing, match=CANNOT_BE_OPENED):
        await place.secrets.read(USER, ACCOUNT)


async def test_the_data_key_of_another_version_opens_nothing(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    before = await stored(place)
    await place.secrets.write(USER, ACCOUNT, SECRET)
    await place.secrets.table.put({**await stored(place), "data_key": bytes(before["data_key"])})
    with pytest.raises(SecretMissing, match=CANNOT_BE_OPENED):
        await place.secrets.read(USER, ACCOUNT)


async def test_a_secret_of_another_key_is_not_opened(place: SealedPlace) -> None:
    if place.where == "moto":
        pytest.skip("moto denies access here, where the service says that it is the wrong key")
    await place.secrets.write(USER, ACCOUNT, SECRET)
    envelope = replace(place.secrets.envelope, key_id=place.another_key())
    with pytest.raises(SecretMissing, match=CANNOT_BE_OPENED):
        await replace(place.secrets, envelope=envelope).read(USER, ACCOUNT)


async def test_versions_are_counted_and_none_of_two_writers_is_lost(place: SealedPlace) -> None:
    await place.secrets.write(USER, ACCOUNT, SECRET)
    assert (await stored(place))["version"] == 1
    renewed = [AccountSecret(SECRET.credentials, {"access_token": token}) for token in ("one", "two")]
    await asyncio.gather(*(place.secrets.write(USER, ACCOUNT, secret) for secret in renewed))
    assert (await stored(place))["version"] == 3
    assert await place.secrets.read(USER, ACCOUNT) in renewed


async def test_nothing_secret_shows_in_representations_exceptions_and_logs(
    place: SealedPlace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await place.secrets.write(USER, ACCOUNT, SECRET)
        read = await place.secrets.read(USER, ACCOUNT)
        item = await stored(place)
        await place.secrets.table.put({**item, "ciphertext": bytes(40)})
        with pytest.raises(SecretMissing) as caught:
            await place.secrets.read(USER, ACCOUNT)
    assert read == SECRET
    assert caplog.records
    causes = (caught.value, caught.value.__cause__, caught.value.__context__)
    shown = " ".join([caplog.text, repr(place.secrets), repr(read), repr(item), *map(repr, causes)])
    assert not [value for value in VALUES if value in shown]


async def test_the_envelope_tells_which_of_its_two_locks_held(place: SealedPlace) -> None:
    envelope, context = place.secrets.envelope, {"user": USER, "account": ACCOUNT}
    sealed = envelope.seal(b"text", context)
    assert envelope.open(sealed, dict(reversed(context.items()))) == b"text"
    with pytest.raises(Unopened, match="data key"):
        envelope.open(sealed, {**context, "user": "user-two"})
    with pytest.raises(Unopened, match="ciphertext"):
        envelope.open(Sealed(bytes(40), sealed.data_key), context)
