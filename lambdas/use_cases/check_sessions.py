"""Before the open: try every account out, renew what can be renewed, and tell users which of theirs cannot trade."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lambdas.domain.account_use import enabled_strategies_of
from lambdas.domain.accounts import Account, SessionStatus
from lambdas.domain.moments import IST
from lambdas.domain.strategy import Strategy
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.ports.broker import BrokerError, SessionOver
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.brokers import Brokers
from lambdas.ports.clock import Clock
from lambdas.ports.events import Event, Events
from lambdas.ports.secrets import AccountSecret, SecretMissing, Secrets
from lambdas.ports.store import AccountStore, ControlStore, StrategyStore
from lambdas.use_cases.broker_accounts import AccountUnknown
from lambdas.use_cases.end_session import end_session
from lambdas.use_cases.probe_account import AccountProbe
from lambdas.use_cases.store_session import store_session

AT_ONCE = 20
"""Accounts that are checked at the same time; each has its own connections and its own rate limits."""


class State(StrEnum):
    """What a check found. UNCLEAR: the broker gave no answer, and what was known of the session stays."""

    USABLE = "usable"
    RENEWED = "renewed"
    ENDED = "ended"
    UNCLEAR = "unclear"
    GONE = "gone"


@dataclass(frozen=True)
class Found:
    """The state of one account, and why; `news` when the account said otherwise before."""

    account: Account
    state: State
    reason: str = ""
    news: bool = False


class Ended(Exception):
    """The session cannot be used, and nobody but the user can begin another; the message says why."""


@dataclass(frozen=True)
class SessionChecker:
    """Checks the sessions of all users."""

    accounts: AccountStore
    secrets: Secrets
    strategies: StrategyStore
    controls: ControlStore
    brokers: Brokers
    events: Events
    clock: Clock
    calendar: TradingCalendar

    async def check(self) -> Mapping[str, int]:
        """Check every enabled account; state → how many. Nothing is asked on a day without a session.

        A session that its broker no longer accepts is renewed where that needs no user; otherwise the account says
        so from now on, and `SessionEnded` names the strategies that need it today. It is published again as long
        as there are such. What nobody foresaw is raised after every account had its turn.
        """
        due_day = await self._due_day()
        if due_day is None:
            return {}
        linked = await self.accounts.enabled_accounts()
        done = await self._all([account for account in linked if not account.quotes_from])
        done += await self._all([account for account in linked if account.quotes_from])
        found = [what for what in done if isinstance(what, Found)]
        await self._tell([one for one in found if one.state is State.ENDED], due_day)
        unforeseen = [what for what in done if isinstance(what, BaseException)]
        if unforeseen:
            raise BaseExceptionGroup(f"{len(unforeseen)} of {len(linked)} sessions", unforeseen)
        return dict(Counter(str(one.state) for one in found))

    async def _all(self, linked: Sequence[Account]) -> list[Found | BaseException]:
        """Check accounts at the same time. Those that others quote from go first: they may be renewed."""
        turns = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(self._in_turn(account, turns) for account in linked), return_exceptions=True)

    async def _due_day(self) -> str | None:
        control = await self.controls.control()
        return self.calendar.with_changes(control.changes).day(self.clock.now().astimezone(IST).date()).due_day

    async def _in_turn(self, account: Account, turns: asyncio.Semaphore) -> Found:
        async with turns:
            try:
                return await self._check(account)
            except AccountUnknown:
                return Found(account, State.GONE)

    async def _check(self, account: Account) -> Found:
        try:
            secret = await self.secrets.read(account.user_id, account.account_id)
            return await self._use(account, secret)
        except (Ended, SecretMissing, ValueError) as error:
            return await self._end(account, str(error))
        except BrokerError as error:
            return Found(account, State.UNCLEAR, str(error))

    async def _use(self, account: Account, secret: AccountSecret) -> Found:
        """The account as it is, or with a new session. Raises Ended, and BrokerError when nothing is known."""
        why = account.session_problem(self.clock.now())
        if why is None:
            try:
                await self._try(account, secret)
            except SessionOver as over:
                why = str(over)
            else:
                return Found(account, State.USABLE)
        session = await self._renewed(account, secret, why)
        renewed = await store_session(self.accounts, self.secrets, account, secret, session)
        try:
            await self._try(renewed, AccountSecret(secret.credentials, session.tokens))
        except (SessionOver, Ended) as error:
            return await self._end(renewed, f"{error} (right after a new session began)")
        return Found(renewed, State.RENEWED, why)

    async def _try(self, account: Account, secret: AccountSecret) -> None:
        probe = AccountProbe(self.accounts, self.secrets, self.brokers, self.clock)
        found = await probe.ask(account, secret)
        if found.problems:
            raise Ended("; ".join(found.problems))

    async def _renewed(self, account: Account, secret: AccountSecret, why: str) -> BrokerSession:
        """A session that begins without the user: refreshed, or else logged in to. Raises Ended where there is none."""
        login, now = self.brokers.login(account, secret), self.clock.now()
        ways: list[Callable[[], Awaitable[BrokerSession | None]]] = [lambda: login.refresh(secret.tokens, now)]
        if self._logs_in_alone(account, secret):
            ways.append(lambda: login.handle_callback({}, now))
        for way in ways:
            try:
                session = await way()
            except BrokerError as error:
                why += f"; a new session could not be started: {error}"
            else:
                if session is not None:
                    return session
        raise Ended(why)

    def _logs_in_alone(self, account: Account, secret: AccountSecret) -> bool:
        facts = self.brokers.facts(account.broker)
        needed = (field.name for field in facts.fields if not field.optional)
        return not facts.redirects and all(secret.credentials.get(name) for name in needed)

    async def _end(self, account: Account, reason: str) -> Found:
        """Let the account say that it cannot trade, unless it was logged in or changed since it was read."""
        now = self.clock.now()
        present = await self.accounts.account(account.user_id, account.account_id)
        if present is None:
            return Found(account, State.GONE)
        if present == account and account.session_status(now) is not SessionStatus.ACTIVE:
            return Found(account, State.ENDED, reason)
        ended = await end_session(self.accounts, account, reason, now) if present == account else None
        if ended is None:
            return Found(present, State.UNCLEAR, "it was changed while it was being checked")
        return Found(ended, State.ENDED, reason, news=True)

    async def _tell(self, ended: Sequence[Found], due_day: str) -> None:
        users = sorted({one.account.user_id for one in ended})
        due = dict(zip(users, await asyncio.gather(*(self._due_of(user, due_day) for user in users)), strict=True))
        linked = dict(zip(users, await asyncio.gather(*(self._linked(user) for user in users)), strict=True))
        events: list[Event] = []
        for one in ended:
            user_id = one.account.user_id
            needing = enabled_strategies_of(one.account.account_id, due[user_id], linked[user_id])
            if needing or one.news:
                events.append(_event(one, needing))
        if events:
            await self.events.publish(events)

    async def _linked(self, user_id: str) -> dict[str, Account]:
        return {account.account_id: account for account in await self.accounts.accounts(user_id)}

    async def _due_of(self, user_id: str, due_day: str) -> list[Strategy]:
        """The user's strategies that would enter today."""
        baskets = {basket.basket_id: basket for basket in await self.strategies.baskets(user_id)}
        off = {basket_id for basket_id, basket in baskets.items() if not basket.definition.enabled}
        return [
            strategy
            for strategy in await self.strategies.strategies(user_id)
            if due_day in strategy.definition.schedule.due_days and strategy.definition.basket_id not in off
        ]


def _event(found: Found, needing: Sequence[Strategy]) -> Event:
    account = found.account
    return Event(
        "SessionEnded",
        {
            "user_id": account.user_id,
            "account_id": account.account_id,
            "label": account.label,
            "broker": account.broker,
            "reason": found.reason,
            "strategies": [strategy.definition.name for strategy in needing],
        },
    )
