"""What the dashboard's server passes on to the emulator, which serves all of AWS at one address."""

from http import HTTPStatus

import pytest

from local.relay import NotPassedOn, Relay

RELAY = Relay("http://127.0.0.1:4566", "/_aws/execute-api/abc/$default")
TARGET = "AWSCognitoIdentityProviderService.InitiateAuth"


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("/api/me", "/_aws/execute-api/abc/$default/me"),
        ("/api/strategies/a?replaces=1&x=%2F", "/_aws/execute-api/abc/$default/strategies/a?replaces=1&x=%2F"),
        ("/api", "/_aws/execute-api/abc/$default/"),
        ("/api/accounts/a%20b", "/_aws/execute-api/abc/$default/accounts/a%20b"),
    ],
)
def test_paths_below_api_are_those_of_the_http_api(asked: str, passed_on: str) -> None:
    assert RELAY.takes(asked.partition("?")[0])
    assert RELAY.wanted("GET", asked, ()).path == passed_on


@pytest.mark.parametrize(
    "path", ["/", "/apis", "/_aws/execute-api/abc/$default/me", "/cognito", "/cognito/x", "/brokers"]
)
def test_other_paths_are_pages(path: str) -> None:
    assert not RELAY.takes(path)


@pytest.mark.parametrize(
    "path", ["/api/../_ministack/health", "/api/%2e%2e/x", "/api/./x", "/api/..%2F..%2Fx", "/api/a/..", "/api/..%5cx"]
)
def test_no_path_leads_out_of_the_http_api(path: str) -> None:
    with pytest.raises(NotPassedOn) as refused:
        RELAY.wanted("GET", path, ())
    assert refused.value.status is HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("path", ["/api/\u00fc", "/api/a b", "/api/a\r\nX: y"])
def test_what_is_no_address_is_not_passed_on(path: str) -> None:
    with pytest.raises(NotPassedOn):
        RELAY.wanted("GET", path, ())


def test_the_token_goes_along_and_cookies_do_not() -> None:
    given = (("Authorization", "Bearer t"), ("Content-Type", "application/json"), ("Cookie", "a=b"), ("Host", "evil"))
    wanted = RELAY.wanted("PUT", "/api/x", given)
    assert wanted.headers == {"authorization": "Bearer t", "content-type": "application/json"}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    with pytest.raises(NotPassedOn) as refused:
        RELAY.wanted(method, "/api/me", ())
    assert refused.value.status is HTTPStatus.METHOD_NOT_ALLOWED


def test_signing_in_reaches_the_user_pool_without_other_headers() -> None:
    given = (("X-Amz-Target", TARGET), ("Content-Type", "application/x-amz-json-1.1"), ("Authorization", "AWS4 x"))
    wanted = RELAY.wanted("POST", "/cognito/", given)
    assert (wanted.method, wanted.path) == ("POST", "/")
    assert wanted.headers == {"x-amz-target": TARGET, "content-type": "application/x-amz-json-1.1"}


@pytest.mark.parametrize(
    "operation",
    ["GetUser", "ChangePassword", "AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference"],
)
def test_users_reach_their_own_sign_in(operation: str) -> None:
    target = f"AWSCognitoIdentityProviderService.{operation}"
    wanted = RELAY.wanted("POST", "/cognito/", (("X-Amz-Target", target),))
    assert (wanted.path, wanted.headers) == ("/", {"x-amz-target": target})


@pytest.mark.parametrize(
    ("method", "operation"),
    [
        ("POST", "DynamoDB_20120810.Scan"),
        ("POST", "secretsmanager.GetSecretValue"),
        ("POST", "AWSCognitoIdentityProviderService.AdminCreateUser"),
        ("POST", "AWSCognitoIdentityProviderService.ListUsers"),
        ("POST", "AWSCognitoIdentityProviderService.AdminSetUserPassword"),
        ("POST", "AWSCognitoIdentityProviderService.AdminSetUserMFAPreference"),
        ("POST", ""),
        ("GET", TARGET),
    ],
)
def test_no_other_operation_of_aws_is_passed_on(method: str, operation: str) -> None:
    with pytest.raises(NotPassedOn) as refused:
        RELAY.wanted(method, "/cognito/", (("X-Amz-Target", operation),))
    assert refused.value.status is HTTPStatus.FORBIDDEN
