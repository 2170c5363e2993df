"""What each function and state machine of a template may do, read from its policies."""

from collections import defaultdict
from typing import Any

from tests.stacks.synthesized import Template, text

Grant = tuple[str, str]


def grants_of_functions(template: Template) -> dict[str, set[Grant]]:
    """By entry module: pairs of an allowed action and the resource it is allowed on."""
    by_role = _by_role(template)
    return {
        function["Handler"].split(".")[2]: by_role[text(function["Role"])]
        for function in template.of_type("AWS::Lambda::Function").values()
    }


def grants_of_machines(template: Template) -> dict[str, set[Grant]]:
    """By name of the state machine."""
    by_role = _by_role(template)
    return {
        machine["StateMachineName"]: by_role[text(machine["RoleArn"])]
        for machine in template.of_type("AWS::StepFunctions::StateMachine").values()
    }


def _by_role(template: Template) -> dict[str, set[Grant]]:
    found: dict[str, set[Grant]] = defaultdict(set)
    for policy in template.of_type("AWS::IAM::Policy").values():
        for role in policy["Roles"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                found[f"<{role['Ref']}.Arn>"] |= {
                    (action, text(resource))
                    for action in _listed(statement["Action"])
                    for resource in _listed(statement["Resource"])
                }
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
