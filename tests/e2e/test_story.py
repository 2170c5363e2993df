"""The story of a day: a new user links accounts, builds a strategy, sees it execute, closes it, reads the report."""

import math
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from lambdas.domain.moments import IST, Tick, next_tick
from local import books, seed
from local.api import Api, sign_up
from local.cluster import Cluster
from local.show import FINAL_ORDERS
from sandbox.accounts import Account
from tests.e2e import builder_page
from tests.e2e.broker_pages import card, link, new_account
from tests.e2e.shown import amount, order_differences, rounded
from tests.e2e.tab import ANSWERED_MS, Tab, opened

pytestmark = [pytest.mark.emulator, pytest.mark.browser]

PASSWORD = "Story-trader-2026"
STRATEGY, STRATEGY_ID = "Story condor", "story-condor"
BROKERS = {"fyers": "Story Fyers", "groww": "Story Groww"}
"""One with a login page, and one whose login needs none; what this user calls the accounts there."""
LOTS = {
    1: {"Story Fyers": 1, "Story Groww": 2},
    2: {"Story Fyers": 1, "Story Groww": 2},
    3: {"Story Fyers": 2, "Story Groww": 1},
    4: {"Story Fyers": 2, "Story Groww": 1},
}
"""Of each leg in each account: the call spread is larger at the one, the put spread at the other."""
TIME_TO_SAVE = timedelta(seconds=40)
HOLD = timedelta(hours=2)
LAST_EXIT = "23:58"
ROOM = timedelta(minutes=5)
PASSES_WITHIN_SECONDS = 30
THEMES = ("light", "dark")


@dataclass
class Story:
    """One user's day, from its pages and from outside."""

    tab: Tab
    cluster: Cluster
    api: Api
    email: str
    accounts: dict[str, Account] = field(default_factory=dict)
    entry: Tick | None = None

    @property
    def ids(self) -> dict[str, str]:
        """Label → id of the linked accounts."""
        return {one["label"]: one["account_id"] for one in self.api.get("/accounts")}

    @property
    def labels(self) -> dict[str, str]:
        """The same the other way round."""
        return {account_id: label for label, account_id in self.ids.items()}

    @property
    def minute(self) -> Tick:
        """When the strategy enters."""
        if self.entry is None:
            pytest.fail("the strategy was not saved: see the tests before")
        return self.entry

    def day(self) -> dict[str, Any]:
        """What the API says of today."""
        found: dict[str, Any] = self.api.get(f"/days/{self.minute.date}")
        return found

    def run(self) -> dict[str, Any]:
        """The only run of the day."""
        (run,) = self.day()["runs"]
        found: dict[str, Any] = run
        return found

    def comparison(self) -> books.Agreement:
        """The day beside the brokers' own books."""
        ids = self.ids
        clients = {ids[label]: (one.broker, one.client_id) for label, one in self.accounts.items()}
        return books.compare(self.cluster.instance.sandbox_url, self.day(), clients)

    def wait_until_empty(self, differences: Callable[[], list[str]], seconds: float = PASSES_WITHIN_SECONDS) -> None:
        """Look again until page and API agree; the page goes on meanwhile."""
        deadline = time.monotonic() + seconds
        while found := differences():
            assert time.monotonic() < deadline, f"the page does not come to show it: {found}"
            self.tab.page.wait_for_timeout(250)

    def hidden(self, label: str) -> list[str]:
        """What a table of orders does not show of what the API says; nothing where they say the same."""
        return order_differences(self.day()["orders"], self.tab.rows(label), self.labels)


@pytest.fixture(scope="session")
def story(browser: Browser, product: Cluster) -> Iterator[Story]:
    """A user who is new, in a tab that stays open for the day."""
    email = f"story-{secrets.token_hex(4)}@legwise.example"
    api = sign_up(product, email, PASSWORD)
    with opened(browser, product.instance) as tab:
        yield Story(tab, product, api, email)
    api.client.close()


