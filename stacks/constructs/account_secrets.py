"""Who may read and who may manage the credentials of linked broker accounts."""

from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from shared_config.names import ENV_SECRETS_PREFIX
from stacks.constructs.acknowledge import acknowledge_resource

_READ: Final = ("secretsmanager:GetSecretValue",)
_MANAGE: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
)
_RENEW: Final = ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")


class AccountSecrets:
    """The secrets under `{prefix}/accounts/`: made while the product runs, so granted by their path."""

    def __init__(self, scope: Construct, *, auth_prefix: str) -> None:
        self.prefix = f"{auth_prefix}/accounts"
        self._stack = Stack.of(scope)
        self._arn = self._stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self.prefix}/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a function needs to find the secrets."""
        return {ENV_SECRETS_PREFIX: self.prefix}

    def grant_read(self, role: iam.IRole) -> None:
        """Allow reading the credentials and the session of an account."""
        self._grant(role, _READ)

    def grant_manage(self, role: iam.IRole) -> None:
        """Allow linking an account, renewing its session and unlinking it."""
        self._grant(role, _MANAGE)

    def grant_renew(self, role: iam.IRole) -> None:
        """Allow renewing the session of an account that is linked."""
        self._grant(role, _RENEW)

    def _grant(self, role: iam.IRole, actions: tuple[str, ...]) -> None:
        iam.Grant.add_to_principal(grantee=role, actions=list(actions), resource_arns=[self._arn])
        acknowledge_resource(
            role,
            self._arn,
            "The secrets are made while the product runs, one for each linked account, all under this path.",
        )
