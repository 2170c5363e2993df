"""One contract for the places where credentials live."""

import pytest

from lambdas.ports.secrets import AccountSecret, SecretMissing, Secrets
from tests.contract.secret_places import secrets
from tests.contract.store_fixtures import emulator

__all__ = ["emulator", "secrets"]
pytestmark = pytest.mark.anyio
SECRET = AccountSecret({"api_key": "key", "api_secret": "s|e=c\"r'et ₹"}, {"access_token": "token"})


async def test_a_secret_comes_back_as_it_was_written(secrets: Secrets) -> None:
    await secrets.write("user-one", "zerodha-one", SECRET)
    assert await secrets.read("user-one", "zerodha-one") == SECRET


async def test_a_new_version_replaces_the_one_before(secrets: Secrets) -> None:
    await secrets.write("user-one", "zerodha-one", SECRET)
    renewed = AccountSecret(SECRET.credentials, {"access_token": "another"})
    await secrets.write("user-one", "zerodha-one", renewed)
    assert await secrets.read("user-one", "zerodha-one") == renewed


async def test_an_account_without_a_session_has_no_tokens(secrets: Secrets) -> None:
    await secrets.write("user-one", "zerodha-one", AccountSecret({"api_key": "key"}))
    assert dict((await secrets.read("user-one", "zerodha-one")).tokens) == {}


async def test_a_missing_secret_names_its_account(secrets: Secrets) -> None:
    with pytest.raises(SecretMissing, match="zerodha-one; link it again"):
        await secrets.read("user-one", "zerodha-one")


async def test_a_deleted_secret_is_gone_and_its_name_is_free(secrets: Secrets) -> None:
    await secrets.write("user-one", "zerodha-one", SECRET)
    for _ in range(2):
        await secrets.delete("user-one", "zerodha-one")
    with pytest.raises(SecretMissing):
        await secrets.read("user-one", "zerodha-one")
    await secrets.write("user-one", "zerodha-one", AccountSecret({"api_key": "another"}))
    assert (await secrets.read("user-one", "zerodha-one")).credentials == {"api_key": "another"}


async def test_secrets_of_users_and_accounts_are_apart(secrets: Secrets) -> None:
    await secrets.write("user-one", "zerodha-one", SECRET)
    for user_id, account_id in (("user-two", "zerodha-one"), ("user-one", "zerodha-two")):
        with pytest.raises(SecretMissing):
            await secrets.read(user_id, account_id)


def test_no_secret_shows_in_a_representation() -> None:
    shown = repr(SECRET)
    assert not any(value in shown for value in (*SECRET.credentials.values(), *SECRET.tokens.values()))
