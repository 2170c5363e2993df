"""What the options stack takes from the auth stack: by export name only, so that each deploys alone."""

from dataclasses import dataclass
from typing import Self

from shared_config import names
from shared_config.settings import Settings
from stacks.constructs.network_placement import NetworkPlacement
from stacks.exports import imported


@dataclass(frozen=True, kw_only=True)
class AuthImports:
    """Ids and addresses of the auth stack's things, as tokens that the deployment resolves."""

    api_id: str
    authorizer_id: str
    table_name: str
    table_arn: str
    key_arn: str

    @classmethod
    def of(cls, prefix: str) -> Self:
        """The exports of the auth stack with this prefix."""
        return cls(
            api_id=imported(prefix=prefix, name=names.EXPORT_HTTP_API_ID),
            authorizer_id=imported(prefix=prefix, name=names.EXPORT_AUTHORIZER_ID),
            table_name=imported(prefix=prefix, name=names.EXPORT_TABLE_NAME),
            table_arn=imported(prefix=prefix, name=names.EXPORT_TABLE_ARN),
            key_arn=imported(prefix=prefix, name=names.EXPORT_KEY_ARN),
        )


def egress_placement(settings: Settings, prefix: str) -> NetworkPlacement | None:
    """Where the auth stack with this prefix lets functions leave from; None where they leave from anywhere."""
    if settings.network.mode == "none":
        return None
    return NetworkPlacement(
        subnet_id=imported(prefix=prefix, name=names.EXPORT_EGRESS_SUBNET_ID),
        security_group_id=imported(prefix=prefix, name=names.EXPORT_EGRESS_SECURITY_GROUP_ID),
    )
