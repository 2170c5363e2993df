"""Everything the faces share: clock, exchange, accounts, faults, limits and postbacks."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sandbox.accounts import Account, Accounts
from sandbox.clock import Clock
from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.market import Market
from sandbox.exchange.replay import load_recording
from sandbox.exchange.session import Session
from sandbox.exchange.walk import SeededWalk
from sandbox.faults import Faults
from sandbox.postbacks.board import Postbacks
from sandbox.rate_limits import RateLimits

CALENDAR_FOLDER = Path(__file__).resolve().parent.parent / "shared_config" / "calendar"
DEFAULT_STEP_MS = 3


@dataclass(slots=True)
class World:
    """One sandbox."""

    clock: Clock
    exchange: Exchange
    seed: int
    accounts: Accounts = field(default_factory=Accounts)
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    postbacks: Postbacks = field(init=False)

    def __post_init__(self) -> None:
        self.postbacks = Postbacks(self.faults, self.clock)
        self.exchange.listen(self.postbacks.note)

    def add_account(self, account: Account) -> None:
        """Register an account and give it its opening money. Raises BadAccount."""
        self.accounts.add(account)
        self.exchange.open_account(account.key, account.funds_paise)


def build_world(
    clock: Clock,
    *,
    seed: int = 1,
    continuous: bool = True,
    replay: Path | None = None,
    calendar_folder: Path = CALENDAR_FOLDER,
    step_ms: int = DEFAULT_STEP_MS,
) -> World:
    """Wire a sandbox. `step_ms` separates an order's transient statuses. Raises BadRecording."""
    now = clock.now()
    calendar = TradingCalendar.load(calendar_folder)
    session = Session(calendar, continuous=continuous)
    recording = load_recording(replay, now) if replay else None
    market = Market(SeededWalk(seed), session, recording)
    return World(clock, Exchange(market, calendar, now, timedelta(milliseconds=step_ms)), seed)
