"""Errors in SmartAPI's words: broker errors (AB…) and gateway errors (AG…) have different shapes."""

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.wire.call import WireError


class BrokerError(WireError):
    """`{status, message, errorcode, data}`, HTTP 200 (SmartAPI docs: error codes)."""

    def __init__(self, code: str, message: str, http: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http = http

    def response(self) -> Response:
        body = {"status": False, "message": self.message, "errorcode": self.code, "data": None}
        return JSONResponse(body, self.http)


class GatewayError(WireError):
    """`{success, message, errorCode, data}`: how the gateway answers a bad token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def response(self) -> Response:
        body = {"success": False, "message": self.message, "errorCode": self.code, "data": ""}
        return JSONResponse(body)


def rate_exceeded() -> Response:
    """The gateway's plain-text answer above a rate limit, with HTTP 403."""
    return PlainTextResponse("Access denied because of exceeding access rate", 403)


def success(data: object) -> Response:
    """The envelope of every successful answer."""
    return JSONResponse({"status": True, "message": "SUCCESS", "errorcode": "", "data": data})
