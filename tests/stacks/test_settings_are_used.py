"""No key of the settings is for show: the stacks read it, or the functions do."""

import ast
from pathlib import Path

import pytest
from pydantic import BaseModel

from shared_config.runtime import BrokerEndpoints, EgressRoute, Limits, Market, Runtime, SecretStorage, Timing
from shared_config.settings import Settings, load_settings
from stacks.packaging import ROOT
from tests.stacks.settings_reads import leaves, recorded_reads
from tests.stacks.synthesized import synthesize


class WiderSettings(Settings):
    """Settings with a key that nothing reads."""

    for_show: int = 1


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_stacks_read_every_key_that_the_functions_do_not_get(tmp_path: Path, environment: str) -> None:
    assert unread(load_settings(environment), tmp_path) == set()


def test_a_key_that_nothing_reads_is_found(tmp_path: Path) -> None:
    settings = WiderSettings.model_validate(load_settings("dev").model_dump())
    assert unread(settings, tmp_path) == {"for_show"}


def test_the_functions_read_every_key_that_they_get() -> None:
    assert keys_of_functions() - attributes_read(ROOT / "lambdas") == set()


def test_a_key_that_no_function_reads_is_found(tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text("def lead(timing):\n    return timing.lead_seconds\n")
    unread_keys = keys_of_functions() - attributes_read(tmp_path)
    assert "lead_seconds" not in unread_keys
    assert "poll_ms" in unread_keys


def unread(settings: Settings, folder: Path) -> set[str]:
    """Keys of `settings` that a synthesis of both stacks leaves unread, but for those of the functions."""
    every = {key for key in leaves(settings) if key.partition(".")[0] not in Runtime.model_fields}
    with recorded_reads(settings) as reads:
        synthesize(settings.environment, folder, settings=settings)
    return every - reads


def keys_of_functions() -> set[str]:
    """The last word of every key in the functions' part of the settings."""
    parts: tuple[type[BaseModel], ...] = (Timing, Market, Limits, BrokerEndpoints, EgressRoute, SecretStorage)
    return {"environment", "egress_check_url"} | {name for part in parts for name in part.model_fields}


def attributes_read(folder: Path) -> set[str]:
    """Every `.name` that the sources below `folder` read."""
    return {
        node.attr
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
