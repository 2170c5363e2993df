"""Where the credentials of linked broker accounts are kept, as the configuration says."""

from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.account_secrets import AccountSecrets
from stacks.constructs.sealed_secrets import SealedSecrets


def secret_store(
    scope: Construct, *, settings: Settings, auth_prefix: str, key_arn: str
) -> AccountSecrets | SealedSecrets:
    """The grants and variables of the store that `secrets.store` names; `key_arn` is the table's key."""
    if settings.secrets.store == "sealed_table":
        return SealedSecrets(key_arn=key_arn)
    return AccountSecrets(scope, auth_prefix=auth_prefix)
