"""What keeps state and is deployed first: users, the shared API, the table, linked broker accounts."""

from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from shared_config import names
from shared_config.settings import Settings
from stacks.constructs.api_routes import ApiRoutes
from stacks.constructs.data_table import DataTable
from stacks.constructs.egress_network import EgressNetwork
from stacks.constructs.identity import Identity
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.secret_store import secret_store
from stacks.constructs.shared_api import SharedApi
from stacks.constructs.table_access import TableAccess
from stacks.exports import export

ACCOUNT_ROUTES: Final = (
    ("GET", "/brokers"),
    ("GET", "/egress"),
    ("GET", "/accounts"),
    ("GET", "/accounts/{account_id}"),
    ("GET", "/accounts/{account_id}/postback"),
    ("PUT", "/accounts/{account_id}"),
    ("DELETE", "/accounts/{account_id}"),
    ("POST", "/accounts/{account_id}/rename"),
    ("POST", "/accounts/{account_id}/algo"),
    ("POST", "/accounts/{account_id}/enable"),
    ("POST", "/accounts/{account_id}/disable"),
    ("POST", "/accounts/{account_id}/login"),
    ("POST", "/accounts/{account_id}/session"),
    ("POST", "/accounts/{account_id}/test"),
)


class AuthStack(Stack):
    """Exports everything that another stack needs; imports nothing."""

    def __init__(self, scope: Construct, *, settings: Settings, code: lambda_.Code, **options: Any) -> None:
        prefix = settings.prefix(settings.modules.auth)
        super().__init__(scope, prefix, **options)
        identity = Identity(self, "Identity", settings=settings, prefix=prefix)
        shared = SharedApi(self, "Api", settings=settings, prefix=prefix, identity=identity)
        data = DataTable(self, "Data", settings=settings, prefix=prefix)
        secrets = secret_store(self, settings=settings, auth_prefix=prefix, key_arn=data.key.key_arn)
        network = self._make_network(settings, prefix)
        way_out = {} if network is None else {names.ENV_EGRESS_ADDRESS: network.address}
        accounts = PythonFunction(
            self,
            "AccountsApi",
            settings=settings,
            prefix=prefix,
            module="accounts_api",
            code=code,
            table_name=data.table.table_name,
            timeout=Duration.seconds(29),
            environment={**secrets.environment, names.ENV_API_URL: shared.api.api_endpoint, **way_out},
            placement=None if network is None else network.placement,
        )
        table = TableAccess(table_arn=data.table.table_arn, key_arn=data.key.key_arn)
        table.grant_read_write(accounts.role)
        # An account that is unlinked goes, and one that is disabled leaves the sessions that are checked.
        table.grant_delete(accounts.role)
        secrets.grant_manage(accounts.role)
        ApiRoutes(
            self,
            "AccountRoutes",
            api_id=shared.api.api_id,
            authorizer_id=shared.authorizer.authorizer_id,
            function=accounts.function,
            routes=ACCOUNT_ROUTES,
        )
        for name, value in (
            (names.EXPORT_USER_POOL_ID, identity.pool.user_pool_id),
            (names.EXPORT_USER_POOL_CLIENT_ID, identity.client.user_pool_client_id),
            (names.EXPORT_HTTP_API_ID, shared.api.api_id),
            (names.EXPORT_HTTP_API_URL, shared.api.api_endpoint),
            (names.EXPORT_AUTHORIZER_ID, shared.authorizer.authorizer_id),
            (names.EXPORT_TABLE_NAME, data.table.table_name),
            (names.EXPORT_TABLE_ARN, data.table.table_arn),
            (names.EXPORT_KEY_ARN, data.key.key_arn),
        ):
            export(self, prefix=prefix, name=name, value=value)

    def _make_network(self, settings: Settings, prefix: str) -> EgressNetwork | None:
        """Where `network.mode` says so, the way out with a static address; it is an output, to be registered."""
        if settings.network.mode == "none":
            return None
        network = EgressNetwork(self, "Egress", settings=settings, prefix=prefix)
        for name, value in (
            (names.EXPORT_EGRESS_SUBNET_ID, network.placement.subnet_id),
            (names.EXPORT_EGRESS_SECURITY_GROUP_ID, network.placement.security_group_id),
            (names.EXPORT_EGRESS_ADDRESS, network.address),
        ):
            export(self, prefix=prefix, name=name, value=value)
        return network
