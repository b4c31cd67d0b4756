"""The formulas of the community, of posts, of money and of estimates; and what went into each."""

import json
from decimal import Decimal, localcontext
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.metrics import kpis
from api.metrics.figures import LARGEST, MissingReason, Quality, Quantity, missing
from api.metrics.kpis import CATALOGUE, Answer, KpiId, RateCard

FEW = settings(max_examples=100, deadline=None)
COUNTS = st.integers(0, 10**9)
CARD = RateCard(
    "house", 3, "EUR", {"instagram": {"impressions": 500, "likes": 20_000}, "x": {"likes": 1}}, 150
)


def _parts(made: Answer) -> tuple[object, ...]:
    return made.value, made.numerator, made.denominator


class TestShareOfVoice:
    def test_is_ours_of_all_that_were_named(self) -> None:
        assert _parts(kpis.share_of_voice(30, 90)) == (0.25, 30, 120)

    def test_of_silence_is_missing(self) -> None:
        made = kpis.share_of_voice(0, 0)

        assert (made.value, made.missing_reason) == (None, MissingReason.no_denominator)

    @FEW
    @given(COUNTS, COUNTS)
    def test_of_two_brands_make_one(self, ours: int, theirs: int) -> None:
        one, two = kpis.share_of_voice(ours, theirs), kpis.share_of_voice(theirs, ours)

        if ours + theirs:
            assert (
                Fraction(one.numerator or 0, one.denominator or 1)
                + Fraction(two.numerator or 0, two.denominator or 1)
                == 1
            )


class TestNetSentiment:
    @pytest.mark.parametrize(
        ("positive", "neutral", "negative", "expected"),
        [(6, 3, 1, 0.5), (1, 3, 6, -0.5), (0, 5, 0, 0.0), (0, 0, 2, -1.0), (0, 0, 0, None)],
    )
    def test_counts_the_neutral_below(
        self, positive: int, neutral: int, negative: int, expected: float | None
    ) -> None:
        assert kpis.net_sentiment(positive, neutral, negative).value == expected

    @FEW
    @given(COUNTS, COUNTS, COUNTS)
    def test_turns_over_with_the_words(self, good: int, plain: int, bad: int) -> None:
        one, other = kpis.net_sentiment(good, plain, bad), kpis.net_sentiment(bad, plain, good)

        if one.value is None:
            assert good + plain + bad == 0
        else:
            assert -1 <= one.value == -(other.value or 0.0) <= 1


class TestResponseRate:
    def test_is_of_what_needed_an_answer(self) -> None:
        assert _parts(kpis.response_rate(3, 4)) == (0.75, 3, 4)
        assert kpis.response_rate(0, 0).missing_reason is MissingReason.no_denominator


class TestSlaAttainment:
    def test_counts_what_runs_late_as_missed(self) -> None:
        assert _parts(kpis.sla_attainment(6, 1, 1)) == (0.75, 6, 8)

    def test_of_nothing_due_is_not_a_hundred_percent(self) -> None:
        made = kpis.sla_attainment(0, 0, 0)

        assert (made.value, made.quality) == (None, Quality.missing)

    def test_is_nothing_when_all_run_late(self) -> None:
        assert kpis.sla_attainment(0, 0, 4).value == 0.0


class TestFirstResponse:
    def test_is_taken_as_given_in_seconds(self) -> None:
        median, p90 = kpis.first_response(840, None)

        assert (median.value, CATALOGUE[KpiId.first_response_median].unit) == (840, "seconds")
        assert p90.missing_reason is MissingReason.not_recorded


def _post(engagements: int | None, reach: int | None) -> dict[str, Quantity]:
    given = {"engagements": engagements, "reach": reach}
    return {name: Quantity(value) for name, value in given.items() if value is not None}


