"""Every route of the published API is deployed, and nothing else is."""

import json
from pathlib import Path

from stacks.auth_stack import ACCOUNT_ROUTES
from stacks.options_stack import PREVIEW_ROUTES, TRADING_ROUTES

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))


def test_the_deployed_routes_are_those_of_the_document() -> None:
    published = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    deployed = [*ACCOUNT_ROUTES, *TRADING_ROUTES, *PREVIEW_ROUTES]
    assert len(deployed) == len(set(deployed))
    assert set(deployed) == published
