"""Two users side by side: on every route of the document one's own answers, and what is another's does not exist.

The routes are taken from `docs/openapi.json`; one that has no row here fails the first test.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from lambdas.domain.moments import IST, Tick
from local.openapi import DOCUMENT
from shared_config.names import INDEX_DUE, index_key
from tests.local.deployment import Deployment
from tests.local.exchange import ANGEL_ONE
from tests.local.stage import Stage
from tests.local.trader import Trader, credit_spread, sign_up

pytestmark = pytest.mark.emulator

MISSING = "never-made"
STRATEGY, BASKET, ACCOUNT = "strategies", "baskets", "accounts"
OF_THE_PLATFORM = ("RATE#", "COMPARISON#")
TODAY = datetime.now(IST).date()


@dataclass(frozen=True)
class Call:
    """How an operation is asked about one thing; all else of it is as an owner would send it."""

    of: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    body: Callable[[], Any] = lambda: None
    logged_in: bool = False


def _new_id() -> str:
    return f"copy-{secrets.token_hex(4)}"


def _an_angel_link() -> dict[str, Any]:
    keys = {"api_key": "k" * 8, "client_code": "F1", "pin": "1" * 4, "totp_secret": "A" * 16}
    return {"broker": ANGEL_ONE, "label": "mine", "credentials": keys}


LISTS = {
    "getMe": Call(),
    "listAccounts": Call(),
    "listStrategies": Call(),
    "listBaskets": Call(),
    "exportStrategies": Call(query={"format": "json"}),
    "getDay": Call(of="days"),
    "getReport": Call(query={"from": str(TODAY - timedelta(days=1)), "to": str(TODAY)}),
    "getLimits": Call(),
    "getSquareOff": Call(query={"kind": "user"}),
}
"""Answers made of all that is the caller's."""

EXISTING = {
    "getStrategy": Call(STRATEGY),
    "deleteStrategy": Call(STRATEGY, {"version": 1}),
    "copyStrategy": Call(STRATEGY, body=lambda: {"new_id": _new_id()}),
    "enableStrategy": Call(STRATEGY, {"replaces": 1}),
    "disableStrategy": Call(STRATEGY, {"replaces": 1}),
    "getBasket": Call(BASKET),
    "deleteBasket": Call(BASKET, {"version": 1}),
    "copyBasket": Call(BASKET, body=lambda: {"new_id": _new_id()}),
    "enableBasket": Call(BASKET, {"replaces": 1}),
    "disableBasket": Call(BASKET, {"replaces": 1}),
    "getAccount": Call(ACCOUNT),
    "getPostbackAddress": Call(ACCOUNT),
    "unlinkAccount": Call(ACCOUNT),
    "renameAccount": Call(ACCOUNT, body=lambda: {"label": "mine"}),
    "setAccountAlgo": Call(ACCOUNT, body=dict),
    "enableAccount": Call(ACCOUNT),
    "disableAccount": Call(ACCOUNT),
    "getComparison": Call(ACCOUNT),
    "testAccount": Call(ACCOUNT, logged_in=True),
    "beginLogin": Call(ACCOUNT),
    "startSession": Call(ACCOUNT, body=dict),
}
"""What is asked of a thing that has to exist."""

MAKING = {
    "putStrategy": Call(STRATEGY, body=lambda: credit_spread(MISSING) | {"enabled": False}),
    "putBasket": Call(BASKET, body=lambda: {"name": "mine"}),
    "linkAccount": Call(ACCOUNT, body=_an_angel_link),
}
"""What makes a thing under an id that the caller chooses."""

DEFINING = {"previewStrategy": Call(), "importStrategies": Call(), "putLimits": Call(body=dict)}
"""What reads ids out of a body; `putStrategy` does so too."""

STOPPING = {
    "listHalts": Call(),
    "halt": Call(body=lambda: {"kind": "user", "reason": "mine"}),
    "releaseHalt": Call(query={"kind": "user"}),
    "squareOff": Call(body=lambda: {"kind": "user", "reason": "mine", "confirm": "SQUARE OFF"}),
}
"""What stops the caller, or a thing whose kind and id are named beside the path."""

