"""Errors in Upstox's words (Upstox developer API: response structure, error codes)."""

from starlette.responses import JSONResponse, Response

from sandbox.wire.call import WireError


class UpstoxError(WireError):
    """`{status: error, errors: […]}`, both spellings of each field, as the broker sends them."""

    def __init__(self, code: str, message: str, http: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http = http

    def response(self) -> Response:
        error = {
            "errorCode": self.code,
            "message": self.message,
            "propertyPath": None,
            "invalidValue": None,
            "error_code": self.code,
            "property_path": None,
            "invalid_value": None,
        }
        return JSONResponse({"status": "error", "errors": [error]}, self.http)


def bad_input(message: str = "Invalid Input") -> UpstoxError:
    """A field is wrong in a way that has no code of its own."""
    return UpstoxError("UDAPI100036", message)


def bad_token() -> UpstoxError:
    """A token that is missing, wrong or over."""
    return UpstoxError("UDAPI100050", "Invalid token used to access API", 401)


def success(data: object, **more: object) -> Response:
    """The envelope of every successful answer but the token's."""
    return JSONResponse({"status": "success", "data": data, **more})
