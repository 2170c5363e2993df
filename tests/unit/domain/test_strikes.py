"""Which listed strike each rule means: worked examples, edges, what holds for any chain, and real chains."""

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lambdas.domain.black76 import delta, option_price, years_to
from lambdas.domain.contracts import OPTION_RIGHTS, Quote, Right
from lambdas.domain.strike_rules import ByDelta, ByMoneyness, ByPremium, StrikeRule
from lambdas.domain.strikes import WINDOW, Ladder, Wanted, choose_strike, premium_of, quotes_needed, strike_by_offset
from tests.doubles.examples import at

SPOT = Decimal("24512.30")
YEARS = 8 / 365
RULES: TypeAdapter[StrikeRule] = TypeAdapter(StrikeRule)
CALLS = {24300: "265", 24400: "190", 24450: "160", 24500: "130", 24550: "104", 24600: "82", 24700: "48"}
PUTS = {24300: "46", 24400: "75", 24450: "94", 24500: "110", 24550: "135", 24600: "165", 24700: "240"}


def rule(by: str, **fields: object) -> StrikeRule:
    return RULES.validate_python({"by": by, **fields})


def quotes_of(calls: Mapping[int, str], puts: Mapping[int, str]) -> dict[Wanted, Quote]:
    """Last prices by strike."""
    return {
        (Decimal(strike), right): Quote(Decimal(price))
        for right, premiums in ((Right.CE, calls), (Right.PE, puts))
        for strike, price in premiums.items()
    }


def a_ladder(
    spot: Decimal = SPOT,
    strikes: Collection[int] = tuple(CALLS),
    quotes: Mapping[Wanted, Quote] | None = None,
    years: float = YEARS,
) -> Ladder:
    """The same strikes for calls and puts; NIFTY with a straddle of 240 at 24500, unless told."""
    listed = frozenset(Decimal(strike) for strike in strikes)
    return Ladder(spot, dict.fromkeys(OPTION_RIGHTS, listed), quotes or quotes_of(CALLS, PUTS), years)


def a_smooth_ladder(forward: float, volatility: float, *, spot: Decimal | None = None, years: float = YEARS) -> Ladder:
    """Strikes every 50 for 1,500 points on both sides, all quoted by Black-76 at one volatility, unrounded."""
    middle = round(forward / 50) * 50
    strikes = range(middle - 1500, middle + 1501, 50)
    quotes = {
        (Decimal(strike), right): Quote(Decimal(option_price(right, forward, strike, years, volatility)))
        for strike in strikes
        for right in OPTION_RIGHTS
    }
    return a_ladder(spot or Decimal(forward), strikes, quotes, years)


def chosen(by: StrikeRule | None, right: Right, ladder: Ladder | None = None) -> int:
    return int(choose_strike(by, right, ladder or a_ladder()).strike)


def outcome(by: StrikeRule, right: Right, ladder: Ladder) -> str:
    """The choice, or why there is none, in words that can be compared."""
    try:
        return str(choose_strike(by, right, ladder))
    except ValueError as error:
        return f"refused: {error}"


class TestMoneyness:
    @pytest.mark.parametrize(("spot", "strike"), [("24524.95", 24500), ("24525", 24500), ("24525.05", 24550)])
    def test_between_two_strikes_the_tie_goes_to_the_lower(self, spot: str, strike: int) -> None:
        assert chosen(None, Right.CE, a_ladder(Decimal(spot))) == strike
        assert chosen(ByMoneyness(), Right.PE, a_ladder(Decimal(spot))) == strike

    @pytest.mark.parametrize(
        ("right", "moneyness", "steps", "strike"),
        [
            (Right.CE, "OTM", 1, 24550),
            (Right.CE, "OTM", 3, 24700),
            (Right.CE, "ITM", 2, 24400),
            (Right.PE, "OTM", 1, 24450),
            (Right.PE, "OTM", 3, 24300),
            (Right.PE, "ITM", 2, 24600),
        ],
    )
    def test_steps_are_listed_strikes_and_a_put_goes_the_other_way(
        self, right: Right, moneyness: str, steps: int, strike: int
    ) -> None:
        assert chosen(rule("moneyness", moneyness=moneyness, steps=steps), right) == strike

    def test_the_reason_names_rule_and_spot(self) -> None:
        assert choose_strike(None, Right.CE, a_ladder()).reason == "ATM at spot 24512.30"
        found = choose_strike(rule("moneyness", moneyness="OTM", steps=2), Right.PE, a_ladder())
        assert found.reason == "OTM2 at spot 24512.30"

    @pytest.mark.parametrize(("right", "position"), [(Right.CE, r"ATM\+4"), (Right.PE, "ATM-4")])
    def test_beyond_the_ladder_it_says_how_far_it_reaches(self, right: Right, position: str) -> None:
        with pytest.raises(ValueError, match=rf"{position} is not listed: at spot 24512.30 .* from 24300 to 24700"):
            chosen(rule("moneyness", moneyness="OTM", steps=4), right)

    def test_the_first_and_the_last_strike_can_be_chosen(self) -> None:
        assert strike_by_offset(SPOT, a_ladder().strikes[Right.CE], -3) == 24300
        assert strike_by_offset(SPOT, a_ladder().strikes[Right.CE], 3) == 24700