FIGURES = {"getDayProfit": Call(of="days")}
"""Answers made of amounts alone, in which no name could be seen."""

ALIKE_FOR_ALL = {"listBrokers": Call(), "listEgress": Call()}
GROUPS = (LISTS, EXISTING, MAKING, DEFINING, STOPPING, FIGURES, ALIKE_FOR_ALL)
ROWS = {name: call for group in GROUPS for name, call in group.items()}
OF_ONE_THING = EXISTING | MAKING

ROUTES = {
    operation["operationId"]: (method.upper(), path)
    for path, operations in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items()
    for method, operation in operations.items()
}


def test_every_route_of_the_document_has_a_row_here() -> None:
    assert set(ROWS) == set(ROUTES)
    assert len(ROWS) == sum(map(len, GROUPS))
    assert {name for name, call in ROWS.items() if call.of} == {
        name for name, (_, path) in ROUTES.items() if "{" in path
    }


@dataclass
class Tenant:
    """One of two users. Its `mark` is in every id and name of what is its own."""

    trader: Trader
    stage: Stage
    mark: str = field(default_factory=lambda: f"t{secrets.token_hex(5)}")
    made: int = 0

    @property
    def account(self) -> str:
        """The account that the strategies of this user name."""
        return f"{self.mark}-account"

    def definition(self, **changes: Any) -> dict[str, Any]:
        """A strategy of this user."""
        return credit_spread(self.account, name=f"{self.mark} spread") | changes

    def new(self, kind: str, *, logged_in: bool = False) -> str:
        """The id of a new thing, stored as version 1; an account is logged in to where that is asked for."""
        self.made += 1
        thing_id = f"{self.mark}-{self.made}"
        if kind == STRATEGY:
            self.trader.save(self.definition(), thing_id)
        elif kind == BASKET:
            self.trader.save_basket(thing_id, {"name": f"{self.mark} basket", "multiplier": "3"})
        else:
            self.trader.link_only(thing_id, self.stage.exchange, ANGEL_ONE)
            if logged_in:
                self.trader.api.post(f"/accounts/{thing_id}/session", {})
        return thing_id

    def call(self, operation: str, thing_id: str = "", **changes: Any) -> httpx.Response:
        """Ask an operation about a thing; `changes` are another body or another query."""
        method, path = ROUTES[operation]
        row = ROWS[operation]
        sent = {"query": row.query, "body": row.body()} | changes
        return self.trader.ask(method, _filled(path, thing_id), sent["body"], **sent["query"])

    def kept(self) -> dict[str, Any]:
        """All that is stored of this user, but for what the platform writes by itself in any minute."""
        accounts = [item["sk"].removeprefix("ACCOUNT#") for item in self.trader.items("ACCOUNT#")]
        stored = {account_id: self.trader.stored_secret(account_id) for account_id in accounts}
        items = {item["sk"]: item for item in self.trader.items() if not item["sk"].startswith(OF_THE_PLATFORM)}
        return {**items, "secrets": stored}


def _filled(path: str, thing_id: str) -> str:
    begin, brace, rest = path.partition("{")
    return f"{begin}{quote(thing_id, safe='')}{rest.partition('}')[2]}" if brace else path


Pair = tuple[Tenant, Tenant]
LONG_PAST = Tick((datetime.now(IST) - timedelta(seconds=90)).replace(microsecond=0))
"""A tick whose orders are not sent any more: a day of runs and orders that nobody has to wait for."""


@pytest.fixture(scope="module")
def pair(stage: Stage) -> Pair:
    """Two users with an account, a basket, a strategy, and a run of today each."""
    first, second = (Tenant(_signed_up(stage), stage) for _ in range(2))
    for tenant in (first, second):
        tenant.trader.link_as(tenant.account, stage.exchange, ANGEL_ONE)
        tenant.new(BASKET)
        strategy = tenant.trader.save(tenant.definition(), f"{tenant.mark}-spread")
        stage.execute(tenant.trader, LONG_PAST, ("entry", strategy))
        tenant.trader.days.add(LONG_PAST.date)
    return first, second


