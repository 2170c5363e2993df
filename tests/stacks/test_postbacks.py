"""What brokers post has the one route without a user, waits in a queue, and is looked into by few at a time."""

from stacks.constructs.postbacks import POSTBACK_ROUTES
from tests.stacks.grants import grants_of_functions
from tests.stacks.synthesized import Properties, Synthesized, text

ROUTE, QUEUE, MAPPING = "AWS::ApiGatewayV2::Route", "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping"
LONGEST_ANSWER = 7
"""Seconds that a worker waits for the answer to an order, which it then writes down."""


def queue_of(stacks: Synthesized) -> tuple[str, Properties]:
    """Logical id and properties of the queue of letters."""
    (found,) = (
        (name, made) for name, made in stacks.options.of_type(QUEUE).items() if "postbacks" in made["QueueName"]
    )
    return found


def test_only_postbacks_come_without_a_token(each: Synthesized) -> None:
    free = {route["RouteKey"] for route in each.all_of_type(ROUTE) if route["AuthorizationType"] != "JWT"}
    assert free == {f"{method} {path}" for method, path in POSTBACK_ROUTES}
    assert free == {"POST /postbacks/{user_id}/{account_id}/{proof}"}
    assert all("AuthorizerId" not in route for route in each.all_of_type(ROUTE) if route["RouteKey"] in free)


def test_the_route_is_throttled_with_all_others(each: Synthesized) -> None:
    default = each.auth.only("AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert default["ThrottlingRateLimit"] == each.settings.api.requests_per_second


def test_no_log_of_the_api_holds_a_path(prod: Synthesized) -> None:
    format = prod.auth.only("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"]
    assert "$context.path" not in format
    assert "$context.http.path" not in format


def test_the_queue_is_encrypted_and_forgets_soon(each: Synthesized) -> None:
    name, queue = queue_of(each)
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 30 * 60
    (dead,) = (name for name, made in each.options.of_type(QUEUE).items() if "dead-letters" in made["QueueName"])
    assert text(queue["RedrivePolicy"]["deadLetterTargetArn"]) == f"<{dead}.Arn>"
    policies = each.options.of_type("AWS::SQS::QueuePolicy").values()
    assert [policy for policy in policies if policy["Queues"] == [{"Ref": name}] and "SecureTransport" in str(policy)]


def test_a_letter_waits_until_the_worker_has_written_down_what_it_knows(each: Synthesized) -> None:
    assert queue_of(each)[1]["DelaySeconds"] > LONGEST_ANSWER


def test_many_letters_are_read_together_by_few_and_only_those_that_failed_again(each: Synthesized) -> None:
    name, queue = queue_of(each)
    mapping = each.options.only(MAPPING)
    assert text(mapping["EventSourceArn"]) == f"<{name}.Arn>"
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 1)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "ReadPostbacks" in text(mapping["FunctionName"])
    function = each.options.function("read_postbacks")
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["MessageRetentionPeriod"] > 2 * queue["VisibilityTimeout"]


def test_who_takes_letters_puts_them_into_this_queue_and_cannot_act(each: Synthesized) -> None:
    name, _ = queue_of(each)
    held = grants_of_functions(each.options)["take_postback"]
    assert {resource for action, resource in held if action == "sqs:SendMessage"} == {f"<{name}.Arn>"}
    actions = {action for action, _ in held}
    assert not {action for action in actions if action.startswith(("states:", "events:"))}
    assert not actions & {"dynamodb:PutItem", "dynamodb:UpdateItem", "sqs:ReceiveMessage", "sqs:DeleteMessage"}


def test_nobody_else_sends_or_reads_letters(each: Synthesized) -> None:
    name, _ = queue_of(each)
    users = {
        (module, action)
        for module, held in grants_of_functions(each.options).items()
        for action, resource in held
        if resource == f"<{name}.Arn>" and action in ("sqs:SendMessage", "sqs:ReceiveMessage")
    }
    assert users == {("take_postback", "sqs:SendMessage"), ("read_postbacks", "sqs:ReceiveMessage")}


def test_brokers_are_answered_in_time(each: Synthesized) -> None:
    assert each.options.function("take_postback")["Timeout"] <= 10
