"""Names that two parts of the product must agree on, spelled once."""

from typing import Final

# Environment variables of the functions.
ENV_RUNTIME: Final = "LEGWISE_RUNTIME"
ENV_TABLE: Final = "LEGWISE_TABLE"
ENV_SECRETS_PREFIX: Final = "LEGWISE_SECRETS_PREFIX"
ENV_SECRETS_KEY: Final = "LEGWISE_SECRETS_KEY"
ENV_EXECUTE_TICK: Final = "LEGWISE_EXECUTE_TICK_ARN"
ENV_TRADING_DAY: Final = "LEGWISE_TRADING_DAY_ARN"
ENV_EVENT_BUS: Final = "LEGWISE_EVENT_BUS"
ENV_POSTBACKS: Final = "LEGWISE_POSTBACKS_URL"
ENV_API_URL: Final = "LEGWISE_API_URL"
ENV_EGRESS_ADDRESS: Final = "LEGWISE_EGRESS_ADDRESS"

# Keys and indexes of the one table.
PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
TTL_ATTRIBUTE: Final = "expires_at"
INDEX_IN_FLIGHT: Final = "gsi1"
INDEX_DUE: Final = "gsi2"
INDEX_OPEN_RUNS: Final = "gsi3"
INDEXES: Final = (INDEX_IN_FLIGHT, INDEX_DUE, INDEX_OPEN_RUNS)

# Exports of the auth stack, after `{prefix}-`.
EXPORT_USER_POOL_ID: Final = "UserPoolId"
EXPORT_USER_POOL_CLIENT_ID: Final = "UserPoolClientId"
EXPORT_HTTP_API_ID: Final = "HttpApiId"
EXPORT_HTTP_API_URL: Final = "HttpApiUrl"
EXPORT_AUTHORIZER_ID: Final = "AuthorizerId"
EXPORT_TABLE_NAME: Final = "TableName"
EXPORT_TABLE_ARN: Final = "TableArn"
EXPORT_KEY_ARN: Final = "KeyArn"
# Exports of the auth stack where `network.mode` is not `none`.
EXPORT_EGRESS_SUBNET_ID: Final = "EgressSubnetId"
EXPORT_EGRESS_SECURITY_GROUP_ID: Final = "EgressSecurityGroupId"
EXPORT_EGRESS_ADDRESS: Final = "EgressAddress"
# Exports of the options stack.
EXPORT_TRADING_DAY_ARN: Final = "TradingDayArn"
EXPORT_EXECUTE_TICK_ARN: Final = "ExecuteTickArn"

EVENT_SOURCE: Final = "legwise"

# What the functions measure: namespace and name, and the dimensions, of which the service is the function's module.
METRICS: Final = "legwise"
METRIC_DIFFERING: Final = "BooksDiffering"
METRIC_OFFSET: Final = "OrderOffset"
METRIC_ACKNOWLEDGED: Final = "OrderAcknowledgement"
METRIC_FUNCTION: Final = "FunctionName"
METRIC_SERVICE: Final = "service"


def index_key(index: str) -> tuple[str, str]:
    """Partition and sort attribute of an index: `gsi1` → `gsi1pk`, `gsi1sk`."""
    return f"{index}pk", f"{index}sk"


def export_name(prefix: str, name: str) -> str:
    """The CloudFormation export `{prefix}-{name}`."""
    return f"{prefix}-{name}"
