"""The contracts listed on a day, found by symbol and by token."""

from collections.abc import Callable, Iterator
from datetime import date

from sandbox.exchange.calendar import TradingCalendar
from sandbox.exchange.expiries import MONTHLIES_LISTED, is_monthly, listed_expiries, monthly_expiries
from sandbox.exchange.indices import INDICES, Index
from sandbox.exchange.instruments import Instrument, exchange_token
from sandbox.exchange.symbols import future_symbol, option_symbol

STRIKES_EACH_SIDE = 60
STRIKES_KEPT_AHEAD = 40

SpotSource = Callable[[str], int]


class Listing:
    """All instruments of one day: indices, three monthly futures each, and a chain at every expiry.

    Strikes are added as the spot moves, so that 40 lie on either side of it.
    """

    def __init__(self, today: date, calendar: TradingCalendar, spot_paise: SpotSource) -> None:
        self.today = today
        self.version = 0
        self._calendar = calendar
        self._spot = spot_paise
        self._by_symbol: dict[tuple[str, str], Instrument] = {}
        self._by_token: dict[tuple[str, int], Instrument] = {}
        self._strikes: dict[str, tuple[int, int]] = {}
        for index in INDICES.values():
            self._add(Instrument(index.name, index.cash, "INDEX", index.name, index.number, 1, 0))
            self._add_futures(index)
            self._cover(index, STRIKES_EACH_SIDE)

    def by_symbol(self, exchange: str, symbol: str) -> Instrument | None:
        """The instrument of that exchange segment (NSE, BSE, NFO, BFO) and exchange symbol."""
        return self._by_symbol.get((exchange, symbol))

    def by_token(self, exchange: str, token: int) -> Instrument | None:
        """The derivative with that exchange token."""
        return self._by_token.get((exchange, token))

    def index(self, name: str) -> Instrument:
        """The spot instrument of an index."""
        return self._by_symbol[(INDICES[name].cash, name)]

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_symbol.values())

    def extend(self) -> bool:
        """List further strikes where the spot has moved towards the edge; True when any was added."""
        before = self.version
        for index in INDICES.values():
            self._cover(index, STRIKES_KEPT_AHEAD)
        return self.version != before

    def _cover(self, index: Index, ahead: int) -> None:
        at_the_money = round(self._spot(index.name) / 100 / index.step)
        low, high = self._strikes.get(index.name, (at_the_money, at_the_money - 1))
        if low <= at_the_money - ahead and high >= at_the_money + ahead:
            return
        first = min(low, at_the_money - STRIKES_EACH_SIDE)
        last = max(high, at_the_money + STRIKES_EACH_SIDE)
        listed = range(low, high + 1)
        for expiry in listed_expiries(index, self.today, self._calendar):
            monthly = is_monthly(index, expiry, self._calendar)
            for steps in range(first, last + 1):
                if steps not in listed:
                    self._add_pair(index, expiry, steps, monthly=monthly)
        self._strikes[index.name] = (first, last)
        self.version += 1

    def _add_pair(self, index: Index, expiry: date, steps: int, *, monthly: bool) -> None:
        strike = steps * index.step
        for right in ("CE", "PE"):
            symbol = option_symbol(index.name, expiry, strike, right, monthly=monthly)
            token = exchange_token(index.number, expiry, steps, right)
            self._add(
                Instrument(
                    index.name, index.derivatives, right, symbol, token, index.lot, index.freeze,
                    expiry, strike, monthly,
                )
            )  # fmt: skip

    def _add_futures(self, index: Index) -> None:
        for expiry in monthly_expiries(index, self.today, self._calendar, MONTHLIES_LISTED):
            token = exchange_token(index.number, expiry, 0, "FUT")
            symbol = future_symbol(index.name, expiry)
            self._add(
                Instrument(
                    index.name, index.derivatives, "FUT", symbol, token, index.lot, index.freeze,
                    expiry, 0, True,
                )
            )  # fmt: skip

    def _add(self, instrument: Instrument) -> None:
        self._by_symbol[(instrument.exchange, instrument.symbol)] = instrument
        if not instrument.is_index:
            self._by_token[(instrument.exchange, instrument.token)] = instrument
