"""The two functions of postbacks: what brokers and strangers are answered, what the log tells, what is read again."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.domain.postbacks import Letter
from lambdas.entrypoints import read_postbacks, take_postback
from lambdas.entrypoints.frame import application, logger
from lambdas.ports.postbacks import PostbackForged, PostbackUnreadable
from lambdas.use_cases.take_postback import NotAnAddress

CONTEXT: Any = SimpleNamespace(
    function_name="postbacks", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="r"
)
PROOF = "kZ3-_0abcdefghijklmnopqrstuvwxyz"
USER = "8c1f9f2e-0001-4a9e-8f00-0123456789ab"
ADDRESS = {"user_id": USER, "account_id": "zerodha-one", "proof": PROOF}


class Taker:
    """Remembers what it was given, and does what a test wants."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.error: Exception | None = None

    async def take(self, **given: str) -> None:
        self.taken.append(given)
        if self.error:
            raise self.error


class Reader:
    """Remembers the letters; accounts in `failing` fail."""

    def __init__(self) -> None:
        self.read_letters: list[Letter] = []
        self.failing: dict[tuple[str, str], BaseException] = {}

    async def read(self, letters: list[Letter]) -> dict[tuple[str, str], BaseException]:
        self.read_letters += letters
        return self.failing


@pytest.fixture
def taker() -> Iterator[Taker]:
    yield from instead("postback_taker", Taker())


@pytest.fixture
def reader() -> Iterator[Reader]:
    yield from instead("postback_reader", Reader())


def instead(name: str, double: Any) -> Iterator[Any]:
    kept = dict(application.__dict__)
    application.__dict__[name] = double
    yield double
    application.__dict__.clear()
    application.__dict__.update(kept)


def post(body: str = "{}", **event: Any) -> int:
    answer = take_postback.handler({"pathParameters": ADDRESS, "body": body, **event}, CONTEXT)
    return int(answer["statusCode"])


class Log(logging.Handler):
    """Keeps what is logged, as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logger.registered_formatter)
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text]


@pytest.fixture
def log() -> Iterator[Log]:
    handler = Log()
    logger.addHandler(handler)
    yield handler
    logging.getLogger(logger.name).removeHandler(handler)


def test_a_letter_is_taken_and_answered(taker: Taker, log: Log) -> None:
    assert post('{"id": "1"}') == 200
    assert taker.taken == [{**ADDRESS, "text": '{"id": "1"}'}]
    assert log.lines == []


def test_a_body_may_come_encoded(taker: Taker) -> None:
    assert post(b64encode(b'{"id": "1"}').decode(), isBase64Encoded=True) == 200
    assert post(b64encode(b"\xff\xfe").decode(), isBase64Encoded=True) == 200
    assert [given["text"] for given in taker.taken] == ['{"id": "1"}', "��"]


@pytest.mark.parametrize(
    "changes",
    [
        {"proof": PROOF[:-1]},
        {"proof": PROOF + "\n"},
        {"proof": "é" * 32},
        {"account_id": "A#B"},
        {"account_id": "../x"},
        {"user_id": ""},
        {"user_id": "a/b"},
        {"user_id": "a#DAY"},
    ],
)
def test_what_cannot_be_an_address_asks_nobody(taker: Taker, changes: dict[str, str]) -> None:
    assert post(pathParameters=ADDRESS | changes) == 404
    assert post(pathParameters=None) == 404
    assert taker.taken == []


def test_strangers_are_all_answered_alike_and_nothing_is_logged(taker: Taker, log: Log) -> None:
    taker.error = NotAnAddress()
    unknown = take_postback.handler({"pathParameters": ADDRESS, "body": "{}"}, CONTEXT)
    impossible = take_postback.handler({"pathParameters": {}, "body": "{}"}, CONTEXT)
    assert unknown == impossible
    assert unknown["statusCode"] == 404
    assert log.lines == []


def test_a_forged_letter_is_refused_and_told(taker: Taker, log: Log) -> None:
    taker.error = PostbackForged("its checksum is not that of the app's secret")
    assert post() == 403
    (line,) = log.lines
    assert (line["level"], line["message"]) == ("WARNING", "postback forged")
    assert (line["user_id"], line["account_id"]) == (USER, "zerodha-one")


@pytest.mark.parametrize(
    ("error", "level", "message"),
    [
        (PostbackUnreadable("it is not JSON"), "WARNING", "postback unreadable"),
        (ConnectionError("the queue is away"), "ERROR", "postback lost"),
    ],
)
def test_a_broker_is_answered_200_also_when_its_letter_is_lost(
    taker: Taker, log: Log, error: Exception, level: str, message: str
) -> None:
    taker.error = error
    assert post() == 200
    (line,) = log.lines
    assert (line["level"], line["message"]) == (level, message)


@pytest.mark.parametrize("error", [None, PostbackForged("f"), PostbackUnreadable("u"), ConnectionError("c")])
def test_the_log_never_has_the_proof(taker: Taker, log: Log, error: Exception | None) -> None:
    taker.error = error
    post('{"checksum": "0123"}')
    assert len(log.text) == (error is not None)
    assert PROOF not in str(log.text)


def a_record(number: int, letter: Letter) -> dict[str, str]:
    return {"messageId": f"m{number}", "body": json.dumps(letter.__dict__)}


LETTERS = [
    Letter(USER, "zerodha-one", "1", "T1"),
    Letter(USER, "fyers-one", "2", None),
    Letter(USER, "zerodha-one", "3", ""),
]


def test_all_letters_are_read_together(reader: Reader) -> None:
    records = [a_record(number, letter) for number, letter in enumerate(LETTERS)]
    assert read_postbacks.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}
    assert reader.read_letters == LETTERS


def test_the_letters_of_an_account_that_failed_come_again_and_no_others(reader: Reader, log: Log) -> None:
    reader.failing = {(USER, "zerodha-one"): ValueError("api_key has characters that cannot be sent")}
    records = [a_record(number, letter) for number, letter in enumerate(LETTERS)]
    answer = read_postbacks.handler({"Records": records}, CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}
    failure, summary = log.lines
    assert (failure["level"], failure["account_id"]) == ("ERROR", "zerodha-one")
    assert "api_key has characters that cannot be sent" in failure["exception"]
    assert (summary["letters"], summary["failed_accounts"]) == (3, 1)