class TestErAvg:
    def test_is_the_mean_of_rates_and_not_the_rate_of_sums(self) -> None:
        posts = [_post(1, 10), _post(1, 1000)]

        assert kpis.er_avg(posts).value == 0.0505
        assert kpis.answer(KpiId.er_reach, posts).value == pytest.approx(2 / 1010, abs=1e-6)

    def test_leaves_out_posts_without_a_rate_and_says_so(self) -> None:
        made = kpis.er_avg([_post(1, 10), _post(5, None), _post(5, 0)])

        assert (made.value, made.denominator, made.complete) == (0.1, 1, False)
        assert kpis.er_avg([]).missing_reason is MissingReason.not_recorded
        assert kpis.er_avg([_post(1, 0)]).missing_reason is MissingReason.no_denominator

    @FEW
    @given(st.lists(st.tuples(COUNTS, st.integers(1, 10**9)), min_size=1, max_size=6))
    def test_is_exact_and_of_no_order(self, pairs: list[tuple[int, int]]) -> None:
        posts = [_post(*pair) for pair in pairs]
        exact = sum((Fraction(*pair) for pair in pairs), Fraction()) / len(pairs)

        made, other = kpis.er_avg(posts), kpis.er_avg(posts[::-1])

        assert abs(Fraction(str(made.value)) - exact) <= Fraction(1, 2 * 10**6) + exact / 10**15
        assert kpis.digest(KpiId.er_avg, made) == kpis.digest(KpiId.er_avg, other)


class TestPublishReliability:
    def test_is_of_what_was_planned(self) -> None:
        assert _parts(kpis.publish_reliability(9, 12)) == (0.75, 9, 12)
        assert kpis.publish_reliability(0, 0).value is None
        assert kpis.publish_reliability(1, 2, Quality.manual).quality is Quality.manual


class TestRevenueRoi:
    def test_is_another_figure_than_roi(self) -> None:
        revenue, cost = Quantity(15_000, currency="EUR"), Quantity(10_000, currency="EUR")

        assert (kpis.roi(revenue, cost).value, kpis.revenue_roi(revenue, cost).value) == (0.5, 1.5)

    @FEW
    @given(COUNTS, st.integers(1, 10**9))
    def test_is_one_more_than_roi(self, revenue: int, cost: int) -> None:
        given = Quantity(revenue, currency="EUR"), Quantity(cost, currency="EUR")
        roi, other = kpis.roi(*given), kpis.revenue_roi(*given)

        assert (other.numerator or 0) - (roi.numerator or 0) == cost == roi.denominator


class TestPacing:
    def test_is_one_on_plan(self) -> None:
        assert kpis.pacing(5_000, 10_000, 15, 30).value == 1.0
        assert kpis.pacing(5_000, 10_000, 10, 30).value == 1.5

    def test_of_what_has_not_begun_is_missing(self) -> None:
        assert kpis.pacing(0, 10_000, 0, 30).missing_reason is MissingReason.no_denominator
        assert kpis.pacing(LARGEST, 1, 1, 30).missing_reason is MissingReason.out_of_range


def _root_compared(day: int, past: list[int]) -> float:
    """The same with roots, of 80 digits."""
    with localcontext(prec=80):
        mean = Decimal(sum(past)) / 7
        deviation = (sum(((each - mean) ** 2 for each in past), Decimal()) / 7).sqrt()
        return max((k for k in (1.5, 2, 3) if day > mean + Decimal(str(k)) * deviation), default=0)


