"""What protects the way back from a broker's login page."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.domain.pending_login import PendingLogin, digest_of
from tests.doubles.examples import USER, at

BEGAN = at("08:40")
LOGIN = PendingLogin.begun(USER, "zerodha-one", "state", BEGAN)
JUST_IN_TIME = BEGAN + timedelta(minutes=10) - timedelta(microseconds=1)


def test_a_login_is_kept_by_the_digest_of_its_state() -> None:
    assert LOGIN.digest == digest_of("state") != digest_of("state ")
    assert "state" not in LOGIN.digest
    assert len(LOGIN.digest) == 64


def test_a_login_lasts_ten_minutes() -> None:
    assert LOGIN.problem("zerodha-one", JUST_IN_TIME) is None
    problem = LOGIN.problem("zerodha-one", BEGAN + timedelta(minutes=10))
    assert problem == "state: this login began more than 10 minutes ago; begin a new one"


@pytest.mark.parametrize(
    ("login", "account_id", "said"),
    [
        (LOGIN, "zerodha-two", "of another account"),
        (replace(LOGIN, used=True), "zerodha-one", "was finished before"),
        (replace(LOGIN, used=True), "zerodha-two", "of another account"),
    ],
)
def test_a_login_is_of_one_account_and_for_one_use(login: PendingLogin, account_id: str, said: str) -> None:
    assert said in (login.problem(account_id, BEGAN) or "")
