"""Broker accounts that users linked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Literal

AlgoPart = Literal["id", "name"]
PAPER = "paper"
"""The broker of accounts that trade no money."""
MOST_CAPITAL = Decimal(1_000_000_000)
"""Rupees: 100 crore."""


class SessionStatus(StrEnum):
    """Whether an account is logged in at its broker."""

    NONE = "none"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True)
class Algo:
    """What an algorithm is registered as, to go out with every order of an account; empty where nothing is."""

    id: str = ""
    name: str = ""


NO_ALGO = Algo()


@dataclass(frozen=True)
class Account:
    """One linked broker account. Its credentials and tokens are elsewhere, in the secret store.

    `session_end_reason` says why a session ended before its time, in the broker's words; empty otherwise.
    `algo_id` and `algo_name` are what exchange and broker registered the algorithm as, and no secrets: orders above
    10 a second and segment need it since April 2026 (SEBI circular of 4 Feb 2025 on retail algorithmic trading).
    A paper account has `quotes_from`, the account of the same user at whose quotes it trades, and `listed_at`, the
    broker of that account.
    """

    user_id: str
    account_id: str
    broker: str
    label: str
    client_id: str
    enabled: bool
    egress: str
    session_expires_at: datetime | None = None
    session_end_reason: str = ""
    algo_id: str = ""
    algo_name: str = ""
    quotes_from: str = ""
    listed_at: str = ""

    @property
    def master(self) -> str:
        """The broker whose instrument master and symbols apply to it."""
        return self.listed_at or self.broker

    @property
    def algo(self) -> Algo:
        """What goes out with its orders."""
        return Algo(self.algo_id, self.algo_name)

    def session_status(self, now: datetime) -> SessionStatus:
        """Where its session stands at `now`, whether or not the account is enabled."""
        if self.session_expires_at is None:
            return SessionStatus.NONE
        return SessionStatus.ENDED if self.session_expires_at <= now else SessionStatus.ACTIVE

    def session_problem(self, now: datetime) -> str | None:
        """Why this account cannot trade at `now`, or None."""
        if not self.enabled:
            return f"account {self.account_id} is disabled"
        if self.session_expires_at is None:
            return f"account {self.account_id} has never been logged in to {self.broker}"
        if self.session_expires_at <= now:
            because = f" ({self.session_end_reason})" if self.session_end_reason else ""
            return (
                f"the {self.broker} session of account {self.account_id} ended at "
                f"{self.session_expires_at:%d %b %H:%M}{because}; log in again"
            )
        return None


def paper_capital(text: str) -> Decimal:
    """The capital of a paper account in rupees. Raises ValueError for what is no amount above 0 and up to 100 crore."""
    try:
        capital = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"capital: {text!r} is no amount in rupees; write it like 1000000") from error
    if not (capital.is_finite() and 0 < capital <= MOST_CAPITAL):
        raise ValueError(f"capital: {text!r} is not above 0 and at most {MOST_CAPITAL:,} rupees")
    return capital


def paper_accounts_on(account_id: str, accounts: Iterable[Account]) -> list[str]:
    """The ids of the paper accounts that trade at this account's quotes, in order."""
    return sorted(account.account_id for account in accounts if account.quotes_from == account_id)
