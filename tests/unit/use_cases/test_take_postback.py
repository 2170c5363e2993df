"""Who may post, what is kept of it, and what a stranger learns (nothing)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.adapters.brokers.postbacks import BrokerPostbacks
from lambdas.domain.postbacks import Letter, proof_of
from lambdas.ports.postbacks import PostbackForged, PostbackUnreadable
from lambdas.ports.secrets import AccountSecret
from lambdas.use_cases.take_postback import MOST_CHARACTERS, NotAnAddress, PostbackTaker
from tests.doubles.examples import USER, an_account
from tests.doubles.letters import MemoryLetters
from tests.unit.use_cases.scene import Scene

pytestmark = pytest.mark.anyio
KEYS = {"api_key": "public", "api_secret": "hidden"}
ACCOUNT = "zerodha-one"
PROOF = proof_of(USER, ACCOUNT, KEYS)


class Door:
    """One linked account and the box behind it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.box = MemoryLetters()
        self.taker = PostbackTaker(scene.accounts, scene.secrets, BrokerPostbacks(), self.box)

    async def link(self, user_id: str = USER, account_id: str = ACCOUNT, broker: str = "zerodha") -> None:
        await self.scene.accounts.save_account(an_account(account_id, user_id=user_id, broker=broker))
        await self.scene.secrets.write(user_id, account_id, AccountSecret(KEYS, {"access_token": "t"}))

    async def post(self, text: str, proof: str = PROOF, account_id: str = ACCOUNT, user_id: str = USER) -> None:
        await self.taker.take(user_id, account_id, proof, text)


@pytest.fixture
async def door(scene: Scene) -> Door:
    door = Door(scene)
    await door.link()
    return door


def a_body(secret: str = "hidden", **changes: Any) -> str:  # noqa: S107 (of an example)
    body: Mapping[str, Any] = {"order_id": "7", "order_timestamp": "2026-11-23 09:20:00", "tag": "T1", **changes}
    text = f"{body['order_id']}{body['order_timestamp']}{secret}"
    return json.dumps({**body, "checksum": hashlib.sha256(text.encode()).hexdigest()})


async def test_a_letter_is_kept_without_what_it_says_of_the_order(door: Door) -> None:
    await door.post(a_body(status="COMPLETE", filled_quantity=130))
    assert door.box.kept == [Letter(USER, ACCOUNT, "7", "T1")]


async def test_a_login_leaves_the_address_as_it_is(door: Door) -> None:
    await door.scene.secrets.write(USER, ACCOUNT, AccountSecret(KEYS, {"access_token": "of the next day"}))
    await door.post(a_body())
    assert len(door.box.kept) == 1


async def test_new_keys_close_the_old_address(door: Door) -> None:
    await door.scene.secrets.write(USER, ACCOUNT, AccountSecret(KEYS | {"api_secret": "new"}))
    with pytest.raises(NotAnAddress):
        await door.post(a_body("new"))
    assert door.box.kept == []


@pytest.mark.parametrize("proof", ["", PROOF[:-1], PROOF[::-1], PROOF.swapcase(), "é" * 32])
async def test_a_wrong_proof_opens_nothing(door: Door, proof: str) -> None:
    with pytest.raises(NotAnAddress):
        await door.post(a_body(), proof)
    assert door.box.kept == []


async def test_the_proof_of_one_account_opens_no_other(door: Door) -> None:
    await door.link(account_id="zerodha-two")
    await door.link(user_id="user-two")
    for user_id, account_id in ((USER, "zerodha-two"), ("user-two", ACCOUNT)):
        with pytest.raises(NotAnAddress):
            await door.post(a_body(), PROOF, account_id, user_id)
    assert door.box.kept == []


async def test_whatever_is_wrong_with_an_address_looks_the_same(door: Door) -> None:
    await door.link(account_id="groww-one", broker="groww")
    await door.link(account_id="no-keys")
    await door.scene.secrets.delete(USER, "no-keys")
    told = set()
    for account_id in (ACCOUNT, "unknown", "groww-one", "no-keys"):
        proof = proof_of(USER, account_id, KEYS) if account_id != ACCOUNT else "wrong"
        with pytest.raises(NotAnAddress) as caught:
            await door.post("not even JSON", proof, account_id)
        told.add(str(caught.value))
    assert told == {""}


async def test_a_forged_letter_is_refused_and_not_kept(door: Door) -> None:
    with pytest.raises(PostbackForged):
        await door.post(a_body("a secret of somebody else"))
    assert door.box.kept == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "7", '"text"', "[]", "{}", "[" * 60_000, "9" * 5_000, '{"order_id": NaN}', "\x00", "�"],
    ids=lambda text: text[:8],
)
async def test_garbage_is_unreadable_and_nothing_worse(door: Door, text: str) -> None:
    with pytest.raises(PostbackUnreadable):
        await door.post(text)
    assert door.box.kept == []


async def test_a_letter_that_is_too_long_is_not_read(door: Door) -> None:
    fits = a_body(more="x" * (MOST_CHARACTERS - 400))
    await door.post(fits)
    with pytest.raises(PostbackUnreadable, match="at most 65536 are read"):
        await door.post(fits + " " * 500)
    assert len(door.box.kept) == 1