class TestTheMorning:
    """Each test goes on where the one before has ended."""

    def test_who_is_new_is_led_to_the_brokers(self, story: Story) -> None:
        story.tab.sign_in_as(story.email, PASSWORD)
        expect(story.tab.page.get_by_role("heading", name="No account is linked yet")).to_be_visible()
        story.tab.page.get_by_role("link", name="Link an account").click()
        expect(story.tab.page.get_by_role("heading", name="Brokers", level=1)).to_be_visible()

    @pytest.mark.parametrize("broker", BROKERS)
    def test_an_account_is_linked_and_logged_in(self, story: Story, broker: str) -> None:
        label = BROKERS[broker]
        (known,) = (one for one in story.api.get("/brokers") if one["name"] == broker)
        story.accounts[label] = new_account(story.cluster.instance, broker)
        link(story.tab, known, story.accounts[label], label)
        expect(card(story.tab, label)).to_contain_text(story.accounts[label].client_id)
        (linked,) = (one for one in story.api.get("/accounts") if one["label"] == label)
        assert (linked["broker"], linked["session"], linked["enabled"]) == (broker, "active", True)

    def test_an_iron_condor_is_built_with_lots_of_its_own_for_each_leg_and_account(self, story: Story) -> None:
        seed.load_masters(story.cluster)
        tab = story.tab
        tab.go("Strategies")
        builder_page.begin_with(tab, "Iron condor")
        tab.page.get_by_label("Name", exact=True).fill(STRATEGY)
        for label in BROKERS.values():
            expect(builder_page.account(tab, label)).to_be_checked()
        for number, lots in LOTS.items():
            builder_page.give_lots(tab, number, lots)
        tab.settle()
        assert tab.table("Lots of each leg in each account") == [
            {"Leg": str(number), **{label: str(many) for label, many in lots.items()}, "All": str(sum(lots.values()))}
            for number, lots in LOTS.items()
        ]

    def test_it_is_saved_for_the_next_minute(self, story: Story) -> None:
        tab = story.tab
        seed.ask_watchdog(story.cluster)
        entry = next_tick(datetime.now(IST) + TIME_TO_SAVE)
        if entry.at(LAST_EXIT) - entry.instant < ROOM:
            pytest.skip("too close to midnight: the exit has to be on the same day")
        leave = min(entry.instant + HOLD, entry.at(LAST_EXIT))
        builder_page.set_times(tab, entry.hhmm, f"{leave:%H:%M}")
        tab.page.get_by_role("switch", name="Enabled").click()
        builder_page.save(tab, f"{STRATEGY} is saved as version 1.")
        story.entry = entry
        stored = story.api.get(f"/strategies/{STRATEGY_ID}")["definition"]
        assert (stored["enabled"], stored["schedule"]["entry"]) == (True, entry.hhmm)
        ids = story.ids
        assert {
            number: {one["account_id"]: one["lots"] for one in leg["allocation"]}
            for number, leg in enumerate(stored["legs"], 1)
        } == {number: {ids[label]: many for label, many in lots.items()} for number, lots in LOTS.items()}

    def test_today_counts_down_to_it(self, story: Story) -> None:
        story.tab.go("Today")
        coming = story.tab.page.get_by_role("region", name="The next entry or exit")
        expect(coming).to_contain_text(f"Next at {story.minute.hhmm} IST", timeout=ANSWERED_MS)
        expect(coming).to_contain_text(f"Entry of {STRATEGY}")
        assert story.tab.problems == []


