"""cdk-nag finds nothing that has no reason beside it, in any environment."""

from pathlib import Path

import pytest
from aws_cdk import App, Aws, Fn, Stack
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from app import check_security
from stacks.constructs.acknowledge import acknowledge_resource
from tests.stacks.synthesized import Synthesized, new_app


def test_every_finding_has_a_reason(each: Synthesized) -> None:
    assert findings(each.app) == set()


def test_the_check_bites(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    sqs.Queue(Stack(app, "Stack"), "Queue", enforce_ssl=False)
    assert "AwsSolutions-SQS4" in findings(app)


def test_the_checks_stop_the_synthesis_when_asked_for(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    sqs.Queue(Stack(app, "Stack"), "Queue", enforce_ssl=False)
    check_security(app)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def test_a_resource_that_the_checks_do_not_report_is_not_accepted_in_silence(tmp_path: Path) -> None:
    stack = Stack(new_app(tmp_path), "Stack")
    with pytest.raises(ValueError, match="do not report"):
        acknowledge_resource(stack, Fn.select(0, ["a", Aws.ACCOUNT_ID]), "none")


def findings(app: App) -> set[str]:
    return {
        violation.rule_name
        for checks in (AwsSolutionsChecks(app), ServerlessChecks(app))
        for violation in checks.validate_scope(app).violations
    }
