"""Errors in Groww's words: the API's own envelope, and the gateway in front of it."""

from starlette.responses import JSONResponse, Response

from sandbox.wire.call import WireError

MESSAGES = {
    "GA000": ("Internal error occurred", 500),
    "GA001": ("Bad request", 400),
    "GA003": ("Unable to serve request currently", 503),
    "GA004": ("Requested entity does not exist", 404),
    "GA005": ("User not authorised to perform this operation", 403),
    "GA006": ("Cannot process this request", 400),
    "GA007": ("Duplicate order reference id", 400),
}
"""Code -> documented message, and the HTTP status used here; Groww documents "40x or 50x" without saying which."""


class GrowwError(WireError):
    """`{status: FAILURE, error: {code, message, metadata}}` (Groww docs: error codes)."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message or MESSAGES[code][0]

    def response(self) -> Response:
        error = {"code": self.code, "message": self.message, "metadata": None}
        return JSONResponse({"status": "FAILURE", "error": error}, MESSAGES[self.code][1])


class GatewayError(WireError):
    """An answer without the envelope's `status`: the official client tells these by their HTTP status."""

    def __init__(self, http: int, message: str) -> None:
        super().__init__(message)
        self.http = http
        self.message = message

    def response(self) -> Response:
        error = {"code": str(self.http), "message": self.message, "displayMessage": self.message}
        return JSONResponse({"error": error}, self.http)


def bad_request(message: str) -> GrowwError:
    """A parameter is missing or wrong."""
    return GrowwError("GA001", message)


def success(payload: object) -> Response:
    """The envelope of every successful answer."""
    return JSONResponse({"status": "SUCCESS", "payload": payload})
