"""`python -m local.brokers_doc`: renew the parts of `docs/brokers.md` that the code knows better.

They stand between `<!-- begin: name -->` and `<!-- end: name -->`; everything else is written by hand.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from lambdas.adapters.brokers.registry import BROKERS, BrokerKind
from local.instance import ROOT

DOCUMENT = ROOT / "docs" / "brokers.md"
SUITE = ROOT / "tests" / "contract" / "test_brokers.py"
_CASE = re.compile(r"(B\d\d): (.+)", re.DOTALL)


def renewed(text: str) -> str:
    """The document with each marked part made anew. Raises ValueError for a part without its marks."""
    parts = {"acceptance": _acceptance(), "fields": _fields(), "limits": _limits()}
    for name, part in parts.items():
        begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"the part {name!r} is not between {begin} and {end}")
        text = f"{before}{begin}\n\n{part}\n\n{end}{after}"
    return text


def cases() -> Iterator[tuple[str, str]]:
    """Number and sentence of each acceptance case, in the order in which the suite defines them."""
    for node in ast.parse(SUITE.read_text("utf-8")).body:
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("test_"):
            first = (ast.get_docstring(node) or "").split("\n\n")[0]
            case = _CASE.fullmatch(" ".join(first.split()))
            if case is None:
                raise ValueError(f"{node.name} does not begin its docstring with its number")
            yield case[1], case[2]


def _acceptance() -> str:
    return "\n".join(f"- **{number}**: {sentence}" for number, sentence in cases())


def _fields() -> str:
    rows = [
        (kind.label, f"`{kind.name}`", ", ".join(_field(kind)), "its page" if kind.redirects else "here")
        for kind in _kinds()
    ]
    return _table(("broker", "name", "what a user enters", "the login is at"), rows)


def _field(kind: BrokerKind) -> Iterator[str]:
    for field in kind.fields:
        notes = [word for word, true in (("secret", field.secret), ("optional", field.optional)) if true]
        yield f"{field.label} `{field.name}`" + (f" ({', '.join(notes)})" if notes else "")


def _limits() -> str:
    orders = ("orders a second", "a minute", "an hour", "a day", "changes of one order")
    columns = ("broker", *orders, "quotes a second", "instruments a quote", "order books a second")
    rows = []
    for kind in _kinds():
        limits = kind.limits
        numbers = (limits.orders_per_second, limits.orders_per_minute, limits.orders_per_hour, limits.orders_per_day)
        more = (limits.modifications_per_order, limits.quotes_per_second, limits.instruments_per_quote)
        row = (*numbers, *more, limits.order_book_per_second)
        rows.append((kind.label, *("–" if number is None else f"{number:,}" for number in row)))
    return _table(columns, rows)


def _kinds() -> list[BrokerKind]:
    return sorted(BROKERS.values(), key=lambda kind: kind.label)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, ["---"] * len(columns), *rows))


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
