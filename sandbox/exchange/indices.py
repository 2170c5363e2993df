"""The six indices with options and futures, as traded in 2026 (NSE and BSE contract specifications)."""

from dataclasses import dataclass

TUESDAY, THURSDAY = 1, 3


@dataclass(frozen=True, slots=True)
class Index:
    """One index and the terms of its derivatives.

    `lot` and `freeze` are quantities (freeze: the largest single order), `step` is the strike distance in
    rupees, `base_paise` the level around which sample prices move, `volatility` an annual fraction.
    """

    name: str
    cash: str
    derivatives: str
    lot: int
    freeze: int
    step: int
    weekday: int
    weekly: bool
    base_paise: int
    volatility: float
    number: int


INDICES: dict[str, Index] = {
    index.name: index
    for index in (
        Index("NIFTY", "NSE", "NFO", 65, 1800, 50, TUESDAY, True, 26_000_00, 0.13, 0),
        Index("BANKNIFTY", "NSE", "NFO", 30, 600, 100, TUESDAY, False, 58_000_00, 0.15, 1),
        Index("FINNIFTY", "NSE", "NFO", 60, 1800, 50, TUESDAY, False, 27_500_00, 0.15, 2),
        Index("MIDCPNIFTY", "NSE", "NFO", 120, 2800, 25, TUESDAY, False, 14_000_00, 0.18, 3),
        Index("SENSEX", "BSE", "BFO", 20, 1000, 100, THURSDAY, True, 85_000_00, 0.13, 4),
        Index("BANKEX", "BSE", "BFO", 30, 900, 100, THURSDAY, False, 65_000_00, 0.15, 5),
    )
}
