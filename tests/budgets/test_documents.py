"""What an expense's document says: its receipts, its currency and rate, its day; and who agrees."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.budgets import originals
from api.budgets.originals import OriginalDiffers
from tenants import clock
from tenants.money import exponent
from tests.budgets.documents import said, upload
from tests.budgets.factories import approved, enter, expense, fact, line, set_agency
from tests.factories import Staffed


class TestReceipts:
    def test_are_files_of_the_client(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        receipts = [upload(agency.community, agency.client_id) for _ in range(2)]

        answer = expense(agency.community, one, 100, receipt_ids=receipts)

        assert (answer.status_code, answer.json()["receipt_ids"]) == (201, receipts)
        read = agency.strategist.get(f"/v1/expenses/{answer.json()['id']}").json()
        assert read["receipt_ids"] == receipts

    def test_are_evidence_of_what_was_spent(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        receipt = upload(agency.community, agency.client_id)

        answer = fact(agency.community, one, 100, evidence=None, receipt_ids=[receipt])

        assert answer.status_code == 201, answer.text

    def test_refuses_files_of_others(self, agency: Staffed, other_agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        files = [
            upload(agency.owner, agency.other_client_id),
            upload(other_agency.owner, other_agency.client_id),
            one,
        ]

        answers = [expense(agency.owner, one, 1, receipt_ids=[each]) for each in files]

        assert [each.json()["code"] for each in answers] == ["not_found"] * 3
        assert agency.owner.get("/v1/expenses").json()["data"] == []


class TestOriginals:
    @pytest.mark.parametrize(
        ("currency", "amount", "original"),
        [
            ("EUR", 9_302, said(10_000, "USD", "0.9302")),
            ("EUR", 9_303, said(10_000, "USD", "0.9302")),  # rounded otherwise
            ("EUR", 9_301, said(10_000, "USD", "0.9302")),
            ("EUR", 613, said(1_000, "JPY", "0.0061349")),  # yen have no minor unit
            ("EUR", 2_999, said(10_000, "KWD", "2.9994")),  # dinars have three
            ("JPY", 1_630, said(1_000, "EUR", "163")),
            ("KWD", 3_334, said(1_000, "EUR", "0.33335")),  # half to even
            ("EUR", 500, said(500, "EUR", None, None)),
            ("EUR", 500, said(500, "EUR", "1.0")),
        ],
    )
    def test_come_to_the_amount(
        self, agency: Staffed, currency: str, amount: int, original: Any
    ) -> None:
        one = approved(agency, 100_000, currency=currency)["lines"][0]["id"]

        answer = expense(agency.community, one, amount, currency=currency, original=original)

        assert answer.status_code == 201, answer.text
        read = answer.json()
        assert (read["original_amount_minor"], read["original_currency"]) == (
            original["amount_minor"],
            original["currency"],
        )
        assert (read["original_rate"], read["original_rate_on"]) == (
            original["rate"],
            original["rate_on"],
        )

    @pytest.mark.parametrize(
        ("amount", "original", "code"),
        [
            (9_304, said(10_000, "USD", "0.9302"), "original_differs"),
            (9_300, said(10_000, "USD", "0.9302"), "original_differs"),
            (500, said(502, "EUR", None, None), "original_differs"),
            (500, said(500, "EUR", "1.01"), "original_differs"),
            (1, said(2**53 - 1, "USD", "9999999999"), "original_differs"),
            (9_302, said(10_000, "USD", None, None), "rate_required"),
            (9_302, said(10_000, "USD", "0.9302", None), "rate_required"),
            (9_302, said(10_000, "USD", None), "rate_required"),
            (500, said(500, "EUR", None), "rate_required"),
            *(
                (500, said(500, "USD", rate), "invalid_request")
                for rate in ("0", "0.000", "-1", "1e3", "01", ".5", "1.", "0.12345678901", " 1", 1)
            ),
        ],
    )
    def test_refuses_what_does_not_add_up(
        self, agency: Staffed, amount: int, original: Any, code: str
    ) -> None:
        one = approved(agency, 100_000)["lines"][0]["id"]

        answer = expense(agency.community, one, amount, original=original)

        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert agency.community.get("/v1/expenses").json()["data"] == []

    @given(
        original=st.integers(1, 10**9),
        rate=st.decimals("0.0000000001", "99999", places=10),
        pair=st.permutations(["EUR", "JPY", "KWD"]),
        off=st.integers(-3, 3),
    )
    def test_are_rounded_half_even_within_one_minor_unit(
        self, original: int, rate: Decimal, pair: list[str], off: int
    ) -> None:
        of, into = pair[0], pair[1]
        exact = (Decimal(original) * rate).scaleb(exponent(into) - exponent(of))
        amount = int(exact.to_integral_value("ROUND_HALF_EVEN")) + off
        values = {**said(original, of, format(rate, "f")), "rate_on": datetime.now(UTC).date()}

        try:
            originals.check(amount, into, values)
            taken = True
        except OriginalDiffers:
            taken = False

        assert taken is (abs(off) <= 1)


class TestDays:
    def test_refuses_what_is_dated_before_the_budget(self, agency: Staffed) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 1_000)["lines"])
        spent = expense(agency.community, one, 100).json()["id"]
        early = {"booked_on": "2026-09-30"}
        by = agency.strategist
        made = enter(by, one, "commitment", amount_minor=1).json()["id"]

        answers = [
            expense(agency.community, one, 1, spent_on="2026-09-30"),
            enter(by, one, "commitment", amount_minor=1, **early),
            enter(by, one, "release", commitment_id=made, **early),
            enter(by, one, "transfer", to_line_id=two, amount_minor=1, **early),
            by.post(f"/v1/expenses/{spent}/refund", {"reason": "Abono", **early}),
        ]

        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (422, "before_period")
            assert answer.json()["period_start"] == "2026-10-01"

    def test_takes_facts_that_arrive_late_until_it_is_closed(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        one = made["lines"][0]["id"]

        late = expense(agency.community, one, 100, spent_on="2027-01-15")
        agency.executive.post(f"/v1/budgets/{made['id']}/close")
        later = expense(agency.community, one, 100, spent_on="2026-12-31")

        assert (late.status_code, late.json()["spent_on"]) == (201, "2027-01-15")
        assert (later.status_code, later.json()["code"]) == (409, "budget_not_active")

    def test_dates_what_comes_early_on_the_first_day(self, agency: Staffed) -> None:
        period = {"period_start": "2027-02-01", "period_end": "2027-02-28"}
        one = approved(agency, 1_000, **period)["lines"][0]["id"]

        answer = expense(agency.community, one, 100)

        assert answer.json()["spent_on"] == "2027-02-01"
        entries = agency.executive.get(f"/v1/budget-lines/{one}/entries").json()["data"]
        assert {entry["booked_on"] for entry in entries} == {"2027-02-01"}

    def test_are_the_clients(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]

        with clock.at(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)):  # half past midnight in Madrid
            answer = expense(agency.community, one, 100)

        assert answer.json()["spent_on"] == "2026-11-23"


class TestFourEyes:
    """The edges of the second person's approval."""

    def test_measures_the_threshold_in_the_agencys_currency_alone(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=10**9)
        yen = approved(agency, 1_000, currency="JPY")["lines"][0]["id"]
        euro = approved(agency, 1_000)["lines"][0]["id"]

        foreign = expense(agency.community, yen, 1, currency="JPY").json()
        own = expense(agency.community, euro, 613, original=said(1_000, "JPY", "0.0061349")).json()

        assert (foreign["status"], own["status"]) == ("pending", "posted")

    def test_refuses_the_requester_also_when_they_rank_highest(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        one = approved(agency, 1_000)["lines"][0]["id"]
        made = expense(agency.owner, one, 10).json()["id"]

        own = agency.owner.post(f"/v1/expenses/{made}/approve")
        other = agency.admin.post(f"/v1/expenses/{made}/approve")

        assert (own.status_code, own.json()["code"]) == (403, "own_expense")
        assert (other.status_code, other.json()["self_approved"]) == (200, False)

    def test_keeps_the_day_and_the_units_that_were_asked_for(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        hours = line(1_000, "production", unit="hora", planned_units=10)
        one = approved(agency, lines=[hours])["lines"][0]["id"]
        made = expense(agency.community, one, 10, units=3, spent_on="2026-10-09").json()["id"]

        agency.strategist.post(f"/v1/expenses/{made}/approve")

        entry = agency.executive.get(f"/v1/budget-lines/{one}/entries").json()["data"][0]
        assert (entry["booked_on"], entry["units"]) == ("2026-10-09", 3)