def _signed_up(stage: Stage) -> Trader:
    trader = sign_up(stage.deployment)
    stage.traders.append(trader)
    stage.cleaning.callback(trader.leave)
    return trader


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_holds_what_is_ones_own_and_nothing_of_anothers(pair: Pair, operation: str) -> None:
    for one, other in (pair, pair[::-1]):
        answer = one.call(operation, str(LONG_PAST.date))
        assert answer.status_code == 200, answer.text
        assert one.mark in answer.text
        assert other.mark not in answer.text
        assert other.trader.user_id not in answer.text


def test_a_new_user_sees_nothing_of_anybody(pair: Pair, stage: Stage) -> None:
    stranger = Tenant(_signed_up(stage), stage)
    for operation in LISTS:
        answer = stranger.call(operation, str(LONG_PAST.date))
        assert answer.status_code == 200, answer.text
        assert not [tenant.mark for tenant in pair if tenant.mark in answer.text], operation
    for operation in FIGURES:
        assert stranger.call(operation, str(LONG_PAST.date)).json()["points"] == [], operation
    day = stranger.call("getDay", str(LONG_PAST.date)).json()
    assert (day["runs"], day["orders"], day["positions"]) == ([], [], [])


@pytest.mark.parametrize("operation", FIGURES)
def test_figures_are_ones_own(pair: Pair, operation: str) -> None:
    day = LONG_PAST.date - timedelta(days=1)  # without marks of its own
    for tenant, amount in zip(pair, ("111.5", "222.5"), strict=True):
        point = {
            "pk": f"USER#{tenant.trader.user_id}#PROFIT#{day}",
            "sk": "10:00",
            "at": f"{day}T10:00:00.000000+05:30",
        }
        tenant.stage.deployment.table.put_item(Item=point | {"money": Decimal(amount), "paper": None})
        tenant.trader.days.add(day)
    told = [tenant.call(operation, str(day)).json()["points"] for tenant in pair]
    assert [[point["money"] for point in points] for points in told] == [["111.5"], ["222.5"]]


@pytest.mark.parametrize("operation", EXISTING)
def test_what_is_anothers_answers_as_what_does_not_exist(pair: Pair, operation: str) -> None:
    one, other = pair
    row = ROWS[operation]
    theirs, mine = (tenant.new(row.of, logged_in=row.logged_in) for tenant in (other, one))
    before = other.kept()
    refused = one.call(operation, theirs)
    assert refused.status_code == 404, refused.text
    assert _without(refused, theirs) == _without(one.call(operation, MISSING), MISSING)
    assert other.kept() == before
    assert one.call(operation, mine).status_code == 200


@pytest.mark.parametrize("operation", MAKING)
def test_an_id_that_another_uses_is_free(pair: Pair, stage: Stage, operation: str) -> None:
    one, other = Tenant(_signed_up(stage), stage), pair[1]
    theirs = other.new(ROWS[operation].of)
    before = other.kept()
    if operation != "linkAccount":  # an account has no versions
        stale = one.call(operation, theirs, query={"replaces": 1})
        assert stale.status_code == 409
        assert _without(stale, theirs) == _without(one.call(operation, MISSING, query={"replaces": 1}), MISSING)
    made = one.call(operation, theirs)
    assert made.status_code == 200, made.text
    assert other.mark not in _without(made, theirs)
    assert other.kept() == before


def _without(answer: httpx.Response, thing_id: str) -> str:
    return answer.text.replace(thing_id, "…")


def _naming(field_name: str) -> Callable[[Tenant, str], dict[str, Any]]:
    """A definition that names an id in one of its fields."""

    def build(tenant: Tenant, thing_id: str) -> dict[str, Any]:
        definition = tenant.definition()
        if field_name == "basket_id":
            return definition | {"basket_id": thing_id}
        share = {"account_id": thing_id}
        if field_name == "allocation":
            return definition | {"allocation": [share]}
        first, *others = definition["legs"]
        return definition | {"legs": [{**first, "allocation": [{**share, "lots": first["lots"]}]}, *others]}

    return build


