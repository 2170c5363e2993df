"""Passing requests of the dashboard on to the emulator: to the API and to sign-in, and to nothing else."""

import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

API, SIGN_IN = "/api", "/cognito/"
MAX_REQUEST = 10 * 1024 * 1024
"""As the HTTP API takes on AWS."""
MAX_ANSWER = 32 * 1024 * 1024
SECONDS = 31
"""A little longer than the gateway itself waits."""
API_METHODS = ("GET", "POST", "PUT", "DELETE")
POOL = "AWSCognitoIdentityProviderService."
SIGN_IN_OPERATIONS = frozenset(
    POOL + name
    for name in (
        "InitiateAuth",
        "RespondToAuthChallenge",
        "RevokeToken",
        "GetUser",
        "ChangePassword",
        "AssociateSoftwareToken",
        "VerifySoftwareToken",
        "SetUserMFAPreference",
    )
)
"""What needs no AWS credentials. The emulator serves everything else of AWS at the same address."""
PASSED_ON = frozenset(("authorization", "content-type", "accept"))
BROUGHT_BACK = frozenset(
    (
        "apigw-requestid",
        "cache-control",
        "content-disposition",
        "content-type",
        "date",
        "retry-after",
        "www-authenticate",
    )
)


class NotPassedOn(Exception):
    """A request that is answered here: with this status, for this reason."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Wanted:
    """A request to the emulator."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Brought:
    """Its answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Relay:
    """The emulator behind the dashboard. `api_path` is where it serves the HTTP API."""

    emulator_url: str
    api_path: str

    def takes(self, path: str) -> bool:
        """Whether a path (without its query) is for the emulator."""
        return path in (API, SIGN_IN) or path.startswith(f"{API}/")

    def wanted(self, method: str, target: str, headers: Iterable[tuple[str, str]]) -> Wanted:
        """What to ask the emulator for a request to `target` (path and query). Raises NotPassedOn."""
        given = {name.lower(): value for name, value in headers}
        if not (target.isascii() and target.isprintable()) or " " in target:
            raise NotPassedOn(HTTPStatus.BAD_REQUEST, "the address holds what no address holds")
        path, _, query = target.partition("?")
        kept = {name: value for name, value in given.items() if name in PASSED_ON}
        if path == SIGN_IN:
            return _sign_in(method, given, kept)
        if method not in API_METHODS:
            raise NotPassedOn(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is not a method of the API")
        if any(part in (".", "..") for part in unquote(path).replace("\\", "/").split("/")):
            raise NotPassedOn(HTTPStatus.BAD_REQUEST, "a path of the API has no parts . and ..")
        asked = f"{self.api_path}{path.removeprefix(API) or '/'}"
        return Wanted(method, f"{asked}?{query}" if query else asked, kept)

    def ask(self, wanted: Wanted, body: bytes) -> Brought:
        """The emulator's answer. Raises NotPassedOn when there is none, or one that is too large."""
        place = urlsplit(self.emulator_url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
        try:
            connection.request(wanted.method, wanted.path, body=body or None, headers=dict(wanted.headers))
            answer = connection.getresponse()
            content = answer.read(MAX_ANSWER + 1)
        except TimeoutError as error:
            raise NotPassedOn(HTTPStatus.GATEWAY_TIMEOUT, f"no answer within {SECONDS} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise NotPassedOn(HTTPStatus.BAD_GATEWAY, "the emulator does not answer") from error
        finally:
            connection.close()
        if len(content) > MAX_ANSWER:
            raise NotPassedOn(HTTPStatus.BAD_GATEWAY, f"the answer is larger than {MAX_ANSWER} bytes")
        kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() in BROUGHT_BACK)
        return Brought(answer.status, kept, content)


def _sign_in(method: str, given: Mapping[str, str], kept: Mapping[str, str]) -> Wanted:
    """Operations of the user pool are told by a header, at the root of the emulator."""
    operation = given.get("x-amz-target", "")
    if method != "POST" or operation not in SIGN_IN_OPERATIONS:
        raise NotPassedOn(HTTPStatus.FORBIDDEN, "only what users do with their own sign-in is passed on")
    named = {name: value for name, value in kept.items() if name != "authorization"}
    return Wanted("POST", "/", {**named, "x-amz-target": operation})
