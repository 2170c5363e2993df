"""One tab of a browser, as a user and a critic look at it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, ViewportSize, expect

from local.instance import ROOT, Instance

Theme = Literal["light", "dark"]
SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
WIDE, NARROW = (1280, 860), (360, 740)
ANSWERED_MS = 30_000
"""The functions of the emulator start one after the other on a busy machine."""
ANSWERS_TOLD = "Failed to load resource"
"""A refusal of the API, which the page shows; `problems` has those of the server's own making."""
FIND_GRAVE = """
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations
  .filter(({impact}) => GRAVE.includes(impact))
  .flatMap(({id, help, nodes}) => nodes.map(({target, failureSummary}) =>
    `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`)))
"""
FIND_TOO_WIDE = """
document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className} ends at ${one.getBoundingClientRect().right} px`)
    .concat("the page scrolls sideways")
    .slice(0, 5)
"""
READ_TABLE = """
[...document.querySelectorAll("[role=region], [role=table]")]
  .filter((one) => one.getAttribute("aria-label") === LABEL)
  .map((table) => [...table.querySelectorAll("tr, [role=row]")].map((row) =>
    [...row.querySelectorAll("th, td, [role=columnheader], [role=cell]")].map((cell) => cell.innerText.trim())))
"""


@dataclass
class Tab:
    """`problems` collects what no user should meet: errors in scripts, refused styles, failures of the server."""

    page: Page
    instance: Instance
    problems: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The dashboard's."""
        return self.instance.dashboard_url or ""

    def listen(self) -> None:
        """Collect what goes wrong from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("response", self._response)
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ANSWERS_TOLD):
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} of {response.url.partition('?')[0]}")

    def _request(self, request: Request) -> None:
        """Everything is on this machine: the dashboard, and the brokers' pages that the user is sent to."""
        if urlsplit(request.url).hostname != "127.0.0.1":
            self.problems.append(f"asked {request.url}")

    def open(self, path: str) -> None:
        """Go to a path of the dashboard, and wait until it shows what it has."""
        self.page.goto(f"{self.origin}{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is loading, neither data nor the code of a part of the page."""
        expect(self.page.locator("h1").first).to_be_visible(timeout=ANSWERED_MS)
        expect(self.page.locator("[aria-busy=true], .animate-pulse")).to_have_count(0, timeout=ANSWERED_MS)

    def sign_in(self) -> None:
        """As the demo user, from the first page."""
        self.open("/")
        self.button("Sign in as the demo user").click()
        self.await_pages()

    def sign_in_as(self, email: str, password: str) -> None:
        """As somebody who types who it is."""
        self.open("/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.button("Sign in").click()
        self.await_pages()

    def await_pages(self) -> None:
        """Wait until the sign-in is through and its page shows what it has."""
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible(timeout=ANSWERED_MS)
        self.settle()

    def go(self, place: str) -> None:
        """By the navigation, as a user does."""
        self.page.get_by_role("navigation", name="Pages").get_by_role("link", name=place, exact=True).click()
        expect(self.page.get_by_role("heading", name=place, level=1)).to_be_visible(timeout=ANSWERED_MS)
        self.settle()

    def table(self, label: str) -> list[dict[str, str]]:
        """The rows of the table of that name, each cell by the head of its column; none where it is not shown."""
        head, *rows = self._cells(label) or [[]]
        return [dict(zip(head, cells, strict=True)) for cells in rows]

    def rows(self, label: str) -> list[str]:
        """The rows of that table, each in one line."""
        return [re.sub(r"\s+", " ", " ".join(cells)) for cells in self._cells(label)[1:]]

    def _cells(self, label: str) -> list[list[str]]:
        found: list[list[list[str]]] = self.look(READ_TABLE.replace("LABEL", json.dumps(label)))
        return found[0] if found else []

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """The button of that name."""
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def resize(self, size: tuple[int, int]) -> None:
        """Make the window so wide and high."""
        self.page.set_viewport_size(ViewportSize(width=size[0], height=size[1]))

    def photograph(self, name: str) -> None:
        """Keep what is seen, in `.local/screenshots`."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{file_name(name)}.png", full_page=True, caret="initial")

    def keep(self, name: str) -> None:
        """Keep what is seen and what went wrong, in `.local/screenshots`: for who has to find out why a test failed."""
        self.photograph(name)
        told = [self.page.url, *(self.problems or ["no problem was seen by the browser"])]
        told.append(self.page.locator("body").aria_snapshot())
        (SCREENSHOTS / f"{file_name(name)}.txt").write_text("\n\n".join(told), "utf-8")

    def look(self, script: str) -> Any:
        """The value of an expression in the page, asked as its developer tools do: the page's policy forbids `eval`."""
        session = self.page.context.new_cdp_session(self.page)
        try:
            told = session.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        finally:
            session.detach()
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def grave_barriers(self) -> list[str]:
        """What axe finds serious or critical."""
        if not self.look("'axe' in window"):
            self.look(AXE.read_text("utf-8") + "; 0")
        found: list[str] = self.look(FIND_GRAVE.replace("GRAVE", json.dumps(GRAVE)))
        return found

    def too_wide(self) -> list[str]:
        """What reaches over the right edge, where the page scrolls sideways."""
        found: list[str] = self.look(FIND_TOO_WIDE)
        return found


def file_name(name: str) -> str:
    """What a file about a test or a page may be called."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")


OPEN: list[Tab] = []
"""The tabs that are open now, the last opened last."""


@contextmanager
def opened(
    browser: Browser, instance: Instance, *, theme: Theme = "light", size: tuple[int, int] = WIDE
) -> Iterator[Tab]:
    """A tab in a profile of its own, whose system prefers this theme and no motion."""
    viewport = ViewportSize(width=size[0], height=size[1])
    context = browser.new_context(viewport=viewport, color_scheme=theme, reduced_motion="reduce", locale="en-IN")
    tab = Tab(context.new_page(), instance)
    OPEN.append(tab)
    try:
        tab.listen()
        yield tab
    finally:
        OPEN.remove(tab)
        context.close()
