"""Values that tests begin with, each complete and changed by keyword."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdas.domain.accounts import Account
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Listing, Right, Side
from lambdas.domain.intents import Intent, IntentStatus, Order, OrderState, Phase
from lambdas.domain.moments import IST, Tick
from lambdas.domain.runs import Run, RunStatus
from lambdas.domain.strategy import Strategy, StrategyDefinition
from lambdas.domain.timing import Timing

USER = "user-one"
TICK = Tick.parse("2026-11-23T09:20+05:30")
EXIT_TICK = Tick.parse("2026-11-23T15:15+05:30")
EXPIRY = date(2026, 12, 1)
TIMING = Timing(
    lead=timedelta(seconds=15),
    not_after=timedelta(seconds=20),
    confirm=timedelta(seconds=25),
    poll=timedelta(milliseconds=250),
    heartbeat_grace=timedelta(seconds=20),
)
FREEZE = {"NIFTY": 1800, "BANKNIFTY": 600}


def at(text: str, day: str = "2026-11-23") -> datetime:
    """An instant of the day in IST: `at("09:20:00.5")`."""
    return datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=IST)


def otm(steps: int) -> dict[str, Any]:
    """The strike rule: so many listed strikes out of the money."""
    return {"by": "moneyness", "moneyness": "OTM", "steps": steps}


def a_definition(**changes: Any) -> StrategyDefinition:
    """One short call and its hedge on NIFTY, 09:20 to 15:15 on Mondays, in one account."""
    fields: dict[str, Any] = {
        "name": "Morning spread",
        "underlying": "NIFTY",
        "schedule": {"weekdays": ["MON"], "entry": "09:20", "exit": "15:15"},
        "allocation": [{"account_id": "zerodha-one"}],
        "legs": [
            {"right": "CE", "side": "SELL", "lots": 2},
            {"right": "CE", "side": "BUY", "lots": 2, "strike": otm(4)},
        ],
    }
    return StrategyDefinition.model_validate({**fields, **changes})


def a_strategy(strategy_id: str = "spread", *, user_id: str = USER, version: int = 1, **changes: Any) -> Strategy:
    """A strategy with that definition."""
    return Strategy(user_id=user_id, strategy_id=strategy_id, version=version, definition=a_definition(**changes))


def a_contract(strike: int | str = 24500, right: Right = Right.CE, **changes: Any) -> Contract:
    """A NIFTY option."""
    fields: dict[str, Any] = {"underlying": "NIFTY", "expiry": EXPIRY, "strike": Decimal(strike), "right": right}
    return Contract(**{**fields, **changes})


def a_listing(contract: Contract | None = None, **changes: Any) -> Listing:
    """A contract as a broker lists it: lots of 65, no freeze quantity told."""
    contract = contract or a_contract()
    fields: dict[str, Any] = {
        "contract": contract,
        "exchange": "NFO",
        "symbol": f"{contract.underlying}{contract.strike:f}{contract.right}",
        "token": f"{int(contract.strike)}{0 if contract.right is Right.CE else 1}",
        "lot_size": 65,
        "tick_size": Decimal("0.05"),
    }
    return Listing(**{**fields, **changes})


def listings_of(*strikes: int, expiry: date = EXPIRY, underlying: str = "NIFTY", **changes: Any) -> list[Listing]:
    """Calls and puts at those strikes (24,000 to 25,000 in steps of 50 when none is named)."""
    return [
        a_listing(a_contract(strike, right, expiry=expiry, underlying=underlying), **changes)
        for strike in strikes or range(24000, 25001, 50)
        for right in OPTION_RIGHTS
    ]


def a_chain(broker: str = "zerodha", listings: list[Listing] | None = None) -> Chain:
    """The chain of one expiry at a broker."""
    rows = listings if listings is not None else listings_of()
    return Chain(broker, "NIFTY", rows[0].contract.expiry, {row.contract: row for row in rows})


def an_account(account_id: str = "zerodha-one", **changes: Any) -> Account:
    """An account that is logged in until the next morning."""
    fields: dict[str, Any] = {
        "user_id": USER,
        "account_id": account_id,
        "broker": "zerodha",
        "label": "Mine",
        "client_id": "AB1234",
        "enabled": True,
        "egress": "default",
        "session_expires_at": at("06:00", "2026-11-24"),
    }
    return Account(**{**fields, **changes})


def a_run(run_id: str = "spread-20261123", **changes: Any) -> Run:
    """A run that is being prepared."""
    fields: dict[str, Any] = {
        "user_id": USER,
        "run_id": run_id,
        "strategy_id": "spread",
        "strategy_version": 1,
        "name": "Morning spread",
        "underlying": "NIFTY",
        "date": TICK.date,
        "status": RunStatus.PREPARING,
        "reason": "choosing contracts",
        "entry": "09:20",
        "exit": "15:15",
    }
    return Run(**{**fields, **changes})


def an_intent(**changes: Any) -> Intent:
    """The entry of two lots, leg 1."""
    listing = a_listing(changes.get("contract"))
    tick = changes.get("intended_at", TICK)
    fields: dict[str, Any] = {
        "user_id": USER,
        "run_id": "spread-20261123",
        "leg": 1,
        "account_id": "zerodha-one",
        "phase": Phase.ENTRY,
        "slice_number": 1,
        "attempt": 1,
        "contract": listing.contract,
        "exchange": listing.exchange,
        "symbol": listing.symbol,
        "token": listing.token,
        "side": Side.BUY,
        "lots": 2,
        "quantity": 130,
        "product": "MIS",
        "tick_size": listing.tick_size,
        "intended_at": tick,
        "not_after": tick.instant + TIMING.not_after,
    }
    return Intent(**{**fields, **changes})


def an_order(status: IntentStatus = IntentStatus.FILLED, *, price: str = "100", **changes: Any) -> Order:
    """An order in that status; FILLED is filled whole at `price`. Other changes go to its state or intent."""
    of_state = {name: changes.pop(name) for name in list(changes) if name in OrderState.__dataclass_fields__}
    intent = an_intent(**changes)
    fields: dict[str, Any] = {"status": status}
    if status is IntentStatus.FILLED:
        fields |= {"filled_quantity": intent.quantity, "average_price": Decimal(price)}
    return Order(intent, OrderState(**{**fields, **of_state}))