class TestStrikeAndPercent:
    def test_exactly_the_strike_that_was_asked_for(self) -> None:
        found = choose_strike(rule("strike", strike="24600.00"), Right.PE, a_ladder())
        assert (int(found.strike), found.reason) == (24600, "this strike was asked for")

    def test_a_strike_that_is_not_listed_names_the_nearest(self) -> None:
        with pytest.raises(ValueError, match="strike 24630 is not listed; the nearest is 24600"):
            chosen(rule("strike", strike=24630), Right.CE)

    @pytest.mark.parametrize(
        ("percent", "strike"), [("0.5", 24600), ("-0.5", 24400), ("0", 24500), ("90", 24700), ("-90", 24300)]
    )
    def test_percent_of_atm_goes_up_and_down_to_the_nearest_listed(self, percent: str, strike: int) -> None:
        for right in OPTION_RIGHTS:
            assert chosen(rule("percent_of_atm", percent=percent), right) == strike

    def test_percent_is_of_the_strike_at_the_money_and_not_of_the_spot(self) -> None:
        found = choose_strike(rule("percent_of_atm", percent="-1"), Right.PE, a_ladder())
        assert found.reason == "nearest to 24255.00, -1 % of ATM 24500"


class TestPremium:
    @pytest.mark.parametrize(
        ("by", "premium", "strike"),
        [
            ("closest_premium", "100", 24550),
            ("closest_premium", "1", 24700),
            ("closest_premium", "9999", 24300),
            ("premium_at_least", "100", 24550),
            ("premium_at_least", "104", 24550),
            ("premium_at_least", "104.05", 24500),
            ("premium_at_most", "100", 24600),
            ("premium_at_most", "82", 24600),
            ("premium_at_most", "81.95", 24700),
            ("premium_at_most", "9999", 24300),
        ],
    )
    def test_the_nearest_premium_that_fits(self, by: str, premium: str, strike: int) -> None:
        assert chosen(rule(by, premium=premium), Right.CE) == strike

    def test_of_two_premiums_equally_near_the_strike_nearest_to_the_spot(self) -> None:
        assert chosen(rule("closest_premium", premium="93"), Right.CE) == 24550
        assert chosen(rule("closest_premium", premium="102"), Right.PE) == 24500

    @pytest.mark.parametrize(
        ("low", "high", "strike"), [("80", "110", 24550), ("82", "104", 24550), ("75", "95", 24600)]
    )
    def test_a_range_takes_the_one_nearest_to_its_middle(self, low: str, high: str, strike: int) -> None:
        assert chosen(rule("premium_range", low=low, high=high), Right.CE) == strike

    def test_both_bounds_of_a_range_belong_to_it(self) -> None:
        assert chosen(rule("premium_range", low="265", high="300"), Right.CE) == 24300
        assert chosen(rule("premium_range", low="10", high="48"), Right.CE) == 24700

    @pytest.mark.parametrize(
        ("by", "said"),
        [
            (rule("premium_at_least", premium="300"), "no CE has a premium of at least 300"),
            (rule("premium_at_most", premium="20"), "no CE has a premium of at most 20"),
            (rule("premium_range", low="83", high="103"), "no CE has a premium from 83 to 103"),
        ],
    )
    def test_where_nothing_fits_it_says_what_is_there(self, by: StrikeRule, said: str) -> None:
        with pytest.raises(ValueError, match=f"{said}; those near the money reach from 48.00 to 265.00"):
            chosen(by, Right.CE)

    def test_the_reason_names_the_premium_and_the_bound(self) -> None:
        found = choose_strike(rule("premium_at_most", premium="100"), Right.CE, a_ladder())
        assert found.reason == "premium 82.00 is the nearest premium of at most 100"

    def test_strikes_without_a_quote_or_a_price_are_passed_over(self) -> None:
        quotes = quotes_of({**CALLS, 24600: "0"}, PUTS)
        del quotes[Decimal(24550), Right.CE]
        assert chosen(rule("closest_premium", premium="90"), Right.CE, a_ladder(quotes=quotes)) == 24500

    @pytest.mark.parametrize("by", ["closest_premium", "premium_at_least", "premium_at_most"])
    def test_without_any_quote_it_says_so(self, by: str) -> None:
        quotes = quotes_of({}, PUTS)
        with pytest.raises(ValueError, match="no CE near the money has a quote"):
            chosen(rule(by, premium="100"), Right.CE, a_ladder(quotes=quotes))

    def test_strikes_far_from_the_money_are_not_looked_at(self) -> None:
        strikes = range(18000, 31001, 50)
        far = Decimal(24500 + 50 * WINDOW)
        quotes = {(far, Right.CE): Quote(Decimal(9)), (far + 50, Right.CE): Quote(Decimal(10))}
        with pytest.raises(ValueError, match=f"lies beyond {far}, the last of the {WINDOW} strikes"):
            chosen(rule("closest_premium", premium="10"), Right.CE, a_ladder(strikes=strikes, quotes=quotes))

    def test_the_last_listed_strike_may_be_chosen(self) -> None:
        quotes = {(Decimal(25000), Right.CE): Quote(Decimal(9))}
        ladder = a_ladder(strikes=range(24000, 25001, 50), quotes=quotes)
        assert chosen(rule("closest_premium", premium="10"), Right.CE, ladder) == 25000


