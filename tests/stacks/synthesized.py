"""The stacks of one environment, synthesized once and read as plain templates."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import App

from app import compose
from shared_config.settings import Settings, load_settings
from stacks.packaging import ROOT, Package

ENVIRONMENTS = ("local", "dev", "staging", "prod")
Properties = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A synthesized template."""

    document: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Properties]:
        """Properties of every resource of this type, by logical id."""
        return {name: body.get("Properties", {}) for name, body in self.whole(kind).items()}

    def whole(self, kind: str) -> dict[str, dict[str, Any]]:
        """Every resource of this type with its policies, by logical id."""
        return {name: body for name, body in self.document["Resources"].items() if body["Type"] == kind}

    def only(self, kind: str) -> Properties:
        """The properties of the one resource of this type."""
        (properties,) = self.of_type(kind).values()
        return properties

    def machine(self, name_ends_with: str) -> Properties:
        """The state machine with this end of its name; its definition is parsed."""
        (machine,) = (
            properties
            for properties in self.of_type("AWS::StepFunctions::StateMachine").values()
            if properties["StateMachineName"].endswith(name_ends_with)
        )
        return {**machine, "Definition": json.loads(text(machine["DefinitionString"]))}

    def function(self, module: str) -> Properties:
        """The function of this entry module."""
        (function,) = (
            properties
            for properties in self.of_type("AWS::Lambda::Function").values()
            if properties["Handler"] == f"lambdas.entrypoints.{module}.handler"
        )
        return function


@dataclass(frozen=True)
class Synthesized:
    """The stacks of one environment."""

    settings: Settings
    app: App
    auth: Template
    options: Template
    web: Template
    """The dashboard, which AWS alone has, here of a build that is never shown."""

    def templates(self) -> Iterator[tuple[str, Template]]:
        """Prefix and template of each stack that every environment has."""
        yield self.settings.prefix(self.settings.modules.auth), self.auth
        yield self.settings.prefix(self.settings.modules.options), self.options

    def all_of_type(self, kind: str) -> list[Properties]:
        """Properties of every resource of this type in those."""
        return [properties for _, template in self.templates() for properties in template.of_type(kind).values()]


def new_app(outdir: Path) -> App:
    """An application with the context of `cdk.json`, as the CLI would give it."""
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    return App(analytics_reporting=False, context=context, outdir=str(outdir))


def trivial_package(folder: Path) -> Package:
    """Code that is never run, in a folder of its own below `folder`."""
    package = folder / "package"
    package.mkdir()
    (package / "handler.py").write_text("")
    return Package(package, "0" * 64)


def trivial_pages(folder: Path) -> Path:
    """A build of the dashboard in a folder of its own below `folder`."""
    pages = folder / "dist"
    files = ("index.html", "theme.js", "assets/index-abc.js", "assets/index-abc.js.map", ".vite/manifest.json")
    for name in files:
        file = pages / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return pages


def synthesize(environment: str, folder: Path, *, settings: Settings | None = None) -> Synthesized:
    """Synthesize an environment; the code of the functions is a trivial folder."""
    settings = settings or load_settings(environment)
    app = new_app(folder / "cdk.out")
    auth, options = compose(app, settings, trivial_package(folder), trivial_pages(folder))
    assembly = app.synth()
    return Synthesized(
        settings,
        app,
        Template(assembly.get_stack_artifact(auth.artifact_id).template),
        Template(assembly.get_stack_artifact(options.artifact_id).template),
        Template(assembly.get_stack_artifact(settings.prefix(settings.modules.web)).template),
    )


def text(value: Any) -> str:
    """A value of a template as text, with `<LogicalId.Attribute>`, `<LogicalId>`, `<export …>` for what comes later."""
    match value:
        case str():
            return value
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(text(part) for part in parts)
        case {"Fn::GetAtt": [logical_id, attribute]}:
            return f"<{logical_id}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::ImportValue": name}:
            return f"<export {text(name)}>"
    raise AssertionError(f"not a text: {value}")


def logical_ids(value: Any) -> set[str]:
    """The logical ids that a text of `text` names."""
    return set(re.findall(r"<(\w+)[.>]", text(value)))
