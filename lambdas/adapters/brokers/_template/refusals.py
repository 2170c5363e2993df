"""Why the broker, its risk system or an exchange refused an order.

Keep one `Wordbook`, with the source of each entry beside it: codes that say it all; words of the broker's own, as
patterns that name no amounts; codes that say it roughly, used where no words help. The words that brokers have in
common, "RMS:Margin Exceeds" or "16387: Security is not allowed …", are in `market_words` already. What nothing
recognises is OTHER, and stays in the broker's own words.
"""

from collections.abc import Mapping
from typing import Any

from lambdas.domain.refusals import Refusal


def refusal_in(payload: Mapping[str, Any]) -> Refusal:
    """The kind of the refusal that answers an order: `placing` gives it to `refused`."""
    raise NotImplementedError("look up the error's code and words in the wordbook")


def refusal_of(row: Mapping[str, Any]) -> Refusal:
    """The kind of the rejection of an order in the book: `mapping` gives it to rows with the status REFUSED."""
    raise NotImplementedError("look up the row's code and words in the wordbook")