class TestStraddle:
    @pytest.mark.parametrize(
        ("percent", "call", "put"), [("20", 24700, 24300), ("50", 24500, 24500), ("80", 24400, 24700)]
    )
    def test_percent_of_the_straddle_is_a_premium(self, percent: str, call: int, put: int) -> None:
        by = rule("percent_of_straddle_premium", percent=percent)
        quotes = quotes_of(CALLS, {**PUTS, 24500: "130"})
        assert chosen(by, Right.CE, a_ladder(quotes=quotes)) == call
        assert chosen(by, Right.PE, a_ladder(quotes=quotes)) == put

    @pytest.mark.parametrize(
        ("times", "strike"), [("0.5", 24600), ("1", 24700), ("-0.5", 24400), ("-1", 24300), ("0", 24500)]
    )
    def test_the_width_of_the_straddle_goes_up_and_down_from_the_money(self, times: str, strike: int) -> None:
        for right in OPTION_RIGHTS:
            assert chosen(rule("straddle_width", times=times), right) == strike

    def test_the_reasons_show_the_straddle(self) -> None:
        width = choose_strike(rule("straddle_width", times="-0.5"), Right.PE, a_ladder())
        assert width.reason == "nearest to 24380.00, ATM 24500 -0.5 straddles of 240.00"
        share = choose_strike(rule("percent_of_straddle_premium", percent="20"), Right.CE, a_ladder())
        assert share.reason == "premium 48.00 is closest to 48.00, 20 % of the straddle at 24500"

    @pytest.mark.parametrize("missing", OPTION_RIGHTS)
    @pytest.mark.parametrize(
        "by",
        [
            rule("straddle_width", times="1"),
            rule("percent_of_straddle_premium", percent="20"),
            rule("delta", delta="0.3"),
        ],
    )
    def test_a_straddle_with_one_side_is_none(self, by: StrikeRule, missing: Right) -> None:
        quotes = quotes_of(CALLS, PUTS)
        quotes[Decimal(24500), missing] = Quote(Decimal(0))
        with pytest.raises(ValueError, match=rf"the {missing} at the money \(24500\) has no quote"):
            chosen(by, Right.CE, a_ladder(quotes=quotes))

    def test_the_money_is_where_a_call_and_a_put_are_listed(self) -> None:
        ladder = a_ladder()
        without = {**ladder.strikes, Right.PE: ladder.strikes[Right.PE] - {Decimal(24500)}}
        assert replace(ladder, strikes=without).atm == 24550


