"""The application says in one message what is wrong with its settings, and reads what the context asks for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App

import app
from shared_config.settings import SettingsError, load_settings
from stacks.packaging import ROOT


def test_without_a_word_it_is_the_laptop() -> None:
    assert app.settings_from(App()).environment == "local"


@pytest.mark.parametrize("given", ['{"timing.lead_seconds": 20}', {"timing.lead_seconds": 20}])
def test_single_settings_are_replaced(given: object) -> None:
    settings = app.settings_from(App(context={"env": "dev", "set": given}))
    assert settings.environment == "dev"
    assert settings.timing.lead_seconds == 20
    assert settings.timing.poll_ms == 150


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"env": "moon"}, "environment 'moon' does not exist in environments.json; it has local, dev, staging, prod"),
        ({"set": "{"}, "-c set=… is not JSON"),
        ({"set": "[1]"}, "must be a JSON object"),
        ({"set": {"timing.lead_seconds": 500}}, "timing.lead_seconds"),
        ({"set": {"timing.led_seconds": 5}}, "timing.led_seconds: is not a key that anything reads"),
    ],
)
def test_what_is_wrong_is_named(context: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        app.settings_from(App(context=context))
    assert message in str(caught.value)


def test_an_unknown_environment_ends_in_one_message() -> None:
    finished = run({"env": "moon"})
    assert finished.returncode == 2
    assert said(finished) == [
        "environment 'moon' does not exist in environments.json; it has local, dev, staging, prod "
        "(choose one with -c env=NAME)"
    ]


def test_a_malformed_file_ends_in_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "environments.json"
    broken.write_text('{"environments": ')
    monkeypatch.setattr(app, "load_settings", lambda name, overrides: load_settings(name, file=broken))
    assert app.main() == 2
    assert capsys.readouterr().err.splitlines() == [
        "environments.json is not JSON: Expecting value at line 1, column 18"
    ]


def said(finished: subprocess.CompletedProcess[str]) -> list[str]:
    """Its messages, without the frame that jsii draws around the age of the Node version."""
    return [line for line in finished.stderr.splitlines() if not line.startswith("b'!!")]


def run(context: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The application as the CLI starts it."""
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
