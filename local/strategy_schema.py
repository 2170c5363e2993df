"""`python -m local.strategy_schema`: write `docs/strategy.schema.json` from the model of a strategy.

It tells an editor what each field may hold. What fields say to each other is checked when a strategy is saved.
"""

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from lambdas.domain.strategy import StrategyDefinition
from local.instance import ROOT

DOCUMENT = ROOT / "docs" / "strategy.schema.json"
IDENTITY = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:legwise:strategy-definition",
    "title": "Strategy",
    "description": (
        "What a trader defines: underlying, legs, schedule, allocation and the rules around them. Files hold a "
        "`strategy_id` and, under `definition`, what is described here. Amounts are numbers or decimal strings, "
        "times are HH:MM in IST."
    ),
}


class _Schema(GenerateJsonSchema):
    """Pydantic's schema, in which a decimal as text is a decimal too."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        number, text = super().decimal_schema(schema)["anyOf"]
        sign = "-?" if (schema.get("ge") or 0) < 0 else ""
        places = schema.get("decimal_places")
        fraction = f"(\\.[0-9]{{1,{places}}})?" if places else ""
        return {"anyOf": [number, {**text, "pattern": f"^{sign}[0-9]+{fraction}$"}]}


def document() -> dict[str, Any]:
    """The JSON Schema of a strategy's definition as it is written."""
    schema = StrategyDefinition.model_json_schema(mode="validation", schema_generator=_Schema)
    for node in _nodes(schema):
        if "discriminator" in node:
            _require_the_tag(node["discriminator"], schema["$defs"])
    return {**schema, **IDENTITY}


def _require_the_tag(discriminator: dict[str, Any], definitions: dict[str, Any]) -> None:
    """A default of the tag does not choose among a union's models: it must be written."""
    tag = discriminator["propertyName"]
    for reference in discriminator["mapping"].values():
        definition = definitions[reference.rsplit("/", 1)[-1]]
        definition["required"] = sorted({tag, *definition.get("required", ())})
        definition["properties"][tag].pop("default", None)


def _nodes(node: Any) -> list[dict[str, Any]]:
    """Every object of a schema."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = [one for part in inner for one in _nodes(part)]
    return [node, *found] if isinstance(node, dict) else found


def rendered() -> str:
    """The document as it is kept in the repository."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
