"""Opening connections before they are needed."""

import asyncio
from collections.abc import Awaitable, Callable

from lambdas.ports.broker import BrokerError, Profile, SessionOver

MOST_CONNECTIONS = 4


async def warm(ask_profile: Callable[[], Awaitable[Profile]], connections: int, per_second: int) -> Profile:
    """Ask for the profile over 1 to 4 connections at once; they stay open for the orders that follow.

    Never more at once than the broker answers in a second (`per_second`). Calls that overlap cannot share
    a connection, so that many are open afterwards. One answer proves the session; an answer that says that
    the session is over outweighs it. A rate limit on the others is no harm, their connections are open.
    Raises the first BrokerError when no answer proves the session.
    """
    count = max(1, min(connections, MOST_CONNECTIONS, per_second))
    answers = await asyncio.gather(*(ask_profile() for _ in range(count)), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, SessionOver) or (
            isinstance(answer, BaseException) and not isinstance(answer, BrokerError)
        ):
            raise answer
    for answer in answers:
        if isinstance(answer, Profile):
            return answer
    raise next(answer for answer in answers if isinstance(answer, BrokerError))
