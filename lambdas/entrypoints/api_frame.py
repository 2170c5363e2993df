"""What both HTTP APIs share: the resolver, who is calling, and how a mistake is answered."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from lambdas.entrypoints.api_answers import Problem, problem_lines


class ApiProblem(Exception):
    """Something that the caller has to know; answered with its status and the lines of `problems`."""

    def __init__(self, status: HTTPStatus, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = list(problems)


MEANING = {
    HTTPStatus.UNAUTHORIZED: "No valid access token came with the request",
    HTTPStatus.NOT_FOUND: "There is no such thing of yours",
    HTTPStatus.CONFLICT: "Another version is stored",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request does not fit; each problem names its field",
    HTTPStatus.BAD_GATEWAY: "The broker refused or did not answer",
}


def answers(model: Any, *refusals: HTTPStatus) -> dict[int, Any]:
    """What an operation may answer, for the OpenAPI document: `model`, or a `Problem` with these statuses."""
    documented: dict[int, Any] = {200: {"description": "Done", "content": {"application/json": {"model": model}}}}
    for status in (HTTPStatus.UNPROCESSABLE_ENTITY, *refusals):
        content = {"application/json": {"model": Problem}}
        documented[status.value] = {"description": MEANING[status], "content": content}
    documented[HTTPStatus.UNAUTHORIZED.value] = {"description": MEANING[HTTPStatus.UNAUTHORIZED]}
    return documented


def new_api() -> APIGatewayHttpResolver:
    """A resolver that checks requests against their types and explains what does not fit."""
    api = APIGatewayHttpResolver(enable_validation=True)
    api.exception_handler(RequestValidationError)(_explain)
    api.exception_handler(ApiProblem)(_answer)
    return api


def new_router() -> APIGatewayHttpRouter:
    """A group of routes, to be included in a resolver."""
    return APIGatewayHttpRouter()  # type: ignore[no-untyped-call]  # its constructor has no annotations


def _explain(error: RequestValidationError) -> Response[str]:
    lines = problem_lines(list(error.errors()))
    return _answer(ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request does not fit", lines))


def _answer(error: ApiProblem) -> Response[str]:
    problem = Problem(message=error.message, problems=error.problems)
    return Response(error.status, content_types.APPLICATION_JSON, problem.model_dump_json())


def caller(api: APIGatewayHttpResolver | APIGatewayHttpRouter) -> str:
    """The signed-in user's id: the subject of the token that the authorizer has checked."""
    claims = api.current_event.request_context.authorizer.jwt_claim
    subject: str = claims["sub"]
    return subject
