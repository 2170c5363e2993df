"""Quotes, ticks and distances at random."""

from decimal import Decimal

from hypothesis import strategies as st

from lambdas.domain.contracts import Quote
from lambdas.domain.values import Move

TICK_SIZES = st.sampled_from([Decimal("0.05"), Decimal("0.01"), Decimal("0.20"), Decimal(1)])
PRICES = st.integers(1, 1_000_000).map(lambda paise: Decimal(paise) / 100)
QUOTES = st.builds(Quote, PRICES, st.none() | PRICES, st.none() | PRICES)
MOVES = st.builds(
    Move,
    unit=st.sampled_from(["points", "percent"]),
    value=st.integers(1, 1_000_000).map(lambda hundredths: Decimal(hundredths) / 100),
)
BUFFERS = st.none() | MOVES
