"""What people are told: events on the bus, alarms, the dashboard, the budget."""

from pathlib import Path

from shared_config.names import EVENT_SOURCE
from shared_config.settings import load_settings
from tests.stacks.synthesized import Synthesized, synthesize, text

ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "AWS::SNS::Topic"


def test_refusals_and_misses_reach_the_topic(each: Synthesized) -> None:
    (topic,) = each.options.of_type(TOPIC)
    (rule,) = (rule for rule in each.options.of_type("AWS::Events::Rule").values() if "ScheduleExpression" not in rule)
    assert rule["EventPattern"]["source"] == [EVENT_SOURCE]
    assert set(rule["EventPattern"]["detail-type"]) == {
        "BooksAgree",
        "BooksDiffer",
        "EgressDrift",
        "MasterFailed",
        "MasterWarning",
        "OrderRefused",
        "RunIncomplete",
        "RunLeftOpen",
        "RunMending",
        "RunMissed",
        "RunRefused",
        "SessionEnded",
        "TickFailed",
    }
    assert [target["Arn"] for target in rule["Targets"]] == [{"Ref": topic}]
    assert each.options.only("AWS::Events::EventBus")["Name"].endswith("-events")


def test_the_topic_is_encrypted_and_speaks_tls_only(each: Synthesized) -> None:
    assert each.options.only(TOPIC)["KmsMasterKeyId"]
    statements = each.options.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [statement.get("Condition") for statement in statements]


def test_services_that_publish_may_use_the_key_of_the_topic(each: Synthesized) -> None:
    policy = each.options.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    services = {
        service
        for statement in policy
        if "Service" in statement["Principal"]
        for service in listed(statement["Principal"]["Service"])
    }
    assert services == {"budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"}


def test_an_e_mail_is_subscribed_when_there_is_one(tmp_path: Path, prod: Synthesized) -> None:
    assert not prod.all_of_type("AWS::SNS::Subscription")
    with_mail = load_settings("local", overrides={"alarm_email": "desk@example.com"})
    stacks = synthesize("local", tmp_path, settings=with_mail)
    subscription = stacks.options.only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "desk@example.com")
    assert subscription["RedrivePolicy"]


def test_budget_alarms_and_dashboard_follow_the_environment(each: Synthesized) -> None:
    features = each.settings.features
    assert bool(each.all_of_type("AWS::Budgets::Budget")) is features.budget
    assert bool(each.all_of_type(ALARM)) is features.alarms
    assert len(each.all_of_type("AWS::CloudWatch::Dashboard")) == int(features.alarms)


def test_a_laptop_has_none_of_them_and_production_all(local: Synthesized, prod: Synthesized) -> None:
    for kind in ("AWS::Budgets::Budget", ALARM, "AWS::CloudWatch::Dashboard"):
        assert not local.all_of_type(kind)
        assert prod.all_of_type(kind)


def test_the_budget_is_the_settings_and_tells_the_topic(prod: Synthesized) -> None:
    budget = prod.options.only("AWS::Budgets::Budget")
    (topic,) = prod.options.of_type(TOPIC)
    assert budget["Budget"]["BudgetLimit"] == {"Amount": prod.settings.monthly_budget_usd, "Unit": "USD"}
    for notification in budget["NotificationsWithSubscribers"]:
        assert notification["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": topic}}]


def test_every_function_of_both_stacks_is_watched(prod: Synthesized) -> None:
    watched = {
        dimension["Value"]
        for alarm in prod.options.of_type(ALARM).values()
        if alarm.get("MetricName") == "Errors"
        for dimension in alarm["Dimensions"]
    }
    assert watched == {function["FunctionName"] for function in prod.all_of_type("AWS::Lambda::Function")}


def test_failed_machines_throttles_and_dead_letters_wake_someone(prod: Synthesized) -> None:
    alarms = {alarm["AlarmName"].removeprefix("legwise-options-prod-exec-") for alarm in prod.all_of_type(ALARM)}
    assert {
        "trading_day-ExecutionsFailed",
        "trading_day-ExecutionsTimedOut",
        "execute_tick-ExecutionsFailed",
        "execute_tick-ExecutionsTimedOut",
        "table-throttled",
        "dead-letters",
        "watchdog-silent",
        "books-differ",
    } <= alarms


def test_every_alarm_goes_to_the_topic(prod: Synthesized) -> None:
    (topic,) = prod.options.of_type(TOPIC)
    assert {text(alarm["AlarmActions"][0]) for alarm in prod.all_of_type(ALARM)} == {f"<{topic}>"}


def test_only_the_silent_watchdog_alarms_on_missing_data(prod: Synthesized) -> None:
    missing = {alarm["AlarmName"] for alarm in prod.all_of_type(ALARM) if alarm["TreatMissingData"] == "breaching"}
    assert missing == {"legwise-options-prod-exec-watchdog-silent"}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