class TestDelta:
    FORWARD, VOLATILITY = 24580.0, 0.14

    @pytest.mark.parametrize("right", OPTION_RIGHTS)
    @pytest.mark.parametrize("wanted", ["0.05", "0.1", "0.25", "0.3", "0.5", "0.7", "0.9"])
    def test_the_strike_has_the_delta_that_the_model_says(self, right: Right, wanted: str) -> None:
        ladder = a_smooth_ladder(self.FORWARD, self.VOLATILITY, spot=SPOT)
        strike = choose_strike(rule("delta", delta=wanted), right, ladder).strike
        off = {
            listed: abs(abs(delta(right, self.FORWARD, listed, YEARS, self.VOLATILITY)) - float(wanted))
            for listed in ladder.strikes[right]
        }
        assert off[strike] == min(off.values())

    def test_a_small_delta_is_out_of_the_money_on_either_side(self) -> None:
        ladder = a_smooth_ladder(self.FORWARD, self.VOLATILITY)
        call, put = (chosen(rule("delta", delta="0.2"), right, ladder) for right in OPTION_RIGHTS)
        assert put < self.FORWARD < call

    def test_the_reason_shows_delta_and_forward(self) -> None:
        found = choose_strike(rule("delta", delta="0.5"), Right.CE, a_smooth_ladder(24500.0, self.VOLATILITY))
        assert found.reason == "delta 0.504 is closest to 0.5 (forward 24500.00)"

    def test_quotes_that_no_volatility_explains_are_passed_over(self) -> None:
        ladder = a_smooth_ladder(24500.0, self.VOLATILITY)
        plain = chosen(rule("delta", delta="0.9"), Right.CE, ladder)
        below_intrinsic = Quote(Decimal(24500 - plain) - 1)
        ladder = replace(ladder, quotes={**ladder.quotes, (Decimal(plain), Right.CE): below_intrinsic})
        assert abs(chosen(rule("delta", delta="0.9"), Right.CE, ladder) - plain) == 50

    def test_where_no_delta_can_be_computed_it_says_so(self) -> None:
        calls = frozenset(Decimal(strike) for strike in range(23000, 26001, 10))
        quotes = quotes_of({24300: "100", 26000: "10"}, {26000: "10"})
        ladder = Ladder(SPOT, {Right.CE: calls, Right.PE: frozenset({Decimal(26000)})}, quotes, YEARS)
        with pytest.raises(ValueError, match="no CE has a quote from which a delta can be computed"):
            chosen(rule("delta", delta="0.5"), Right.CE, ladder)


class TestPremiumOfAQuote:
    @pytest.mark.parametrize(
        ("bid", "ask", "premium"),
        [("99", "102", "100.5"), (None, "102", "90"), ("99", None, "90"), ("0", "102", "90"), (None, None, "90")],
    )
    def test_the_middle_of_the_book_or_the_last_price(self, bid: str | None, ask: str | None, premium: str) -> None:
        sides = (Decimal(side) if side is not None else None for side in (bid, ask))
        assert premium_of(Quote(Decimal(90), *sides)) == Decimal(premium)

    def test_rules_go_by_the_middle_and_not_by_a_stale_last_price(self) -> None:
        stale = Quote(Decimal(100), Decimal(10), Decimal(11))
        quotes = {**quotes_of(CALLS, PUTS), (Decimal(24700), Right.CE): stale}
        assert chosen(rule("closest_premium", premium="100"), Right.CE, a_ladder(quotes=quotes)) == 24550


