"""Items of the one table: their keys, and how values become attributes and come back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lambdas.domain.accounts import Account
from lambdas.domain.contracts import Contract, Quote, Right, Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState, Phase, Quoted
from lambdas.domain.marks import Mark, Marks
from lambdas.domain.moments import Tick
from lambdas.domain.order_rules import PROTECTED, OrderRules, Policies
from lambdas.domain.refusals import Refusal
from lambdas.domain.runs import CLOSED, Run, RunStatus
from shared_config.names import INDEX_IN_FLIGHT, INDEX_OPEN_RUNS, index_key

Item = dict[str, Any]
IN_FLIGHT_PARTITION = "INFLIGHT#0"
OPEN_RUNS_PARTITION = "OPEN#0"
MARKS_SK = "MARKS"
SELDOM_OF_ACCOUNT = ("session_end_reason", "algo_id", "algo_name", "quotes_from", "listed_at")
"""Attributes that an account has only where they say something."""


def user_pk(user_id: str) -> str:
    """Partition of a user's definitions: profile, accounts, strategies, due items."""
    return f"USER#{user_id}"


def day_pk(user_id: str, day: date) -> str:
    """Partition of what a user did on a date: runs and orders, and the marks of what is open."""
    return f"USER#{user_id}#DAY#{day.isoformat()}"


def account_item(account: Account) -> Item:
    """A linked account, without anything secret."""
    item: Item = {
        "pk": user_pk(account.user_id),
        "sk": f"ACCOUNT#{account.account_id}",
        "user_id": account.user_id,
        "account_id": account.account_id,
        "broker": account.broker,
        "label": account.label,
        "client_id": account.client_id,
        "enabled": account.enabled,
        "egress": account.egress,
        "session_expires_at": _text(account.session_expires_at),
    }
    return item | {name: text for name in SELDOM_OF_ACCOUNT if (text := getattr(account, name))}


def account_of(item: Item) -> Account:
    """The account that an item holds."""
    return Account(
        user_id=item["user_id"],
        account_id=item["account_id"],
        broker=item["broker"],
        label=item["label"],
        client_id=item["client_id"],
        enabled=item["enabled"],
        egress=item["egress"],
        session_expires_at=_instant(item["session_expires_at"]),
        **{name: item.get(name, "") for name in SELDOM_OF_ACCOUNT},
    )


def run_item(run: Run) -> Item:
    """A run; in the open-runs index while something is or can become open in it."""
    item: Item = {
        "pk": day_pk(run.user_id, run.date),
        "sk": f"RUN#{run.run_id}",
        "user_id": run.user_id,
        "run_id": run.run_id,
        "strategy_id": run.strategy_id,
        "strategy_version": run.strategy_version,
        "name": run.name,
        "underlying": run.underlying,
        "date": run.date.isoformat(),
        "status": str(run.status),
        "reason": run.reason,
        "entry": run.entry,
        "exit": run.exit,
        "policies": run.policies.model_dump(),
    }
    return item | ({"closing": run.closing} if run.closing else {}) | open_run_keys(run)


def open_run_keys(run: Run) -> Item:
    """The index attributes of a run; none when it is closed."""
    if run.status in CLOSED:
        return {}
    pk, sk = index_key(INDEX_OPEN_RUNS)
    return {pk: OPEN_RUNS_PARTITION, sk: f"{run.user_id}#{run.run_id}"}


def run_of(item: Item) -> Run:
    """The run that an item holds."""
    return Run(
        user_id=item["user_id"],
        run_id=item["run_id"],
        strategy_id=item["strategy_id"],
        strategy_version=int(item["strategy_version"]),
        name=item["name"],
        underlying=item["underlying"],
        date=date.fromisoformat(item["date"]),
        status=RunStatus(item["status"]),
        reason=item["reason"],
        entry=item["entry"],
        exit=item["exit"],
        policies=Policies.model_validate(item["policies"]),
        closing=item.get("closing", ""),
    )


def order_sk(intent_id: str) -> str:
    """Sort key of an order; its intent id begins with the run id, so that a run's orders lie together."""
    return f"ORDER#{intent_id}"


def intent_item(intent: Intent) -> Item:
    """A planned intent, in the in-flight index until its end is known; `orders` only where it is not the default."""
    contract = intent.contract
    item: Item = {
        "pk": day_pk(intent.user_id, intent.intended_at.date),
        "sk": order_sk(intent.intent_id),
        "intent_id": intent.intent_id,
        "tag": intent.tag,
        "user_id": intent.user_id,
        "run_id": intent.run_id,
        "leg": intent.leg,
        "account_id": intent.account_id,
        "phase": str(intent.phase),
        "slice_number": intent.slice_number,
        "attempt": intent.attempt,
        "underlying": contract.underlying,
        "expiry": contract.expiry.isoformat(),
        "strike": contract.strike,
        "right": str(contract.right),
        "exchange": intent.exchange,
        "symbol": intent.symbol,
        "token": intent.token,
        "side": str(intent.side),
        "lots": intent.lots,
        "quantity": intent.quantity,
        "product": intent.product,
        "tick_size": intent.tick_size,
        "intended_at": str(intent.intended_at),
        "not_after": intent.not_after.isoformat(),
        "at_once": intent.at_once,
    }
    if intent.freeze_quantity is not None:
        item["freeze_quantity"] = intent.freeze_quantity
    if intent.orders != PROTECTED:
        item["orders"] = intent.orders.model_dump(mode="json", exclude_defaults=True)
    return item | state_attributes(OrderState()) | in_flight_keys(intent)


