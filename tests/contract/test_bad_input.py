"""Logins with what is wrong, on every broker: a refusal names broker, cause and remedy, and no secret; the session
of before stays. What is wrong with a master is in test_bad_masters.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest

from lambdas.adapters.brokers.registry import broker_kind
from lambdas.ports.broker import BrokerGarbled, BrokerRefused, SessionOver
from tests.contract.customers import Customer, new_customer
from tests.contract.sandboxed import BROKERS, CLOCK, Sandbox

pytestmark = pytest.mark.anyio
Spoilt = tuple[Customer, dict[str, str]]
WRONG_SECRET, WRONG_KEY, WRONG_TOTP_SECRET, WRONG_PIN = "Wrong+Secret/=1", "wrongkey0000001", "MFRGGZDFMZTWQ2LK", "0917"
ONE_TIME = ("request_token", "code", "auth_code", "tokenId")
NEVER_ISSUED = dict.fromkeys(ONE_TIME, "neverissued0001")
CHECK = {
    "zerodha": "check the API key and the API secret of the account",
    "angel_one": "check the API key, the client code, the PIN and the TOTP secret of the account, then log in again",
    "upstox": "check the API key, the API secret and the redirect URL of the account",
    "fyers": "check the App ID and the App secret of the account",
    "dhan": "check the Client ID, the App ID and the App secret of the account",
    "groww": "check today's approval of the key at Groww, and the API key, the API secret and the TOTP secret "
    "of the account, then log in again",
}


@dataclass(frozen=True)
class Pair:
    """A client who is logged in, and another one of the same broker."""

    mine: Customer
    theirs: Customer
    tokens: Mapping[str, str]


async def used(pair: Pair) -> Spoilt:
    """The answer of a login that was finished already; the session that it gave is over again."""
    answer = await pair.mine.approved()
    await pair.mine.login().handle_callback(answer, CLOCK.now())
    return pair.mine, answer


async def never_issued(pair: Pair) -> Spoilt:
    return pair.mine, NEVER_ISSUED | {"status": "success"}


async def wrong_secret(pair: Pair) -> Spoilt:
    """The checksum or the secret does not fit the key; at Groww where the secret, not a TOTP, is asked for."""
    without_totp = {"totp_secret": ""} if pair.mine.broker == "groww" else {}
    return pair.mine.having(api_secret=WRONG_SECRET, **without_totp), await pair.mine.approved()


async def wrong_key(pair: Pair) -> Spoilt:
    return pair.mine.having(api_key=WRONG_KEY), await pair.mine.approved()


async def wrong_totp(pair: Pair) -> Spoilt:
    return pair.mine.having(totp_secret=WRONG_TOTP_SECRET), {}


async def wrong_pin(pair: Pair) -> Spoilt:
    return pair.mine.having(pin=WRONG_PIN), {}


async def of_another(pair: Pair) -> Spoilt:
    """What another client's login brought; at Angel One their client code with this client's key and PIN."""
    code = {"client_code": pair.theirs.client_id} if pair.mine.broker == "angel_one" else {}
    return pair.mine.having(**code), await pair.theirs.approved()


CASES: list[tuple[str, Callable[[Pair], Awaitable[Spoilt]], str]] = [
    ("zerodha", used, "TokenException: Token is invalid or has expired."),
    ("zerodha", never_issued, "TokenException: Token is invalid or has expired."),
    ("zerodha", wrong_secret, "TokenException: Invalid `checksum`."),
    ("zerodha", wrong_key, "TokenException: Invalid `api_key`."),
    ("zerodha", of_another, "TokenException: Token is invalid or has expired."),
    ("angel_one", wrong_totp, "AB1050: Invalid totp"),
    ("angel_one", wrong_pin, "AB1007: Invalid LoginId or PIN"),
    ("angel_one", wrong_key, "AG8004: Invalid API Key"),
    ("angel_one", of_another, "AB1007: Invalid LoginId or PIN"),
    ("upstox", used, "UDAPI100057: Invalid Auth code"),
    ("upstox", never_issued, "UDAPI100057: Invalid Auth code"),
    ("upstox", wrong_secret, "UDAPI100016: Invalid Credentials"),
    ("upstox", wrong_key, "UDAPI100016: Invalid Credentials"),
    ("upstox", of_another, "UDAPI100057: Invalid Auth code"),
    ("fyers", used, "-437: invalid auth code"),
    ("fyers", never_issued, "-437: invalid auth code"),
    ("fyers", wrong_secret, "-371: invalid app id hash"),
    ("fyers", wrong_key, "-371: invalid app id hash"),
    ("fyers", of_another, "-437: invalid auth code"),
    ("dhan", used, "DH-905: Invalid tokenId"),
    ("dhan", never_issued, "DH-905: Invalid tokenId"),
    ("dhan", wrong_secret, "DH-901: Invalid app_id or app_secret"),
    ("dhan", wrong_key, "DH-901: Invalid app_id or app_secret"),
    ("dhan", of_another, "DH-905: Invalid tokenId"),
    ("groww", wrong_totp, "400: Invalid TOTP"),
    ("groww", wrong_secret, "400: Invalid checksum"),
    ("groww", wrong_key, "401: Invalid API key"),
]


@pytest.fixture(scope="module")
def pair_of(running_sandbox: Sandbox) -> Callable[[str], Awaitable[Pair]]:
    """The same two clients of a broker for all tests here; the first one is logged in, again if need be."""
    known: dict[str, tuple[Customer, Customer]] = {}
    sessions: dict[str, Mapping[str, str]] = {}

    async def pair(broker: str) -> Pair:
        if broker not in known:
            known[broker] = new_customer(broker, running_sandbox), new_customer(broker, running_sandbox)
        mine, theirs = known[broker]
        if not (tokens := sessions.get(broker)) or not await is_usable(mine, tokens):
            tokens = sessions[broker] = (await mine.log_in()).tokens
        return Pair(mine, theirs, tokens)

    return pair


async def is_usable(customer: Customer, tokens: Mapping[str, str]) -> bool:
    account = customer.open(tokens)
    try:
        return await account.orders() == []
    except SessionOver:
        return False
    finally:
        await account.aclose()


def secrets_of(customer: Customer, answer: Mapping[str, str], tokens: Mapping[str, str]) -> set[str]:
    """What no text may hold; a PIN of four digits may be part of any number, so it is looked for as a word."""
    names = {field.name for field in broker_kind(customer.broker).fields if field.secret}
    keys = [value for name, value in customer.credentials.items() if name in names]
    said = [value for name, value in answer.items() if name in ONE_TIME]
    return {secret for secret in (*keys, *said, *tokens.values()) if len(secret) > 4}


def assert_silent(error: BaseException, log: str, secrets: set[str]) -> None:
    texts = (str(error), repr(error), "".join(traceback.format_exception(error)), log)
    assert secrets
    assert [secret for secret in secrets for text in texts if secret in text] == []
    assert WRONG_PIN not in f"{texts}"


@pytest.mark.parametrize(
    ("broker", "spoil", "cause"), CASES, ids=[f"{broker}-{spoil.__name__}" for broker, spoil, _ in CASES]
)
async def test_a_wrong_login_tells_cause_and_remedy_and_ends_no_session(
    broker: str,
    spoil: Callable[[Pair], Awaitable[Spoilt]],
    cause: str,
    pair_of: Callable[[str], Awaitable[Pair]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    pair = await pair_of(broker)
    customer, answer = await spoil(pair)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BrokerRefused) as caught:
        await customer.login().handle_callback(answer, CLOCK.now())
    again = "" if "then log in again" in CHECK[broker] else "log in again; if it is refused again, "
    assert str(caught.value) == f"{broker}: {cause}; {again}{CHECK[broker]}"
    assert_silent(caught.value, caplog.text, secrets_of(customer, answer, pair.tokens))
    assert await is_usable(pair.mine, pair.tokens) is (spoil is not used)


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_a_page_instead_of_a_session_says_so(
    broker: str,
    sandbox: Sandbox,
    pair_of: Callable[[str], Awaitable[Pair]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    pair = await pair_of(broker)
    answer = await pair.theirs.approved()
    caplog.set_level(logging.DEBUG)
    for http_status in (200, 403, 502):
        fault = {"kind": "garbage", "operation": "session", "http_status": http_status, "times": 1}
        sandbox.admin("POST", "/faults", broker=broker, **fault)
        caplog.clear()
        with pytest.raises(BrokerGarbled) as caught:
            await pair.theirs.login().handle_callback(answer, CLOCK.now())
        said = f"HTTP {http_status} without a readable JSON object (a web page came; the broker may be down)"
        assert str(caught.value) == f"{broker}: {said}; log in again"
        assert_silent(caught.value, caplog.text, secrets_of(pair.theirs, answer, {}))


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ("api_key", "DH-901: Invalid app_id or app_secret"),
        ("api_secret", "DH-901: Invalid app_id or app_secret"),
        ("client_id", "DH-905: Invalid client_id"),
    ],
)
async def test_dhan_refuses_wrong_keys_before_the_browser_is_sent_anywhere(
    field: str, cause: str, sandbox: Sandbox
) -> None:
    customer = new_customer("dhan", sandbox)
    with pytest.raises(BrokerRefused) as caught:
        await customer.having(**{field: WRONG_SECRET}).login().get_auth_url("state")
    assert str(caught.value) == f"dhan: {cause}; log in again; if it is refused again, {CHECK['dhan']}"


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_a_session_with_the_wrong_key_is_over_and_says_log_in(
    broker: str, pair_of: Callable[[str], Awaitable[Pair]], caplog: pytest.LogCaptureFixture
) -> None:
    """Where the app is sent with every call, the tokens are for another one; elsewhere they are not the broker's."""
    pair = await pair_of(broker)
    caplog.set_level(logging.DEBUG)
    if broker in ("zerodha", "angel_one", "fyers"):
        account = pair.mine.having(api_key=WRONG_KEY).open(pair.tokens)
    else:
        account = pair.mine.open({name: f"{token}x" for name, token in pair.tokens.items()})
    with pytest.raises(SessionOver) as caught:
        await account.orders()
    await account.aclose()
    assert str(caught.value).startswith(f"{broker}: ")
    assert str(caught.value).endswith("; log in again")
    assert_silent(caught.value, caplog.text, secrets_of(pair.mine, {}, pair.tokens))


@pytest.mark.parametrize("broker", sorted(BROKERS))
async def test_a_page_instead_of_an_answer_names_the_broker(
    broker: str, sandbox: Sandbox, pair_of: Callable[[str], Awaitable[Pair]]
) -> None:
    pair = await pair_of(broker)
    account = pair.mine.open(pair.tokens)
    sandbox.admin("POST", "/faults", broker=broker, operation="*", kind="garbage", http_status=502)
    for ask in (account.orders(), account.positions(), account.funds(), account.warm(1)):
        with pytest.raises(BrokerGarbled) as caught:
            await ask
        assert str(caught.value).startswith(f"{broker}: HTTP 502 without a readable JSON object (a web page came")
    await account.aclose()
