"""Where an instance is, and what that means for its settings."""

import socket

import pytest

from local.instance import SANDBOX_PORTS, Instance, free_port_block
from local.steps import CannotContinue
from shared_config.settings import load_settings

WITH = Instance("test", 10_001, 10_010, "ap-south-1", dashboard_port=10_020)
WITHOUT = Instance("test", 10_001, 10_010, "ap-south-1")


def test_sign_in_and_the_brokers_return_to_the_dashboard() -> None:
    settings = load_settings("local", overrides=WITH.settings_overrides)
    assert settings.cors_origins == (WITH.dashboard_url,) == ("http://127.0.0.1:10020",)
    assert WITH.redirect_url == "http://127.0.0.1:10020/brokers/callback"


def test_without_a_dashboard_the_settings_stay_as_they_are() -> None:
    settings = load_settings("local", overrides=WITHOUT.settings_overrides)
    assert settings.cors_origins == load_settings("local").cors_origins
    assert WITHOUT.dashboard_url is None
    assert WITHOUT.redirect_url is None


def test_a_port_of_the_dashboard_that_is_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = free_port_block(1), free_port_block(SANDBOX_PORTS)
        with pytest.raises(CannotContinue, match=rf"port {port} \(for the dashboard\).*LEGWISE_DASHBOARD_PORT"):
            Instance("test", *ports, "ap-south-1", dashboard_port=port).check_ports()
