"""The checks before an order rests or trades. Each refusal carries a code that the faces translate."""

from dataclasses import dataclass

from sandbox.exchange.instruments import TICK_PAISE, Instrument
from sandbox.exchange.market import Spread
from sandbox.exchange.orders import Ticket
from sandbox.exchange.ticks import rupees_text

PRODUCTS = ("MIS", "NRML")
_LPP_SPLIT_PAISE = 50_00
_LPP_SHARE = 0.40
_LPP_POINTS_PAISE = 20_00


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is turned away."""

    code: str
    message: str


def check_quantity(instrument: Instrument, quantity: int) -> Refusal | None:
    """Whole lots, and no more than the exchange's freeze quantity."""
    if quantity <= 0 or quantity % instrument.lot:
        return Refusal("lot", f"Invalid quantity. Quantity should be in multiples of {instrument.lot}.")
    if quantity > instrument.freeze:
        return Refusal(
            "freeze",
            f"Quantity {quantity} exceeds the freeze quantity of {instrument.freeze} of {instrument.symbol}.",
        )
    return None


def check_price(name: str, paise: int, band: tuple[int, int]) -> Refusal | None:
    """On the tick and within the day's band."""
    if paise <= 0 or paise % TICK_PAISE:
        return Refusal("tick", f"Tick size for this script is {rupees_text(TICK_PAISE)}. Invalid {name}.")
    if not band[0] <= paise <= band[1]:
        low, high = rupees_text(band[0]), rupees_text(band[1])
        return Refusal("band", f"Price exceeds circuit limits for the instrument. Daily range {low} to {high}.")
    return None


def check_ticket(ticket: Ticket, band: tuple[int, int]) -> Refusal | None:
    """Everything that can be told without the account's funds."""
    if ticket.instrument.is_index:
        return Refusal("instrument", f"{ticket.instrument.symbol} is an index and cannot be traded.")
    if ticket.product not in PRODUCTS:
        return Refusal("product", f"Invalid product {ticket.product} for derivatives.")
    if refusal := check_quantity(ticket.instrument, ticket.quantity):
        return refusal
    if ticket.trigger_paise and (refusal := check_price("trigger price", ticket.trigger_paise, band)):
        return refusal
    return None if ticket.protection_percent is not None else check_price("price", ticket.price_paise, band)


def outside_reference_range(instrument: Instrument, price_paise: int, spread: Spread) -> Refusal | None:
    """The exchanges' limit price protection for options, around the reference price (last price here).

    Above a premium of Rs 50 the limit must lie within 40 %, below within Rs 20.
    """
    reference = spread.last
    reach = reference * _LPP_SHARE if reference > _LPP_SPLIT_PAISE else _LPP_POINTS_PAISE
    if not instrument.is_option or abs(price_paise - reference) <= reach:
        return None
    return Refusal("lpp", "Price exceeds circuit limits for the instrument. Place an order within the daily range.")
