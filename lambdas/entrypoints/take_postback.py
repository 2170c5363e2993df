"""Take the order updates that brokers post: they cannot sign in, so the address and their signature have to do."""

import re
from base64 import b64decode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.entrypoints.frame import application, logger
from lambdas.ports.postbacks import PostbackForged, PostbackUnreadable
from lambdas.use_cases.take_postback import NotAnAddress

_PARTS = {
    "user_id": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "account_id": re.compile(r"[a-z0-9][a-z0-9-]{1,39}"),
    "proof": re.compile(r"[A-Za-z0-9_-]{32}"),
}


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) → 404 where there is no such address, 403 for a forged letter, else 200.

    Also for what cannot be read and for what fails here: Fyers posts nothing for half an hour to whoever answers
    anything else, and no broker could do better the next time. The proof is never logged.
    """
    address = _address(event.get("pathParameters") or {})
    if address is None:
        return _answer(HTTPStatus.NOT_FOUND)
    logger.append_keys(account_id=address["account_id"])
    return _answer(_take(address, event))


def _take(address: Mapping[str, str], event: Mapping[str, Any]) -> HTTPStatus:
    try:
        run(application.postback_taker.take(**address, text=_text(event)))
    except NotAnAddress:
        return HTTPStatus.NOT_FOUND
    except PostbackForged as forged:
        logger.warning("postback forged", extra={"user_id": address["user_id"], "reason": str(forged)})
        return HTTPStatus.FORBIDDEN
    except PostbackUnreadable as unreadable:
        logger.warning("postback unreadable", extra={"user_id": address["user_id"], "reason": str(unreadable)})
    except Exception:
        logger.exception("postback lost")
    return HTTPStatus.OK


def _address(found: Mapping[str, str]) -> dict[str, str] | None:
    address = {name: str(found.get(name, "")) for name in _PARTS}
    return address if all(_PARTS[name].fullmatch(part) for name, part in address.items()) else None


def _text(event: Mapping[str, Any]) -> str:
    """The body; what is no text becomes one that is no JSON."""
    body = event.get("body") or ""
    return b64decode(body).decode(errors="replace") if event.get("isBase64Encoded") else str(body)


def _answer(status: HTTPStatus) -> dict[str, Any]:
    return {"statusCode": status.value, "headers": {"Content-Type": "application/json"}, "body": "{}"}
