"""Markets whose prices a test knows: chains as they are listed, options priced by Black-76."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from lambdas.domain.black76 import option_price, years_to
from lambdas.domain.chains import Chain
from lambdas.domain.contracts import OPTION_RIGHTS, Contract, Quote
from lambdas.domain.resolving import Market

PAISA = Decimal("0.01")


def a_market(
    *chains: Chain,
    spot: Decimal = Decimal("24512.30"),
    at: datetime | None = None,
    quotes: Mapping[Contract, Quote] | None = None,
) -> Market:
    """A market of these chains at 09:19:45 of a Monday, unless told."""
    by_broker: dict[str, dict[date, Chain]] = defaultdict(dict)
    for chain in chains:
        by_broker[chain.broker][chain.expiry] = chain
    at = at or datetime.fromisoformat("2026-11-23T09:19:45+05:30")
    return Market(chains[0].underlying, at, spot, by_broker, quotes or {})


def model_quotes(
    contracts: Iterable[Contract], forward: Decimal, volatility: float, now: datetime
) -> dict[Contract, Quote]:
    """Quotes of options (nothing for futures): the model's price to the paisa, bid and ask a tick around it.

    An option that is worth less than a tick has an empty bid.
    """
    return {
        contract: model_quote(contract, forward, volatility, now)
        for contract in contracts
        if contract.right in OPTION_RIGHTS
    }


def model_quote(contract: Contract, forward: Decimal, volatility: float, now: datetime) -> Quote:
    """One such quote."""
    years = years_to(contract.expiry, now)
    price = Decimal(option_price(contract.right, forward, contract.strike, years, volatility)).quantize(PAISA)
    tick = Decimal("0.05")
    return Quote(price, price - tick if price > tick else None, price + tick)
