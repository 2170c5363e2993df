"""Lots are neither lost nor invented when exact shares become whole lots."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.allocation import allocate, nearest_whole, shares_by_weight, whole_lots

ACCOUNTS = st.text("abc123", min_size=1, max_size=4)
LOTS = st.integers(0, 10_000)
WEIGHTS = st.dictionaries(ACCOUNTS, st.integers(1, 1000), min_size=1, max_size=8)
EXACT = st.fractions(0, 10_000, max_denominator=10_000)
SHARES = st.dictionaries(ACCOUNTS, EXACT, max_size=8)
Named = tuple[str, Fraction]
DISTINCT = st.lists(
    st.tuples(ACCOUNTS, st.integers(0, 9), st.integers(0, 999)),
    unique_by=(lambda share: share[0], lambda share: share[2]),
    max_size=8,
).map(lambda shares: [(account, lots + Fraction(rest, 1000)) for account, lots, rest in shares])
"""Shares in an order, with remainders of which no two are equal."""

HALVES = st.dictionaries(ACCOUNTS, st.integers(0, 40).map(lambda halves: Fraction(halves, 2)), min_size=1, max_size=8)


class TestNearestWhole:
    @pytest.mark.parametrize(
        ("exact", "whole"),
        [("0", 0), ("0.4999", 0), ("0.5", 0), ("0.5001", 1), ("1", 1), ("1.5", 1), ("2.5", 2), ("2.51", 3), ("1/3", 0)],
    )
    def test_a_half_goes_down(self, exact: str, whole: int) -> None:
        assert nearest_whole(Fraction(exact)) == whole

    @given(EXACT)
    def test_nothing_whole_is_nearer(self, exact: Fraction) -> None:
        whole = nearest_whole(exact)
        assert Fraction(-1, 2) <= whole - exact < Fraction(1, 2)


class TestWholeLots:
    @given(SHARES)
    def test_the_sum_is_the_exact_sum_to_the_nearest_lot(self, shares: dict[str, Fraction]) -> None:
        off = sum(whole_lots(shares).values()) - sum(shares.values(), Fraction(0))
        assert Fraction(-1, 2) <= off < Fraction(1, 2)

    @given(HALVES)
    def test_a_sum_that_ends_in_a_half_goes_down(self, shares: dict[str, Fraction]) -> None:
        assert sum(whole_lots(shares).values()) == floor(sum(shares.values()))

    @given(SHARES)
    def test_each_is_its_share_rounded_up_or_down_and_never_negative(self, shares: dict[str, Fraction]) -> None:
        lots = whole_lots(shares)
        assert list(lots) == list(shares)
        for account, share in shares.items():
            assert lots[account] >= 0
            assert abs(lots[account] - share) < 1

    @given(st.dictionaries(ACCOUNTS, LOTS, max_size=8), st.integers(1, 1000))
    def test_whole_shares_stay_as_they_are_and_scale_exactly(self, lots: dict[str, int], times: int) -> None:
        assert whole_lots({account: Fraction(share) for account, share in lots.items()}) == lots
        scaled = {account: Fraction(share) * times for account, share in lots.items()}
        assert whole_lots(scaled) == {account: share * times for account, share in lots.items()}

    @given(HALVES, st.integers(0, 100))
    def test_whole_lots_on_top_of_one_share_change_nothing_else(self, shares: dict[str, Fraction], more: int) -> None:
        first = next(iter(shares))
        assert whole_lots({**shares, first: shares[first] + more}) == {
            account: lots + (more if account == first else 0) for account, lots in whole_lots(shares).items()
        }

    @given(DISTINCT.flatmap(lambda shares: st.tuples(st.just(shares), st.permutations(shares))))
    def test_the_order_does_not_matter_where_no_remainders_are_equal(self, orders: tuple[list[Named], ...]) -> None:
        one, other = (whole_lots(dict(shares)) for shares in orders)
        assert one == other

    @given(SHARES)
    def test_a_larger_remainder_is_rounded_up_before_a_smaller_one(self, shares: dict[str, Fraction]) -> None:
        lots = whole_lots(shares)
        up = [share - floor(share) for account, share in shares.items() if lots[account] > share]
        down = [share - floor(share) for account, share in shares.items() if lots[account] < share]
        assert not up or not down or min(up) >= max(down)

    @given(st.lists(ACCOUNTS, unique=True, min_size=1, max_size=8), st.integers(0, 50))
    def test_equal_remainders_go_to_the_accounts_named_first(self, accounts: list[str], lots: int) -> None:
        shares = list(whole_lots({account: Fraction(lots, len(accounts)) for account in accounts}).values())
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == lots

    def test_equal_remainders_in_known_places(self) -> None:
        half = Fraction(1, 2)
        assert whole_lots({"b": 1 + half, "a": half, "c": half, "d": half}) == {"b": 2, "a": 1, "c": 0, "d": 0}
        assert whole_lots({"d": half, "c": half, "a": half, "b": 1 + half}) == {"d": 1, "c": 1, "a": 0, "b": 1}
        assert whole_lots({"a": Fraction(1, 3), "b": Fraction(2, 3)}) == {"a": 0, "b": 1}

    def test_nobody_gets_nothing(self) -> None:
        assert whole_lots({}) == {}

    @given(EXACT)
    def test_a_negative_share_is_refused(self, share: Fraction) -> None:
        with pytest.raises(ValueError, match="lots must not be negative, got -"):
            whole_lots({"a": share, "b": -share - Fraction(1, 7)})


class TestSharesByWeight:
    @given(EXACT, WEIGHTS)
    def test_they_are_exact(self, lots: Fraction, weights: dict[str, int]) -> None:
        shares = shares_by_weight(lots, weights)
        assert sum(shares.values()) == lots
        total = sum(weights.values())
        assert all(shares[account] * total == lots * weight for account, weight in weights.items())

    @pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 3, "b": -1}])
    def test_weights_that_mean_nothing_are_refused(self, weights: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="weight of at least 1"):
            shares_by_weight(Fraction(1), weights)


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

    def test_negative_lots_are_refused(self) -> None:
        with pytest.raises(ValueError, match="lots must not be negative, got -1"):
            allocate(-1, {"a": 1})
