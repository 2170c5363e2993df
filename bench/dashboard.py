"""`python -m bench.dashboard`: Lighthouse's figures for the pages of the dashboard on this machine, and first loads.

Every page but the sign-in is audited signed in, over a day in which a strategy has entered.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from bench.report import ROOT, Machine, Report, Table, number
from lambdas.domain.moments import IST
from local import seed
from local.cluster import Cluster
from local.steps import CannotContinue, step
from tests.e2e import demo_day
from tests.e2e.product import chromium, running

FILE = ROOT / "docs" / "measurements" / "dashboard.md"
FOLDER = ROOT / "bench" / "dashboard"
PAGES = {
    "Sign-in": "/sign-in",
    "Today": "/",
    "Strategies": "/strategies",
    "Builder": f"/strategies/{seed.STRATEGY_ID}/edit",
    "Brokers": "/brokers",
    "Reports": "/reports",
    "Settings": "/settings",
}
OPEN_TO_ALL = "Sign-in"
FORMS = ("desktop", "phone")
SCORES = ("performance", "accessibility")
GOOD = 95
SCORE_COLUMNS = ("page", "performance", "least", "accessibility", "FCP ms", "LCP ms", "TBT ms", "CLS")
LOAD_COLUMNS = ("page", "scripts", "styles", "rest", "all of the page", "answers of the API", "requests")
KB = 1000
NOTES = (
    "The dashboard as `make dashboard` builds it, served by the laptop's own server: HTTP/1.1, gzip, on the same "
    "machine as the emulator that answers its requests. Desktop and phone are Lighthouse's own presets: its simulated "
    "networks (desktop 10 Mbit/s with 40 ms, phone 1.6 Mbit/s with 150 ms to and fro) and a processor as it is, or "
    "four times slower. Scores are medians; least is the lowest performance of the runs.",
    "FCP: first contentful paint, LCP: largest contentful paint, TBT: total blocking time, CLS: cumulative layout "
    "shift; medians.",
    "A page is loaded as if it were the first one, with an empty cache, by somebody who is signed in: the sign-in is "
    "renewed first, then the page asks the API. Today asks again every two seconds, and the emulator's functions share "
    "the processors with the browser.",
    "First load: bytes as they came over the wire until the page was quiet, headers included; gzip as the laptop's "
    "server makes it. What a page loads only when something is opened is not in it.",
)


def main() -> int:
    """Returns 0 when all medians are good, 1 when one is not or something is in the way."""
    parser = argparse.ArgumentParser(prog="python -m bench.dashboard", description=__doc__)
    parser.add_argument("--runs", type=_runs, default=3, help="audits of each page and form, 1 to 20")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started this with Ctrl-C ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the context managers: all is stopped
    try:
        machine, began, found = measured(options.runs)
    except KeyboardInterrupt:
        return 1
    except CannotContinue as error:
        print(f"\n✗ {error}")
        return 1
    report = report_of(machine, began, options.runs, found)
    report.publish(FILE if options.write else None)
    poor = [f"{page}, {form}: {what}" for page, form, what in _poor(found)]
    for line in poor:
        print(f"✗ below {GOOD}: {line}")
    return 1 if poor else 0


def _runs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 20:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 20")
    return int(text)


def measured(runs: int) -> tuple[Machine, datetime, list[dict[str, Any]]]:
    """Start a product, let a strategy enter, audit all pages. Raises CannotContinue."""
    browser = chromium()
    if not (FOLDER / "node_modules").is_dir():
        raise CannotContinue(f"Lighthouse is not installed: run 'npm ci' in {FOLDER.relative_to(ROOT)}")
    machine, began = Machine.present(), datetime.now(IST)
    with running("bench-dashboard") as product:
        with step("a strategy enters"):
            api = demo_day.demo_user(product)
            demo_day.enter_now(product, api)
            api.client.close()
        return machine, began, list(_audits(product, browser, runs))


def _audits(product: Cluster, browser: str, runs: int) -> Iterator[dict[str, Any]]:
    """Each audit as it is done. Raises CannotContinue."""
    pages = [{"name": name, "path": path, "signedIn": name != OPEN_TO_ALL} for name, path in PAGES.items()]
    asked = {"origin": product.instance.dashboard_url, "runs": runs, "pages": pages}
    node = shutil.which("node")
    if node is None:
        raise CannotContinue("Node.js is not installed")
    process = subprocess.Popen(
        [node, "audit.mjs", json.dumps(asked)],
        cwd=FOLDER,
        env=os.environ | {"CHROME_PATH": browser},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            for line in process.stdout or ():
                audit: dict[str, Any] = json.loads(line)
                scores = ", ".join(f"{name} {audit['scores'][name]}" for name in SCORES)
                print(f"  {audit['page']}, {audit['form']}: {scores}", flush=True)
                yield audit
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise CannotContinue(f"audit.mjs ended with code {process.returncode}; what it said is above")


def report_of(machine: Machine, began: datetime, runs: int, audits: Sequence[Mapping[str, Any]]) -> Report:
    """The figures as a report."""
    one = audits[0]
    forms = tuple(
        Table(f"{form.capitalize()}, medians of {runs} runs", SCORE_COLUMNS, tuple(_score_rows(audits, form)))
        for form in FORMS
    )
    loads = Table("First load, kB", LOAD_COLUMNS, tuple(_load_rows(audits)))
    return Report(
        title="How quick and how accessible the dashboard is",
        command=f"python -m bench.dashboard --runs {runs}",
        measured_at=began,
        machine=machine,
        sizes=f"{len(PAGES)} pages, {runs} audits of each as desktop and as phone; Lighthouse {one['lighthouse']}, "
        f"{one['browser']}",
        tables=(*forms, loads),
        notes=(*NOTES, *_costs(audits)),
    )


def _of(audits: Sequence[Mapping[str, Any]], page: str, form: str) -> list[Mapping[str, Any]]:
    return [audit for audit in audits if (audit["page"], audit["form"]) == (page, form)]


def _score_rows(audits: Sequence[Mapping[str, Any]], form: str) -> Iterator[tuple[str, ...]]:
    for page in PAGES:
        found = _of(audits, page, form)
        performance, accessibility = ([one["scores"][name] for one in found] for name in SCORES)
        times = {name: median(one["times"][name] for one in found) for name in ("fcp", "lcp", "tbt", "cls")}
        yield (
            page,
            number(median(performance), 0),
            number(min(performance), 0),
            number(median(accessibility), 0),
            *(number(times[name], 0) for name in ("fcp", "lcp", "tbt")),
            number(times["cls"], 3),
        )


def _load_rows(audits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for page in PAGES:
        sizes = [one["bytes"] for one in _of(audits, page, "desktop")]
        script, style, rest, api = (
            median(size[name] for size in sizes) for name in ("script", "style", "other", "api")
        )
        kilobytes = (script, style, rest, script + style + rest, api)
        requests = median(size["requests"] for size in sizes)
        yield (page, *(number(size / KB) for size in kilobytes), number(requests, 0))


def _poor(audits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Page, form and figure of every median that is not good."""
    for form in FORMS:
        for page in PAGES:
            for name in SCORES:
                found = median(one["scores"][name] for one in _of(audits, page, form))
                if found < GOOD:
                    yield page, form, f"{name} {found:.0f}"


def _costs(audits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What cost points, where a figure was below 100 in most of its runs."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for audit in audits:
        for told in audit["costly"]:
            seen[(audit["form"], told.split(" ", 1)[0])] += 1
    for form in FORMS:
        named = sorted({what for kind, what in seen if kind == form})
        if named:
            counted = ", ".join(f"{what} ({seen[(form, what)]} of {len(PAGES) * _rounds(audits)})" for what in named)
            yield f"What was below 90 of 100, by Lighthouse's names, {form}: {counted}."


def _rounds(audits: Sequence[Mapping[str, Any]]) -> int:
    return len(audits) // (len(PAGES) * len(FORMS))


if __name__ == "__main__":
    sys.exit(main())