NAMING = {name: _naming(name) for name in ("allocation", "legs[1].allocation", "basket_id")}


@pytest.mark.parametrize("name", NAMING)
@pytest.mark.parametrize("operation", ["previewStrategy", "putStrategy", "importStrategies"])
def test_a_definition_learns_nothing_of_anothers_account_or_basket(pair: Pair, operation: str, name: str) -> None:
    one, other = pair
    theirs = other.new(BASKET) if name == "basket_id" else other.new(ACCOUNT)
    before = other.kept()
    of_theirs, of_missing = (_told(one, operation, NAMING[name](one, thing_id)) for thing_id in (theirs, MISSING))
    assert (of_theirs[0], of_theirs[1].replace(theirs, "…")) == (of_missing[0], of_missing[1].replace(MISSING, "…"))
    assert other.mark not in of_theirs[1].replace(theirs, "…")
    if operation == "importStrategies" and name != "basket_id":
        assert of_theirs[0] == 200  # disabled, which it may be with an account that is not linked
    else:
        assert theirs in of_theirs[1], "the problem is not told"
    assert other.kept() == before


def _told(tenant: Tenant, operation: str, definition: dict[str, Any]) -> tuple[int, str]:
    """Status and text of the answer, without what changes with prices."""
    if operation == "importStrategies":
        body = json.dumps({"legwise": 1, "strategies": [{"strategy_id": "imported", "definition": definition}]})
        answer = tenant.call(operation, body={"format": "json", "content": body, "dry_run": True})
    else:
        answer = tenant.call(operation, "not-saved", body=definition)
    found = answer.json()
    found.pop("at_market", None)
    return answer.status_code, json.dumps(found)


