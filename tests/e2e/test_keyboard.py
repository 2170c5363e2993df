"""Everything that matters, by somebody who has no mouse."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from local import seed
from local.api import Api
from tests.e2e.tab import ANSWERED_MS, Tab

pytestmark = [pytest.mark.emulator, pytest.mark.browser]

FARTHEST = 80
"""So many steps are more than a page of these tests has."""
FOCUSED = """
(() => {
  const one = document.activeElement, look = getComputedStyle(one);
  const ringed = (look.outlineStyle !== "none" && look.outlineWidth !== "0px") || look.boxShadow !== "none";
  if (one === document.body) return {name: "", seen: true};
  const label = one.labels?.[0]?.textContent ?? one.textContent;
  return {name: (one.getAttribute("aria-label") ?? label ?? "").replace(/\\s+/g, " ").trim(), seen: ringed};
})()
"""


def step_to(tab: Tab, name: str) -> None:
    """Press Tab until what has this name has the focus; each thing on the way must show that it has it."""
    passed: list[str] = []
    for _ in range(FARTHEST):
        tab.page.keyboard.press("Tab")
        focused = tab.look(FOCUSED)
        if focused["name"]:
            assert focused["seen"], f"nobody sees that {focused['name']!r} has the focus"
        if re.search(name, focused["name"]):
            return
        passed.append(focused["name"])
    pytest.fail(f"{name!r} cannot be reached by Tab; reached: {passed}")


def press(tab: Tab, key: str) -> None:
    """A key where the focus is."""
    tab.page.keyboard.press(key)


def sign_in(tab: Tab) -> None:
    """Type who it is, and Enter."""
    tab.open("/")
    step_to(tab, "^E-mail$")
    tab.page.keyboard.type(seed.DEMO_EMAIL)
    step_to(tab, "^Password$")
    tab.page.keyboard.type(seed.DEMO_PASSWORD)
    press(tab, "Enter")
    tab.await_pages()


def test_one_signs_in_and_out(tab: Tab) -> None:
    sign_in(tab)
    step_to(tab, "^Your sign-in")
    press(tab, "Enter")
    expect(tab.page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    press(tab, "End")
    press(tab, "Enter")
    expect(tab.button("Sign in as the demo user")).to_be_visible(timeout=ANSWERED_MS)


def test_one_squares_off_a_run_and_thinks_better_of_it_first(tab: Tab, demo_user: Api, entered: dict[str, Any]) -> None:
    sign_in(tab)
    (run,) = entered["runs"]
    step_to(tab, f"^Square off {run['name']}$")
    press(tab, "Enter")
    question = tab.page.get_by_role("dialog", name="Square off")
    expect(question).to_be_visible()
    press(tab, "Escape")
    expect(question).to_be_hidden()
    assert tab.look(FOCUSED)["name"] == f"Square off {run['name']}", "the focus goes back to where it came from"
    press(tab, "Enter")
    step_to(tab, f"^Square off the run {run['name']}$")
    press(tab, "Enter")
    expect(tab.page.get_by_text(re.compile("^Squared off: "))).to_be_visible(timeout=ANSWERED_MS * 2)
    (now,) = demo_user.get(f"/days/{entered['date']}")["runs"]
    assert now["status"] == "flat"
