"""What the user pool and the pages both know of signing in: said here once, so that they cannot differ."""

from typing import Annotated, Any

from pydantic import Field

from shared_config.runtime import Frozen
from shared_config.settings import Settings


class PasswordPolicy(Frozen):
    """What a new password must have; the pool refuses others, the pages say so beforehand."""

    min_length: Annotated[int, Field(ge=6, le=99, description="as Cognito takes it")]
    lowercase: bool
    uppercase: bool
    digits: bool
    symbols: bool


PASSWORDS = PasswordPolicy(min_length=12, lowercase=True, uppercase=True, digits=True, symbols=True)


def identity_of(settings: Settings, *, endpoint: str) -> dict[str, Any]:
    """What `/config.json` says of the identity provider, under `auth.identity`.

    `endpoint` is where a browser calls its operations; the shape is in `frontend/src/lib/config.ts`.
    """
    return {
        "endpoint": endpoint,
        "second_factor": settings.features.multi_factor,
        "password_policy": PASSWORDS.model_dump(),
        "refresh_days": settings.tokens.refresh_days,
    }
