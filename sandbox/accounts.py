"""Broker accounts known to the sandbox and the apps (API keys) that belong to them."""

from dataclasses import dataclass

ZERODHA = "zerodha"
ANGEL_ONE = "angel_one"
UPSTOX = "upstox"
FYERS = "fyers"
DHAN = "dhan"
GROWW = "groww"
REQUIRED = {
    ZERODHA: ("api_secret", "redirect_url"),
    ANGEL_ONE: ("pin", "totp_secret"),
    UPSTOX: ("api_secret", "redirect_url"),
    FYERS: ("api_secret", "redirect_url", "pin"),
    DHAN: ("api_secret", "redirect_url"),
    GROWW: ("api_secret", "totp_secret"),
}
BROKERS = tuple(REQUIRED)


class BadAccount(ValueError):
    """An account that cannot be created; the message says which field is wrong."""


@dataclass(frozen=True, slots=True)
class Account:
    """One customer at one broker with one app.

    Which of the fields from `api_secret` on a broker needs is in `REQUIRED`. With an `algo_name` (Upstox) its orders,
    changes and cancellations have to carry that name.
    """

    broker: str
    client_id: str
    api_key: str
    funds_paise: int
    name: str = "Sandbox User"
    api_secret: str = ""
    redirect_url: str = ""
    pin: str = ""
    totp_secret: str = ""
    algo_name: str = ""

    @property
    def key(self) -> str:
        """The account's key at the exchange."""
        return f"{self.broker}:{self.client_id}"


class Accounts:
    """Finds accounts by client id and by API key."""

    def __init__(self) -> None:
        self._by_client: dict[tuple[str, str], Account] = {}
        self._by_api_key: dict[tuple[str, str], Account] = {}

    def add(self, account: Account) -> None:
        """Register an account. Raises BadAccount for a missing field or a key in use."""
        if account.broker not in REQUIRED:
            raise BadAccount(f"broker: {account.broker!r} is not one of {', '.join(BROKERS)}")
        for name in ("client_id", "api_key", *REQUIRED[account.broker]):
            if not getattr(account, name):
                raise BadAccount(f"{name}: missing")
        if account.algo_name and account.broker != UPSTOX:
            raise BadAccount(f"algo_name: orders at {account.broker} carry none")
        for taken, name in (
            (self.by_client(account.broker, account.client_id), "client_id"),
            (self.by_api_key(account.broker, account.api_key), "api_key"),
        ):
            if taken is not None:
                raise BadAccount(f"{name}: already in use at {account.broker}")
        self._by_client[(account.broker, account.client_id)] = account
        self._by_api_key[(account.broker, account.api_key)] = account

    def by_client(self, broker: str, client_id: str) -> Account | None:
        return self._by_client.get((broker, client_id))

    def by_api_key(self, broker: str, api_key: str) -> Account | None:
        return self._by_api_key.get((broker, api_key))

    def all(self) -> list[Account]:
        return list(self._by_client.values())


def demo_accounts(admin_port: int, redirect_url: str | None = None) -> list[Account]:
    """The accounts of `--demo-accounts`, one a broker; sandbox values, valid nowhere else.

    Without a redirect URL, the sandbox itself shows what a login brings back.
    """
    callback = redirect_url or f"http://127.0.0.1:{admin_port}/callback-shown"
    return [
        Account(
            ZERODHA, "SB0001", "sandboxkitekey01", 50_00_000_00, "Sandbox One",
            api_secret="sandboxkitesecret01",
            redirect_url=callback,
        ),
        Account(
            ANGEL_ONE, "SB0002", "sandboxangelkey1", 50_00_000_00, "Sandbox Two",
            pin="1234", totp_secret="JBSWY3DPEHPK3PXP",
        ),
        Account(
            UPSTOX, "SB0003", "sandbox-upstox-key-0001", 50_00_000_00, "Sandbox Three",
            api_secret="sandboxupstoxsecret1", redirect_url=callback,
        ),
        Account(
            FYERS, "SB0004", "SBXFYERS01-100", 50_00_000_00, "Sandbox Four",
            api_secret="SANDBOXFYERSSECRET", redirect_url=callback, pin="1234",
        ),
        Account(
            DHAN, "1000000005", "sandboxdhanapp01", 50_00_000_00, "Sandbox Five",
            api_secret="sandboxdhansecret01", redirect_url=callback,
        ),
        Account(
            GROWW, "SB0006", "sandboxgrowwkey01", 50_00_000_00, "Sandbox Six",
            api_secret="sandboxgrowwsecret01", totp_secret="JBSWY3DPEHPK3PXP",
        ),
    ]  # fmt: skip
