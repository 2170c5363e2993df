"""The words of refusals that brokers have in common: those of the exchanges and of their risk systems.

Sources. NSE: "Non-NEAT Front End protocol", list of error codes (17070, the limit price protection, is told in the
order books of Angel One and Alice Blue). Risk systems, whose texts begin with `RMS:`: tradingqna.com topic 23877 and
the list of RMS rejections at support.zerodha.com. The others are texts that users of several brokers quote.
"""

from collections.abc import Mapping, Sequence

from lambdas.domain.refusals import Refusal

R = Refusal
Words = Sequence[tuple[str, Refusal]]
"""Regular expressions with what they mean, the telling ones first; they are searched in any case."""

EXCHANGE_CODES: Mapping[str, Refusal] = {
    "16000": R.MARKET_CLOSED,  # the trading system is not available
    "16012": R.INSTRUMENT,  # invalid symbol
    "16035": R.INSTRUMENT,  # unavailable for trading at this time
    "16197": R.MARKET_CLOSED,  # not allowed in the pre-open
    "16278": R.MARKET_CLOSED,  # the markets have not been opened
    "16279": R.INSTRUMENT,  # not admitted
    "16280": R.INSTRUMENT,  # matured
    "16281": R.INSTRUMENT,  # expelled
    "16284": R.PRICE_BAND,  # out of the day's range
    "16307": R.FREEZE,  # quantity freeze
    "16308": R.PRICE_BAND,  # price freeze
    "16327": R.FREEZE,  # more than the regular lot size
    "16328": R.FREEZE,  # no multiple of the lot
    "16330": R.INSTRUMENT,  # suspended
    "16348": R.MARKET_CLOSED,  # trading is not allowed in this market
    "16387": R.INSTRUMENT,  # the security is not allowed in this market
    "16521": R.PRICE_BAND,  # outside the revised range
    "16730": R.ALGO,
    "16731": R.ALGO,
    "16732": R.MARKET_ORDER,  # not allowed for an algo
    "17070": R.PRICE_BAND,  # out of the LPP range
    "17179": R.ALGO,
    "17182": R.MARKET_ORDER,  # not traded yet: no market order
}
"""16283, a price off the tick grid, has no kind of its own: pricing anew does not help, nor does anything here."""

MARKET_WORDS: Words = (
    (r"\bips?\b", R.STATIC_IP),
    (r"too many request|rate.?limit|order requests? exceeded|request limit|throttle limit", R.RATE_LIMIT),
    (r"(?:invalid|expired) (?:access.?)?token\b|token (?:is |has )?(?:invalid|expired)", R.SESSION),
    (r"\bsession (?:is |has )?(?:over|expired|invalid)|invalid session|not logged? ?in\b|log ?in again", R.SESSION),
    (r"market.protection|market orders? (?:is |are )?(?:not allowed|blocked|barred|without)", R.MARKET_ORDER),
    (r"(?:sl-m|stop.loss.market) orders? (?:is |are )?(?:not allowed|blocked|barred)", R.MARKET_ORDER),
    (r"\balgo.?(?:id|name)\b|nnf id", R.ALGO),
    (r"insufficient (?:funds?|margin|balance|cash|limit)|not enough (?:funds?|money|margin|balance)", R.FUNDS),
    (r"margin (?:exceed|shortfall)|required margin|add rs", R.FUNDS),
    (r"position limit|mtom exceeds|exposure|option writing|collateral|naked|hedge|rrm mode", R.MARGIN),
    (r"markets? (?:is |are )?(?:currently |now )?closed|not been opened for trading", R.MARKET_CLOSED),
    (r"(?:market|trading) hours|after.market order", R.MARKET_CLOSED),
    (r"adapter is (?:logged off|down)|cannot be placed at this time|auto square off block|\bamo\b", R.MARKET_CLOSED),
    (r"not allowed in current instrument state|not allowed in pre.?open", R.MARKET_CLOSED),
    (r"strike price|ban period|cautionary|(?:product|mis)\b.{0,20}blocked|trading not allowed", R.INSTRUMENT),
    (r"price freeze|circuit|ckt limit|\blpp\b|\bdpr\b|price range|price band|execution range", R.PRICE_BAND),
    (r"out of (?:the )?range|day'?s (?:price )?range", R.PRICE_BAND),
    (r"freeze|\blots?\b|regular lot|multiples? of \d|maximum (?:order )?quantity", R.FREEZE),
    (r"quantity .{0,30}(?:exceeds?|higher than|greater than|not a multiple)|invalid quantity", R.FREEZE),
    (r"(?:instrument|security|scrip|symbol|contract)\b.{0,60}(?:expired|not|invalid|suspended)", R.INSTRUMENT),
    (r"(?:invalid|unknown) .{0,10}(?:instrument|security|scrip|trading.?symbol|symbol|contract|product)", R.INSTRUMENT),
    (r"not enabled on product|cannot be traded|not trade?able|valid symbol", R.INSTRUMENT),
)