class TestSpike:
    @pytest.mark.parametrize(
        ("day", "k"), [(12, 0), (13, 1.5), (14, 1.5), (15, 2), (18, 2), (19, 3), (900, 3), (0, 0)]
    )
    def test_is_how_many_deviations_a_day_is_above_its_past(self, day: int, k: float) -> None:
        past = [Quantity(each) for each in (8, 12, 2, 4, 10, 0, 6)]  # mean 6, σ 4

        assert kpis.spike(Quantity(day), past).value == k

    def test_of_a_level_past_is_any_rise(self) -> None:
        level = [Quantity(4)] * 7

        assert [kpis.spike(Quantity(day), level).value for day in (3, 4, 5)] == [0, 0, 3]

    @FEW
    @given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**9), min_size=7, max_size=7))
    def test_takes_no_root_and_errs_nowhere(self, day: int, past: list[int]) -> None:
        made = kpis.spike(Quantity(day), [Quantity(each) for each in past])

        assert made.value == _root_compared(day, past)
        assert (made.numerator, made.denominator) == (7 * day, sum(past))
        assert made.inputs == {"day": day, "past": past}

    @pytest.mark.parametrize("place", range(8))
    def test_of_days_that_are_not_all_known_is_missing(self, place: int) -> None:
        days = [Quantity(1)] * 8
        days[place] = missing(MissingReason.not_offered)

        made = kpis.spike(days[7], days[:7])

        assert (made.value, made.missing_reason) == (None, MissingReason.not_offered)
        assert kpis.spike(days[7], days[:6]).value is None

    def test_of_two_currencies_or_beyond_exact_numbers_is_missing(self) -> None:
        euros, dollars = (Quantity(5, currency=code) for code in ("EUR", "USD"))
        large = Quantity(LARGEST // 2)

        mixed = kpis.spike(dollars, [euros] * 7)

        assert mixed.missing_reason is MissingReason.mixed_currency
        assert kpis.spike(large, [Quantity(1)] * 7).missing_reason is MissingReason.out_of_range
        assert kpis.spike(Quantity(9, currency="EUR"), [euros] * 7).currency == "EUR"

    def test_is_as_good_as_its_worst_day(self) -> None:
        past = [Quantity(1)] * 6 + [Quantity(1, Quality.manual)]

        assert kpis.spike(Quantity(9), past).quality is Quality.manual


class TestEmv:
    def test_is_what_the_card_says_and_an_estimate(self) -> None:
        counts = {"instagram": {"impressions": 10_000, "likes": 3, "saves": 9}, "tiktok": {"a": 1}}

        made = kpis.emv(CARD, counts)

        assert (made.value, made.currency, made.quality) == (5060, "EUR", Quality.estimated)

    def test_rounds_half_to_even(self) -> None:
        assert [kpis.emv(CARD, {"x": {"likes": n}}).value for n in (500, 1500, 2500)] == [0, 2, 2]

    def test_beyond_exact_numbers_is_missing(self) -> None:
        made = kpis.emv(CARD, {"instagram": {"likes": LARGEST}})

        assert made.missing_reason is MissingReason.out_of_range

    def test_is_another_with_another_card(self) -> None:
        counts = {"x": {"likes": 1}}
        other = RateCard("house", 4, "EUR", CARD.values, 150)

        one, two = (kpis.digest(KpiId.emv, kpis.emv(card, counts)) for card in (CARD, other))

        assert one != two == kpis.digest(KpiId.emv, kpis.emv(other, dict(counts)))


class TestEstimatedImpressions:
    def test_are_reach_by_the_card(self) -> None:
        made = kpis.est_impressions(CARD, 1_000)
        none = kpis.est_impressions(RateCard("house", 1, "EUR", {}), 1_000)

        assert (made.value, made.quality) == (1_500, Quality.estimated)
        assert none.missing_reason is MissingReason.not_recorded


class TestDigest:
    """A reader works it out again from the answer and the catalogue alone."""

    @staticmethod
    def _again(kpi: KpiId, made: Answer) -> str:
        formula = CATALOGUE[kpi]
        if formula.denominator is None:
            inputs: object = {formula.numerator: made.value}
        else:
            inputs = {
                formula.numerator: made.numerator,
                formula.denominator: made.denominator,
            }
        said = {
            "currency": made.currency,
            "formula": kpi.value,
            "inputs": made.inputs or inputs,
            "version": formula.version,
        }
        written = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(written.encode()).hexdigest()

    @FEW
    @given(st.sampled_from(list(KpiId)), COUNTS, COUNTS, st.sampled_from([None, "EUR"]))
    def test_is_of_the_canonical_json(
        self, kpi: KpiId, above: int, below: int, currency: str | None
    ) -> None:
        formula = CATALOGUE[kpi]
        source = {formula.numerator: Quantity(above, currency=currency)}
        if formula.denominator:
            source[formula.denominator] = Quantity(below)

        made = kpis.answer(kpi, [source])

        assert kpis.digest(kpi, made) == self._again(kpi, made)

    def test_is_of_the_parts_where_a_formula_is_no_quotient(self) -> None:
        average, worth = kpis.er_avg([_post(1, 10)]), kpis.emv(CARD, {"x": {"likes": 1}})
        spike = kpis.spike(Quantity(9), [Quantity(1)] * 7)

        assert kpis.digest(KpiId.spike, spike) == self._again(KpiId.spike, spike)
        assert kpis.digest(KpiId.er_avg, average) == self._again(KpiId.er_avg, average)
        assert kpis.digest(KpiId.emv, worth) == self._again(KpiId.emv, worth)

    def test_differs_with_formula_input_and_currency(self) -> None:
        one, two = (kpis.answer(KpiId.views, [{"views": Quantity(n)}]) for n in (1, 2))
        euros, dollars = (
            kpis.answer(KpiId.spend, [{"spend_minor": Quantity(1, currency=code)}])
            for code in ("EUR", "USD")
        )

        digests = {
            kpis.digest(KpiId.views, one),
            kpis.digest(KpiId.views, two),
            kpis.digest(KpiId.reach, one),
            kpis.digest(KpiId.spend, euros),
            kpis.digest(KpiId.spend, dollars),
        }

        assert len(digests) == 5
