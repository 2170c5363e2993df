"""Change one day of the trading calendar: for operators, invoked directly."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.bootstrap import run
from lambdas.domain.trading_calendar import TradingDay
from lambdas.entrypoints.frame import application, logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: Any, _context: LambdaContext) -> dict[str, Any]:
    """`{action, date, kind, name, open, close, by, force}` → what the calendar said of the day and says now."""
    answer = run(application.calendar_changer.answer(event))
    document = {
        "changed": answer.changed,
        "before": _document(answer.before),
        "after": _document(answer.after),
        "problems": list(answer.problems),
    }
    logger.info("calendar", extra={"answer": document})
    return document


def _document(day: TradingDay | None) -> dict[str, Any] | None:
    if day is None:
        return None
    return {
        "date": day.date.isoformat(),
        "kind": str(day.kind),
        "due_day": day.due_day,
        "reason": day.reason,
        "sessions": [
            {"name": session.name, "open": f"{session.opens:%H:%M}", "close": f"{session.closes:%H:%M}"}
            for session in day.sessions
        ],
    }