class TestTheMinute:
    """The tab that was left in the morning shows what happens, without a reload."""

    def test_it_enters_before_the_users_eyes(self, story: Story) -> None:
        left = (story.minute.instant - datetime.now(IST)).total_seconds()
        expect(run_row(story)).to_contain_text("Open", timeout=(max(left, 0) + PASSES_WITHIN_SECONDS) * 1000)

    def test_every_order_is_shown_as_it_was_filled_with_its_offset(self, story: Story) -> None:
        orders = story.day()["orders"]
        wanted = {(number, label): many for number, lots in LOTS.items() for label, many in lots.items()}
        assert {(one["leg"], story.labels[one["account_id"]]): one["lots"] for one in orders} == wanted
        assert {one["status"] for one in orders} == {"filled"}
        assert {datetime.fromisoformat(one["intended_at"]) for one in orders} == {story.minute.instant}
        assert all(0 <= one["offset_ms"] < 20_000 for one in orders)
        story.wait_until_empty(lambda: story.hidden("Orders of today"))

    def test_the_brokers_books_say_the_same(self, story: Story) -> None:
        agreement = story.comparison()
        assert agreement.differences == ()
        assert agreement.compared == len(LOTS) * len(BROKERS)

    @pytest.mark.parametrize("theme", THEMES)
    def test_pictures_are_taken_while_it_is_open(self, story: Story, browser: Browser, theme: str) -> None:
        with opened(browser, story.cluster.instance, theme="dark" if theme == "dark" else "light") as tab:
            tab.sign_in_as(story.email, PASSWORD)
            for name, path in {
                "today": "/",
                "builder": f"/strategies/{STRATEGY_ID}",
                "brokers": "/brokers",
                "settings": "/settings",
            }.items():
                tab.open(path)
                tab.photograph(f"story-{name}-{theme}")
            assert tab.problems == []

    def test_the_run_is_squared_off_after_saying_so_on_purpose(self, story: Story) -> None:
        tab, run = story.tab, story.run()
        run_row(story).get_by_role("button", name=f"Square off {STRATEGY}", exact=True).click()
        question = tab.page.get_by_role("dialog", name="Square off")
        expect(question).to_contain_text(f"{STRATEGY} (Open) in ")
        for label in BROKERS.values():
            expect(question).to_contain_text(label)
        assert story.run() == run, "opening the question must change nothing"
        question.get_by_label("Why").fill("end of the story")
        question.get_by_role("button", name=f"Square off the run {STRATEGY}").click()
        expect(tab.page.get_by_text(re.compile(r"^Squared off: .*Nothing of it is open\.$"))).to_be_visible(
            timeout=30_000
        )

    def test_it_is_flat_with_the_profit_that_the_books_have(self, story: Story) -> None:
        expect(run_row(story)).to_contain_text("Flat", timeout=ANSWERED_MS)
        day, run = story.day(), story.run()
        assert (run["status"], {one["net"] for one in day["positions"]}) == ("flat", {0})
        assert story.comparison().differences == ()
        assert len(day["orders"]) == 2 * len(LOTS) * len(BROKERS)
        assert {one["status"] for one in day["orders"]} <= FINAL_ORDERS
        profit = sum(profits_of_books(story).values())
        assert rounded(run["realised"]) == rounded(profit)
        assert profit_in(run_row(story)) == rounded(profit)
        story.wait_until_empty(lambda: story.hidden("Orders of today"))

    def test_the_reports_tell_the_day(self, story: Story) -> None:
        tab, today = story.tab, story.minute.date
        tab.go("Reports")
        book = story.api.get(f"/reports?from={today}&to={today}")["money"]
        profits = profits_of_books(story)
        expect(tab.page.locator("dl").first).to_contain_text("Profit before charges")
        assert (
            profit_in(tab.page.locator("dl").first)
            == rounded(sum(profits.values()))
            == rounded(book["total"]["realised"])
        )
        (row,) = tab.table("Results by day")
        assert (row["Orders sent"], row["Filled"], row["Refused"]) == ("16", "16", "0")
        tab.page.get_by_role("tab", name="By account").click()
        assert {one["Account"]: amount(one["Profit before charges"]) for one in tab.table("Results by account")} == {
            label: rounded(profit) for label, profit in profits.items()
        }

    def test_the_histogram_counts_what_was_meant_for_second_0(self, story: Story) -> None:
        """The orders of the square-off are not among them: they were sent at once."""
        offsets = sorted(one["offset_ms"] for one in story.day()["orders"] if one["offset_ms"] is not None)
        assert len(offsets) == len(LOTS) * len(BROKERS)
        page = story.tab.page
        chart = page.get_by_role("img", name=re.compile(rf"^Sent orders by milliseconds .*; {len(offsets)} orders"))
        expect(chart).to_be_visible(timeout=ANSWERED_MS)
        page.get_by_text("The same as a table").click()
        rows = story.tab.table("Orders by time of sending, as a table")
        shown = {row["Sent after second 0"]: int(row["Orders"]) for row in rows if row["Orders"] != "0"}
        assert sum(shown.values()) == len(offsets)
        assert shown == {
            name: many
            for name in (row["Sent after second 0"] for row in rows)
            if (many := sum(begin <= offset < end for offset in offsets for begin, end in [edges(name)]))
        }
        drawn = [text for text in chart.locator("text").all_text_contents() if text.isdigit()]
        assert sorted(map(int, drawn)) == sorted(shown.values())

    def test_the_day_has_every_order_again(self, story: Story) -> None:
        story.tab.open(f"/reports/{story.minute.date}")
        assert story.hidden(f"Orders of {STRATEGY}") == []

    @pytest.mark.parametrize("theme", THEMES)
    def test_pictures_are_taken_of_the_reports(self, story: Story, browser: Browser, theme: str) -> None:
        with opened(browser, story.cluster.instance, theme="dark" if theme == "dark" else "light") as tab:
            tab.sign_in_as(story.email, PASSWORD)
            tab.open("/reports")
            tab.photograph(f"story-reports-{theme}")
            assert tab.problems == []

    def test_nothing_went_wrong_all_day(self, story: Story) -> None:
        assert story.tab.problems == []


def run_row(story: Story) -> Locator:
    """The line of the run on Today."""
    runs = story.tab.page.get_by_role("region", name="Runs", exact=True)
    return runs.get_by_role("listitem").filter(has_text=STRATEGY).first


def profit_in(shown: Locator) -> Decimal:
    """The first amount with a sign that is written there."""
    text = shown.inner_text()
    found = re.search(r"[+−]?₹[\d,]+\.\d{2}", text)
    assert found, f"there is no amount in {text!r}"
    return amount(found[0])


def edges(name: str) -> tuple[float, float]:
    """From where to where a bucket is, by its name: `before 0 ms`, `10 to 20 ms`, `5,000 ms and later`."""
    numbers = [float(text) for text in re.findall(r"\d+", name.replace(",", ""))]
    if name.startswith("before"):
        return -math.inf, numbers[0]
    return (numbers[0], math.inf) if name.endswith("later") else (numbers[0], numbers[1])


def profits_of_books(story: Story) -> dict[str, Decimal]:
    """What each account received more than it paid, by the fills in its broker's book."""
    found = {}
    for label, account in story.accounts.items():
        answer = httpx.get(f"{story.cluster.instance.sandbox_url}/books/{account.broker}/{account.client_id}")
        found[label] = sum(
            (
                Decimal(fill["price"]) * fill["quantity"] * (1 if row["side"] == "SELL" else -1)
                for row in answer.raise_for_status().json()["orders"]
                for fill in row["fills"]
            ),
            Decimal(0),
        )
    return found
