"""The sandbox exchange from outside: accounts, faults, books."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

ZERODHA, ANGEL_ONE = "zerodha", "angel_one"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class SandboxAccount:
    """An account at a sandbox broker, and the keys that a user links it with."""

    broker: str
    client_id: str
    credentials: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Exchange:
    """The admin face of one sandbox; used by several threads."""

    http: httpx.Client

    def new_account(self, broker: str) -> SandboxAccount:
        """An account of its own for one test, so that a fault on it touches nobody else."""
        mark = secrets.token_hex(5)
        client_id = f"F{mark.upper()}"
        if broker == ZERODHA:
            keys = {"api_key": f"key{mark}", "api_secret": f"canary-secret-{secrets.token_hex(12)}"}
            form = {**keys, "user_id": client_id, "redirect_url": str(self.http.base_url.join("/callback-shown"))}
        else:
            keys = {
                "api_key": f"key{mark}",
                "client_code": client_id,
                "pin": "".join(str(secrets.randbelow(10)) for _ in range(12)),
                "totp_secret": "".join(secrets.choice(BASE32) for _ in range(32)),
            }
            form = {"clientcode": client_id, **{name: keys[name] for name in ("api_key", "pin", "totp_secret")}}
        self._post("/accounts", {"broker": broker, **form})
        return SandboxAccount(broker, client_id, keys)

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

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self.http.post(path, json=body)
        assert answer.is_success, f"the sandbox refused POST {path}: {answer.text}"
