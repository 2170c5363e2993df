"""Errors in Dhan's words (DhanHQ docs: annexure, trading API errors)."""

from starlette.responses import JSONResponse, Response

from sandbox.wire.call import WireError

_KINDS = {
    "DH-901": ("Invalid_Authentication", 401),
    "DH-904": ("Rate_Limit", 429),
    "DH-905": ("Input_Exception", 400),
    "DH-906": ("Order_Error", 400),
    "DH-907": ("Data_Error", 400),
}


class DhanError(WireError):
    """`{errorType, errorCode, errorMessage}` with the HTTP status of its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def response(self) -> Response:
        kind, http = _KINDS[self.code]
        return JSONResponse({"errorType": kind, "errorCode": self.code, "errorMessage": self.message}, http)


def not_authenticated() -> DhanError:
    """A token or client id that is wrong, missing or expired."""
    return DhanError("DH-901", "Client ID or user generated access token is invalid or expired.")


def bad_input(message: str = "Missing required fields, bad values for parameters etc.") -> DhanError:
    """A field is missing or wrong."""
    return DhanError("DH-905", message)
