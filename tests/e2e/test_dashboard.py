"""The dashboard in a browser, over the deployed stacks, with the sandbox's login pages."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from lambdas.domain.moments import IST
from local.api import Api
from local.instance import ROOT
from local.seed import STRATEGY_ID
from tests.e2e.broker_pages import card, known_account, link
from tests.e2e.tab import ANSWERED_MS, NARROW, WIDE, Tab

pytestmark = [pytest.mark.emulator, pytest.mark.browser]

ROUTER = ROOT / "frontend" / "src" / "app" / "router.tsx"
NAMED_PATHS = {"SIGNED_IN_PATH": "/signed-in"}
EXAMPLES = {"strategyId": STRATEGY_ID, "date": f"{datetime.now(IST):%Y-%m-%d}"}
"""What stands for a part of a path that differs."""
SIGNED_OUT = ("/sign-in", "/signed-in")
LEADING_ON = {f"/strategies/{STRATEGY_ID}": f"/strategies/{STRATEGY_ID}/edit"}
"""Addresses of another page."""


def paths() -> list[str]:
    """Every page that there is, from the application's own list."""
    found = [
        NAMED_PATHS.get(told) or told.strip('"')
        for told in re.findall(r'\bpath: ("[^"]*"|[A-Z_]+)', ROUTER.read_text("utf-8"))
    ]
    return [re.sub(r"\$(\w+)", lambda part: EXAMPLES[part[1]], path) for path in found]


def test_the_list_of_pages_is_read() -> None:
    assert {"/", "/brokers", "/brokers/callback", "/sign-in", "/signed-in"} <= set(paths())
    assert not [path for path in paths() if "$" in path]


class TestSigningIn:
    def test_a_page_that_was_asked_for_is_shown_after_the_sign_in(self, tab: Tab) -> None:
        tab.open("/brokers")
        assert "/sign-in" in tab.page.url
        tab.button("Sign in as the demo user").click()
        expect(tab.page.get_by_role("heading", name="Brokers", level=1)).to_be_visible(timeout=ANSWERED_MS)
        assert tab.page.url == f"{tab.origin}/brokers"

    def test_a_wrong_password_is_told(self, tab: Tab) -> None:
        tab.open("/sign-in")
        tab.page.get_by_label("E-mail").fill("demo@legwise.example")
        tab.page.get_by_label("Password").fill("not the password")
        tab.button("Sign in").click()
        expect(tab.page.get_by_role("alert").filter(has_text=re.compile("password", re.I))).to_be_visible()

    def test_it_lasts_over_a_reload_and_ends_when_asked(self, tab: Tab) -> None:
        tab.sign_in()
        tab.page.reload()
        tab.settle()
        expect(tab.page.get_by_role("navigation", name="Pages")).to_be_visible()
        tab.button("Your sign-in").click()
        tab.page.get_by_role("menuitem", name="Sign out").click()
        expect(tab.button("Sign in as the demo user")).to_be_visible()
        tab.open("/brokers")
        assert "/sign-in" in tab.page.url

    def test_no_token_is_kept_where_it_outlives_the_tab(self, tab: Tab) -> None:
        tab.sign_in()
        assert tab.look("Object.keys(localStorage).filter((key) => key !== 'legwise.theme')") == []
        assert tab.look("document.cookie") == ""


class TestAccounts:
    @pytest.mark.parametrize("broker", ["upstox", "dhan"])
    def test_one_is_linked_through_the_brokers_login_page(self, tab: Tab, demo_user: Api, broker: str) -> None:
        (known,) = (one for one in demo_user.get("/brokers") if one["name"] == broker)
        label = f"Linked here: {known['label']}"
        tab.sign_in()
        tab.open("/brokers")
        link(tab, known, known_account(tab.instance, broker), label)
        assert tab.page.url == f"{tab.origin}/brokers"
        (linked,) = (one for one in demo_user.get("/accounts") if one["label"] == label)
        assert linked["session"] == "active"

    def test_one_logs_in_again_and_a_refusal_is_told(self, tab: Tab, demo_user: Api) -> None:
        tab.sign_in()
        tab.open("/brokers")
        zerodha = card(tab, "Sandbox Zerodha")
        zerodha.get_by_role("button", name="Log in again").click()
        tab.button("Refuse").click(timeout=ANSWERED_MS)
        expect(tab.page.get_by_role("heading", name="The login was not finished")).to_be_visible(timeout=ANSWERED_MS)
        tab.page.get_by_role("link", name="Go to Brokers and log in again").click()
        zerodha.get_by_role("button", name=re.compile("^Log in")).click()
        tab.button("Approve").click(timeout=ANSWERED_MS)
        expect(zerodha.get_by_text("Logged in", exact=True)).to_be_visible(timeout=ANSWERED_MS)


class TestThemes:
    def test_a_chosen_one_is_there_before_the_first_paint_of_the_next_visit(self, tab: Tab) -> None:
        tab.sign_in()
        assert not dark(tab)
        tab.button(re.compile("^Theme")).click()
        tab.page.get_by_role("menuitemradio", name="Dark").click()
        expect(tab.page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
        tab.page.goto(f"{tab.origin}/sign-in", wait_until="commit")
        expect(tab.page.locator("html.dark")).to_have_count(1)


class TestEveryPage:
    @pytest.mark.parametrize(
        "path", [path for path in paths() if path not in (*SIGNED_OUT, *LEADING_ON)] + ["/no/such/page"]
    )
    def test_nothing_bars_anybody_and_it_fits_on_a_phone(self, themed: Tab, path: str) -> None:
        themed.resize(WIDE)
        themed.open(path)
        assert examined(themed, path) == []

    @pytest.mark.parametrize("path", SIGNED_OUT)
    def test_those_before_the_sign_in_too(self, tab: Tab, path: str) -> None:
        tab.open(path)
        assert examined(tab, path) == []

    @pytest.mark.parametrize("path", LEADING_ON)
    def test_an_address_of_before_leads_on(self, themed: Tab, path: str) -> None:
        themed.open(path)
        assert themed.page.url == f"{themed.origin}{LEADING_ON[path]}"

    def test_the_first_key_leads_past_the_navigation(self, themed: Tab) -> None:
        themed.resize(WIDE)
        themed.open("/brokers")
        themed.page.keyboard.press("Tab")
        assert themed.look("document.activeElement.textContent") == "Skip to the page"
        themed.page.keyboard.press("Enter")
        assert themed.look("document.activeElement.id") == "main"


def examined(tab: Tab, path: str) -> list[str]:
    """What is wrong with the page that is shown, wide and narrow."""
    name = f"{path.strip('/') or 'today'}-{'dark' if dark(tab) else 'light'}"
    found = []
    for size in (WIDE, NARROW):
        tab.resize(size)
        tab.settle()
        tab.photograph(f"{name}-{size[0]}")
        found += [f"at {size[0]} px: {what}" for what in (*tab.grave_barriers(), *tab.too_wide())]
    found += tab.problems
    tab.problems.clear()
    return found


def dark(tab: Tab) -> bool:
    """Whether the dark theme is shown."""
    shown: bool = tab.look("document.documentElement.classList.contains('dark')")
    return shown
