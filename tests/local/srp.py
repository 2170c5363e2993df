"""Signing in as the dashboard does: the password proves itself (SRP) and never crosses the wire.

A deployment on AWS allows no other sign-in, so the flows use it everywhere. The protocol is RFC 5054 with the
3072-bit prime and generator 2, and Cognito's own proof over pool, user, secret block and timestamp.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
DERIVED_KEY_INFO = b"Caldera Derived Key\x01"


@dataclass(frozen=True)
class Password:
    """One user's password in one pool."""

    pool_id: str
    user: str
    text: str


def access_token(cognito: Any, client_id: str, password: Password) -> str:
    """Sign in; the access token. Raises botocore's ClientError when the password does not fit."""
    private = secrets.randbelow(PRIME - 2) + 1
    public = pow(GENERATOR, private, PRIME)
    begun = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": password.user, "SRP_A": f"{public:x}"},
    )
    asked = begun["ChallengeParameters"]
    user, block = asked["USER_ID_FOR_SRP"], asked["SECRET_BLOCK"]
    now = datetime.now(UTC)
    timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
    key = _session_key(Password(password.pool_id, user, password.text), asked, private, public)
    signed = b"".join((_pool_name(password.pool_id), user.encode(), base64.b64decode(block), timestamp.encode()))
    proof = hmac.new(key, signed, hashlib.sha256).digest()
    answer = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=begun["ChallengeName"],
        ChallengeResponses={
            "USERNAME": user,
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
        },
    )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token


def _session_key(password: Password, asked: dict[str, str], private: int, public: int) -> bytes:
    theirs, salt = int(asked["SRP_B"], 16), int(asked["SALT"], 16)
    inner = hashlib.sha256(_pool_name(password.pool_id) + f"{password.user}:{password.text}".encode()).digest()
    secret = _number(_padded(salt), inner)
    multiplier = _number(_padded(PRIME), _padded(GENERATOR))
    scramble = _number(_padded(public), _padded(theirs))
    base = (theirs - multiplier * pow(GENERATOR, secret, PRIME)) % PRIME
    shared = pow(base, private + scramble * secret, PRIME)
    extracted = hmac.new(_padded(scramble), _padded(shared), hashlib.sha256).digest()
    return hmac.new(extracted, DERIVED_KEY_INFO, hashlib.sha256).digest()[:16]


def _pool_name(pool_id: str) -> bytes:
    return pool_id.split("_", 1)[1].encode()


def _padded(number: int) -> bytes:
    """Big-endian, with a leading zero byte when the highest bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")
