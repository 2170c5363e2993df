"""What multipliers do to lots is exact, and what rounding does to them is said."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.domain.rounding import AccountShare, LegLots, in_words, lots_of_legs, rounding_notes
from lambdas.domain.strategy import StrategyDefinition
from tests.doubles.examples import a_definition, otm

UNTIMED = settings(deadline=None)
MULTIPLIERS = st.decimals("0.0001", "20", places=4)
LEG_LOTS = st.lists(st.integers(1, 60), min_size=1, max_size=5)
WEIGHTS = st.lists(st.integers(1, 9), min_size=1, max_size=4)


def a_leg(lots: int, **changes: Any) -> dict[str, Any]:
    return {"right": "CE", "side": "SELL", "lots": lots, **changes}


def a_plan(lots: list[int], weights: list[int], multiplier: Decimal) -> StrategyDefinition:
    """Legs with these lots over accounts `aa`, `ab`, … with these weights."""
    accounts = [{"account_id": f"a{chr(97 + number)}", "weight": weight} for number, weight in enumerate(weights)]
    return a_definition(legs=[a_leg(one) for one in lots], allocation=accounts, multiplier=multiplier)


class TestLotsOfLegs:
    @UNTIMED
    @given(LEG_LOTS, WEIGHTS, MULTIPLIERS, MULTIPLIERS)
    def test_a_leg_is_its_lots_times_both_multipliers_exactly(
        self, lots: list[int], weights: list[int], own: Decimal, baskets: Decimal
    ) -> None:
        legs = lots_of_legs(a_plan(lots, weights, own), baskets)
        assert [leg.number for leg in legs] == list(range(1, len(lots) + 1))
        for leg, asked in zip(legs, lots, strict=True):
            assert leg.exact == asked * Fraction(own) * Fraction(baskets)
            assert Fraction(-1, 2) <= leg.lots - leg.exact < Fraction(1, 2)
            assert all(abs(share.lots - share.exact) < 1 for share in leg.shares)

    @UNTIMED
    @given(st.lists(st.integers(1, 20), min_size=1, max_size=4), MULTIPLIERS)
    def test_a_legs_own_lots_are_multiplied_account_by_account(self, lots: list[int], multiplier: Decimal) -> None:
        own = [{"account_id": f"account-{number}", "lots": one} for number, one in enumerate(lots)]
        definition = a_definition(legs=[a_leg(sum(lots), allocation=own)], multiplier=multiplier)
        (leg,) = lots_of_legs(definition)
        assert [share.exact for share in leg.shares] == [one * Fraction(multiplier) for one in lots]
        assert leg.exact == sum(lots) * Fraction(multiplier)

    @UNTIMED
    @given(LEG_LOTS, WEIGHTS, MULTIPLIERS, MULTIPLIERS)
    def test_they_are_the_lots_that_are_traded(
        self, lots: list[int], weights: list[int], own: Decimal, baskets: Decimal
    ) -> None:
        definition = a_plan(lots, weights, own)
        for leg, counted in zip(definition.legs, lots_of_legs(definition, baskets), strict=True):
            traded = definition.lots_by_account(leg, baskets)
            assert traded == {share.account_id: share.lots for share in counted.shares if share.lots}
            assert sum(traded.values()) == counted.lots

    @UNTIMED
    @given(LEG_LOTS, WEIGHTS, st.integers(1, 20))
    def test_a_whole_multiplier_scales_what_was_whole(self, lots: list[int], weights: list[int], times: int) -> None:
        whole = [one * sum(weights) for one in lots]
        before = lots_of_legs(a_plan(whole, weights, Decimal(1)))
        after = lots_of_legs(a_plan(whole, weights, Decimal(times)))
        for leg, scaled in zip(before, after, strict=True):
            assert [share.lots * times for share in leg.shares] == [share.lots for share in scaled.shares]

    def test_a_third_that_was_cut_is_not_a_third(self) -> None:
        (leg,) = lots_of_legs(a_plan([3], [1], Decimal("0.3333")))
        assert (leg.exact, leg.lots) == (Fraction(9999, 10000), 1)

    def test_three_accounts_share_a_lot_and_a_half(self) -> None:
        (leg,) = lots_of_legs(a_plan([1], [1, 1, 1], Decimal("1.5")))
        assert leg.exact == Fraction(3, 2)
        assert [(share.exact, share.lots) for share in leg.shares] == [(Fraction(1, 2), lots) for lots in (1, 0, 0)]


class TestNotes:
    @UNTIMED
    @given(LEG_LOTS, WEIGHTS, MULTIPLIERS)
    def test_there_are_none_exactly_when_nothing_was_rounded(
        self, lots: list[int], weights: list[int], multiplier: Decimal
    ) -> None:
        legs = lots_of_legs(a_plan(lots, weights, multiplier))
        rounded = any(share.exact != share.lots for leg in legs for share in leg.shares)
        assert bool(rounding_notes(legs)) is rounded

    @UNTIMED
    @given(LEG_LOTS, MULTIPLIERS)
    def test_a_ratio_is_noted_exactly_when_it_is_another_now(self, lots: list[int], multiplier: Decimal) -> None:
        legs = lots_of_legs(a_plan(lots, [1], multiplier))
        noted = [note.split(":")[0] for note in rounding_notes(legs) if "ratio" in note]
        changed = [leg.number for leg, one in zip(legs, lots, strict=True) if leg.lots * lots[0] != legs[0].lots * one]
        assert noted == [f"legs[{number}]" for number in changed]

    def test_they_say_leg_account_and_ratio(self) -> None:
        legs = [a_leg(1), a_leg(2, strike=otm(2), allocation=[{"account_id": "bb", "lots": 2}])]
        accounts = [{"account_id": "aa"}, {"account_id": "bb"}]
        definition = a_definition(legs=legs, allocation=accounts, multiplier="1.5")
        assert rounding_notes(lots_of_legs(definition)) == [
            "legs[1]: 1.5 lots became 1",
            "legs[1]: aa trades 1 instead of 0.75 lots",
            "legs[1]: bb trades 0 instead of 0.75 lots",
            "legs[2]: the ratio to legs[1] is 3:1 now, not 2:1",
        ]

    def test_a_ratio_that_survives_rounding_is_not_noted(self) -> None:
        notes = rounding_notes(lots_of_legs(a_plan([1, 1], [1], Decimal("1.2"))))
        assert [note for note in notes if "ratio" in note] == []
        assert notes[0] == "legs[1]: 1.2 lots became 1"

    def test_a_first_leg_without_a_lot_has_a_ratio_too(self) -> None:
        notes = rounding_notes(lots_of_legs(a_plan([1, 4], [1], Decimal("0.5"))))
        assert notes[-1] == "legs[2]: the ratio to legs[1] is 2:0 now, not 4:1"

    def test_no_legs_have_no_notes(self) -> None:
        assert rounding_notes(()) == []

    def test_shares_that_are_rounded_but_add_up_are_noted_by_account_only(self) -> None:
        half = Fraction(1, 2)
        legs = [LegLots(1, (AccountShare("aa", 1 + half, 2), AccountShare("bb", half, 0)))]
        assert rounding_notes(legs) == [
            "legs[1]: aa trades 2 instead of 1.5 lots",
            "legs[1]: bb trades 0 instead of 0.5 lots",
        ]


class TestInWords:
    @pytest.mark.parametrize(
        ("exact", "words"),
        [
            (Fraction(2), "2"),
            (Fraction(1000), "1000"),
            (Fraction(0), "0"),
            (Fraction(3, 2), "1.5"),
            (Fraction(1, 3), "1/3"),
            (Fraction(9999, 10000), "0.9999"),
            (Fraction(1, 10**8), "0.00000001"),
            (Fraction(1, 10**9), "1/1000000000"),
            (Fraction(200, 3), "200/3"),
        ],
    )
    def test_known_lots(self, exact: Fraction, words: str) -> None:
        assert in_words(exact) == words

    @given(st.fractions(0, 10_000, max_denominator=100_000))
    def test_what_is_written_is_exact(self, exact: Fraction) -> None:
        assert Fraction(in_words(exact)) == exact
