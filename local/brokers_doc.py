"""`python -m local.brokers_doc`: renew the parts of `docs/brokers.md` that the code knows better.

They stand between `<!-- begin: name -->` and `<!-- end: name -->`; everything else is written by hand.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from lambdas.adapters.brokers.limits import DAY, HALF_HOUR, HOUR, MINUTE, SECOND
from lambdas.adapters.brokers.registry import BROKERS, REAL, BrokerKind
from lambdas.domain.rate_log import RateLimit
from lambdas.ports.pace import CallKind
from local.instance import ROOT

DOCUMENT = ROOT / "docs" / "brokers.md"
SUITE = ROOT / "tests" / "contract" / "test_brokers.py"
ON_PAPER = SUITE.with_name("on_paper.py")
_CASE = re.compile(r"(B\d\d): (.+)", re.DOTALL)


def renewed(text: str) -> str:
    """The document with each marked part made anew. Raises ValueError for a part without its marks."""
    parts = {
        "acceptance": _acceptance(),
        "fields": _fields(),
        "postbacks": _postbacks(),
        "limits": _limits(),
        "paper": _paper(),
    }
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


def _paper() -> str:
    """The cases that say nothing of a paper account, as the suite's table has them."""
    for node in ast.parse(ON_PAPER.read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "NOT_ON_PAPER":
            reasons = ast.literal_eval(node.value) if node.value else {}
            return _table(("case", "why not on paper"), reasons.items())
    raise ValueError(f"{ON_PAPER.name} has no table NOT_ON_PAPER")


def _fields() -> str:
    rows = [(kind.label, f"`{kind.name}`", ", ".join(_field(kind)), _login(kind), _algo(kind)) for kind in _kinds()]
    return _table(("broker", "name", "what a user enters", "the login is at", "its orders carry"), rows)


def _postbacks() -> str:
    rows = [(kind.label, kind.postback_at or "posts none") for kind in _kinds() if kind.name in REAL]
    return _table(("broker", "where its user enters the address"), rows)


def _login(kind: BrokerKind) -> str:
    if kind.redirects:
        return "its page"
    return "here; a one-time password may be typed" if kind.typed_code else "here"


def _algo(kind: BrokerKind) -> str:
    return ", ".join(f"`algo_{part}`" for part in sorted(kind.algo)) or "–"


def _field(kind: BrokerKind) -> Iterator[str]:
    for field in kind.fields:
        notes = [word for word, true in (("secret", field.secret), ("optional", field.optional)) if true]
        yield f"{field.label} `{field.name}`" + (f" ({', '.join(notes)})" if notes else "")


_KINDS = {
    CallKind.ORDER: "orders, their changes and cancellations",
    CallKind.QUOTE: "quotes",
    CallKind.BOOK: "order books",
    CallKind.OTHER: "everything else",
}
_SPANS = {SECOND: "a second", MINUTE: "a minute", HALF_HOUR: "half an hour", HOUR: "an hour", DAY: "a day"}


def _limits() -> str:
    rows = []
    for kind in _kinds():
        limits = kind.limits
        changes = limits.modifications_per_order
        more = (str(limits.instruments_per_quote), "–" if changes is None else str(changes))
        rows.append((kind.label, *(_rules(limits.rules[call]) for call in _KINDS), *more))
    return _table(("broker", *_KINDS.values(), "instruments a quote", "changes of one order"), rows)


def _rules(rules: Sequence[RateLimit]) -> str:
    return ", ".join(f"{rule.calls:,} {_SPANS[rule.span]}" for rule in rules)


def _kinds() -> list[BrokerKind]:
    return sorted(BROKERS.values(), key=lambda kind: kind.label)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, ["---"] * len(columns), *rows))


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    sys.exit(0)
