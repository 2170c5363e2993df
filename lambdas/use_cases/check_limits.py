"""Hold what would be entered against the user's risk limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lambdas.domain.accounts import PAPER
from lambdas.domain.intents import Intent
from lambdas.domain.limit_checks import Blocked, blocked, to_quote
from lambdas.domain.planning_error import PlanningError
from lambdas.ports.limits import LimitStore
from lambdas.ports.store import RunStore
from lambdas.use_cases.read_market import Reading


class LimitReached(PlanningError):
    """An entry would break risk limits: the whole run is refused, because half of it would be another strategy."""

    def __init__(self, found: Sequence[Blocked]) -> None:
        super().__init__(f"risk limit: {'; '.join(one.words for one in found)}")
        self.blocked = tuple(found)


@dataclass(frozen=True)
class LimitCheck:
    """Asks before anything of a run is planned. Runs that were planned before, also at this tick, are in the ledger."""

    limits: LimitStore
    runs: RunStore

    async def check(self, user_id: str, day: date, intents: Sequence[Intent], reading: Reading) -> None:
        """Raises LimitReached naming every limit that these entries would break, and LimitsUnreadable.

        The ledger of the day is read where a limit of the day is set, quotes of what is open where a loss is limited.
        """
        limits = (await self.limits.limits(user_id)).definition
        paper = {account_id for account_id, account in reading.accounts.items() if account.broker == PAPER}
        counted = limits.count_a_day({intent.account_id for intent in intents})
        orders = (await self.runs.day(user_id, day)).orders if counted else []
        held = to_quote(intents, orders, limits, paper=paper)
        quotes = await reading.quotes_of(held) if held else {}
        found = blocked(intents, orders, limits, paper=paper, quotes=quotes)
        if found:
            raise LimitReached(found)
