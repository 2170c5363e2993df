"""The authenticator app as the dashboard uses it on a laptop: its codes count when it is set up, and at sign-in."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared_config.names import EXPORT_USER_POOL_CLIENT_ID, EXPORT_USER_POOL_ID
from tests.local.deployment import Deployment

pytestmark = [pytest.mark.emulator, pytest.mark.emulator_only]

STEP_SECONDS = 30
APP = "SOFTWARE_TOKEN_MFA"


@dataclass(frozen=True)
class User:
    """Signs in by password, which only a laptop's pool allows."""

    cognito: Any
    client_id: str
    email: str
    password: str

    def sign_in(self) -> dict[str, Any]:
        """Tokens, or what the pool asks for besides the password."""
        named = {"USERNAME": self.email, "PASSWORD": self.password}
        answer: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=named
        )
        return answer

    def answer(self, challenge: dict[str, Any], code: str) -> dict[str, Any]:
        """Tokens, if the code fits."""
        answer: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=APP,
            Session=challenge["Session"],
            ChallengeResponses={
                "USERNAME": challenge["ChallengeParameters"]["USER_ID_FOR_SRP"],
                "SOFTWARE_TOKEN_MFA_CODE": code,
            },
        )
        return answer


@pytest.fixture
def user(deployment: Deployment) -> Iterator[User]:
    """A user of this test alone."""
    cognito, pool = deployment.aws("cognito-idp"), deployment.output("auth", EXPORT_USER_POOL_ID)
    email, password = f"app-{secrets.token_hex(6)}@legwise.example", f"Aa1!{secrets.token_urlsafe(18)}"
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS", UserAttributes=attributes)
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    yield User(cognito, deployment.output("auth", EXPORT_USER_POOL_CLIENT_ID), email, password)
    cognito.admin_delete_user(UserPoolId=pool, Username=email)


def code_of(key: str, *, steps_away: int = 0) -> str:
    """What an app shows for a key in base 32: RFC 6238 with SHA-1, six digits, a step of 30 s."""
    counter = int(time.time()) // STEP_SECONDS + steps_away
    mac = hmac.new(base64.b32decode(key), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    (number,) = struct.unpack(">I", mac[offset : offset + 4])
    return f"{(number & 0x7FFF_FFFF) % 10**6:06d}"


def wrong_code(key: str) -> str:
    """One that fits at none of the steps around now."""
    near = {code_of(key, steps_away=away) for away in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", *map("{:06d}".format, range(1, 9))) if code not in near)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_sign_in_asks_for_a_code_from_when_its_key_is_confirmed_until_it_is_turned_off(user: User) -> None:
    cognito, token = user.cognito, user.sign_in()["AuthenticationResult"]["AccessToken"]
    assert not cognito.get_user(AccessToken=token).get("UserMFASettingList")

    key = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    with pytest.raises(ClientError) as error:
        cognito.verify_software_token(AccessToken=token, UserCode=wrong_code(key))
    assert refusal(error) == "EnableSoftwareTokenMFAException"
    assert "AuthenticationResult" in user.sign_in()

    assert cognito.verify_software_token(AccessToken=token, UserCode=code_of(key))["Status"] == "SUCCESS"
    cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert cognito.get_user(AccessToken=token)["UserMFASettingList"] == [APP]

    challenge = user.sign_in()
    assert challenge["ChallengeName"] == APP
    assert "AuthenticationResult" not in challenge
    with pytest.raises(ClientError) as error:
        user.answer(challenge, wrong_code(key))
    assert refusal(error) == "CodeMismatchException"
    assert user.answer(challenge, code_of(key))["AuthenticationResult"]["AccessToken"]

    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False}
    )
    assert "AuthenticationResult" in user.sign_in()


def test_a_password_is_changed_by_whoever_knows_it_and_only_for_one_that_fits_the_policy(user: User) -> None:
    cognito, token = user.cognito, user.sign_in()["AuthenticationResult"]["AccessToken"]
    with pytest.raises(ClientError) as error:
        cognito.change_password(AccessToken=token, PreviousPassword="Not-the-one-1", ProposedPassword="Another-one-22")
    assert refusal(error) == "NotAuthorizedException"
    with pytest.raises(ClientError) as error:
        cognito.change_password(AccessToken=token, PreviousPassword=user.password, ProposedPassword="too-short-1")
    assert refusal(error) == "InvalidPasswordException"
    cognito.change_password(AccessToken=token, PreviousPassword=user.password, ProposedPassword="Another-one-22")
    with pytest.raises(ClientError) as error:
        user.sign_in()
    assert refusal(error) == "NotAuthorizedException"
