"""Quantities are sliced without loss, and strikes are counted among those that are listed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.slicing import slice_quantity
from lambdas.domain.strikes import atm_strike, strike_by_offset


class TestSlice:
    @pytest.mark.parametrize(
        ("quantity", "lot", "freeze", "slices"),
        [
            (2600, 65, 1800, [1755, 845]),
            (1755, 65, 1800, [1755]),
            (65, 65, 65, [65]),
            (1200, 30, 600, [600, 600]),
            (1830, 30, 900, [900, 900, 30]),
            (5520, 120, 2800, [2760, 2760]),
        ],
    )
    def test_known_quantities(self, quantity: int, lot: int, freeze: int, slices: list[int]) -> None:
        assert slice_quantity(quantity, lot, freeze) == slices

    @given(st.integers(1, 2000), st.integers(1, 200), st.integers(1, 5000))
    def test_slices_are_whole_lots_below_the_freeze_as_few_as_can_be(self, lots: int, lot: int, freeze: int) -> None:
        if freeze < lot:
            with pytest.raises(ValueError, match="below one lot"):
                slice_quantity(lots * lot, lot, freeze)
            return
        slices = slice_quantity(lots * lot, lot, freeze)
        assert sum(slices) == lots * lot
        assert all(0 < part <= freeze and part % lot == 0 for part in slices)
        most_lots = freeze // lot
        assert len(slices) == -(-lots // most_lots)

    @pytest.mark.parametrize("quantity", [0, -65, 66, 64])
    def test_what_is_no_number_of_lots_is_refused(self, quantity: int) -> None:
        with pytest.raises(ValueError, match="not a positive number of lots of 65"):
            slice_quantity(quantity, 65, 1800)


class TestStrikes:
    LADDER = tuple(Decimal(strike) for strike in range(24000, 25001, 50))

    @pytest.mark.parametrize(
        ("spot", "strike"),
        [("24512.30", 24500), ("24525", 24500), ("24525.05", 24550), ("1", 24000), ("99999", 25000), ("24550", 24550)],
    )
    def test_at_the_money_is_the_nearest_and_of_two_the_lower(self, spot: str, strike: int) -> None:
        assert atm_strike(Decimal(spot), self.LADDER) == strike

    @pytest.mark.parametrize(("steps", "strike"), [(0, 24500), (4, 24700), (-3, 24350), (10, 25000), (-10, 24000)])
    def test_offsets_count_listed_strikes(self, steps: int, strike: int) -> None:
        assert strike_by_offset(Decimal("24512.30"), self.LADDER, steps) == strike

    def test_offsets_count_strikes_that_are_there_and_not_their_distance(self) -> None:
        gaps = [Decimal(strike) for strike in (24000, 24500, 24550, 25000)]
        assert strike_by_offset(Decimal(24500), gaps, 2) == 25000

    @pytest.mark.parametrize("steps", [11, -11])
    def test_a_strike_beyond_the_list_says_how_far_it_reaches(self, steps: int) -> None:
        with pytest.raises(ValueError, match=r"ATM[+-]11 is not listed: .* from 24000 to 25000"):
            strike_by_offset(Decimal("24512.30"), self.LADDER, steps)

    def test_an_empty_list_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no strike is listed"):
            strike_by_offset(Decimal(24500), [], 0)

    @given(st.decimals("20000", "30000", places=2), st.sets(st.integers(400, 600), min_size=1))
    def test_no_strike_is_nearer_than_the_one_at_the_money(self, spot: Decimal, steps: set[int]) -> None:
        strikes = [Decimal(step * 50) for step in steps]
        chosen = atm_strike(spot, strikes)
        assert chosen in strikes
        assert abs(chosen - spot) == min(abs(strike - spot) for strike in strikes)
