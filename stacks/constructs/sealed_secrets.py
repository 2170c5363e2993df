"""Who may open and who may seal the credentials of linked broker accounts in the table."""

from typing import Final

from aws_cdk import aws_iam as iam

from shared_config.names import ENV_SECRETS_KEY

_OPEN: Final = ("kms:Decrypt",)
_SEAL: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_CONTEXT: Final = ("user", "account")


class SealedSecrets:
    """The key, used for secrets only: every call must name a user and an account and nothing else.

    The items themselves lie in the table, which `TableAccess` grants; its grant of the same key is for calls
    that DynamoDB makes, so it opens no secret.
    """

    def __init__(self, *, key_arn: str) -> None:
        self._key_arn = key_arn

    @property
    def environment(self) -> dict[str, str]:
        """What a function needs to find the secrets."""
        return {ENV_SECRETS_KEY: self._key_arn}

    def grant_read(self, role: iam.IRole) -> None:
        """Allow reading the credentials and the session of an account."""
        self._grant(role, _OPEN)

    def grant_manage(self, role: iam.IRole) -> None:
        """Allow linking an account, renewing its session and unlinking it."""
        self._grant(role, _SEAL)

    def grant_renew(self, role: iam.IRole) -> None:
        """Allow renewing the session of an account that is linked."""
        self._grant(role, _SEAL)

    def _grant(self, role: iam.IRole, actions: tuple[str, ...]) -> None:
        # The first condition also holds for a call without any context; the second asks for both keys.
        iam.Grant.add_to_principal(
            grantee=role,
            actions=list(actions),
            resource_arns=[self._key_arn],
            conditions={
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": list(_CONTEXT)},
                "Null": {f"kms:EncryptionContext:{name}": "false" for name in _CONTEXT},
            },
        )
