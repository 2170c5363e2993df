"""Logs are kept as long as the environment says, in groups that collide with nothing."""

import pytest

from shared_config.settings import load_settings
from tests.stacks.synthesized import Synthesized

LOG_GROUP = "AWS::Logs::LogGroup"


def test_every_group_has_the_retention_of_its_environment(each: Synthesized) -> None:
    assert {group["RetentionInDays"] for group in each.all_of_type(LOG_GROUP)} == {each.settings.log_retention_days}


@pytest.mark.parametrize(("environment", "days"), [("local", 7), ("dev", 7), ("staging", 30), ("prod", 90)])
def test_the_retention_is_what_was_agreed(environment: str, days: int) -> None:
    assert load_settings(environment).log_retention_days == days


def test_no_group_has_a_fixed_name(each: Synthesized) -> None:
    assert not [group for group in each.all_of_type(LOG_GROUP) if "LogGroupName" in group]


def test_nothing_sets_retention_behind_the_back_of_the_template(each: Synthesized) -> None:
    assert not each.all_of_type("Custom::LogRetention")


def test_groups_go_or_stay_with_the_environment(each: Synthesized) -> None:
    expected = {"destroy": "Delete", "retain": "Retain"}[each.settings.removal_policy]
    for _, template in each.templates():
        for group in template.whole(LOG_GROUP).values():
            assert group["DeletionPolicy"] == expected
