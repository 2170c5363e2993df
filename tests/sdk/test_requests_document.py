"""`docs/requests.md` is what the table of differences says."""

from tests.sdk.differences import CALLS, CLIENTS, DIFFERENCES, document
from tests.sdk.prepare import ROOT


def test_the_document_is_the_table() -> None:
    """`python -m tests.sdk.differences > docs/requests.md` writes it anew."""
    assert (ROOT / "docs" / "requests.md").read_text("utf-8") == document()


def test_every_difference_has_its_calls_and_its_reason() -> None:
    for one in DIFFERENCES:
        assert one.broker in CLIENTS
        assert one.calls
        assert set(one.calls) <= set(CALLS)
        assert one.client != one.ours
        assert one.why.endswith(".")


def test_no_difference_is_explained_twice() -> None:
    places = [(one.broker, call, one.part, one.field) for one in DIFFERENCES for call in one.calls]
    assert len(places) == len(set(places))
