"""The configuration chooses where secrets are kept, and a function loads no cipher before it opens one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambdas.adapters.secrets.sealed_table import SealedTable
from lambdas.adapters.secrets.secrets_manager import SecretsManager
from lambdas.bootstrap import Application, Misconfigured
from shared_config.names import ENV_RUNTIME, ENV_SECRETS_KEY, ENV_SECRETS_PREFIX, ENV_TABLE
from shared_config.settings import SettingsError, load_settings

ROOT = Path(__file__).parents[3]
AWS = {"AWS_DEFAULT_REGION": "ap-south-1", "AWS_ACCESS_KEY_ID": "000000000001", "AWS_SECRET_ACCESS_KEY": "any"}
PLACES = {"secrets_manager": {ENV_SECRETS_PREFIX: "legwise"}, "sealed_table": {ENV_SECRETS_KEY: "key"}}
PROGRAM = """
import json, sys
from lambdas.bootstrap import Application
secrets = Application.from_environment().secrets
built = sorted(sys.modules)
if hasattr(secrets, "envelope"):
    from tests.doubles.key_service import CarelessKeys
    type(secrets.envelope)(CarelessKeys(), "key").seal(b"text", {"user": "u", "account": "a"})
print(json.dumps([built, sorted(sys.modules)]))
"""


def variables(store: str) -> dict[str, str]:
    """What the stacks give to a function that reads secrets, with names that lead nowhere."""
    settings = load_settings("local", overrides={"secrets.store": store})
    return {ENV_RUNTIME: settings.runtime().model_dump_json(), ENV_TABLE: "table", **PLACES[store]}


@pytest.mark.parametrize(("store", "kind"), [("secrets_manager", SecretsManager), ("sealed_table", SealedTable)])
def test_the_configuration_chooses_the_place(store: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    application = Application(variables(store))
    assert type(application.secrets) is kind


@pytest.mark.parametrize("store", PLACES)
def test_a_function_without_its_place_says_which_variable_is_missing(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    (missing,) = PLACES[store]
    application = Application({**variables(store), missing: ""})
    with pytest.raises(Misconfigured, match=missing):
        _ = application.secrets


def test_another_place_is_refused_by_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"secrets\.store"):
        load_settings("local", overrides={"secrets.store": "a_file"})


@pytest.mark.parametrize("store", PLACES)
def test_the_cipher_is_loaded_by_the_first_secret_that_is_sealed_and_never_with_secrets_manager(store: str) -> None:
    environment = {**AWS, **variables(store), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    built, used = json.loads(done.stdout)
    assert "cryptography" not in built
    assert ("cryptography" in used) is (store == "sealed_table")