class TestQuotesNeeded:
    @pytest.mark.parametrize(
        "by", [None, ByMoneyness(), rule("strike", strike=24500), rule("percent_of_atm", percent="1")]
    )
    def test_rules_by_strike_need_none(self, by: StrikeRule | None) -> None:
        assert quotes_needed(by, Right.CE, a_ladder()) == frozenset()

    def test_a_width_needs_the_straddle_alone(self) -> None:
        needed = quotes_needed(rule("straddle_width", times="1"), Right.CE, a_ladder())
        assert needed == {(Decimal(24500), Right.CE), (Decimal(24500), Right.PE)}

    @pytest.mark.parametrize("by", [rule("percent_of_straddle_premium", percent="20"), rule("delta", delta="0.3")])
    def test_a_share_of_the_straddle_and_a_delta_need_it_and_their_own_right(self, by: StrikeRule) -> None:
        needed = quotes_needed(by, Right.PE, a_ladder())
        assert needed == {(Decimal(strike), Right.PE) for strike in CALLS} | {(Decimal(24500), Right.CE)}

    def test_a_premium_needs_its_own_right_around_the_money(self) -> None:
        strikes = range(18000, 31001, 50)
        needed = quotes_needed(rule("closest_premium", premium="1"), Right.PE, a_ladder(strikes=strikes))
        assert {right for _, right in needed} == {Right.PE}
        assert sorted(strike for strike, _ in needed) == list(range(24500 - 50 * WINDOW, 24501 + 50 * WINDOW, 50))

    def test_an_empty_ladder_is_refused_by_every_rule(self) -> None:
        for by in (None, rule("strike", strike=1), rule("delta", delta="0.5"), rule("closest_premium", premium="1")):
            with pytest.raises(ValueError, match="no strike is listed"):
                chosen(by, Right.CE, Ladder(SPOT, dict.fromkeys(OPTION_RIGHTS, frozenset()), {}, YEARS))


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


