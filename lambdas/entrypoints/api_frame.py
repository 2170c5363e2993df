"""What both HTTP APIs share: the resolver, who is calling, and how a mistake is answered."""

import binascii
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.entrypoints.api_answers import Problem, Unauthorized, problem_lines
from lambdas.entrypoints.unreadable_text import unreadable_places


class ApiProblem(Exception):
    """Something that the caller has to know; answered with its status and the lines of `problems`.

    `force_helps` is whether the same request is done with `force=true`, `retry_after` how many seconds to wait.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        problems: Sequence[str] = (),
        *,
        force_helps: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = list(problems)
        self.force_helps = force_helps
        self.retry_after = retry_after


JSON = content_types.APPLICATION_JSON
MISFIT = "the request does not fit"
MOST_CHARACTERS = 1_000_000
"""Of a body: twice the largest file. What is wrong with more could not be found out in the time of a call."""
MOST_PROBLEMS = 200
"""In one answer; a function cannot answer with more than 6 MB."""
NO_PATH = "path: holds what is no id; correct it"
NOT_JSON = {"type": "json_invalid", "loc": ("body",), "msg": "is not JSON"}
UNREADABLE = {"type": "string_unicode", "msg": "is not readable text"}
MEANING = {
    HTTPStatus.UNAUTHORIZED: "No valid access token came with the request",
    HTTPStatus.NOT_FOUND: "There is no such thing of yours",
    HTTPStatus.CONFLICT: "Another version is stored",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request does not fit; each problem names its field",
    HTTPStatus.BAD_GATEWAY: "The broker did not answer, or nothing that can be read",
    HTTPStatus.SERVICE_UNAVAILABLE: "The broker takes no more calls for now",
}
HEADERS: Mapping[HTTPStatus, Any] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
}


def answers(model: Any, *refusals: HTTPStatus, done: HTTPStatus = HTTPStatus.OK) -> dict[int, Any]:
    """What an operation may answer, for the OpenAPI document: `model`, or a `Problem` with these statuses."""
    told = "Done" if done is HTTPStatus.OK else "Begun; ask how far it is"
    documented: dict[int, Any] = {done.value: {"description": told, "content": {"application/json": {"model": model}}}}
    shapes: dict[HTTPStatus, Any] = {HTTPStatus.UNPROCESSABLE_ENTITY: Problem, HTTPStatus.UNAUTHORIZED: Unauthorized}
    for status, shape in (shapes | dict.fromkeys(refusals, Problem)).items():
        content = {"application/json": {"model": shape}}
        headers = {"headers": HEADERS[status]} if status in HEADERS else {}
        documented[status.value] = {"description": MEANING[status], "content": content, **headers}
    return documented


class JsonApi(APIGatewayHttpResolver):
    """A resolver that reads JSON bodies only, and that answers whatever cannot be read as a `Problem`."""

    def __init__(self) -> None:
        super().__init__(enable_validation=True, json_body_deserializer=_read_json)
        self.exception_handler(RequestValidationError)(_explain)
        self.exception_handler(UnicodeDecodeError)(_not_json)
        self.exception_handler(binascii.Error)(_not_json)
        self.exception_handler(ApiProblem)(_answer)
        self.exception_handler(NotFoundError)(self._no_such_path)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer an HTTP API event (payload 2.0)."""
        problem = _problem_of_path(event) or _problem_of_body(event)
        if problem:
            body = Problem(message=MISFIT, problems=[problem], force_helps=False).model_dump_json()
            headers = {"Content-Type": JSON}
            return {"statusCode": HTTPStatus.UNPROCESSABLE_ENTITY.value, "headers": headers, "body": body}
        return super().resolve(event, context)

    def _no_such_path(self, _error: NotFoundError) -> Response[str]:
        """The gateway passes on its routes only: what matches none here has an id with a character of no id."""
        if self.current_event.get("routeKey", "$default") == "$default":
            return _answer(ApiProblem(HTTPStatus.NOT_FOUND, "there is nothing at this path"))
        return _answer(ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, MISFIT, [NO_PATH]))


def new_api() -> APIGatewayHttpResolver:
    """A resolver that checks requests against their types and explains what does not fit."""
    return JsonApi()


def new_router() -> APIGatewayHttpRouter:
    """A group of routes, to be included in a resolver."""
    return APIGatewayHttpRouter()  # type: ignore[no-untyped-call]  # its constructor has no annotations


def _problem_of_path(event: Mapping[str, Any]) -> str | None:
    """Control characters: a line break at the end of an id would be left out by the match of the route."""
    return None if str(event.get("rawPath", "")).isprintable() else NO_PATH


def _problem_of_body(event: Mapping[str, Any]) -> str | None:
    """Why a body is not even looked at."""
    body = event.get("body") or ""
    kind = (event.get("headers") or {}).get("content-type", JSON).strip()
    if body and not kind.startswith(JSON):
        return f"content-type: is not read here; send {JSON}"
    if len(body) > MOST_CHARACTERS:
        return f"body: has more than {MOST_CHARACTERS} characters; send less at once"
    return None


def _read_json(text: str) -> Any:
    """Parse a body. Raises RequestValidationError also for what the parser gives up on, depth and huge numbers,
    and for text that cannot be kept."""
    try:
        values = json.loads(text, parse_constant=_no_constant)
        unreadable = [UNREADABLE | {"loc": ("body", *place)} for place in unreadable_places(values)]
    except (ValueError, RecursionError) as error:
        raise RequestValidationError([NOT_JSON]) from error
    if unreadable:
        raise RequestValidationError(unreadable)
    return values


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _not_json(_error: UnicodeDecodeError | binascii.Error) -> Response[str]:
    return _explain(RequestValidationError([NOT_JSON]))


def _explain(error: RequestValidationError) -> Response[str]:
    lines = problem_lines(list(error.errors()))
    return _answer(ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, MISFIT, lines))


def _answer(error: ApiProblem) -> Response[str]:
    told, more = error.problems[:MOST_PROBLEMS], len(error.problems) - MOST_PROBLEMS
    lines = [*told, f"… and {more} more"] if more > 0 else told
    problem = Problem(message=error.message, problems=lines, force_helps=error.force_helps)
    headers: dict[str, str | list[str]] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(error.status, content_types.APPLICATION_JSON, problem.model_dump_json(), headers)


def caller(api: APIGatewayHttpResolver | APIGatewayHttpRouter) -> str:
    """The signed-in user's id: the subject of the token that the authorizer has checked."""
    claims = api.current_event.request_context.authorizer.jwt_claim
    subject: str = claims["sub"]
    return subject
