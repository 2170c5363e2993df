"""Reading the body of a request: JSON in UTF-8, and whatever else comes is refused with a reason."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from lambdas.entrypoints.api_problem import ApiProblem

JSON = "application/json"


def problem_of_body(event: Mapping[str, Any]) -> ApiProblem | None:
    """Why the body of an HTTP API event (payload 2.0) cannot be read as text that claims to be JSON; None when
    it can. Without a content type it is taken to be JSON."""
    body = event.get("body")
    if not body:
        return None
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    content_type = headers.get("content-type", JSON).strip().lower()
    if content_type and content_type.partition(";")[0].strip() != JSON:
        return ApiProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the request does not fit", ["body: is not JSON; send it"])
    if not event.get("isBase64Encoded"):
        return None
    try:
        base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError):
        return _unfit("body: is not base64 of UTF-8 text; send JSON in UTF-8")
    return None


def read_json(text: str) -> Any:
    """The values of a JSON text.

    Raises JSONDecodeError for what is no JSON, ApiProblem for JSON that nothing here can hold: numbers and
    nesting beyond all bounds, and text that is no Unicode (half a surrogate pair), which no table can store.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise _unfit("body: is nested too deeply; send fewer levels") from error
    except ValueError as error:  # whole numbers of thousands of digits
        raise _unfit("body: holds a number that is too long; shorten it") from error
    unreadable = list(_unreadable(values, ""))
    if unreadable:
        raise _unfit(*(f"{place or 'body'}: is not readable text; write it anew" for place in unreadable))
    return values


def _unfit(*problems: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request does not fit", problems)


def _unreadable(values: Any, place: str) -> Iterator[str]:
    """Where text stands that UTF-8 cannot encode; entries of lists count from 1."""
    if isinstance(values, str):
        if not _is_unicode(values):
            yield place
    elif isinstance(values, dict):
        for key, value in values.items():
            if not _is_unicode(key):
                yield place
            yield from _unreadable(value, f"{place}.{ascii(key)[1:-1]}".removeprefix("."))
    elif isinstance(values, list):
        for number, value in enumerate(values, 1):
            yield from _unreadable(value, f"{place}[{number}]")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
