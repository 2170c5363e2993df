"""Reads POST /postbacks: an account and the address of its receiver."""

from ipaddress import ip_address
from typing import Any

import httpx

from sandbox.accounts import BROKERS, Account, Accounts
from sandbox.postbacks.dialects import DIALECTS


class BadPostback(ValueError):
    """An address that cannot be registered; the message names the field."""


def read_postback(body: dict[str, Any], accounts: Accounts) -> tuple[Account, str]:
    """`broker`, `account` and `url`. Raises BadPostback."""
    if unknown := set(body) - {"broker", "account", "url"}:
        raise BadPostback(f"{sorted(unknown)[0]}: unknown field")
    broker, client_id, url = (body.get(name) for name in ("broker", "account", "url"))
    if broker not in BROKERS:
        raise BadPostback(f"broker: {broker!r} is not one of {', '.join(DIALECTS)}")
    if broker not in DIALECTS:
        raise BadPostback(f"broker: {broker} has no postbacks")
    account = accounts.by_client(str(broker), str(client_id))
    if account is None:
        raise BadPostback(f"account: {client_id!r} is no account at {broker}")
    if not isinstance(url, str) or not _is_loopback(url):
        raise BadPostback(f"url: {url!r} is no http address of this machine (http://127.0.0.1:PORT/PATH)")
    return account, url


def _is_loopback(text: str) -> bool:
    """Read by the client that will call it, so that both see the same host."""
    try:
        url = httpx.URL(text)
        here = url.host == "localhost" or ip_address(url.host).is_loopback
        return here and url.scheme == "http" and 0 < (url.port or 80) < 65_536
    except (httpx.InvalidURL, ValueError):
        return False
