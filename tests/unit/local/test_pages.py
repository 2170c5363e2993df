"""What of the built dashboard is served, as what, and for how long it is kept."""

import gzip
from pathlib import Path

import pytest

from local.pages import ANEW, FOR_EVER, NoSuchPage, Pages, headers_of

INDEX = b"<!doctype html><title>Legwise</title>"
SCRIPT = b"export const x = 1;" * 50


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    folder = tmp_path / "dist"
    files = {
        "index.html": INDEX,
        "theme.js": b"// theme",
        "icon.svg": b"<svg/>",
        "assets/index-abc.js": SCRIPT,
        "assets/index-abc.js.map": b"{}",
        ".vite/manifest.json": b"{}",
    }
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "secret.txt").write_text("not to be seen")
    (folder / "linked.txt").symlink_to(tmp_path / "secret.txt")
    return Pages(folder)


@pytest.mark.parametrize(
    "path", ["/", "/brokers", "/brokers/callback", "/strategies/a-b", "/no/such/page", "/index.html"]
)
def test_a_path_without_a_file_is_a_page_of_the_application(pages: Pages, path: str) -> None:
    answer = pages.answer(path)
    assert (answer.body, answer.caching) == (INDEX, ANEW)
    assert answer.content_type == "text/html"


def test_what_is_named_by_its_content_is_kept_for_ever(pages: Pages) -> None:
    answer = pages.answer("/assets/index-abc.js")
    assert (answer.body, answer.caching) == (SCRIPT, FOR_EVER)
    assert answer.content_type.startswith("text/javascript")


def test_the_rest_is_asked_for_anew(pages: Pages) -> None:
    assert pages.answer("/theme.js").caching == ANEW
    assert pages.answer("/icon.svg").content_type == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index-old.js",  # of an earlier build: a page in its place would be run as a script
        "/assets/index-abc",
        "/assets/",
        "/no-such.txt",
        "/assets/index-abc.js.map",
        "/.vite/manifest.json",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/linked.txt",
        "/%00.js",
    ],
)
def test_what_is_no_part_of_the_dashboard_is_not_served(pages: Pages, path: str) -> None:
    with pytest.raises(NoSuchPage):
        pages.answer(path)


def test_text_is_compressed_for_browsers_that_take_it(pages: Pages) -> None:
    answer = pages.answer("/assets/index-abc.js", accepts="gzip, br")
    assert answer.encoding == "gzip"
    assert gzip.decompress(answer.body) == SCRIPT
    assert len(answer.body) < len(SCRIPT)


def test_a_new_build_is_served_at_once(pages: Pages) -> None:
    pages.answer("/", accepts="gzip")
    (pages.folder / "index.html").write_bytes(INDEX + b"<p>new</p>")
    assert gzip.decompress(pages.answer("/", accepts="gzip").body).endswith(b"<p>new</p>")


def test_the_policy_names_the_sign_in_where_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "headers.json"
    file.write_text("{\"Content-Security-Policy\": \"connect-src 'self'{sign_in}; base-uri 'none'\"}")
    assert headers_of(file) == {"Content-Security-Policy": "connect-src 'self'; base-uri 'none'"}
    told = headers_of(file, "https://users.example")["Content-Security-Policy"]
    assert told == "connect-src 'self' https://users.example; base-uri 'none'"
