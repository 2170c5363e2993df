"""The indices whose options are traded, as the broker names or numbers their spots.

One line for each of NIFTY, BANKNIFTY, FINNIFTY, MIDCPNIFTY, SENSEX and BANKEX. An index that is not in the
table is refused by `index_quote`, never guessed.
"""

from collections.abc import Mapping

SPOTS: Mapping[str, str]
"""Declared only: importing it fails until the table stands here."""
