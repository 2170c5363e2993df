"""The stacks meet at export names only."""

import json
from pathlib import Path

from shared_config import names
from shared_config.settings import load_settings
from stacks.options_stack import OptionsStack
from tests.stacks.synthesized import Synthesized, new_app, trivial_package

OF_OPTIONS = {names.EXPORT_TRADING_DAY_ARN, names.EXPORT_EXECUTE_TICK_ARN}
OF_A_NETWORK = {
    names.EXPORT_EGRESS_SUBNET_ID,
    names.EXPORT_EGRESS_SECURITY_GROUP_ID,
    names.EXPORT_EGRESS_ADDRESS,
}
OF_AUTH = {value for key, value in vars(names).items() if key.startswith("EXPORT_")} - OF_OPTIONS - OF_A_NETWORK


def test_every_name_is_exported_by_its_stack(each: Synthesized) -> None:
    for (prefix, template), expected in zip(each.templates(), (OF_AUTH, OF_OPTIONS), strict=True):
        exported = {output["Export"]["Name"] for output in template.document["Outputs"].values() if "Export" in output}
        assert exported == {names.export_name(prefix, name) for name in expected}


def test_the_options_stack_imports_what_the_auth_stack_exports_by_name(each: Synthesized) -> None:
    auth_prefix = each.settings.prefix(each.settings.modules.auth)
    imported = set(imports(each.options.document))
    assert imported
    assert imported <= {names.export_name(auth_prefix, name) for name in OF_AUTH}


def test_the_auth_stack_imports_nothing(each: Synthesized) -> None:
    assert not imports(each.auth.document)


def test_no_stack_refers_to_the_other_implicitly(each: Synthesized) -> None:
    for _, template in each.templates():
        assert "ExportsOutput" not in json.dumps(template.document)
        assert "Fn::GetStackOutput" not in json.dumps(template.document)
        assert set(template.document["Parameters"]) == {"BootstrapVersion"}


def test_the_options_stack_synthesizes_alone_to_the_same_template(tmp_path: Path, local: Synthesized) -> None:
    app = new_app(tmp_path / "cdk.out")
    stack = OptionsStack(
        app,
        settings=load_settings("local"),
        code=trivial_package(tmp_path).code(),
        env={"region": "ap-south-1"},
    )
    alone = app.synth().get_stack_artifact(stack.artifact_id).template
    assert set(alone["Resources"]) == set(local.options.document["Resources"])


def imports(value: object) -> list[str]:
    match value:
        case {"Fn::ImportValue": str(name)}:
            return [name]
        case dict():
            return [name for item in value.values() for name in imports(item)]
        case list():
            return [name for item in value for name in imports(item)]
    return []
