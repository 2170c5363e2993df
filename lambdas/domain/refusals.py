"""Why a broker or an exchange said no to an order, and what a trader can do about it."""

from enum import StrEnum


class Refusal(StrEnum):
    """The kind of a refusal. The words of the broker stay beside it: they say more, in no fixed form."""

    FUNDS = "funds"
    MARGIN = "margin"
    PRICE_BAND = "price_band"
    FREEZE = "freeze"
    SESSION = "session"
    STATIC_IP = "static_ip"
    MARKET_ORDER = "market_order"
    INSTRUMENT = "instrument"
    RATE_LIMIT = "rate_limit"
    MARKET_CLOSED = "market_closed"
    ALGO = "algo"
    OTHER = "other"

    @property
    def advice(self) -> str:
        """What the trader can do, in one sentence."""
        return _ADVICE[self]

    @property
    def worth_retrying(self) -> bool:
        """Whether the same order, priced anew, may be taken when it is sent again moments later."""
        return self in _PASSING


R = Refusal
_ADVICE = {
    R.FUNDS: "Add money to this account, or trade fewer lots in it.",
    R.MARGIN: "Look at what this account holds: a hedge may be gone, or the broker's limit for positions is reached.",
    R.PRICE_BAND: "The price lay outside what the exchange takes at the moment; a new order is priced anew.",
    R.FREEZE: "Trade whole lots, and fewer of them in one order; if the quantity looks right, reload the instruments.",
    R.SESSION: "Log this account in again.",
    R.STATIC_IP: "Register the public address of this account's egress route with the broker.",
    R.MARKET_ORDER: "Ask the broker which orders it takes; to the market they go as limits, or protected by it.",
    R.INSTRUMENT: "Choose a contract and product that the broker trades today; if it should, reload the instruments.",
    R.RATE_LIMIT: "Wait a moment, and let fewer strategies of this account trade in the same minute.",
    R.MARKET_CLOSED: "Send the order while the exchange, the segment and the product are open for it.",
    R.ALGO: "Compare the algo id and name of this account with what is registered at the broker.",
    R.OTHER: "Read what the broker said, and ask it when that is not clear.",
}

_PASSING = frozenset({R.PRICE_BAND, R.RATE_LIMIT})
"""The market moves, and so does the price that an order is given next; a rate limit is over by itself.

None of the others helps itself within moments. FUNDS and MARGIN change when somebody pays in or closes something.
FREEZE, INSTRUMENT, MARKET_ORDER: the order is the same, and so is the rule. SESSION, STATIC_IP and ALGO wait for a
person. MARKET_CLOSED lasts until the next session. OTHER may be any of them: what nobody understood is not repeated.
"""