PREMIUMS = decimals("0.05", "900")
QUOTES = st.builds(Quote, st.one_of(st.just(Decimal(0)), PREMIUMS), st.none() | PREMIUMS, st.none() | PREMIUMS)
ANY_RULE: st.SearchStrategy[StrikeRule] = st.one_of(
    st.builds(lambda steps: rule("moneyness", moneyness="OTM", steps=steps), st.integers(1, 60)),
    st.builds(lambda steps: rule("moneyness", moneyness="ITM", steps=steps), st.integers(1, 60)),
    st.just(ByMoneyness()),
    st.builds(lambda strike: rule("strike", strike=strike), st.sampled_from(range(22000, 27001, 50))),
    st.builds(lambda percent: rule("percent_of_atm", percent=percent), decimals("-90", "90")),
    st.builds(
        lambda by, premium: rule(by, premium=premium),
        st.sampled_from(["closest_premium", "premium_at_least", "premium_at_most"]),
        PREMIUMS,
    ),
    st.builds(lambda low, width: rule("premium_range", low=low, high=low + width), PREMIUMS, decimals("0.01", "99")),
    st.builds(lambda percent: rule("percent_of_straddle_premium", percent=percent), decimals("0.01", "400")),
    st.builds(lambda times: rule("straddle_width", times=times), decimals("-10", "10")),
    st.builds(lambda wanted: rule("delta", delta=wanted), decimals("0.001", "0.999", 3)),
)
RIGHTS = st.sampled_from(OPTION_RIGHTS)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Any chain: calls and puts that differ a little, quotes that need not make sense, and some that are missing."""
    low, count = draw(st.integers(400, 500)), draw(st.integers(1, 260))
    strikes = [Decimal(50 * (low + number)) for number in range(count)]
    gone = {right: draw(st.sets(st.sampled_from(strikes), max_size=3)) for right in OPTION_RIGHTS}
    quotes = draw(st.dictionaries(st.tuples(st.sampled_from(strikes), RIGHTS), QUOTES, max_size=40))
    listed = {right: frozenset(strikes) - gone[right] for right in OPTION_RIGHTS}
    return Ladder(draw(decimals("22000", "28000")), listed, quotes, draw(st.sampled_from([1 / 365, YEARS, 0.25])))


@given(ANY_RULE, RIGHTS, ladders())
def test_every_choice_is_a_listed_strike_of_that_right(by: StrikeRule, right: Right, ladder: Ladder) -> None:
    with suppress(ValueError):
        found = choose_strike(by, right, ladder)
        assert found.strike in ladder.strikes[right]
        assert found.reason


@given(ANY_RULE, RIGHTS, ladders())
def test_the_quotes_that_are_needed_are_enough(by: StrikeRule, right: Right, ladder: Ladder) -> None:
    needed: frozenset[Wanted] = frozenset()
    with suppress(ValueError):
        needed = quotes_needed(by, right, ladder)
    known = {wanted: quote for wanted, quote in ladder.quotes.items() if wanted in needed}
    assert outcome(by, right, replace(ladder, quotes=known)) == outcome(by, right, ladder)


@given(st.sampled_from(["premium_at_least", "premium_at_most"]), PREMIUMS, RIGHTS, ladders())
def test_a_bound_is_kept_and_no_other_fitting_premium_is_nearer(
    by: str, bound: Decimal, right: Right, ladder: Ladder
) -> None:
    bounded = rule(by, premium=bound)
    assume(ladder.strikes[right])
    premiums = {
        strike: premium_of(ladder.quotes[strike, right])
        for strike, _ in quotes_needed(bounded, right, ladder)
        if (strike, right) in ladder.quotes
    }
    fitting = [
        premium
        for premium in premiums.values()
        if premium > 0 and (premium >= bound if by == "premium_at_least" else premium <= bound)
    ]
    if not fitting:
        assert outcome(bounded, right, ladder).startswith(f"refused: no {right}")
        return
    nearest = min(fitting, key=lambda premium: abs(premium - bound))
    if "lies beyond" in outcome(bounded, right, ladder):
        looked_at = sorted(strike for strike, _ in quotes_needed(bounded, right, ladder))
        edges = [premiums[strike] for strike in (looked_at[0], looked_at[-1]) if strike in premiums]
        assert nearest in edges
        return
    assert abs(premiums[choose_strike(bounded, right, ladder).strike] - bound) == abs(nearest - bound)


SMOOTH = st.builds(
    lambda forward, volatility, days: a_smooth_ladder(forward, volatility, years=days / 365),
    st.floats(20_000, 60_000),
    st.floats(0.08, 0.6),
    st.integers(1, 35),
)
DELTAS = st.tuples(decimals("0.001", "0.999", 3), decimals("0.001", "0.999", 3))


@given(SMOOTH, DELTAS)
def test_a_larger_delta_is_never_further_out_of_the_money(ladder: Ladder, deltas: tuple[Decimal, Decimal]) -> None:
    small, large = (ByDelta(by="delta", delta=wanted) for wanted in sorted(deltas))
    assert chosen(large, Right.CE, ladder) <= chosen(small, Right.CE, ladder)
    assert chosen(large, Right.PE, ladder) >= chosen(small, Right.PE, ladder)


@given(SMOOTH, st.tuples(PREMIUMS, PREMIUMS))
def test_a_larger_premium_is_never_further_out_of_the_money(ladder: Ladder, premiums: tuple[Decimal, Decimal]) -> None:
    small, large = (ByPremium(by="closest_premium", premium=premium) for premium in sorted(premiums))
    assert chosen(large, Right.CE, ladder) <= chosen(small, Right.CE, ladder)
    assert chosen(large, Right.PE, ladder) >= chosen(small, Right.PE, ladder)


MARKET_DATA = Path(os.environ.get("LEGWISE_MARKET_DATA", Path(__file__).parents[4] / "shared" / "data"))


def real_ladder(underlying: str, day: str) -> Ladder:
    """The first expiry after a day at its close: all that was listed, and last prices of what was traded."""
    path = MARKET_DATA / "bhavcopy" / day / f"{underlying}.csv.gz"
    if not path.exists():
        pytest.skip("market data is not on this machine (LEGWISE_MARKET_DATA)")
    with gzip.open(path, "rt") as text:
        rows = [row for row in csv.DictReader(text) if row["OptnTp"] and row["XpryDt"] > day]
    expiry = min(row["XpryDt"] for row in rows)
    strikes: dict[Right, set[Decimal]] = defaultdict(set)
    quotes: dict[Wanted, Quote] = {}
    for row in (row for row in rows if row["XpryDt"] == expiry):
        strike, right = Decimal(row["StrkPric"]), Right(row["OptnTp"])
        strikes[right].add(strike)
        if int(row["TtlTradgVol"]):
            quotes[strike, right] = Quote(Decimal(row["ClsPric"]))
    listed = {right: frozenset(strikes[right]) for right in OPTION_RIGHTS}
    return Ladder(
        Decimal(rows[0]["UndrlygPric"]), listed, quotes, years_to(date.fromisoformat(expiry), at("15:30", day))
    )


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-09", "2026-03-13", "2026-03-19", "2026-03-24"])
@pytest.mark.parametrize("underlying", ["NIFTY", "BANKNIFTY"])
class TestRealChains:
    def test_small_deltas_lie_out_of_the_money_and_in_order(self, underlying: str, day: str) -> None:
        ladder = real_ladder(underlying, day)
        deltas = [rule("delta", delta=wanted) for wanted in ("0.1", "0.2", "0.3", "0.5", "0.7")]
        calls = [choose_strike(by, Right.CE, ladder).strike for by in deltas]
        puts = [choose_strike(by, Right.PE, ladder).strike for by in deltas]
        assert calls == sorted(calls, reverse=True)
        assert puts == sorted(puts)
        assert calls[2] > ladder.spot > puts[2]
        assert calls[4] < calls[2]
        assert abs(calls[3] - ladder.spot) < ladder.spot / 50

    def test_a_delta_of_a_tenth_is_reached_even_a_month_before_the_expiry(self, underlying: str, day: str) -> None:
        ladder = real_ladder(underlying, day)
        for right in OPTION_RIGHTS:
            found = choose_strike(rule("delta", delta="0.1"), right, ladder)
            assert 0.08 <= float(found.reason.split()[1]) <= 0.12, found

    def test_premium_rules_keep_their_bounds_near_the_money(self, underlying: str, day: str) -> None:
        ladder = real_ladder(underlying, day)
        for right in OPTION_RIGHTS:
            money = premium_of(ladder.quotes[ladder.atm, right])
            aim = Decimal(round(money / 2))
            least, most, closest = (
                premium_of(ladder.quotes[choose_strike(rule(by, premium=aim), right, ladder).strike, right])
                for by in ("premium_at_least", "premium_at_most", "closest_premium")
            )
            assert most <= aim <= least
            assert closest in (least, most)
            assert least - most < money / 5
            within = choose_strike(rule("premium_range", low=aim * Decimal("0.8"), high=aim * 2), right, ladder).strike
            assert aim * Decimal("0.8") <= premium_of(ladder.quotes[within, right]) <= aim * 2

    def test_rules_by_the_straddle_lie_about_as_far_out_as_it_is_wide(self, underlying: str, day: str) -> None:
        ladder = real_ladder(underlying, day)
        straddle = sum(premium_of(ladder.quotes[ladder.atm, right]) for right in OPTION_RIGHTS)
        up, down = (choose_strike(rule("straddle_width", times=t), Right.CE, ladder).strike for t in ("1", "-1"))
        assert abs(up - ladder.atm - straddle) <= 50
        assert abs(ladder.atm - down - straddle) <= 50
        share = rule("percent_of_straddle_premium", percent="20")
        call, put = (choose_strike(share, right, ladder).strike for right in OPTION_RIGHTS)
        assert put < ladder.spot < call
        assert call - put < 5 * straddle

    def test_rules_by_strike_need_no_price(self, underlying: str, day: str) -> None:
        ladder = replace(real_ladder(underlying, day), quotes={})
        money = choose_strike(None, Right.CE, ladder).strike
        assert abs(money - ladder.spot) <= 50
        assert choose_strike(rule("moneyness", moneyness="OTM", steps=5), Right.CE, ladder).strike > money
        assert choose_strike(rule("moneyness", moneyness="OTM", steps=5), Right.PE, ladder).strike < money
        two_above = choose_strike(rule("percent_of_atm", percent="2"), Right.CE, ladder).strike
        assert abs(two_above - money * Decimal("1.02")) <= 50
