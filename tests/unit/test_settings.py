"""Settings are checked once, and every mistake names its key."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared_config.runtime import Runtime
from shared_config.settings import ENVIRONMENTS_FILE, SettingsError, load_settings

ENVIRONMENTS = ["local", "dev", "staging", "prod"]


def changed(tmp_path: Path, change: Any) -> Path:
    """The product's file with `change` applied to its document."""
    document = json.loads(ENVIRONMENTS_FILE.read_text("utf-8"))
    change(document)
    file = tmp_path / "environments.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_loads_and_its_functions_read_the_same(environment: str) -> None:
    settings = load_settings(environment)
    assert settings.environment == environment
    runtime = Runtime.model_validate_json(settings.runtime().model_dump_json())
    assert runtime == settings.runtime()
    assert (runtime.environment, runtime.timing, runtime.market) == (environment, settings.timing, settings.market)


@pytest.mark.parametrize(("environment", "days"), [("local", 7), ("dev", 7), ("staging", 30), ("prod", 90)])
def test_logs_are_kept_as_long_as_the_environment_says(environment: str, days: int) -> None:
    assert load_settings(environment).log_retention_days == days


def test_the_sessions_never_close_in_local_only() -> None:
    rules = {environment: load_settings(environment).market.sessions for environment in ENVIRONMENTS}
    assert rules == {"local": "continuous", "dev": "exchange", "staging": "exchange", "prod": "exchange"}


def test_what_must_last_is_retained() -> None:
    kept = {environment: load_settings(environment).removal_policy for environment in ENVIRONMENTS}
    assert kept == {"local": "destroy", "dev": "destroy", "staging": "retain", "prod": "retain"}


def test_names_begin_with_company_project_environment_and_module() -> None:
    settings = load_settings("dev")
    assert settings.prefix(settings.modules.auth) == "legwise-options-dev-auth"
    assert settings.prefix(settings.modules.options) == "legwise-options-dev-exec"


def test_an_unknown_environment_lists_the_known() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings("production")
    assert "environment 'production' does not exist" in str(caught.value)
    assert "it has local, dev, staging, prod" in str(caught.value)


def test_malformed_json_names_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "environments.json"
    file.write_text('{\n  "company": "legwise",\n  "project" "options"\n}', "utf-8")
    with pytest.raises(SettingsError, match=r"environments\.json is not JSON: .* at line 3, column 13"):
        load_settings("local", file=file)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "must hold one JSON object"), ("{}", "the key 'environments' must hold one object for each environment")],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "environments.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=message):
        load_settings("local", file=file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.json is missing"):
        load_settings("local", file=tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda d: d["defaults"].pop("region"), "region: is missing; add it to 'defaults' or to the environment"),
        (lambda d: d["defaults"]["timing"].pop("guard_ms"), "timing.guard_ms: is missing"),
        (lambda d: d["defaults"].update(colour="red"), "colour: is not a key that anything reads"),
        (lambda d: d["environments"]["dev"].update(timing={"lead": 1}), "timing.lead: is not a key that anything"),
        (lambda d: d["defaults"]["timing"].update(lead_seconds=60), "timing.lead_seconds: Input should be less than"),
        (lambda d: d["environments"]["dev"].update(log_retention_days=14), "log_retention_days: Input should be 7, 30"),
        (lambda d: d["defaults"]["brokers"]["zerodha"].update(api_url="kite"), "brokers.zerodha.api_url: "),
        (lambda d: d.update(company="Leg Wise"), "company: "),
        (lambda d: d["defaults"]["limits"].update(due_shards=0), "limits.due_shards: "),
        (lambda d: d["environments"]["dev"].update(cors_origins=["*"]), "cors_origins.0: "),
        (lambda d: d["defaults"].update(network={"mode": "nat"}), "network.mode: Input should be 'none', 'nat_g"),
        (lambda d: d["defaults"]["egress"]["default"].update(expected_ip="1.2.3"), "egress.default.expected_ip: Input"),
        (lambda d: d["defaults"]["egress"]["default"].update(expected_ip="::1"), "egress.default.expected_ip: Input"),
        (lambda d: d["defaults"].update(egress_check_url="checkip"), "egress_check_url: "),
    ],
)
def test_a_missing_unknown_or_wrong_key_is_named(tmp_path: Path, change: Any, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings("dev", file=changed(tmp_path, change))
    first, *lines = str(caught.value).splitlines()
    assert first == "environments.json: environment 'dev' is not usable:"
    (said,) = lines
    assert said.strip().startswith(line)


@pytest.mark.parametrize("mode", ["nat_gateway", "nat_instance"])
def test_a_laptop_has_no_network_and_every_cloud_may(mode: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings("local", overrides={"network.mode": mode})
    _, said = str(caught.value).splitlines()
    assert said == "  network: must have the mode 'none' in local: a laptop has no NAT"
    for environment in ("dev", "staging", "prod"):
        assert load_settings(environment).network.mode == "none"
        assert load_settings(environment, overrides={"network.mode": mode}).network.mode == mode


def test_the_registered_address_of_a_route_reaches_the_functions() -> None:
    settings = load_settings("prod", overrides={"egress.default.expected_ip": "203.0.113.7"})
    runtime = Runtime.model_validate_json(settings.runtime().model_dump_json())
    assert str(runtime.egress["default"].expected_ip) == "203.0.113.7"
    assert load_settings("prod").egress["default"].expected_ip is None


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["defaults"].pop("region")
        document["defaults"]["api"]["burst"] = 0

    with pytest.raises(SettingsError) as caught:
        load_settings("dev", file=changed(tmp_path, change))
    assert len(str(caught.value).splitlines()) == 3


def test_an_environment_changes_only_what_it_names() -> None:
    local, dev = load_settings("local"), load_settings("dev")
    assert (local.timing.poll_ms, dev.timing.poll_ms) == (50, 150)
    assert local.timing.lead_seconds == dev.timing.lead_seconds


def test_overrides_replace_single_keys() -> None:
    url = "http://127.0.0.1:9999"
    settings = load_settings("local", overrides={"brokers.zerodha.api_url": url, "limits.due_shards": 4})
    before = load_settings("local")
    assert settings.brokers["zerodha"].api_url == url
    assert settings.brokers["zerodha"].login_url == before.brokers["zerodha"].login_url
    assert (settings.limits.due_shards, settings.limits.max_lots_per_leg) == (4, before.limits.max_lots_per_leg)


def test_an_override_that_does_not_fit_is_named() -> None:
    with pytest.raises(SettingsError, match=r"timing\.guard: is not a key"):
        load_settings("local", overrides={"timing.guard": 3})


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings("local").region = "eu-west-1"  # type: ignore[misc]
