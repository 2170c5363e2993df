"""Routes that move strategies and baskets in and out as files."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lambdas.bootstrap import run
from lambdas.domain.values import Switch
from lambdas.entrypoints.api_answers import (
    BasketAnswer,
    FileAnswer,
    Format,
    ImportAnswer,
    StrategyAnswer,
    problem_lines,
)
from lambdas.entrypoints.api_frame import ApiProblem, answers, caller, new_router
from lambdas.entrypoints.frame import application
from lambdas.entrypoints.strategy_routes import explained
from lambdas.use_cases.transfer_strategies import Document

router = new_router()


class ImportRequest(BaseModel):
    """A file to import, as text. Everything in it arrives disabled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    content: Annotated[str, Field(min_length=1, max_length=500_000)]
    replace: Annotated[Switch, Field(description="what exists already becomes the next version")] = False
    dry_run: Annotated[Switch, Field(description="check everything, store nothing")] = False


@router.get(
    "/export",
    summary="Everything as a file",
    operation_id="exportStrategies",
    responses=answers(FileAnswer),
)
def export_strategies(format: Annotated[Format, Query()] = "yaml") -> FileAnswer:
    """All baskets and strategies of the user as the text of a YAML or JSON file."""
    from lambdas.adapters.files.documents import write_document

    document = run(application.strategy_transfer.export(caller(router)))
    content = write_document(document.model_dump(mode="json", exclude_none=True), format)
    return FileAnswer(format=format, filename=f"legwise-strategies.{format}", content=content)


@router.post(
    "/import",
    summary="Import a file",
    operation_id="importStrategies",
    responses=answers(ImportAnswer, HTTPStatus.CONFLICT),
)
def import_strategies(request: Annotated[ImportRequest, Body()]) -> ImportAnswer:
    """Store the baskets and strategies of a file, each disabled; one problem and nothing is stored."""
    document = _document(request)
    with explained():
        transfer = application.strategy_transfer
        loaded = run(transfer.load(caller(router), document, replace=request.replace, dry_run=request.dry_run))
    return ImportAnswer(
        stored=not request.dry_run,
        baskets=[BasketAnswer.of(basket) for basket in loaded.baskets],
        strategies=[StrategyAnswer.of(strategy) for strategy in loaded.strategies],
    )


def _document(request: ImportRequest) -> Document:
    from lambdas.adapters.files.documents import DocumentUnreadable, read_document

    try:
        values: Any = read_document(request.content, request.format)
        return Document.model_validate(values)
    except DocumentUnreadable as error:
        raise _unreadable([f"content: {error}"]) from error
    except ValidationError as error:
        raise _unreadable(problem_lines(list(error.errors()))) from error


def _unreadable(problems: list[str]) -> ApiProblem:
    return ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the file cannot be imported; nothing was stored", problems)
