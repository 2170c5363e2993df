"""Errors and successes in Fyers' words: `{s, code, message}` (docs: common API error codes)."""

from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.wire.call import WireError

EXPIRED, INVALID_TOKEN, NOT_AUTHENTICATED = -8, -15, -16
INVALID_INPUT, INVALID_ORDER, REJECTED, INVALID_SYMBOL, OVER_LIMIT = -50, -51, -99, -300, -429
PLACED, MODIFIED, CANCELLED = 1101, 1102, 1103
_HTTP = {EXPIRED: 401, INVALID_TOKEN: 401, NOT_AUTHENTICATED: 401, OVER_LIMIT: 429}


class FyersError(WireError):
    """`{s: error, code, message}` with the HTTP status of its code."""

    def __init__(self, code: int, message: str, http: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http = http or _HTTP.get(code, 400)

    def response(self) -> Response:
        return JSONResponse({"s": "error", "code": self.code, "message": self.message}, self.http)


def bad_input(message: str) -> FyersError:
    """A parameter is missing or wrong."""
    return FyersError(INVALID_INPUT, message)


def over_limit() -> FyersError:
    """Too many calls in a second or a minute, or a user blocked for the day."""
    return FyersError(OVER_LIMIT, "request limit reached")


def success(code: int = 200, message: str = "", **fields: Any) -> Response:
    """The envelope of every success; the data lie beside `s` under a name of each call's own."""
    return JSONResponse({"s": "ok", "code": code, "message": message, **fields})