def test_limits_learn_nothing_of_anothers_account_and_change_none_of_anothers(pair: Pair, stage: Stage) -> None:
    one, other = Tenant(_signed_up(stage), stage), pair[1]
    theirs = other.new(ACCOUNT)
    before = other.kept()
    answers = [one.call("putLimits", body=_limits_of_account(one, account_id)) for account_id in (theirs, MISSING)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert _without(answers[0], theirs) == _without(answers[1], MISSING)
    assert one.call("putLimits", body={"user": {"max_lots_per_day": 1}}).status_code == 200
    assert other.call("getLimits").json()["version"] == 0
    assert other.kept() == before


def test_an_import_replaces_nothing_of_anothers(pair: Pair, stage: Stage) -> None:
    one, other = Tenant(_signed_up(stage), stage), pair[1]
    theirs, basket = other.new(STRATEGY), other.new(BASKET)
    before = other.kept()
    document = {
        "legwise": 1,
        "baskets": [{"basket_id": basket, "definition": {"name": "mine"}}],
        "strategies": [{"strategy_id": theirs, "definition": one.definition(basket_id=basket)}],
    }
    answer = one.call("importStrategies", body={"format": "json", "content": json.dumps(document), "replace": True})
    assert answer.status_code == 200, answer.text
    assert [row["version"] for row in answer.json()["strategies"] + answer.json()["baskets"]] == [1, 1]
    assert other.kept() == before


MALFORMED = {
    "hash": "USER#somebody",
    "encoded-hash": "USER%23somebody",
    "encoded-slash": "a%2Fb",
    "dots": "%2e%2e",
    "upper-case": "Spread",
    "41-characters": "a" * 41,
    "one-character": "a",
    "unicode": "स्प्रेड",
    "full-width": "ａｂｃ",
    "space": "a b",
    "line-break": "a\nb",
    "line-break-last": "never-made\n",
    "nul": "a\x00b",
    "quote": "a'b",
    "dash-first": "-ab",
}
OTHER_PATHS = {"slash": "a/b", "parent": "..", "empty": ""}
"""With these the path is that of another route or of none: the gateway may answer before the function."""


@pytest.mark.parametrize("operation", OF_ONE_THING)
def test_a_malformed_id_is_refused_before_anything_is_read(pair: Pair, operation: str) -> None:
    one, _ = pair
    before = one.kept()
    for name, thing_id in (MALFORMED | OTHER_PATHS).items():
        answer = one.call(operation, thing_id)
        if name in OTHER_PATHS and answer.json() == {"message": "Not Found"}:
            assert answer.status_code == 404
            continue
        assert answer.status_code == 422, f"{name}: {answer.text}"
        (problem,) = answer.json()["problems"]
        assert problem.startswith((f"{ROWS[operation].of[:-1].replace('ie', 'y')}", "path: "))
        assert "is no id" in problem, problem
    assert one.kept() == before


def test_a_malformed_date_is_refused(pair: Pair) -> None:
    for text in ("today", "2026-13-01", "2026-11-23#", "USER%23x", "2026-11-23 ", "0", "٢٠٢٦-11-23"):
        answer = pair[0].call("getDay", text)
        assert answer.status_code == 422, f"{text}: {answer.text}"


def _limits_of_account(_: Tenant, account_id: str) -> dict[str, Any]:
    return {"accounts": {account_id: {"max_lots_per_order": 1}}}


IDS_IN_BODIES: dict[str, tuple[str, Callable[[Tenant, str], Any]]] = {
    "new_id of a strategy": ("copyStrategy", lambda one, bad: {"new_id": bad}),
    "new_id of a basket": ("copyBasket", lambda one, bad: {"new_id": bad}),
    "basket_id": ("putStrategy", NAMING["basket_id"]),
    "allocation[1].account_id": ("putStrategy", NAMING["allocation"]),
    "legs[1].allocation[1].account_id": ("putStrategy", NAMING["legs[1].allocation"]),
    "basket_id of a preview": ("previewStrategy", NAMING["basket_id"]),
    "strategies[1].strategy_id": (
        "importStrategies",
        lambda one, bad: _document(strategies=[{"strategy_id": bad, "definition": one.definition()}]),
    ),
    "baskets[1].basket_id": (
        "importStrategies",
        lambda one, bad: _document(baskets=[{"basket_id": bad, "definition": {"name": "mine"}}]),
    ),
    "accounts": ("putLimits", _limits_of_account),
}


def _document(**entries: Any) -> dict[str, Any]:
    return {"format": "json", "content": json.dumps({"legwise": 1, **entries})}


@pytest.mark.parametrize("place", IDS_IN_BODIES)
def test_a_malformed_id_in_a_body_is_refused_by_its_field(pair: Pair, place: str) -> None:
    one, _ = pair
    operation, body = IDS_IN_BODIES[place]
    thing_id = one.new(ROWS[operation].of) if ROWS[operation].of else ""
    before = one.kept()
    for name, bad in (MALFORMED | OTHER_PATHS).items():
        answer = one.call(operation, thing_id, body=body(one, bad), query={})
        assert answer.status_code == 422, f"{name}: {answer.text}"
        assert [line for line in answer.json()["problems"] if line.startswith(place.partition(" of ")[0])], answer.text
    assert one.kept() == before


@pytest.fixture(scope="module")
def strangers(pair: Pair, deployment: Deployment) -> Iterator[dict[str, httpx.Client]]:
    """Clients whose tokens are none."""
    real = pair[0].trader.api.client.headers["Authorization"].removeprefix("Bearer ")
    tokens = {
        "none": None,
        "garbage": "Bearer garbage",
        "three garbled parts": "Bearer a.b.c",
        "empty": "Bearer",
        "expired": f"Bearer {_expired(real)}",
        "unsigned": f"Bearer {real.rpartition('.')[0]}.",
        "other scheme": "Basic dXNlcjpwYXNz",
    }
    clients = {
        name: httpx.Client(
            base_url=deployment.api_url, timeout=20, headers={"Authorization": token} if token is not None else {}
        )
        for name, token in tokens.items()
    }
    yield clients
    for client in clients.values():
        client.close()


def _expired(token: str) -> str:
    """The token as it would look an hour after its end."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims |= {"exp": int((datetime.now(UTC) - timedelta(hours=1)).timestamp())}
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature))


@pytest.mark.parametrize("operation", ROWS)
def test_without_a_valid_token_every_route_is_closed(
    pair: Pair, strangers: dict[str, httpx.Client], operation: str
) -> None:
    method, path = ROUTES[operation]
    row = ROWS[operation]
    before = pair[0].kept()
    for name, client in strangers.items():
        answer = client.request(method, _filled(path, "anything"), json=row.body(), params=row.query or None)
        assert answer.status_code == 401, f"{name}: {answer.status_code} {answer.text}"
    assert pair[0].kept() == before


def test_the_same_ids_of_two_users_are_two_things(stage: Stage) -> None:
    one, other = (Tenant(_signed_up(stage), stage) for _ in range(2))
    for tenant in (one, other):
        tenant.trader.link_as("same", stage.exchange, ANGEL_ONE)
        tenant.trader.save_basket("same", {"name": f"{tenant.mark} basket"})
        tenant.trader.save(credit_spread("same", name=f"{tenant.mark} spread") | {"basket_id": "same"}, "same")
        stage.execute(tenant.trader, LONG_PAST, ("entry", tenant.trader.strategies["same"]))
    days = [tenant.trader.day(LONG_PAST.date) for tenant in (one, other)]
    assert [[run["name"] for run in day["runs"]] for day in days] == [[f"{one.mark} spread"], [f"{other.mark} spread"]]
    assert len({run["run_id"] for day in days for run in day["runs"]}) == 1

    before, due = other.kept(), _due_of(other)
    assert len(due) == 2
    one.trader.link_as("same", stage.exchange, ANGEL_ONE)
    assert one.call("disableBasket", "same").status_code == 200
    assert one.call("disableStrategy", "same").status_code == 200
    assert one.call("deleteStrategy", "same", query={"version": 2}).status_code == 200
    assert one.call("deleteBasket", "same", query={"version": 2}).status_code == 200
    assert (other.kept(), _due_of(other)) == (before, due)
    assert _due_of(one) == []
    assert other.call("getStrategy", "same").json()["definition"]["name"] == f"{other.mark} spread"
    assert one.call("getStrategy", "same").status_code == 404


@pytest.mark.parametrize("kind", ["strategy", "account", "run"])
def test_nobody_stops_what_is_anothers(pair: Pair, stage: Stage, kind: str) -> None:
    one, other = Tenant(_signed_up(stage), stage), pair[1]
    theirs = {
        "strategy": f"{other.mark}-spread",
        "account": other.account,
        "run": f"{other.mark}-spread-{LONG_PAST.date:%Y%m%d}",
    }[kind]
    before = other.kept()
    for thing_id in (theirs, MISSING):
        about = {"kind": kind, "id": thing_id}
        asked = {"squareOff": one.call("squareOff", body={**about, "reason": "mine", "confirm": "SQUARE OFF"})}
        asked["getSquareOff"] = one.call("getSquareOff", query=about)
        if kind != "run":
            asked["halt"] = one.call("halt", body={**about, "reason": "mine"})
            assert one.call("releaseHalt", query=about).json() == {"released": False}
        for operation, answer in asked.items():
            assert answer.status_code == 404, f"{operation}: {answer.text}"
    assert one.call("listHalts").json() == other.call("listHalts").json() == []
    assert other.kept() == before


def test_a_halt_of_oneself_stops_nobody_else(stage: Stage) -> None:
    one, other = (Tenant(_signed_up(stage), stage) for _ in range(2))
    assert one.call("halt").status_code == 200
    (halt,) = one.call("listHalts").json()
    assert (halt["kind"], halt["id"], halt["yours"]) == ("user", None, True)
    assert other.call("listHalts").json() == []
    assert (other.call("getMe").json()["halted"], one.call("getMe").json()["halted"]) == (None, "halted (user): mine")
    assert other.call("releaseHalt").json() == {"released": False}
    assert one.call("releaseHalt").json() == {"released": True}
    begun = one.call("squareOff")
    assert (begun.status_code, begun.json()["runs"]) == (202, [])
    assert other.call("getMe").json()["halted"] is None


def _due_of(tenant: Tenant) -> list[Any]:
    """What the due index holds of a user."""
    pk, sk = index_key(INDEX_DUE)
    return [(item[pk], item[sk]) for item in tenant.trader.items("DUE#")]
