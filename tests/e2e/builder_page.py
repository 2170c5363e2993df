"""Making a strategy in the builder, as a user does it."""

import re
from collections.abc import Mapping
from datetime import datetime

from playwright.sync_api import Locator, expect

from lambdas.domain.moments import IST
from tests.e2e.tab import ANSWERED_MS, Tab

ACCOUNT_FIELD = re.compile(r"^Account \d+$")


def begin_with(tab: Tab, template: str) -> None:
    """A new strategy from a template."""
    tab.open("/strategies/new")
    tab.page.get_by_role("navigation", name="Templates").get_by_role("link", name=template, exact=True).click()
    expect(leg(tab, 2)).to_be_visible(timeout=ANSWERED_MS)


def leg(tab: Tab, number: int) -> Locator:
    """All fields of one leg."""
    return tab.page.get_by_role("group", name=re.compile(rf"^Leg {number}:"))


def account(tab: Tab, label: str) -> Locator:
    """Whether an account trades the strategy."""
    section = tab.page.get_by_role("region", name="Accounts", exact=True)
    return section.get_by_role("checkbox", name=re.compile(f"^{re.escape(label)}"))


def give_lots(tab: Tab, number: int, lots: Mapping[str, int]) -> None:
    """Give a leg its own lots for each account, by the account's label."""
    fields = leg(tab, number)
    fields.get_by_label("Lots", exact=True).first.fill(str(sum(lots.values())))
    fields.get_by_role("button", name=f"Own lots of leg {number}", exact=True).click()
    fields.get_by_role("checkbox", name=re.compile("^Own lots for each account")).check()
    for label, many in lots.items():
        place = _place_of(fields, label)
        if place is None:
            fields.get_by_role("button", name="Add an account").click()
            place = fields.get_by_label(ACCOUNT_FIELD).count()
            fields.get_by_label(f"Account {place}", exact=True).select_option(label=label)
        fields.get_by_label("Lots", exact=True).nth(place).fill(str(many))


def _place_of(fields: Locator, label: str) -> int | None:
    """Which of the accounts of a leg this one is, from 1; None where it is not among them."""
    chosen = [box.locator("option:checked").inner_text() for box in fields.get_by_label(ACCOUNT_FIELD).all()]
    return chosen.index(label) + 1 if label in chosen else None


def set_times(tab: Tab, entry: str, leave: str) -> None:
    """Entry and exit (`09:20`), on weekdays and on the special sessions that weekends are here."""
    tab.page.get_by_label("Entry, IST").fill(entry)
    tab.page.get_by_label("Exit, IST").fill(leave)
    if datetime.now(IST).weekday() >= 5:
        tab.page.get_by_role("checkbox", name=re.compile("^Also special sessions")).check()


def save(tab: Tab, told: str) -> None:
    """Save, and wait until the page says that it is done."""
    tab.button("Save").click()
    expect(tab.page.get_by_text(told)).to_be_visible(timeout=ANSWERED_MS)
