"""Read and write documents of plain values as YAML or JSON.

YAML is read by its JSON-like part only: `15:15`, `on` and `2026-11-23` stay text, anchors and tags are refused,
and a key that is written twice is a mistake, not a choice.
"""

import json
import re
from typing import Any

import yaml

MAX_CHARACTERS = 500_000
MAX_VALUES = 60_000
"""Names and values of a YAML text: beyond, reading would take longer than a caller waits."""
LINE_BREAK = re.compile("[\n\r\x85\u2028\u2029]")


class DocumentUnreadable(ValueError):
    """The text is not a document; the message says where and why."""


class _Loader(yaml.SafeLoader):
    """Safe loading without YAML's surprises."""

    composed = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in its stubs
        if event.anchor is not None:
            raise _problem("anchors and aliases are not read; write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _problem("tags are not read; take it away", event.start_mark)
        self.composed += 1
        if self.composed > MAX_VALUES:
            raise _problem(f"the document has more than {MAX_VALUES} names and values; split it", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _problem("a key must be a plain word", key.start_mark)
            if key.value in seen:
                raise _problem(f"the key {key.value!r} is written twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9]\d{0,17})$"), list("-0123456789"))


class _Dumper(yaml.SafeDumper):
    """Block style with indented lists; whatever could be misread is quoted, and nothing is an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - overrides
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - overrides
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Text with any kind of line break is written with escapes: other styles fold it, and one kind gets lost."""
    style = '"' if LINE_BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def read_document(text: str, format: str) -> Any:
    """The values of a YAML or JSON text. Raises DocumentUnreadable naming line and column."""
    if len(text) > MAX_CHARACTERS:
        raise DocumentUnreadable(f"the document has {len(text)} characters, the limit is {MAX_CHARACTERS}; split it")
    try:
        if format == "json":
            return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except json.JSONDecodeError as error:
        raise DocumentUnreadable(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentUnreadable(f"{where}{error.problem or error.context}") from error
    except DocumentUnreadable:
        raise
    except RecursionError as error:
        raise DocumentUnreadable("it cannot be read: it is nested too deeply") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # numbers and characters beyond all bounds
        raise DocumentUnreadable(f"it cannot be read: {error}") from error


def write_document(values: Any, format: str) -> str:
    """Plain values as YAML or JSON text, in their own order, readable by `read_document`."""
    if format == "json":
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _problem(text: str, mark: Any) -> DocumentUnreadable:
    return DocumentUnreadable(f"line {mark.line + 1}, column {mark.column + 1}: {text}")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise DocumentUnreadable(f"the key {key!r} is written twice")
        values[key] = value
    return values


def _no_constant(name: str) -> Any:
    raise DocumentUnreadable(f"{name} is no number here")
