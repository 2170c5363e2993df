"""The accounts that a sandbox may begin with."""

from sandbox.accounts import ANGEL_ONE, GROWW, demo_accounts

WITHOUT_A_PAGE = {ANGEL_ONE, GROWW}


def test_a_login_sends_back_to_where_the_app_is() -> None:
    sent = {account.broker: account.redirect_url for account in demo_accounts(9600, "http://app.example/back")}
    assert {broker for broker, url in sent.items() if not url} == WITHOUT_A_PAGE
    assert set(sent.values()) == {"http://app.example/back", ""}


def test_without_an_app_the_sandbox_shows_what_came() -> None:
    assert {account.redirect_url for account in demo_accounts(9700)} == {"http://127.0.0.1:9700/callback-shown", ""}
