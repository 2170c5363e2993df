"""Reads POST /accounts into an account."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.accounts import ANGEL_ONE, GROWW, Account, BadAccount
from sandbox.smartapi.totp import code_at

DEFAULT_FUNDS_RUPEES = "5000000"
_FIELDS = {
    "broker", "user_id", "clientcode", "client_id", "name", "api_key", "api_secret", "redirect_url", "pin",
    "totp_secret", "funds", "algo_name",
}  # fmt: skip


def read_account(body: dict[str, Any]) -> Account:
    """An account from JSON: `user_id` (Zerodha) or `clientcode` (Angel One), `funds` in rupees.

    Raises BadAccount, naming the field.
    """
    if unknown := set(body) - _FIELDS:
        raise BadAccount(f"{sorted(unknown)[0]}: unknown field")
    fields = {name: str(value) for name, value in body.items()}
    account = Account(
        fields.get("broker", ""),
        fields.get("client_id") or fields.get("user_id") or fields.get("clientcode", ""),
        fields.get("api_key", ""),
        _funds(fields.get("funds", DEFAULT_FUNDS_RUPEES)),
        fields.get("name") or "Sandbox User",
        api_secret=fields.get("api_secret", ""),
        redirect_url=fields.get("redirect_url", ""),
        pin=fields.get("pin", ""),
        totp_secret=fields.get("totp_secret", ""),
        algo_name=fields.get("algo_name", ""),
    )
    if account.broker in (ANGEL_ONE, GROWW):
        try:
            code_at(account.totp_secret, 0)
        except ValueError as error:
            raise BadAccount(f"totp_secret: {error}") from error
    return account


def account_json(account: Account) -> dict[str, Any]:
    """An account without its secrets."""
    return {
        "broker": account.broker,
        "client_id": account.client_id,
        "name": account.name,
        "api_key": account.api_key,
        "redirect_url": account.redirect_url or None,
        "algo_name": account.algo_name or None,
        "funds": f"{Decimal(account.funds_paise) / 100:.2f}",
    }


def _funds(text: str) -> int:
    try:
        paise = Decimal(text) * 100
    except InvalidOperation:
        raise BadAccount(f"funds: {text!r} is no amount in rupees") from None
    if not paise.is_finite() or paise < 0 or paise != paise.to_integral_value():
        raise BadAccount(f"funds: {text!r} is no amount in rupees")
    return int(paise)
