"""Formulas and sums, against exact fractions."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.metrics import kpis
from api.metrics.figures import (
    ENGAGEMENTS,
    LARGEST,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    missing,
    together,
)
from api.metrics.kpis import CATALOGUE, RATES, KpiId

FEW = settings(max_examples=60, deadline=None)
AMOUNTS = st.integers(0, LARGEST)
QUANTITIES = st.one_of(
    st.builds(Quantity, AMOUNTS),
    st.sampled_from(list(MissingReason)).map(missing),
)
SOURCES = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys((*ENGAGEMENTS, "views", "reach", "impressions"), QUANTITIES)
    ),
    max_size=4,
)
OFFERED = missing(MissingReason.not_offered)


def _of(**values: int) -> dict[str, Quantity]:
    return kpis.derive({name: Quantity(value) for name, value in values.items()})


def _money(**values: tuple[int, str]) -> dict[str, Quantity]:
    return {name: Quantity(value, currency=code) for name, (value, code) in values.items()}


class TestQuotient:
    @FEW
    @given(st.integers(-LARGEST, LARGEST), st.integers(1, LARGEST), st.sampled_from([1, 1000]))
    def test_is_the_fraction_rounded_half_even(self, above: int, below: int, per: int) -> None:
        with localcontext(prec=80):
            exact = Decimal(above * per) / Decimal(below)
            expected = exact.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)

        made = kpis.quotient(above, below, per)

        assert made == expected
        assert made is not None
        assert abs(Fraction(made) - Fraction(above * per, below)) <= Fraction(1, 2 * 10**6)

    @pytest.mark.parametrize(
        ("above", "below", "expected"),
        [
            (1, 2_000_000, "0.000000"),
            (3, 2_000_000, "0.000002"),
            (-3, 2_000_000, "-0.000002"),
            (5, 2_000_000, "0.000002"),
            (1, 3, "0.333333"),
        ],
    )
    def test_gives_ties_to_the_even(self, above: int, below: int, expected: str) -> None:
        assert kpis.quotient(above, below) == Decimal(expected)

    def test_of_nothing_is_nothing(self) -> None:
        assert kpis.quotient(1, 0) is None
        assert kpis.quotient(0, 0) is None


class TestAnswer:
    @FEW
    @given(SOURCES, st.sampled_from(list(KpiId)))
    def test_is_a_number_or_says_why_not(
        self, sources: list[dict[str, Quantity]], kpi: KpiId
    ) -> None:
        made = kpis.answer(kpi, [kpis.derive(source) for source in sources])

        assert (made.value is None) == (made.quality is Quality.missing)
        assert (made.value is None) == (made.missing_reason is not None)
        if made.value is not None:
            assert abs(made.value) <= LARGEST
        if made.value is not None and CATALOGUE[kpi].unit in RATES:
            assert made.numerator is not None
            assert made.denominator
            exact = kpis.quotient(made.numerator, made.denominator, CATALOGUE[kpi].per)
            assert made.value == float(exact or 0)

    @FEW
    @given(SOURCES)
    def test_adds_up_the_parts_of_the_channels_that_have_both(
        self, sources: list[dict[str, Quantity]]
    ) -> None:
        derived = [kpis.derive(source) for source in sources]
        pairs = [(each["engagements"].value, each["views"].value) for each in derived]
        both = [(above, below) for above, below in pairs if None not in (above, below)]
        above, below = (sum(pair[i] or 0 for pair in both) for i in (0, 1))

        made = kpis.answer(KpiId.er_views, derived)

        if both and 0 < below <= LARGEST and above <= LARGEST and made.value is not None:
            assert (made.numerator, made.denominator) == (above, below)
        if not both or not below:
            assert made.value is None

    def test_leaves_out_a_channel_without_views(self) -> None:
        sources = [_of(likes=10, views=100), _of(likes=1000)]

        made = kpis.answer(KpiId.er_views, sources)

        assert (made.numerator, made.denominator, made.value) == (10, 100, 0.1)
        assert kpis.answer(KpiId.engagements, sources).value == 1010

    def test_leaves_out_no_channel_whose_figures_are_there(self) -> None:
        huge = _of(likes=LARGEST, saves=1, views=5)

        made = kpis.answer(KpiId.er_views, [_of(likes=10, views=100), huge])

        assert (made.value, made.missing_reason) == (None, MissingReason.out_of_range)

    def test_divides_by_nothing_never(self) -> None:
        made = kpis.answer(KpiId.ctr, [_of(clicks=3, impressions=0)])

        assert (made.value, made.missing_reason) == (None, MissingReason.no_denominator)
        assert (made.numerator, made.denominator) == (3, 0)

    def test_keeps_zero_apart_from_missing(self) -> None:
        zero = kpis.answer(KpiId.ctr, [_of(clicks=0, impressions=5)])
        none = kpis.answer(KpiId.ctr, [_of(impressions=5)])

        assert (zero.value, zero.missing_reason) == (0.0, None)
        assert (none.value, none.missing_reason) == (None, MissingReason.not_recorded)

    def test_counts_a_thousand_impressions_for_cpm(self) -> None:
        source = _money(spend_minor=(12_345, "EUR")) | {"impressions": Quantity(1_000_000)}

        made = kpis.answer(KpiId.cpm, [source])

        assert (made.value, made.numerator, made.denominator) == (12.345, 12_345, 1_000_000)
        assert (made.currency, CATALOGUE[KpiId.cpm].per) == ("EUR", 1000)

    def test_does_not_add_currencies(self) -> None:
        clicks = {"clicks": Quantity(10)}
        euros, dollars = _money(spend_minor=(5, "EUR")), _money(spend_minor=(5, "USD"))

        spend = kpis.answer(KpiId.spend, [euros, dollars])
        cpc = kpis.answer(KpiId.cpc, [euros | clicks, dollars | clicks])
        roas = kpis.answer(KpiId.roas, [_money(spend_minor=(5, "EUR"), revenue_minor=(10, "USD"))])

        reasons = {made.missing_reason for made in (spend, cpc, roas)}
        assert reasons == {MissingReason.mixed_currency}

    def test_estimates_reach_over_several_channels(self) -> None:
        one = kpis.answer(KpiId.er_reach, [_of(likes=1, reach=10)])
        two = kpis.answer(KpiId.er_reach, [_of(likes=1, reach=10), _of(likes=1, reach=10)])

        assert (one.quality, two.quality) == (Quality.actual, Quality.estimated)

    def test_is_as_good_as_its_worst_part(self) -> None:
        source = kpis.derive(
            {"clicks": Quantity(1, Quality.manual), "impressions": Quantity(4, complete=False)}
        )

        made = kpis.answer(KpiId.ctr, [source])

        assert (made.quality, made.complete) == (Quality.manual, False)

    def test_says_what_is_too_large_for_a_reader(self) -> None:
        made = kpis.answer(KpiId.views, [_of(views=LARGEST), _of(views=1)])

        assert (made.value, made.missing_reason) == (None, MissingReason.out_of_range)


class TestRoi:
    def test_is_gain_over_total_cost(self) -> None:
        revenue, cost = Quantity(15_000, currency="EUR"), Quantity(10_000, currency="EUR")

        made = kpis.roi(revenue, cost)

        assert (made.value, made.numerator, made.denominator) == (0.5, 5_000, 10_000)

    def test_is_a_loss_when_nothing_came_back(self) -> None:
        made = kpis.roi(Quantity(0, currency="EUR"), Quantity(10_000, currency="EUR"))

        assert made.value == -1.0

    @pytest.mark.parametrize(
        ("revenue", "cost", "reason"),
        [
            (missing(MissingReason.not_connected), Quantity(1, currency="EUR"), "not_connected"),
            (Quantity(1, currency="EUR"), missing(MissingReason.not_recorded), "not_recorded"),
            (Quantity(1, currency="EUR"), Quantity(0, currency="EUR"), "no_denominator"),
            (Quantity(1, currency="EUR"), Quantity(1, currency="USD"), "mixed_currency"),
        ],
    )
    def test_says_why_not(self, revenue: Quantity, cost: Quantity, reason: str) -> None:
        made = kpis.roi(revenue, cost)

        assert (made.value, made.missing_reason) == (None, reason)


class TestEngagements:
    def test_are_whole_when_the_network_offers_no_more(self) -> None:
        known = {name: Quantity(1) for name in ENGAGEMENTS[:4]}

        offered = kpis.derive({**known, "clicks": OFFERED})["engagements"]
        silent = kpis.derive(known)["engagements"]

        assert (offered.value, offered.complete) == (4, True)
        assert (silent.value, silent.complete) == (4, False)

    def test_of_nothing_are_missing(self) -> None:
        made = kpis.derive(dict.fromkeys(ENGAGEMENTS, OFFERED))["engagements"]

        assert (made.value, made.missing_reason) == (None, MissingReason.not_offered)


class TestTogether:
    @FEW
    @given(st.lists(QUANTITIES, max_size=6))
    def test_is_the_sum_of_what_is_known(self, parts: list[Quantity]) -> None:
        known = [part.value for part in parts if part.value is not None]

        made = together(parts)

        assert (made.value is None) == (made.missing_reason is not None)
        there = {MissingReason.mixed_currency, MissingReason.out_of_range}
        if not known or there & {part.missing_reason for part in parts}:
            assert made.missing_reason is not None
        elif sum(known) > LARGEST:
            assert made.missing_reason is MissingReason.out_of_range
        else:
            assert made.value == sum(known)

    def test_does_not_leave_out_what_is_there_and_has_no_sum(self) -> None:
        mixed, own_gap = missing(MissingReason.mixed_currency), missing(MissingReason.not_additive)

        assert together([Quantity(1), mixed]).missing_reason is MissingReason.mixed_currency
        assert (
            together([Quantity(1), own_gap]).value,
            together([Quantity(1), own_gap]).complete,
        ) == (1, False)
        assert together([Quantity(1), OFFERED]).complete

    def test_names_what_it_was_made_of(self) -> None:
        days, period = Quantity(1), Quantity(1, basis=FigureBasis.period)

        assert together([days, days]).basis is FigureBasis.days
        assert together([days, period]).basis is FigureBasis.mixed
