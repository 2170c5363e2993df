"""A user of the product with broker accounts of its own, seen through the HTTP API."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from boto3.dynamodb.conditions import Key

from lambdas.domain.moments import IST, MINUTE, WEEKDAYS, Tick
from local.api import Api
from shared_config.names import EXPORT_USER_POOL_CLIENT_ID, EXPORT_USER_POOL_ID
from tests.local.deployment import Deployment
from tests.local.exchange import ANGEL_ONE, DHAN, FYERS, GROWW, UPSTOX, ZERODHA, Exchange, SandboxAccount
from tests.local.login_page import Decision, decide
from tests.local.srp import Password, access_token

ZED, ANGEL = "my-zerodha", "my-angel"
UP, FY, DHA, GRO = "my-upstox", "my-fyers", "my-dhan", "my-groww"
OWN = {ZERODHA: ZED, ANGEL_ONE: ANGEL, UPSTOX: UP, FYERS: FY, DHAN: DHA, GROWW: GRO}
"""How a user calls the first account at each broker."""
STRATEGY = "credit-spread"
ZED_TWO = "second-zerodha"
CALLED = {"zed": ZED, "zed_two": ZED_TWO, "angel": ANGEL, "upstox": UP, "fyers": FY, "dhan": DHA, "groww": GRO}
"""How the accounts are called where lots are given by account."""
SINGLE_USE = ("request_token", "code", "auth_code", "tokenId", "state")
"""What a callback carries that becomes a session, or protects one."""
LONG = 8
"""Shorter values would be found by chance."""


@dataclass
class Trader:
    """One user. Everything that the API answers it is kept, to be searched for secrets."""

    deployment: Deployment
    email: str
    user_id: str
    api: Api
    accounts: dict[str, SandboxAccount] = field(default_factory=dict)
    strategies: dict[str, dict[str, Any]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Every key, token and single-use code that this user ever had, with the name of what it is."""

    def link(self, exchange: Exchange, *brokers: str) -> None:
        """Open an account at each sandbox broker, link it and log in, as a user does."""
        for broker in brokers:
            self.link_as(OWN[broker], exchange, broker)

    def link_as(self, account_id: str, exchange: Exchange, broker: str) -> None:
        """Open an account at a sandbox broker, link it under this id and log in."""
        self.accounts[account_id] = self.link_only(account_id, exchange, broker)
        self.log_in(account_id)

    def link_only(self, account_id: str, exchange: Exchange, broker: str) -> SandboxAccount:
        """Open an account at a sandbox broker and link it, without a login."""
        account = exchange.new_account(broker)
        self.secrets |= {value: f"{name} of {account_id}" for name, value in account.secrets.items()}
        body = {"broker": broker, "label": f"Flow {broker}", "credentials": account.credentials}
        self.api.put(f"/accounts/{account_id}", body)
        return account

    def log_in(self, account_id: str) -> dict[str, Any]:
        """Log an account in; the account as the API answers it then."""
        account: dict[str, Any] = self.api.post(f"/accounts/{account_id}/session", self.callback(account_id))
        self.note_tokens(account_id)
        return account

    def callback(self, account_id: str, decision: Decision = "approve") -> dict[str, str]:
        """Begin a login and pass the broker's page, where there is one; what finishes it."""
        begun = self.api.post(f"/accounts/{account_id}/login")
        if begun["login_url"] is None:
            return {}
        brought = decide(begun["login_url"], decision) | {"state": begun["state"]}
        codes = {name: brought[name] for name in SINGLE_USE if name in brought}
        self.secrets |= {value: f"{name} of {account_id}" for name, value in codes.items() if len(value) >= LONG}
        return brought

    def note_tokens(self, account_id: str) -> None:
        """Remember the session tokens that are stored now."""
        tokens = json.loads(self.stored_secret(account_id))["tokens"]
        self.secrets |= {value: f"{name} of {account_id}" for name, value in tokens.items()}

    def save(self, definition: dict[str, Any], strategy_id: str = STRATEGY) -> dict[str, Any]:
        """Save the next version of a strategy; it as the due index carries it."""
        version = self.strategies.get(strategy_id, {"version": 0})["version"]
        saved = self.api.put(f"/strategies/{strategy_id}?replaces={version}", definition)
        self.strategies[strategy_id] = {"user_id": self.user_id, **saved}
        return self.strategies[strategy_id]

    def save_basket(self, basket_id: str, definition: dict[str, Any], *, replaces: int = 0) -> dict[str, Any]:
        """Save the next version of a basket."""
        saved: dict[str, Any] = self.api.put(f"/baskets/{basket_id}?replaces={replaces}", definition)
        return saved

    def preview(self, definition: dict[str, Any]) -> dict[str, Any]:
        """What a definition would do."""
        found: dict[str, Any] = self.api.post("/strategies/preview", definition)
        return found

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Any request as this user, whatever comes back."""
        return self.api.client.request(method, path, json=body, params=query or None)

    def items(self, sk_prefix: str = "") -> list[dict[str, Any]]:
        """What the table holds of this user, days apart."""
        mine = Key("pk").eq(f"USER#{self.user_id}")
        condition = mine & Key("sk").begins_with(sk_prefix) if sk_prefix else mine
        found: list[dict[str, Any]] = self.deployment.table.query(
            KeyConditionExpression=condition, ConsistentRead=True
        )["Items"]
        return found

    def day(self, day: date) -> dict[str, Any]:
        """Runs, orders and positions of a date."""
        self.days.add(day)
        found: dict[str, Any] = self.api.get(f"/days/{day}")
        return found

    def secret_name(self, account_id: str) -> str:
        """Where the product keeps an account's keys."""
        return f"{self.deployment.prefix('auth')}/accounts/{self.user_id}/{account_id}"

    def stored_secret(self, account_id: str) -> str:
        """Keys and session tokens of an account, as they are stored."""
        text: str = self.deployment.aws("secretsmanager").get_secret_value(SecretId=self.secret_name(account_id))[
            "SecretString"
        ]
        return text

    def leave(self) -> None:
        """Remove all that this user made. Its strategies leave the due index with its items."""
        linked = {item["sk"].removeprefix("ACCOUNT#") for item in self.items("ACCOUNT#")}
        on_paper = [f"PAPER#{self.user_id}#{account_id}#{day}" for account_id in linked for day in self.days]
        of_days = [f"USER#{self.user_id}#{what}#{day}" for day in self.days for what in ("DAY", "PROFIT")]
        for pk in (f"USER#{self.user_id}", *of_days, *on_paper):
            for item in self.deployment.table.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]:
                self.deployment.table.delete_item(Key={"pk": pk, "sk": item["sk"]})
        for item in self.deployment.table.query(KeyConditionExpression=Key("pk").eq("CONTROL"))["Items"]:
            if f"#{self.user_id}" in item["sk"]:
                self.deployment.table.delete_item(Key={"pk": "CONTROL", "sk": item["sk"]})
        for account_id in linked | set(self.accounts):
            self.deployment.table.delete_item(Key={"pk": "SESSIONS", "sk": f"{self.user_id}#{account_id}"})
            self.deployment.aws("secretsmanager").delete_secret(
                SecretId=self.secret_name(account_id), ForceDeleteWithoutRecovery=True
            )
        self.api.client.close()
        pool = self.deployment.output("auth", EXPORT_USER_POOL_ID)
        self.deployment.aws("cognito-idp").admin_delete_user(UserPoolId=pool, Username=self.email)


