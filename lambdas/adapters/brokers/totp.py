"""The six digits of an authenticator app."""

import hmac
from base64 import b32decode
from datetime import datetime

_STEP_SECONDS = 30


def totp(secret: str, now: datetime, digits: int = 6) -> str:
    """The time-based one-time password of RFC 6238 (HMAC-SHA-1, 30 s steps).

    `secret` is base32 as authenticator apps show it: blanks and lower case are fine, padding is optional.
    Raises ValueError, without quoting it, when it is not base32.
    """
    letters = "".join(secret.split()).upper().rstrip("=")
    try:
        key = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raise ValueError("the TOTP secret is not base32") from None
    step = int(now.timestamp()) // _STEP_SECONDS
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"
