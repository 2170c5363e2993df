"""Cutting a quantity into orders that the exchange accepts."""


def slice_quantity(quantity: int, lot_size: int, freeze_quantity: int) -> list[int]:
    """Cut `quantity` into orders of whole lots, none above the freeze quantity, as few as possible.

    NIFTY: 2,600 with lot 65 and freeze 1,800 gives [1755, 845]. Raises ValueError when the quantity is
    not a positive number of whole lots or when not even one lot fits below the freeze quantity.
    """
    if quantity <= 0 or quantity % lot_size:
        raise ValueError(f"quantity {quantity} is not a positive number of lots of {lot_size}")
    largest = freeze_quantity // lot_size * lot_size
    if largest == 0:
        raise ValueError(f"freeze quantity {freeze_quantity} is below one lot of {lot_size}")
    full, rest = divmod(quantity, largest)
    return [largest] * full + ([rest] if rest else [])
