"""Runs and the ledger of intents in the one table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from boto3.dynamodb.conditions import Attr

from lambdas.adapters.dynamo.items import (
    IN_FLIGHT_PARTITION,
    MARKS_SK,
    OPEN_RUNS_PARTITION,
    chase_attributes,
    day_pk,
    intent_item,
    intent_of,
    marks_of,
    open_run_keys,
    order_of,
    order_sk,
    run_item,
    run_of,
    state_attributes,
)
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.intents import FINAL, RESTING, Intent, IntentStatus, Order, OrderState, statuses_before
from lambdas.domain.runs import CLOSED, Run, RunStatus, Verdict
from lambdas.ports.store import DayOfUser
from shared_config.names import INDEX_IN_FLIGHT, INDEX_OPEN_RUNS, PARTITION_KEY, index_key


@dataclass(frozen=True)
class DynamoRuns:
    """Implements `RunStore`."""

    table: Table

    async def begin_run(self, run: Run) -> bool:
        return await self.table.put(run_item(run), Attr(PARTITION_KEY).not_exists())

    async def run(self, user_id: str, day: date, run_id: str) -> Run | None:
        item = await self.table.get(day_pk(user_id, day), f"RUN#{run_id}")
        return run_of(item) if item else None

    async def conclude(self, run: Run, verdict: Verdict) -> bool:
        keys = open_run_keys(replace(run, status=verdict.status))
        changed = await self.table.update(
            day_pk(run.user_id, run.date),
            f"RUN#{run.run_id}",
            sets={"status": str(verdict.status), "reason": verdict.reason, **keys},
            removes=() if keys else index_key(INDEX_OPEN_RUNS),
            condition="attribute_exists(#pk) AND (#status <> :status OR #reason <> :reason)",
            names={"#status": "status", "#reason": "reason"},
            values={":status": str(verdict.status), ":reason": verdict.reason},
        )
        return changed is not None

    async def close_run(self, run: Run, reason: str) -> bool:
        closed = {f":c{n}": str(status) for n, status in enumerate(sorted(CLOSED))}
        changed = await self.table.update(
            day_pk(run.user_id, run.date),
            f"RUN#{run.run_id}",
            sets={"status": str(RunStatus.EXITING), "reason": reason, "closing": reason},
            condition=f"attribute_exists(#pk) AND NOT #status IN ({', '.join(closed)})",
            names={"#status": "status"},
            values=closed,
        )
        return changed is not None

    async def plan(self, intents: Sequence[Intent], *, moving: tuple[Run, Verdict] | None = None) -> bool:
        condition = "attribute_not_exists(pk)"
        operations: list[dict[str, Any]] = [
            {"Put": {"Item": intent_item(intent), "ConditionExpression": condition}} for intent in intents
        ]
        if moving is not None:
            operations.append({"Update": _move(*moving)})
        return await self.table.transact(operations)

    async def claim(self, user_id: str, day: date, intent_id: str) -> Intent | None:
        item = await self.table.update(
            day_pk(user_id, day),
            order_sk(intent_id),
            sets={"status": str(IntentStatus.SENDING)},
            condition="#status = :planned",
            names={"#status": "status"},
            values={":planned": str(IntentStatus.PLANNED)},
        )
        return intent_of(item) if item else None

    async def record(self, intent: Intent, state: OrderState) -> bool:
        earlier = {f":e{n}": str(status) for n, status in enumerate(sorted(statuses_before(state.status)))}
        changed = await self.table.update(
            day_pk(intent.user_id, intent.intended_at.date),
            order_sk(intent.intent_id),
            sets=state_attributes(state),
            removes=index_key(INDEX_IN_FLIGHT) if state.status in FINAL else (),
            condition=f"#status IN ({', '.join(earlier)})",
            names={"#status": "status"},
            values=earlier,
        )
        return changed is not None

    async def move_limit(self, intent: Intent, state: OrderState) -> bool:
        resting = {f":r{n}": str(status) for n, status in enumerate(sorted(RESTING))}
        before = state.chased - 1
        taken = "#chased = :before" if before else "attribute_not_exists(#chased)"
        changed = await self.table.update(
            day_pk(intent.user_id, intent.intended_at.date),
            order_sk(intent.intent_id),
            sets=chase_attributes(state) | {"limit_price": state.limit_price},
            condition=f"#status IN ({', '.join(resting)}) AND {taken}",
            names={"#status": "status", "#chased": "chased"},
            values=resting | ({":before": before} if before else {}),
        )
        return changed is not None

    async def orders_of_run(self, user_id: str, day: date, run_id: str) -> Sequence[Order]:
        items = await self.table.query(day_pk(user_id, day), order_sk(f"{run_id}."))
        return [order_of(item) for item in items]

    async def day(self, user_id: str, day: date) -> DayOfUser:
        items = await self.table.query(day_pk(user_id, day))
        return DayOfUser(
            runs=[run_of(item) for item in items if item["sk"].startswith("RUN#")],
            orders=[order_of(item) for item in items if item["sk"].startswith("ORDER#")],
            marks=next((marks_of(item["marks"]) for item in items if item["sk"] == MARKS_SK), {}),
        )

    async def open_runs(self) -> Sequence[Run]:
        found = await self.table.query(OPEN_RUNS_PARTITION, index=INDEX_OPEN_RUNS)
        fresh = await asyncio.gather(*(self.table.get(item["pk"], item["sk"]) for item in found))
        return [run for item in fresh if item and (run := run_of(item)).status not in CLOSED]

    async def in_flight(self) -> Sequence[Order]:
        found = await self.table.query(IN_FLIGHT_PARTITION, index=INDEX_IN_FLIGHT)
        fresh = await asyncio.gather(*(self.table.get(item["pk"], item["sk"]) for item in found))
        return [order_of(item) for item in fresh if item and IntentStatus(item["status"]) not in FINAL]


def _move(run: Run, verdict: Verdict) -> dict[str, Any]:
    """From the status with which the run was read, within the open runs."""
    return {
        "Key": {"pk": day_pk(run.user_id, run.date), "sk": f"RUN#{run.run_id}"},
        "UpdateExpression": "SET #status = :status, #reason = :reason",
        "ConditionExpression": "#status = :read",
        "ExpressionAttributeNames": {"#status": "status", "#reason": "reason"},
        "ExpressionAttributeValues": {
            ":status": str(verdict.status),
            ":reason": verdict.reason,
            ":read": str(run.status),
        },
    }
