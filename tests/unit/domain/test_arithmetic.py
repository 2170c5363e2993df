"""Lots are neither lost nor invented: allocation, slicing, strikes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.allocation import allocate
from lambdas.domain.slicing import slice_quantity
from lambdas.domain.strikes import atm_strike, strike_by_offset

LOTS = st.integers(0, 10_000)
WEIGHTS = st.dictionaries(st.text("abc123", min_size=1, max_size=4), st.integers(1, 1000), min_size=1, max_size=8)


class TestAllocate:
    @given(LOTS, WEIGHTS)
    def test_no_lot_is_lost_or_invented(self, lots: int, weights: dict[str, int]) -> None:
        assert sum(allocate(lots, weights).values()) == lots

    @given(LOTS, WEIGHTS)
    def test_nobody_gets_less_than_nothing_and_all_are_named_in_order(self, lots: int, weights: dict[str, int]) -> None:
        shares = allocate(lots, weights)
        assert list(shares) == list(weights)
        assert min(shares.values()) >= 0

    @given(LOTS, WEIGHTS)
    def test_a_share_is_within_one_lot_of_the_exact_one(self, lots: int, weights: dict[str, int]) -> None:
        total = sum(weights.values())
        for account, share in allocate(lots, weights).items():
            assert abs(share * total - lots * weights[account]) < total

    @given(LOTS, WEIGHTS, st.integers(1, 9))
    def test_only_the_proportion_of_weights_counts(self, lots: int, weights: dict[str, int], factor: int) -> None:
        scaled = {account: weight * factor for account, weight in weights.items()}
        assert allocate(lots, scaled) == allocate(lots, weights)

    @given(st.integers(1, 50), WEIGHTS)
    def test_multiples_of_the_total_weight_are_divided_exactly(self, times: int, weights: dict[str, int]) -> None:
        shares = allocate(times * sum(weights.values()), weights)
        assert shares == {account: weight * times for account, weight in weights.items()}

    def test_equal_remainders_go_to_the_account_named_first(self) -> None:
        assert allocate(5, {"b": 1, "a": 1, "c": 1}) == {"b": 2, "a": 2, "c": 1}
        assert allocate(1, {"b": 1, "a": 1}) == {"b": 1, "a": 0}

    @pytest.mark.parametrize(
        ("lots", "weights", "reason"),
        [(-1, {"a": 1}, "must not be negative"), (1, {}, "weight of at least 1"), (1, {"a": 0}, "weight of at least")],
    )
    def test_what_cannot_be_divided_is_refused(self, lots: int, weights: dict[str, int], reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            allocate(lots, weights)


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
