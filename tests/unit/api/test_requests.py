"""Whatever is sent, the answer is a problem in one shape, never a crash."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lambdas.entrypoints.api_frame import MOST_CHARACTERS, MOST_PROBLEMS
from tests.doubles.examples import a_strategy, an_account
from tests.unit.api.house import DEFINITION, House, store

NOT_JSON = ["body: is not JSON; send one JSON object"]
WITH_BODY = [
    ("PUT", "/strategies/spread"),
    ("POST", "/strategies/preview"),
    ("POST", "/strategies/spread/copy"),
    ("PUT", "/baskets/basket"),
    ("POST", "/baskets/basket/copy"),
    ("POST", "/import"),
    ("PUT", "/accounts/zerodha-one"),
    ("POST", "/accounts/zerodha-one/session"),
]
WITH_ID = [
    ("GET", "/strategies/{}"),
    ("PUT", "/strategies/{}"),
    ("DELETE", "/strategies/{}"),
    ("POST", "/strategies/{}/copy"),
    ("POST", "/strategies/{}/enable"),
    ("POST", "/strategies/{}/disable"),
    ("GET", "/baskets/{}"),
    ("PUT", "/baskets/{}"),
    ("DELETE", "/baskets/{}"),
    ("POST", "/baskets/{}/copy"),
    ("POST", "/baskets/{}/enable"),
    ("POST", "/baskets/{}/disable"),
    ("PUT", "/accounts/{}"),
    ("POST", "/accounts/{}/login"),
    ("POST", "/accounts/{}/session"),
]
BODY_OF = {"copy": {"new_id": "second"}, "session": {"request_token": "r"}}
ANY_JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(some.characters(exclude_categories=())),
    lambda values: some.lists(values, max_size=3) | some.dictionaries(some.text(max_size=5), values, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
class TestBodies:
    @pytest.mark.parametrize(
        "body",
        ["{", "not json", "{'a': 1}", "[1,]", '{"a": NaN}', "[Infinity]", "\ufeff{}", '{"a": 1}}'],
    )
    def test_what_is_no_json_is_refused(self, house: House, method: str, path: str, body: str) -> None:
        assert house.refused(method, path, 422, body=body) == NOT_JSON

    @pytest.mark.parametrize(
        "body", ["[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000, '{"name": ' + "9" * 5000 + "}"], ids=lambda b: b[:9]
    )
    def test_json_beyond_all_bounds_is_refused(self, house: House, method: str, path: str, body: str) -> None:
        assert house.refused(method, path, 422, body=body) == NOT_JSON

    @pytest.mark.parametrize("body", [None, "", "null"])
    def test_no_body_is_refused(self, house: House, method: str, path: str, body: str | None) -> None:
        assert house.refused(method, path, 422, body=body) == ["body: is missing; add it"]

    @pytest.mark.parametrize("body", ["[]", '"text"', "1", "true"])
    def test_json_that_is_no_object_is_refused(self, house: House, method: str, path: str, body: str) -> None:
        (problem,) = house.refused(method, path, 422, body=body)
        assert problem.startswith("body: is not an object")

    @pytest.mark.parametrize("body", ["a", "YWJj=Y", base64.b64encode(b"\xff\xfe").decode()])
    def test_what_is_not_base64_of_text_is_refused(self, house: House, method: str, path: str, body: str) -> None:
        assert house.refused(method, path, 422, body=body, isBase64Encoded=True) == NOT_JSON

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json; a=b"]
    )
    def test_another_content_type_is_refused(self, house: House, method: str, path: str, content_type: str) -> None:
        headers = {"content-type": content_type}
        assert house.refused(method, path, 422, body="a=b", headers=headers) == [
            "content-type: is not read here; send application/json"
        ]

    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ('{"name": "\\ud800"}', "name"),
            ('{"legs": [{}, {"right": "a\\udfff"}]}', "legs[2].right"),
            ('{"a\\ud800": 1}', "body"),
            ('{"credentials": {"\\ud800": 1}}', "credentials"),
            ('["\\ud800"]', "[1]"),
            ('"\\ud800"', "body"),
        ],
    )
    def test_text_that_nothing_can_keep_is_named(
        self, house: House, method: str, path: str, body: str, place: str
    ) -> None:
        assert house.refused(method, path, 422, body=body) == [f"{place}: is not readable text; write it anew"]


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_a_body_beyond_the_limit_is_not_looked_at(house: House, method: str, path: str) -> None:
    body = "[" + " " * MOST_CHARACTERS
    assert house.refused(method, path, 422, body=body) == [
        f"body: has more than {MOST_CHARACTERS} characters; send less at once"
    ]


def test_of_thousands_of_problems_the_first_are_told_and_the_rest_counted(house: House) -> None:
    body = {f"k{number}": 1 for number in range(20_000)}
    problems = house.refused("PUT", "/baskets/basket", 422, body={"name": "Mine", **body})
    assert problems[-2:] == [f"k{MOST_PROBLEMS - 1}: is not a field here; remove it", "… and 19800 more"]
    assert len(problems) == MOST_PROBLEMS + 1


def test_a_body_in_base64_is_read(house: House) -> None:
    store(house.accounts.save_account(an_account()))
    body = base64.b64encode(json.dumps({**DEFINITION, "name": "Straße"}).encode()).decode()
    status, saved = house.ask("PUT", "/strategies/spread", body=body, isBase64Encoded=True)
    assert (status, saved["definition"]["name"]) == (200, "Straße")


@pytest.mark.parametrize("headers", [{}, None, {"content-type": "application/json; charset=utf-8"}])
def test_json_needs_no_content_type(house: House, headers: dict[str, str] | None) -> None:
    assert house.ask("PUT", "/baskets/basket", body={"name": "Mine"}, headers=headers or {})[0] == 200


@pytest.mark.parametrize(("method", "path"), WITH_ID)
@pytest.mark.parametrize("malformed", ["Upper", "x", "a_b", "a" * 41, "-a", "a b", "a%00", "ä-ö"])
def test_a_malformed_id_is_named(house: House, method: str, path: str, malformed: str) -> None:
    body = BODY_OF.get(path.rpartition("/")[2], {"name": "Mine"}) if method != "GET" else None
    query = {"version": "1", "replaces": "1"}
    problems = house.refused(method, path.format(malformed), 422, body=body, query=query)
    kind = {"strategies": "strategy_id", "baskets": "basket_id", "accounts": "account_id"}[path.split("/")[1]]
    assert any(problem.startswith(f"{kind}: is no id") for problem in problems)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/strategies/"),
        ("GET", "/strategies/spread/more"),
        ("PATCH", "/strategies/spread"),
        ("POST", "/accounts/zerodha-one/nothing"),
        ("GET", "/baskets//copy"),
    ],
)
def test_a_path_that_is_none_has_the_shape_of_a_problem(house: House, method: str, path: str) -> None:
    assert house.refused(method, path, 404) == []


def test_a_character_of_no_id_on_a_route_of_the_gateway_is_a_malformed_id(house: House) -> None:
    problems = house.refused("GET", "/strategies/\u20ac\u0301", 422, routeKey="GET /strategies/{strategy_id}")
    assert problems == ["path: holds what is no id; correct it"]


@pytest.mark.parametrize(
    ("value", "field"), [("9" * 5000, "replaces"), ("1,2", "replaces"), ("", "replaces"), ("\ud800", "replaces")]
)
def test_a_version_that_is_none_is_named(house: House, value: str, field: str) -> None:
    problems = house.refused("PUT", "/strategies/spread", 422, body=DEFINITION, query={"replaces": value})
    assert [problem.split(":")[0] for problem in problems] == [field]


@pytest.mark.parametrize("day", ["0", "20261123", "1e10", "-1", "2026-11-23T00:00:00", "2026-02-30", "9" * 50, "today"])
def test_only_a_date_that_is_written_out_is_a_day(house: House, day: str) -> None:
    (problem,) = house.refused("GET", f"/days/{day}", 422)
    assert problem.startswith("date: ")


@pytest.mark.parametrize("field", ["name", "underlying", "multiplier", "schedule", "legs", "risk", "basket_id"])
@given(value=ANY_JSON)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_a_field_is_worse_than_a_problem(house: House, field: str, value: Any) -> None:
    house.link()
    body = json.dumps({**DEFINITION, field: value})
    for method, path in (("PUT", "/strategies/spread"), ("POST", "/strategies/preview")):
        status, answer = house.ask(method, path, body=body)
        assert status in (200, 409, 422)
        assert status == 200 or set(answer) == {"message", "problems", "force_helps"}


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@given(body=ANY_JSON)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_worse_than_a_problem(house: House, method: str, path: str, body: Any) -> None:
    store(house.accounts.save_account(an_account()))
    status, answer = house.ask(method, path, body=json.dumps(body))
    assert status in (404, 422)
    assert set(answer) == {"message", "problems", "force_helps"}


def test_the_caller_is_the_subject_of_the_token_only(house: House) -> None:
    """Neither a header nor a field of the body makes anybody somebody else."""
    store(house.strategies.save(a_strategy(user_id="user-two")))
    headers = {"content-type": "application/json", "sub": "user-two", "x-user-id": "user-two"}
    assert house.ask("GET", "/strategies", headers=headers) == (200, [])
    assert house.ask("GET", "/strategies", query={"user_id": "user-two", "sub": "user-two"}) == (200, [])
