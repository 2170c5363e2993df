"""Who may read and write the table, in both stacks."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from shared_config.names import INDEXES

# A transaction needs the actions of its parts; there is no action of its own.
_READ: Final = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
_WRITE: Final = ("dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_DELETE: Final = ("dynamodb:DeleteItem",)
_USE_KEY: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


class TableAccess:
    """Grants on the table by its address, so that a stack which imports it gives the same ones.

    Narrower than the table's own `grant_*`: the indexes are named, nothing scans, deleting is granted on its
    own, and the key serves DynamoDB only.
    """

    def __init__(self, *, table_arn: str, key_arn: str) -> None:
        self._table_arn = table_arn
        self._key_arn = key_arn

    def grant_read(self, role: iam.IRole) -> None:
        """Allow reads of items and of every index."""
        self._grant(role, _READ, [self._table_arn, *(f"{self._table_arn}/index/{name}" for name in INDEXES)])
        iam.Grant.add_to_principal(
            grantee=role,
            actions=list(_USE_KEY),
            resource_arns=[self._key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Stack.of(role).region}.amazonaws.com"}},
        )

    def grant_read_write(self, role: iam.IRole) -> None:
        """Allow reads, puts, updates and transactions of them."""
        self.grant_read(role)
        self._grant(role, _WRITE, [self._table_arn])

    def grant_delete(self, role: iam.IRole) -> None:
        """Allow removing items."""
        self._grant(role, _DELETE, [self._table_arn])

    def _grant(self, role: iam.IRole, actions: tuple[str, ...], resources: list[str]) -> None:
        iam.Grant.add_to_principal(grantee=role, actions=list(actions), resource_arns=resources)
