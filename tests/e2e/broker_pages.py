"""Linking accounts by the page Brokers and the sandbox's login pages, as a user does it."""

import re
import secrets
from dataclasses import asdict, replace
from typing import Any

import httpx
from playwright.sync_api import Locator, expect

from local.instance import Instance
from sandbox.accounts import Account, demo_accounts
from tests.e2e.tab import ANSWERED_MS, Tab

CALLED_HERE = {"client_code": "client_id"}
"""Fields of the form that the sandbox calls by another name."""


def known_account(instance: Instance, broker: str) -> Account:
    """The account that the sandbox has from the start, as its owner knows it."""
    (account,) = (one for one in demo_accounts(0, instance.redirect_url) if one.broker == broker)
    return account


def new_account(instance: Instance, broker: str) -> Account:
    """An account at a sandbox broker in which nobody else trades; its logins lead back to the dashboard."""
    mark = secrets.token_hex(4)
    key = f"key{mark}-100" if broker == "fyers" else f"key-{mark}-0123456789"
    account = replace(known_account(instance, broker), client_id=f"E{mark.upper()}", api_key=key)
    form = {name: value for name, value in asdict(account).items() if value and name != "funds_paise"}
    httpx.post(f"{instance.sandbox_url}/accounts", json=form, timeout=10).raise_for_status()
    return account


def link(tab: Tab, known: dict[str, Any], account: Account, label: str) -> None:
    """From the page Brokers on: fill in what the broker wants to know, link, and log in, until the page says so.

    `known` is what the API tells of the broker.
    """
    tab.button("Link an account").first.click()
    tab.page.get_by_role("list", name="Choose the broker").get_by_role("button", name=known["label"]).click()
    tab.page.get_by_label("Name", exact=True).fill(label)
    for field in known["fields"]:
        value = getattr(account, CALLED_HERE.get(field["name"], field["name"]))
        box = tab.page.get_by_label(re.compile(rf"^{re.escape(field['label'])}\s*(\(optional\))?$"))
        if field["name"] == "redirect_url":
            expect(box).to_have_value(value)
        else:
            box.fill(value)
    tab.button("Link it").click()
    tab.button("Log in now").click(timeout=ANSWERED_MS)
    if known["redirects"]:
        tab.button("Approve").click(timeout=ANSWERED_MS)
    else:
        tab.page.get_by_role("dialog", name=f"Log in {label}").get_by_role("button", name="Log in", exact=True).click()
    expect(card(tab, label).get_by_text("Logged in", exact=True)).to_be_visible(timeout=ANSWERED_MS)


def card(tab: Tab, label: str) -> Locator:
    """What the page Brokers says of one account."""
    accounts = tab.page.get_by_role("region", name="Linked accounts")
    return accounts.get_by_role("listitem").filter(has_text=label)
