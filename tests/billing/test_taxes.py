"""What taxes come to, whatever the lines are."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.receivable import credit_notes, taxes
from billing.receivable.issuer_models import TaxKind, TaxRate, TaxRounding
from billing.receivable.taxes import Taxed
from tenants.money import LARGEST
from tests.billing.invoicing import SETTINGS, done, rate, refused
from tests.factories import Staffed

PERCENTS = ("0.0001", "0.5", "4", "5.2", "7", "9.975", "10", "15", "19", "21", "33.3333", "100")
amounts = st.integers(-(10**9), 10**9)
roundings = st.sampled_from(TaxRounding)


@st.composite
def rates(draw: Any) -> dict[str, TaxRate]:
    """A few rates of an agency, one of them perhaps withheld or none at all."""
    made = {}
    for name in "abc":
        kind = draw(st.sampled_from(TaxKind))
        percent = "0" if kind in taxes.NONE else draw(st.sampled_from(PERCENTS))
        made[name] = TaxRate(name={"en": name}, kind=kind, percent=percent)
    return made


lines = st.lists(
    st.builds(Taxed, amounts, st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)),
    max_size=30,
)


class TestSums:
    @given(lines, rates(), roundings)
    def test_are_lines_and_groups(
        self, lines: list[Taxed], rates: dict[str, TaxRate], rounding: TaxRounding
    ) -> None:
        made = taxes.sums(lines, rates, rounding)

        assert made.net_minor == sum(line.amount_minor for line in lines)
        assert made.total_minor == made.net_minor + sum(group.tax_minor for group in made.groups)
        for group in made.groups:
            base = sum(line.amount_minor for line in lines if group.rate_id in line.rates)
            known = rates[group.rate_id]
            exact = Fraction(base) * Fraction(known.percent) / 100
            sign = -1 if known.kind is TaxKind.withheld else 1
            assert group.base_minor == base
            assert abs(sign * group.tax_minor - exact) <= Fraction(1, 2)

    @given(lines, rates(), roundings)
    def test_mirror_what_is_taken_back(
        self, lines: list[Taxed], rates: dict[str, TaxRate], rounding: TaxRounding
    ) -> None:
        back = [Taxed(-line.amount_minor, line.rates) for line in lines]

        there, here = taxes.sums(lines, rates, rounding), taxes.sums(back, rates, rounding)

        assert (there.net_minor, there.tax_minor) == (-here.net_minor, -here.tax_minor)

    @pytest.mark.parametrize(
        ("exact", "half_up", "half_even"),
        [("0.5", 1, 0), ("1.5", 2, 2), ("2.5", 3, 2), ("-0.5", -1, 0), ("-2.5", -3, -2)],
    )
    def test_round_a_half_as_they_are_told(self, exact: str, half_up: int, half_even: int) -> None:
        assert taxes.rounded(Fraction(exact), TaxRounding.half_up) == half_up
        assert taxes.rounded(Fraction(exact), TaxRounding.half_even) == half_even

    def test_refuse_what_no_amount_holds(self) -> None:
        known = {"a": TaxRate(name={}, kind=TaxKind.added, percent="21")}

        with pytest.raises(taxes.InvoiceOverflows):
            taxes.sums([Taxed(LARGEST, ("a",))], known, TaxRounding.half_up)


class TestCredited:
    @given(
        st.lists(st.integers(1, 10**6), min_size=1, max_size=12),
        st.sampled_from(PERCENTS),
        st.sampled_from([TaxKind.added, TaxKind.withheld]),
        roundings,
    )
    def test_parts_add_up_to_the_tax_of_the_whole(
        self, parts: list[int], percent: str, kind: TaxKind, rounding: TaxRounding
    ) -> None:
        whole = sum(parts)
        tax = taxes.tax_of(whole, TaxRate(name={}, kind=kind, percent=percent), rounding)
        group = {"base_minor": whole, "tax_minor": tax, "percent": percent, "kind": kind.value}

        bases = [sum(parts[: place + 1]) for place in range(len(parts))]
        taken = [credit_notes.share(group, base, rounding) for base in bases]

        assert taken[-1] == tax
        assert sorted(map(abs, taken)) == [abs(each) for each in taken]


class TestRate:
    @pytest.mark.parametrize(
        ("percent", "kind", "reason", "code"),
        [
            ("0", "added", None, "tax_reason_required"),
            ("0", "exempt", None, "tax_reason_required"),
            ("21", "reverse_charge", {"es": "Art. 84"}, "tax_reason_required"),
            ("21.00001", "added", None, "invalid_request"),
            ("100.1", "added", None, "invalid_request"),
            ("-1", "added", None, "invalid_request"),
            ("1e2", "added", None, "invalid_request"),
        ],
    )
    def test_refuses_what_is_none(
        self, percent: str, kind: str, reason: Any, code: str, agency: Staffed
    ) -> None:
        body = {"name": {"es": "IVA"}, "percent": percent, "kind": kind, "reason": reason}

        assert refused(agency.owner.post("/v1/tax-rates", body)) == (422, code)

    def test_says_why_there_is_no_tax(self, agency: Staffed) -> None:
        id = rate(agency, "0", "reverse_charge", reason={"es": "Inversión del sujeto pasivo"})

        shown = done(agency.executive.get(f"/v1/tax-rates/{id}"))

        assert (shown["kind"], shown["active"]) == ("reverse_charge", True)

    def test_is_the_agencys_to_say(self, agency: Staffed, other_agency: Staffed) -> None:
        id = rate(agency)

        assert other_agency.owner.get(f"/v1/tax-rates/{id}").status_code == 404
        assert agency.strategist.get("/v1/tax-rates").status_code == 403
        assert agency.executive.post("/v1/tax-rates", {}).status_code == 403


class TestSettings:
    @pytest.mark.parametrize(
        "values",
        [
            {"number_format": "{number}"},
            {"number_format": "{series}{number}"},
            {"number_format": "{series}-{agency}-{number}"},
            {"invoice_series": "f-1"},
            {"dunning_days": [0]},
            {"terms_days": 400},
        ],
    )
    def test_refuse_what_cannot_number(self, values: dict[str, Any], agency: Staffed) -> None:
        answer = agency.owner.put("/v1/invoice-settings", {**SETTINGS, **values})

        assert refused(answer) == (422, "invalid_request")

    def test_keep_the_days_of_reminders_in_order_each_once(self, agency: Staffed) -> None:
        """Or a step that is said twice, or out of its order, would never go out."""
        body = {**SETTINGS, "dunning_days": [20, 3, 3]}

        shown = done(agency.owner.put("/v1/invoice-settings", body))

        assert shown["dunning_days"] == [3, 20]

    def test_number_credit_notes_apart(self, agency: Staffed) -> None:
        body = {**SETTINGS, "credit_note_series": "F"}

        assert refused(agency.owner.put("/v1/invoice-settings", body)) == (422, "series_not_two")

    def test_are_nothing_before_they_are_put(self, agency: Staffed) -> None:
        before = agency.owner.get("/v1/invoice-settings")
        done(agency.owner.put("/v1/invoice-settings", SETTINGS))

        after = done(agency.executive.get("/v1/invoice-settings"))

        assert before.status_code == 404
        assert (after["version"], after["dunning_days"]) == (1, [3, 10, 20])
        assert agency.executive.put("/v1/invoice-settings", SETTINGS).status_code == 403
