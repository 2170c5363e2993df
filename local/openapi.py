"""`python -m local.openapi`: write `docs/openapi.json` from the code of both HTTP APIs."""

import json
import sys
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from lambdas.entrypoints import accounts_api, preview_api, trading_api
from local.instance import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
ABOUT = (
    "Strategies, broker accounts and trading days of the signed-in user. Every call carries the access token "
    "of the user pool. Money is in rupees, as decimal strings; instants carry their offset."
)


def document() -> dict[str, Any]:
    """The OpenAPI document of the shared HTTP API: the routes of both functions in one.

    Raises ValueError when two functions define the same path or two shapes under one name.
    """
    merged: dict[str, Any] = _document_of(trading_api.api)
    for function in (accounts_api, preview_api):
        other = _document_of(function.api)
        _add(merged["paths"], other["paths"])
        _add(merged["components"]["schemas"], other["components"]["schemas"])
    return merged


def _document_of(api: APIGatewayHttpResolver) -> dict[str, Any]:
    text = api.get_openapi_json_schema(
        title="Legwise",
        version="0.1.0",
        description=ABOUT,
        security_schemes={"userPool": HTTPBearer(bearerFormat="JWT")},
        security=[{"userPool": []}],
    )
    parsed: dict[str, Any] = json.loads(text)
    parsed.pop("servers", None)  # each deployment has its own address
    return parsed


def _add(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if into.setdefault(name, value) != value:
            raise ValueError(f"{name} is defined twice, in different ways")


def rendered() -> str:
    """The document as it is kept in the repository."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
