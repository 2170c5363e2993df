"""The one table: keys, indexes, encryption, and what each environment keeps."""

from shared_config import names
from tests.stacks.synthesized import Synthesized

TABLE = "AWS::DynamoDB::Table"


def test_there_is_one_table_and_it_is_paid_by_request(each: Synthesized) -> None:
    (table,) = each.all_of_type(TABLE)
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in table


def test_keys_and_indexes_are_those_of_the_names(prod: Synthesized) -> None:
    table = prod.auth.only(TABLE)
    assert keys(table["KeySchema"]) == (names.PARTITION_KEY, names.SORT_KEY)
    assert {index["IndexName"]: keys(index["KeySchema"]) for index in table["GlobalSecondaryIndexes"]} == {
        index: names.index_key(index) for index in names.INDEXES
    }
    assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in table["GlobalSecondaryIndexes"])
    assert {attribute["AttributeType"] for attribute in table["AttributeDefinitions"]} == {"S"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": names.TTL_ATTRIBUTE, "Enabled": True}


def test_it_is_encrypted_with_a_key_of_ours_that_rotates(each: Synthesized) -> None:
    table = each.auth.only(TABLE)
    ((logical_id, key),) = each.auth.of_type("AWS::KMS::Key").items()
    assert table["SSESpecification"]["SSEType"] == "KMS"
    assert table["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": [logical_id, "Arn"]}
    assert key["EnableKeyRotation"] is True


def test_protection_follows_the_environment(each: Synthesized) -> None:
    features = each.settings.features
    table = each.auth.only(TABLE)
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is features.point_in_time_recovery
    assert table["DeletionProtectionEnabled"] is features.deletion_protection


def test_production_is_protected_and_a_laptop_is_not(prod: Synthesized, local: Synthesized) -> None:
    assert prod.auth.only(TABLE)["DeletionProtectionEnabled"] is True
    assert local.auth.only(TABLE)["DeletionProtectionEnabled"] is False


def test_data_outlives_its_stack_where_the_settings_say_so(each: Synthesized) -> None:
    expected = {"destroy": "Delete", "retain": "Retain"}[each.settings.removal_policy]
    for kind in (TABLE, "AWS::KMS::Key", "AWS::Cognito::UserPool"):
        for body in each.auth.whole(kind).values():
            assert body["DeletionPolicy"] == body["UpdateReplacePolicy"] == expected, kind


def keys(schema: list[dict[str, str]]) -> tuple[str, ...]:
    assert [part["KeyType"] for part in schema] == ["HASH", "RANGE"]
    return tuple(part["AttributeName"] for part in schema)
