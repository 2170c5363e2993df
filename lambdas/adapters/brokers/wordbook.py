"""How a refusal is recognised: by codes that say it all, by words, and by codes that say it roughly."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lambdas.adapters.brokers.market_words import EXCHANGE_CODES, MARKET_WORDS, Words
from lambdas.domain.refusals import Refusal

LONGEST_TEXT = 1000
"""What a broker writes is not bounded; what it means stands at its beginning."""
_EXCHANGE_CODE = re.compile(r"(?:^|EXCH:)\s*(1[67]\d{3})\s*:", re.IGNORECASE)


@dataclass(frozen=True)
class Wordbook:
    """What one broker's codes and words mean.

    `codes` decide whatever the words are. Then come a code of the exchange, this broker's own words, and the words
    that risk systems and exchanges share; the first pattern that is found wins. `rough` is what a code means where
    no words help. Patterns meet any case and name no amounts, so that these do not count.
    """

    words: Words = ()
    codes: Mapping[str, Refusal] = field(default_factory=dict)
    rough: Mapping[str, Refusal] = field(default_factory=dict)

    def refusal_in(self, text: object, codes: Iterable[str] = ()) -> Refusal:
        """The kind of a refusal told by these codes and this text; OTHER when nothing is recognised."""
        given = sorted(set(codes))
        said = str(text or "")[:LONGEST_TEXT]
        return (
            _first(self.codes, given)
            or _by_exchange(said)
            or _by_words(self.words, said)
            or _by_words(MARKET_WORDS, said)
            or _first(self.rough, given)
            or Refusal.OTHER
        )


def _first(known: Mapping[str, Refusal], codes: Sequence[str]) -> Refusal | None:
    return next((known[code] for code in codes if code in known), None)


def _by_exchange(said: str) -> Refusal | None:
    told = _EXCHANGE_CODE.search(said)
    return EXCHANGE_CODES.get(told[1]) if told else None


def _by_words(words: Words, said: str) -> Refusal | None:
    return next((refusal for pattern, refusal in words if re.search(pattern, said, re.IGNORECASE)), None)
