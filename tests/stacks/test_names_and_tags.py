"""Every name says whose it is; every cost has its tags."""

from tests.stacks.synthesized import Synthesized, text

NAMED = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::Events::Rule": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::ApiGatewayV2::Authorizer": "Name",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
}
# Of what these stacks use, all that CloudFormation can tag.
TAGGED = {
    "AWS::Cognito::UserPool": "UserPoolTags",
    "AWS::DynamoDB::Table": "Tags",
    "AWS::KMS::Key": "Tags",
    "AWS::Lambda::Function": "Tags",
    "AWS::Logs::LogGroup": "Tags",
    "AWS::IAM::Role": "Tags",
    "AWS::ApiGatewayV2::Api": "Tags",
    "AWS::ApiGatewayV2::Stage": "Tags",
    "AWS::StepFunctions::StateMachine": "Tags",
    "AWS::Events::EventBus": "Tags",
    "AWS::SQS::Queue": "Tags",
    "AWS::SNS::Topic": "Tags",
    "AWS::CloudWatch::Alarm": "Tags",
}


def test_stacks_are_named_by_company_project_environment_module(each: Synthesized) -> None:
    environment = each.settings.environment
    assert [prefix for prefix, _ in each.templates()] == [
        f"legwise-options-{environment}-auth",
        f"legwise-options-{environment}-exec",
    ]


def test_every_name_starts_with_the_prefix_of_its_stack(each: Synthesized) -> None:
    for prefix, template in each.templates():
        for kind, key in NAMED.items():
            for properties in template.of_type(kind).values():
                assert properties[key].startswith(f"{prefix}-"), (kind, properties[key])


def test_names_fit_into_what_lambda_allows(each: Synthesized) -> None:
    assert max(len(function["FunctionName"]) for function in each.all_of_type("AWS::Lambda::Function")) <= 64


def test_the_table_has_no_fixed_name(each: Synthesized) -> None:
    assert "TableName" not in each.auth.only("AWS::DynamoDB::Table")


def test_cost_tags_and_environment_are_on_everything_that_can_have_them(each: Synthesized) -> None:
    expected = {**each.settings.cost_tags, "environment": each.settings.environment}
    for kind, key in TAGGED.items():
        for properties in each.all_of_type(kind):
            tags = properties[key]
            found = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
            assert expected.items() <= found.items(), kind


def test_the_alias_of_a_key_says_whose_it_is(each: Synthesized) -> None:
    for prefix, template in each.templates():
        for alias in template.of_type("AWS::KMS::Alias").values():
            assert text(alias["AliasName"]).startswith(f"alias/{prefix}-")


def test_stacks_that_keep_data_cannot_be_removed_by_accident(each: Synthesized) -> None:
    assembly = each.app.synth()
    for prefix, _ in each.templates():
        protected = assembly.get_stack_artifact(prefix).termination_protection
        assert bool(protected) is (each.settings.removal_policy == "retain")
