"""Time-based one-time passwords (RFC 6238: SHA-1, 6 digits, steps of 30 s)."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

STEP_SECONDS = 30
STEPS_TOLERATED = 1


def code_at(secret: str, counter: int) -> str:
    """The six digits of one time step; `secret` is base32. Raises ValueError for a bad secret."""
    try:
        key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    except binascii.Error as error:
        raise ValueError("the TOTP secret is not base32") from error
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def is_valid(secret: str, code: str, now: datetime) -> bool:
    """True for the present step's code or a neighbour's."""
    counter = int(now.timestamp()) // STEP_SECONDS
    steps = range(counter - STEPS_TOLERATED, counter + STEPS_TOLERATED + 1)
    return any(hmac.compare_digest(code_at(secret, step).encode(), code.encode()) for step in steps)
