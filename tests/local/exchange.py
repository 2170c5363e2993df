"""The sandbox exchange from outside: accounts, faults, books."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

ZERODHA, ANGEL_ONE, UPSTOX, FYERS, DHAN, GROWW = BROKERS = (
    "zerodha",
    "angel_one",
    "upstox",
    "fyers",
    "dhan",
    "groww",
)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CLIENT_ID_AT = {ZERODHA: "user_id", ANGEL_ONE: "clientcode"}
"""What the sandbox calls a client's id, where not `client_id`."""
ALWAYS_SECRET = frozenset({"api_secret", "pin", "totp_secret"})
SECRET_KEYS = {name: ALWAYS_SECRET | ({"api_key"} if name in (ANGEL_ONE, GROWW) else set()) for name in BROKERS}
"""Which credentials nobody may see. An API key is public where it is a part of the login page's address."""


@dataclass(frozen=True)
class SandboxAccount:
    """An account at a sandbox broker, and the keys that a user links it with."""

    broker: str
    client_id: str
    credentials: dict[str, str] = field(repr=False)

    @property
    def secrets(self) -> dict[str, str]:
        """Name → value of what nobody may see; with Fyers' hash of key and secret, which serves as both."""
        found = {name: value for name, value in self.credentials.items() if name in SECRET_KEYS[self.broker]}
        if self.broker == FYERS:
            both = f"{self.credentials['api_key']}:{self.credentials['api_secret']}"
            found["app_id_hash"] = hashlib.sha256(both.encode()).hexdigest()
        return found


@dataclass(frozen=True)
class Exchange:
    """The admin face of one sandbox; used by several threads."""

    http: httpx.Client

    def new_account(self, broker: str) -> SandboxAccount:
        """An account of its own for one test, so that a fault on it touches nobody else."""
        mark = secrets.token_hex(5)
        client_id = _digits(10) if broker == DHAN else f"F{mark.upper()}"
        redirect_url = str(self.http.base_url.join("/callback-shown"))
        keys = {"api_key": f"key{mark}-100" if broker == FYERS else f"canary-key-{mark}"}
        if broker != ANGEL_ONE:
            keys["api_secret"] = f"canary-secret-{secrets.token_hex(12)}"
        if broker in (ANGEL_ONE, FYERS):
            keys["pin"] = _digits(12)
        if broker in (ANGEL_ONE, GROWW):
            keys["totp_secret"] = "".join(secrets.choice(BASE32) for _ in range(32))
        form = {**keys, CLIENT_ID_AT.get(broker, "client_id"): client_id, "redirect_url": redirect_url}
        self._post("/accounts", {"broker": broker, **form})
        if broker in (UPSTOX, FYERS, DHAN):
            keys["redirect_url"] = redirect_url
        named = {ANGEL_ONE: "client_code", DHAN: "client_id"}.get(broker)
        return SandboxAccount(broker, client_id, {**keys, **({named: client_id} if named else {})})

    def fault(self, account: SandboxAccount, kind: str, *, operation: str = "*", **details: Any) -> None:
        """Let calls of one account go wrong; see sandbox/README.md."""
        where = {"broker": account.broker, "account": account.client_id, "operation": operation}
        self._post("/faults", {**where, "kind": kind, **details})

    def book(self, account: SandboxAccount) -> list[dict[str, Any]]:
        """Every order that reached the exchange for an account."""
        answer = self.http.get(f"/books/{account.broker}/{account.client_id}")
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["orders"]
        return rows

    def post_to(self, account: SandboxAccount, url: str) -> None:
        """Have an account's order updates posted to an address of this machine."""
        self._post("/postbacks", {"broker": account.broker, "account": account.client_id, "url": url})

    def posted(self, account: SandboxAccount) -> list[dict[str, Any]]:
        """What became of the order updates of an account, when none is on its way any more; till then nothing."""
        answer = self.http.get("/postbacks")
        answer.raise_for_status()
        address, rows = (
            [
                row
                for row in answer.json()[part]
                if (row["broker"], row["account"]) == (account.broker, account.client_id)
            ]
            for part in ("addresses", "delivered")
        )
        return [] if any(one["pending"] for one in address) else rows

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self.http.post(path, json=body)
        assert answer.is_success, f"the sandbox refused POST {path}: {answer.text}"


def _digits(many: int) -> str:
    return "".join(str(secrets.choice(range(1, 10))) for _ in range(many))
