"""The product's HTTP API as its users see it: signed in, over the wire."""

from dataclasses import dataclass
from typing import Any

import boto3
import httpx

from local.cluster import Cluster
from local.steps import CannotContinue
from shared_config.names import EXPORT_HTTP_API_ID, EXPORT_USER_POOL_CLIENT_ID, EXPORT_USER_POOL_ID


class ApiRefused(CannotContinue):
    """The API answered with an error; the message is its own."""

    def __init__(self, method: str, path: str, answer: httpx.Response) -> None:
        super().__init__(f"{method} {path} answered {answer.status_code}: {answer.text}")
        self.status = answer.status_code
        self.body = answer.text


@dataclass(frozen=True)
class Api:
    """The API of one deployed instance on behalf of one user."""

    client: httpx.Client

    def get(self, path: str) -> Any:
        """Raises ApiRefused unless the answer is a success."""
        return self._call("GET", path)

    def put(self, path: str, body: Any) -> Any:
        """As `get`."""
        return self._call("PUT", path, json=body)

    def post(self, path: str, body: Any = None) -> Any:
        """As `get`."""
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.client.request(method, path, **arguments)
        if answer.is_error:
            raise ApiRefused(method, path, answer)
        return answer.json()


def aws(cluster: Cluster, service: str) -> Any:
    """An AWS client of this instance."""
    variables = cluster.instance.aws_variables()
    session: Any = boto3  # the service is a name here, which no typed overload takes
    return session.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=cluster.instance.region,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def sign_up(cluster: Cluster, email: str, password: str) -> Api:
    """Create a user (if there is none of that address), sign in, and return the API on its behalf."""
    cognito = aws(cluster, "cognito-idp")
    pool = cluster.output("auth", EXPORT_USER_POOL_ID)
    try:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    except cognito.exceptions.UsernameExistsException:
        pass  # signing in tells whether the password fits
    answer = cognito.initiate_auth(
        ClientId=cluster.output("auth", EXPORT_USER_POOL_CLIENT_ID),
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    token = answer["AuthenticationResult"]["AccessToken"]
    return Api(httpx.Client(base_url=api_url(cluster), headers={"Authorization": f"Bearer {token}"}, timeout=30))


def api_url(cluster: Cluster) -> str:
    """The address of the HTTP API in the emulator: by path, so that no host name has to resolve."""
    api_id = cluster.output("auth", EXPORT_HTTP_API_ID)
    return f"{cluster.instance.emulator_url}/_aws/execute-api/{api_id}/$default"
