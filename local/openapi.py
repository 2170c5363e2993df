"""`python -m local.openapi`: write `docs/openapi.json` from the code of the HTTP API."""

import json
import sys
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from lambdas.entrypoints import (
    account_routes,
    basket_routes,
    comparison_routes,
    day_routes,
    file_routes,
    halt_routes,
    limit_routes,
    preview_routes,
    report_routes,
    session_routes,
    strategy_routes,
)
from lambdas.entrypoints.api_frame import new_api
from local.instance import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
ABOUT = (
    "Strategies, broker accounts and trading days of the signed-in user. Every call carries the access token "
    "of the user pool. Money is in rupees, as decimal strings; instants carry their offset."
)


def document() -> dict[str, Any]:
    """The OpenAPI document of the shared HTTP API: the routes of all its functions as one, so that a shape which
    several of them use is described once."""
    api = new_api()
    for routes in (
        account_routes,
        session_routes,
        day_routes,
        report_routes,
        comparison_routes,
        strategy_routes,
        basket_routes,
        limit_routes,
        halt_routes,
        file_routes,
        preview_routes,
    ):
        api.include_router(routes.router)
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


def rendered() -> str:
    """The document as it is kept in the repository."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
