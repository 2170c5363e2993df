"""Why the paper exchange refused an order: its own words, and those of the account that it quotes from."""

from lambdas.adapters.brokers.wordbook import Wordbook
from lambdas.domain.refusals import Refusal
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerRefused, SessionOver

_BOOK = Wordbook(words=((r"not in the instrument master", Refusal.INSTRUMENT),))


def refusal_told(words: str) -> Refusal:
    """The kind of a refusal by its words."""
    return _BOOK.refusal_in(words)


def refusal_by(error: BrokerError) -> Refusal | None:
    """The kind of what kept an order from being placed; None when nobody said no."""
    if isinstance(error, SessionOver):
        return Refusal.SESSION
    if isinstance(error, BrokerBusy):
        return Refusal.RATE_LIMIT
    return refusal_told(str(error)) if isinstance(error, BrokerRefused) else None
