"""The broker's instrument master: how its rows become listings.

Find columns by name, take the options and futures of the underlyings asked for, and give rupees for strike
and tick whatever the file has. A future's strike is `NO_STRIKE`: use `strike_of`. A file that breaks off, or a
row that cannot be read, is BrokerGarbled naming the line, never a shorter list. Files of many megabytes are
read as they arrive: give `Wire.ask` a `sink`.
"""

from lambdas.domain.contracts import Listing


def read_master(text: str, underlyings: frozenset[str]) -> list[Listing]:
    """The options and futures of `underlyings`. Raises BrokerGarbled."""
    raise NotImplementedError("read the instrument master")
