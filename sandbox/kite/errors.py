"""Errors in Kite's words (Kite Connect v3 docs: exceptions)."""

from starlette.responses import JSONResponse, Response

from sandbox.wire.call import WireError

_HTTP = {
    "InputException": 400, "OrderException": 400, "MarginException": 400, "GeneralException": 500,
    "TokenException": 403, "PermissionException": 403, "NetworkException": 429, "DataException": 502,
}  # fmt: skip


class KiteError(WireError):
    """`{status: error, error_type, message, data}` with the HTTP status of its type."""

    def __init__(self, error_type: str, message: str, http: int | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.http = http or _HTTP[error_type]

    def response(self) -> Response:
        body = {"status": "error", "message": self.message, "data": None, "error_type": self.error_type}
        return JSONResponse(body, self.http)


def bad_input(message: str) -> KiteError:
    """A parameter is missing or wrong."""
    return KiteError("InputException", message)


def success(data: object) -> Response:
    """The envelope of every successful answer."""
    return JSONResponse({"status": "success", "data": data})
