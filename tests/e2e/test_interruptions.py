"""What comes between a user and the work: an API that does not answer, a reload."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.e2e import builder_page
from tests.e2e.tab import ANSWERED_MS, Tab

pytestmark = [pytest.mark.emulator, pytest.mark.browser]

UNSAVED = "Written before the reload"


class TestTheApiGoesAway:
    def test_the_page_says_so_and_keeps_the_old_figures(self, tab: Tab, entered: dict[str, Any]) -> None:
        tab.sign_in()
        before = tab.rows("Orders of today")
        assert len(before) == len(entered["orders"])
        tab.page.route("**/api/**", unanswered)
        banner = tab.page.get_by_role("status").filter(has_text="Legwise does not answer.")
        expect(banner).to_contain_text(re.compile(r"as of \d\d:\d\d:\d\d IST or older"), timeout=ANSWERED_MS)
        assert tab.rows("Orders of today") == before
        expect(banner.get_by_role("button", name="Try again")).to_be_visible()
        tab.page.unroute("**/api/**")
        expect(banner).to_have_count(0, timeout=ANSWERED_MS)
        assert tab.rows("Orders of today") == before

    def test_a_page_that_never_had_anything_offers_to_ask_again(self, tab: Tab, entered: dict[str, Any]) -> None:
        tab.sign_in()
        tab.page.route("**/api/reports*", unanswered)
        tab.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Reports").click()
        failed = tab.page.get_by_role("alert").filter(has_text="These days could not be loaded")
        expect(failed).to_be_visible(timeout=ANSWERED_MS)
        tab.page.unroute("**/api/reports*")
        failed.get_by_role("button", name="Try again").click()
        expect(tab.page.get_by_text("Profit before charges").first).to_be_visible(timeout=ANSWERED_MS)

    def test_a_square_off_without_an_answer_is_not_said_to_be_done(self, tab: Tab, entered: dict[str, Any]) -> None:
        tab.sign_in()
        tab.page.route("**/api/square-off*", unanswered)
        tab.button("Square off").click()
        question = tab.page.get_by_role("dialog", name="Square off")
        submit = question.get_by_role("button", name="Square off everything of yours")
        expect(submit).to_be_disabled()
        question.get_by_label("Type SQUARE OFF to confirm").fill("SQUARE OFF")
        submit.click()
        expect(question.get_by_text("You can ask again without harm: nothing is closed twice.")).to_be_visible()
        expect(tab.page.get_by_text(re.compile("^Squared off"))).to_have_count(0)
        question.get_by_role("button", name="Cancel").click()


class TestUnsavedChanges:
    def test_they_survive_a_reload_of_which_the_browser_warns(self, tab: Tab, entered: dict[str, Any]) -> None:
        asked: list[str] = []

        def accept(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        tab.page.on("dialog", accept)
        tab.sign_in()
        builder_page.begin_with(tab, "Iron fly")
        tab.page.get_by_label("Name", exact=True).fill(UNSAVED)
        tab.page.reload()
        tab.settle()
        assert asked == ["beforeunload"]
        expect(tab.page.get_by_text("Your unsaved changes are back.")).to_be_visible()
        expect(tab.page.get_by_label("Name", exact=True)).to_have_value(UNSAVED)
        tab.button("Discard them").click()
        expect(tab.page.get_by_label("Name", exact=True)).to_have_value("Iron fly")


def unanswered(route: Route) -> None:
    """As a network that is gone."""
    route.abort("connectionfailed")
