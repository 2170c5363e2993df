"""The address that a user enters at a broker: whose it is, and what it leads to."""

import os

import httpx
import pytest

from lambdas.domain.postbacks import path_of, proof_of
from lambdas.ports.secrets import AccountSecret
from shared_config.names import ENV_API_URL
from tests.doubles.examples import USER
from tests.unit.api.house import OTHER, House, store

KEYS = {"api_key": "k", "api_secret": "never-shown"}
PATH = "/accounts/zerodha-one/postback"


@pytest.fixture
def linked(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setitem(os.environ, ENV_API_URL, "https://api.example/")
    house.link()
    store(house.secrets.write(USER, "zerodha-one", AccountSecret(KEYS, {"access_token": "t"})))
    return house


def test_it_is_a_whole_address_and_tells_where_to_enter_it(linked: House) -> None:
    status, told = linked.ask("GET", PATH)
    path = path_of(USER, "zerodha-one", proof_of(USER, "zerodha-one", KEYS))
    assert (status, told) == (200, {"url": f"https://api.example{path}", "enter_at": "its page of the app"})
    assert "never-shown" not in str(told)


def test_it_stays_over_a_login_and_changes_with_the_keys(linked: House) -> None:
    before = linked.ask("GET", PATH)
    store(linked.secrets.write(USER, "zerodha-one", AccountSecret(KEYS, {"access_token": "another"})))
    assert linked.ask("GET", PATH) == before
    store(linked.secrets.write(USER, "zerodha-one", AccountSecret(KEYS | {"api_secret": "new"})))
    assert linked.ask("GET", PATH) != before


def test_a_broker_that_posts_nothing_has_none(linked: House) -> None:
    linked.link("angel-one", broker="angel_one")
    assert linked.ask("GET", "/accounts/angel-one/postback") == (200, {"url": None, "enter_at": None})


def test_nobody_learns_the_address_of_another(linked: House) -> None:
    assert linked.ask("GET", PATH, user_id=OTHER)[0] == 404
    assert linked.ask("GET", "/accounts/unknown/postback")[0] == 404


def test_two_users_of_one_app_have_two_addresses(linked: House) -> None:
    linked.link(user_id=OTHER)
    store(linked.secrets.write(OTHER, "zerodha-one", AccountSecret(KEYS)))
    mine, theirs = (linked.ask("GET", PATH, user_id=user_id)[1]["url"] for user_id in (USER, OTHER))
    assert httpx.URL(mine).path.rsplit("/", 1)[1] != httpx.URL(theirs).path.rsplit("/", 1)[1]
