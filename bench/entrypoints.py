"""Which functions there are and what each of them builds, read from their source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bench.report import ROOT
from lambdas.bootstrap import Application

FOLDER = ROOT / "lambdas" / "entrypoints"


@dataclass(frozen=True)
class Entrypoint:
    """One function: its module and the parts of the application that its first call builds."""

    name: str
    uses: tuple[str, ...]

    @property
    def module(self) -> str:
        """What the Lambda runtime imports."""
        return f"lambdas.entrypoints.{self.name}"


def entrypoints() -> tuple[Entrypoint, ...]:
    """Every module with a `handler`, by name."""
    return tuple(_found())


def _found() -> Iterator[Entrypoint]:
    for file in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "handler" for node in tree.body):
            yield Entrypoint(file.stem, tuple(sorted(_uses(tree))))


def _uses(tree: ast.Module) -> set[str]:
    """`application.<part>` anywhere in the module, for the parts that are built on first use."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "application"
        and isinstance(getattr(Application, node.attr, None), cached_property)
    }
