"""Orders of paper accounts in the one table."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.adapters.dynamo.item_reads import Item
from lambdas.adapters.dynamo.table import Table
from lambdas.domain.contracts import Contract, Listing, Right, Side
from lambdas.domain.intents import IntentStatus
from lambdas.domain.paper import Fill, PaperOrder
from lambdas.ports.paper import PaperUnclear
from shared_config.names import PARTITION_KEY, TTL_ATTRIBUTE

KEPT = timedelta(days=90)
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Call = Callable[Arguments, Coroutine[Any, Any, Result]]


def _or_unclear(call: Call[Arguments, Result]) -> Call[Arguments, Result]:
    """Whatever keeps the table from answering is PaperUnclear: the call may have been carried out."""

    @wraps(call)
    async def told(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return await call(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise PaperUnclear(f"the table gave no answer: {_code(error)}") from error

    return told


def _code(error: BotoCoreError | ClientError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


@dataclass(frozen=True)
class DynamoPaper:
    """Implements `PaperStore`. Each account has a partition for each day, apart from the user's own."""

    table: Table

    @_or_unclear
    async def orders(self, user_id: str, account_id: str, day: date) -> Sequence[PaperOrder]:
        found = [_order_of(item) for item in await self.table.query(_pk(user_id, account_id, day))]
        return sorted(found, key=lambda order: (order.placed_at, order.tag))

    @_or_unclear
    async def append(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        return await self.table.put(_item(user_id, account_id, order), Attr(PARTITION_KEY).not_exists())

    @_or_unclear
    async def replace(self, user_id: str, account_id: str, order: PaperOrder) -> bool:
        return await self.table.put(_item(user_id, account_id, order), Attr("version").eq(order.version - 1))


def _pk(user_id: str, account_id: str, day: date) -> str:
    return f"PAPER#{user_id}#{account_id}#{day.isoformat()}"


def _item(user_id: str, account_id: str, order: PaperOrder) -> Item:
    listing, contract = order.listing, order.listing.contract
    return {
        "pk": _pk(user_id, account_id, order.day),
        "sk": f"ORDER#{order.tag}",
        "tag": order.tag,
        "underlying": contract.underlying,
        "expiry": contract.expiry.isoformat(),
        "strike": contract.strike,
        "right": str(contract.right),
        "exchange": listing.exchange,
        "symbol": listing.symbol,
        "token": listing.token,
        "lot_size": listing.lot_size,
        "tick_size": listing.tick_size,
        "side": str(order.side),
        "quantity": order.quantity,
        "product": order.product,
        "limit_price": order.limit_price,
        "placed_at": order.placed_at.isoformat(),
        "visible_at": order.visible_at.isoformat(),
        "changed_at": order.changed_at.isoformat(),
        "status": str(order.status),
        "fills": [{"at": fill.at.isoformat(), "quantity": fill.quantity, "price": fill.price} for fill in order.fills],
        "modifications": order.modifications,
        "message": order.message,
        "version": order.version,
        TTL_ATTRIBUTE: int((order.placed_at + KEPT).timestamp()),
    }


def _order_of(item: Item) -> PaperOrder:
    return PaperOrder(
        tag=item["tag"],
        listing=_listing_of(item),
        side=Side(item["side"]),
        quantity=int(item["quantity"]),
        product=item["product"],
        limit_price=item["limit_price"],
        placed_at=datetime.fromisoformat(item["placed_at"]),
        visible_at=datetime.fromisoformat(item["visible_at"]),
        changed_at=datetime.fromisoformat(item["changed_at"]),
        status=IntentStatus(item["status"]),
        fills=tuple(
            Fill(datetime.fromisoformat(row["at"]), int(row["quantity"]), row["price"]) for row in item["fills"]
        ),
        modifications=int(item["modifications"]),
        message=item["message"],
        version=int(item["version"]),
    )


def _listing_of(item: Item) -> Listing:
    """The contract as the order was placed in it; its freeze quantity is no matter of an order."""
    expiry = date.fromisoformat(item["expiry"])
    return Listing(
        contract=Contract(item["underlying"], expiry, item["strike"], Right(item["right"])),
        exchange=item["exchange"],
        symbol=item["symbol"],
        token=item["token"],
        lot_size=int(item["lot_size"]),
        tick_size=item["tick_size"],
    )
