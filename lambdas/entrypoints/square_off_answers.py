"""How an operator is answered about halts and square-offs."""

from typing import Any

from lambdas.domain.run_progress import RunProgress
from lambdas.use_cases.kill_switch import KillSwitchAnswer


def document_of(answer: KillSwitchAnswer) -> dict[str, Any]:
    """An answer as JSON."""
    document: dict[str, Any] = {"done": answer.done, "problems": list(answer.problems)}
    progress = answer.progress
    if progress is None:
        return document
    halt = progress.halt
    since = halt.since.isoformat() if halt and halt.since else None
    return {
        **document,
        "scope": str(progress.scope),
        "halt": {"reason": halt.reason, "by": halt.by, "since": since} if halt else None,
        "started": list(progress.started),
        "runs": [_run(one) for one in progress.runs],
    }


def _run(progress: RunProgress) -> dict[str, Any]:
    run = progress.run
    return {
        "user_id": run.user_id,
        "run_id": run.run_id,
        "date": run.date.isoformat(),
        "status": str(run.status),
        "reason": run.reason,
        "open_positions": progress.open_positions,
        "entries_pending": progress.entries_pending,
        "exits": {
            "pending": progress.exits_pending,
            "filled": progress.exits_filled,
            "failed": progress.exits_failed,
        },
    }