def in_flight_keys(intent: Intent) -> Item:
    """The index attributes of an intent that is not final."""
    pk, sk = index_key(INDEX_IN_FLIGHT)
    return {pk: IN_FLIGHT_PARTITION, sk: f"{intent.user_id}#{intent.account_id}#{intent.intent_id}"}


def intent_of(item: Item) -> Intent:
    """The intent that an item holds."""
    contract = Contract(
        item["underlying"], date.fromisoformat(item["expiry"]), Decimal(item["strike"]), Right(item["right"])
    )
    return Intent(
        user_id=item["user_id"],
        run_id=item["run_id"],
        leg=int(item["leg"]),
        account_id=item["account_id"],
        phase=Phase(item["phase"]),
        slice_number=int(item["slice_number"]),
        attempt=int(item["attempt"]),
        contract=contract,
        exchange=item["exchange"],
        symbol=item["symbol"],
        token=item["token"],
        side=Side(item["side"]),
        lots=int(item["lots"]),
        quantity=int(item["quantity"]),
        product=item["product"],
        tick_size=Decimal(item["tick_size"]),
        intended_at=Tick.parse(item["intended_at"]),
        not_after=datetime.fromisoformat(item["not_after"]),
        at_once=item["at_once"],
        orders=OrderRules.model_validate(item.get("orders", {})),
        freeze_quantity=int(item["freeze_quantity"]) if "freeze_quantity" in item else None,
    )


def state_attributes(state: OrderState) -> Item:
    """What is known of an order, as attributes; `refusal`, `quoted` and the chase only where there is one."""
    item: Item = {
        "status": str(state.status),
        "reason": state.reason,
        "limit_price": state.limit_price,
        "broker_order_id": state.broker_order_id,
        "filled_quantity": state.filled_quantity,
        "average_price": state.average_price,
        "sent_at": _text(state.sent_at),
        "acknowledged_at": _text(state.acknowledged_at),
        "exchange_at": _text(state.exchange_at),
    }
    if state.refusal:
        item["refusal"] = str(state.refusal)
    if state.quoted:
        item["quoted"] = _quoted_item(state.quoted)
    return item | chase_attributes(state)


def chase_attributes(state: OrderState) -> Item:
    """How often the limit of an order was moved and when last; nothing where it never was."""
    return {"chased": state.chased, "chased_at": _text(state.chased_at)} if state.chased else {}


def order_of(item: Item) -> Order:
    """The order that an item holds."""
    state = OrderState(
        status=IntentStatus(item["status"]),
        reason=item["reason"],
        limit_price=item["limit_price"],
        broker_order_id=item["broker_order_id"],
        filled_quantity=int(item["filled_quantity"]),
        average_price=item["average_price"],
        sent_at=_instant(item["sent_at"]),
        acknowledged_at=_instant(item["acknowledged_at"]),
        exchange_at=_instant(item["exchange_at"]),
        refusal=Refusal(item["refusal"]) if "refusal" in item else None,
        chased=int(item.get("chased", 0)),
        chased_at=_instant(item.get("chased_at")),
        quoted=_quoted_of(item["quoted"]) if "quoted" in item else None,
    )
    return Order(intent_of(item), state)


def _quoted_item(quoted: Quoted) -> Item:
    quote = quoted.quote
    sides = {"bid": quote.bid, "ask": quote.ask}
    held = {name: price for name, price in sides.items() if price is not None}
    return {"last": quote.last, "at": _text(quoted.at), **held}


def _quoted_of(item: Item) -> Quoted:
    return Quoted(Quote(item["last"], item.get("bid"), item.get("ask")), datetime.fromisoformat(item["at"]))


def marks_item(marks: Marks) -> list[Item]:
    """The marks of a day as one attribute."""
    return [
        {
            "underlying": contract.underlying,
            "expiry": contract.expiry.isoformat(),
            "strike": contract.strike,
            "right": str(contract.right),
            "last": mark.last,
            "at": _text(mark.at),
        }
        for contract, mark in marks.items()
    ]


def marks_of(items: list[Item]) -> Marks:
    """The marks that an attribute holds."""
    return {
        Contract(one["underlying"], date.fromisoformat(one["expiry"]), one["strike"], Right(one["right"])): Mark(
            one["last"], datetime.fromisoformat(one["at"])
        )
        for one in items
    }


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="microseconds") if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
