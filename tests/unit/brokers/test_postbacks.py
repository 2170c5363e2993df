"""Postbacks, as the sandbox posted them: which order each is about, and who could have sent it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.adapters.brokers.postbacks import BrokerPostbacks
from lambdas.adapters.brokers.registry import BROKERS
from lambdas.domain.postbacks import OrderNamed
from lambdas.ports.postbacks import PostbackForged, PostbackUnreadable

PAYLOADS = Path(__file__).parent / "payloads"
TAG = "LWABCDEFGHIJKLMNOPQ"
SECRET = "sandboxkitesecret01"
CREDENTIALS = {"zerodha": {"api_key": "sandboxkitekey01", "api_secret": SECRET}}
NUMBER_IN = {"zerodha": "order_id", "angel_one": "orderid", "upstox": "order_id", "fyers": "id", "dhan": "orderId"}
TAG_IN = {"zerodha": "tag", "angel_one": "ordertag", "upstox": "tag", "dhan": "correlationId"}
UNSIGNED = sorted(NUMBER_IN.keys() - {"zerodha"})
each = pytest.mark.parametrize("broker", sorted(NUMBER_IN))


def recorded(broker: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / broker / "postback.json").read_text("utf-8"))
    return body


def read(broker: str, body: dict[str, Any]) -> OrderNamed:
    return BrokerPostbacks().read(broker, body, CREDENTIALS.get(broker, {}))


def signed(body: dict[str, Any], secret: str = SECRET) -> dict[str, Any]:
    text = f"{body['order_id']}{body['order_timestamp']}{secret}"
    return body | {"checksum": hashlib.sha256(text.encode()).hexdigest()}


@each
def test_a_postback_names_its_order(broker: str) -> None:
    body = recorded(broker)
    assert read(broker, body) == OrderNamed(body[NUMBER_IN[broker]], None if broker == "fyers" else TAG)


@pytest.mark.parametrize("broker", sorted(TAG_IN))
def test_an_order_that_has_no_tag_is_not_one_whose_broker_tells_none(broker: str) -> None:
    for nothing in (None, ""):
        assert read(broker, recorded(broker) | {TAG_IN[broker]: nothing}).tag == ""


def test_fyers_may_post_its_tag_after_all() -> None:
    assert read("fyers", recorded("fyers") | {"orderTag": f"1:{TAG}"}).tag == TAG
    assert read("fyers", recorded("fyers") | {"orderTag": None}).tag == ""


def test_a_number_may_come_as_a_number() -> None:
    assert read("dhan", recorded("dhan") | {"orderId": 261123360000013}).broker_order_id == "261123360000013"


@each
@pytest.mark.parametrize("number", [None, "", "  ", True, 1.5, [], {}, "9" * 101])
def test_a_postback_without_a_number_is_unreadable(broker: str, number: Any) -> None:
    with pytest.raises(PostbackUnreadable):
        read(broker, recorded(broker) | {NUMBER_IN[broker]: number})


@pytest.mark.parametrize("checksum", ["", None, "c9ea6d5cd0c3e00d2", "é" * 64])
def test_zerodha_is_not_believed_without_its_checksum(checksum: str | None) -> None:
    with pytest.raises(PostbackForged):
        read("zerodha", recorded("zerodha") | {"checksum": checksum})


@pytest.mark.parametrize("change", [{"order_id": "261123360000002"}, {"order_timestamp": "2026-11-23 10:00:01"}])
def test_a_checksum_of_another_order_is_forged(change: dict[str, str]) -> None:
    with pytest.raises(PostbackForged):
        read("zerodha", recorded("zerodha") | change)
    assert read("zerodha", signed(recorded("zerodha") | change))


def test_a_checksum_of_another_secret_is_forged() -> None:
    with pytest.raises(PostbackForged, match="its checksum is not that of the app's secret"):
        read("zerodha", signed(recorded("zerodha"), "a secret of somebody else"))


def test_upstox_also_posts_what_is_no_order() -> None:
    with pytest.raises(PostbackUnreadable, match="not about an order"):
        read("upstox", recorded("upstox") | {"update_type": "gtt_order"})


def test_every_broker_with_an_address_reads_what_it_posts_and_no_other_does() -> None:
    posting = {name for name in BROKERS if BrokerPostbacks().are_posted_by(name)}
    assert posting == NUMBER_IN.keys()
    for name in BROKERS.keys() - posting:
        with pytest.raises(PostbackUnreadable, match=f"{name} posts no order updates"):
            read(name, {"order_id": "1"})


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=120),
    lambda values: some.lists(values, max_size=2) | some.dictionaries(some.text(max_size=5), values, max_size=2),
    max_leaves=4,
)
FIELDS = [*NUMBER_IN.values(), *TAG_IN.values(), "orderTag", "checksum", "order_timestamp", "update_type"]


@pytest.mark.parametrize("broker", UNSIGNED)
@given(body=some.dictionaries(some.sampled_from(FIELDS), JSON))
def test_what_names_no_order_is_unreadable_and_nothing_worse(broker: str, body: dict[str, Any]) -> None:
    try:
        named = read(broker, body)
    except PostbackUnreadable as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert named.broker_order_id == str(body[NUMBER_IN[broker]]).strip() != ""


@given(body=some.dictionaries(some.sampled_from(FIELDS), JSON))
def test_nobody_makes_a_letter_of_zerodha_by_chance(body: dict[str, Any]) -> None:
    with pytest.raises((PostbackUnreadable, PostbackForged)):
        read("zerodha", body)