def sign_up(deployment: Deployment) -> Trader:
    """A new user of the product, signed in, without accounts."""
    cognito, pool = deployment.aws("cognito-idp"), deployment.output("auth", EXPORT_USER_POOL_ID)
    email = f"flow-{secrets.token_hex(6)}@legwise.example"
    password = f"Aa1!{secrets.token_urlsafe(18)}"
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS", UserAttributes=attributes)
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    token = access_token(
        cognito, deployment.output("auth", EXPORT_USER_POOL_CLIENT_ID), Password(pool, email, password)
    )
    answers: list[str] = []
    client = httpx.Client(
        base_url=deployment.api_url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
        event_hooks={"response": [lambda answer: answers.append(answer.read().decode())]},
    )
    api = Api(client)
    return Trader(deployment, email, api.get("/me")["user_id"], api, answers=answers)


def strike_at(right: str, offset: int) -> dict[str, Any]:
    """The strike rule: so many listed strikes above (below) the money."""
    if offset == 0:
        return {"by": "moneyness", "moneyness": "ATM"}
    out = (offset > 0) == (right == "CE")
    return {"by": "moneyness", "moneyness": "OTM" if out else "ITM", "steps": abs(offset)}


def leg(right: str, side: str, strike_offset: int, **lots_of: int) -> dict[str, Any]:
    """A leg with its own allocation: lots by account, `zed=2, angel=3`."""
    own, total = own_lots(**lots_of), sum(lots_of.values())
    return {"right": right, "side": side, "strike": strike_at(right, strike_offset), "lots": total, "allocation": own}


def own_lots(**lots_of: int) -> list[dict[str, Any]]:
    """The own allocation of a leg, `zed=2, angel=3`."""
    return [{"account_id": CALLED[name], "lots": lots} for name, lots in lots_of.items()]


def credit_spread(*account_ids: str, schedule: dict[str, Any] | None = None, name: str = "Flow") -> dict[str, Any]:
    """A short call with its hedge, one lot of each in every account; due on no day near today."""
    return {
        "name": name,
        "underlying": "NIFTY",
        "schedule": schedule or never_due(),
        "allocation": [{"account_id": account_id} for account_id in account_ids],
        "legs": [
            {"right": "CE", "side": "SELL", "strike": strike_at("CE", 4), "lots": len(account_ids)},
            {"right": "CE", "side": "BUY", "strike": strike_at("CE", 8), "lots": len(account_ids)},
        ],
    }


def never_due() -> dict[str, Any]:
    """A schedule that the trading-day loop does not reach while the tests run."""
    weekday = (datetime.now(IST) + timedelta(days=3)).weekday() % 5
    while WEEKDAYS[weekday] in near_weekdays():
        weekday = (weekday + 1) % 5
    return {"weekdays": [WEEKDAYS[weekday]], "entry": "10:00", "exit": "15:00"}


def near_weekdays() -> set[str]:
    """Yesterday, today and tomorrow in IST."""
    today = datetime.now(IST)
    return {WEEKDAYS[(today + timedelta(days=offset)).weekday()] for offset in (-1, 0, 1)}


def today_at(entry: Tick, leave: Tick) -> dict[str, Any]:
    """A schedule for these two minutes, which are of one day."""
    days = [entry.weekday] if entry.weekday in WEEKDAYS[:5] else []
    return {"weekdays": days, "special_sessions": not days, "entry": entry.hhmm, "exit": leave.hhmm}


def tick_in(seconds: float) -> Tick:
    """The first whole second at least so many seconds from now."""
    return Tick((datetime.now(IST) + timedelta(seconds=seconds + 1)).replace(microsecond=0))


def minute_after(instant: datetime) -> Tick:
    """The first whole minute at or after an instant."""
    rounded = instant.astimezone(IST).replace(second=0, microsecond=0)
    return Tick(rounded if rounded == instant else rounded + MINUTE)
