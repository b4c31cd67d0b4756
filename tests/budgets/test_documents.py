"""What an expense's document says: its receipts, its currency and rate, its day; and the table."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.budgets import exports, originals
from api.budgets.originals import OriginalDiffers
from tenants import clock
from tenants.money import exponent
from tests.budgets.factories import approved, budget, draft, enter, expense, fact, line, set_agency
from tests.factories import Person, Staffed

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


def upload(by: Person, client_id: Any, audience: str = "internal") -> str:
    answer = by.call(
        "POST",
        "/v1/files",
        data={"client_id": str(client_id), "audience": audience},
        files={"file": ("recibo.png", PNG, "image/png")},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def said(amount: int, currency: str, rate: str | int | None, on: str | None = "2026-10-02") -> Any:
    return {"amount_minor": amount, "currency": currency, "rate": rate, "rate_on": on}


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


class TestExport:
    def _table(self, person: Person, query: str = "", language: str = "es") -> list[list[str]]:
        answer = person.get(f"/v1/expenses.csv?{query}", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert not answer.content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(StringIO(answer.content.decode(), newline="")))

    def test_shows_a_line_for_each_expense_in_the_readers_language(self, agency: Staffed) -> None:
        hours = line(100_000, "production", unit="hora", planned_units=10)
        one = approved(agency, lines=[hours])["lines"][0]["id"]
        original = said(10_000, "USD", "0.9302")
        later = expense(agency.community, one, 9_302, original=original, spent_on="2026-10-20")
        first = expense(
            agency.community, one, 5, tax_minor=1, units=2, spent_on="2026-10-05", note="a\nb"
        )

        head, *rows = self._table(agency.strategist)
        english, *_ = self._table(agency.strategist, language="en")

        assert (head[:2], english[:2]) == (["Gasto", "Fecha de gasto"], ["Expense", "Spent on"])
        assert [row[0] for row in rows] == [first.json()["id"], later.json()["id"]]
        small, large = (dict(zip(english, row, strict=True)) for row in rows)
        assert (small["Amount"], small["Tax"], small["Total"]) == ("0.05", "0.01", "0.06")
        assert (small["Unit"], small["Units"], small["Note"]) == ("hora", "2", "a\nb")
        assert (large["Amount"], large["Document amount"]) == ("93.02", "100.00")
        assert (large["Rate"], large["Rate of"]) == ("0.9302", "2026-10-02")
        assert small["Line"] == "Production"

    @pytest.mark.parametrize("start", ["=", "+", "-", "@"])
    def test_holds_no_formula(self, agency: Staffed, start: str) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        evil = f'{start}HYPERLINK("x")'
        expense(agency.community, one, 1, supplier=evil, note=f"\t{evil}")

        _, row = self._table(agency.strategist)

        assert f"'{evil}" in row
        assert f"'\t{evil}" in row
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)

    def test_takes_the_filters_of_the_list(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=100)
        one, two = (row["id"] for row in approved(agency, 1_000, 1_000)["lines"])
        first = expense(agency.community, one, 10, spent_on="2026-10-05").json()["id"]
        second = expense(agency.community, two, 200, spent_on="2026-10-20").json()["id"]

        for query, wanted in (
            ("", [first, second]),
            ("from=2026-10-06", [second]),
            ("to=2026-10-20", [first, second]),
            ("to=2026-10-19", [first]),
            ("from=2026-10-06&to=2026-10-19", []),
            (f"line_id={one}", [first]),
            ("status=pending", [second]),
            (f"client_id={agency.other_client_id}", []),
        ):
            listed = agency.strategist.get(f"/v1/expenses?{query}").json()["data"]
            assert [row["id"] for row in reversed(listed)] == wanted, query
            assert [row[0] for row in self._table(agency.strategist, query)[1:]] == wanted, query

    def test_has_an_end(self, agency: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "MOST", 1)
        one = approved(agency, 1_000)["lines"][0]["id"]
        expense(agency.community, one, 10)

        fits = self._table(agency.strategist)
        expense(agency.community, one, 10)
        beyond = agency.strategist.get("/v1/expenses.csv")

        assert len(fits) == 2
        assert (beyond.status_code, beyond.json()["code"]) == (422, "export_too_large")

    def test_shows_nobody_more_than_the_list(self, agency: Staffed) -> None:
        expense(agency.community, approved(agency, 1_000)["lines"][0]["id"], 10)

        assert agency.approver.get("/v1/expenses.csv").status_code == 403
        assert len(self._table(agency.other_executive)) == 1
        assert agency.strategist.get("/v1/expenses.csv?limit=1").status_code == 400

    def test_writes_each_currency_with_its_decimals(self, agency: Staffed) -> None:
        for currency in ("JPY", "KWD"):
            one = approved(agency, 100_000, currency=currency)["lines"][0]["id"]
            expense(agency.community, one, 1_234, currency=currency)

        head, *rows = self._table(agency.strategist, language="en")

        at = head.index("Amount")
        assert sorted(row[at] for row in rows) == ["1.234", "1234"]


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


class TestPassThrough:
    def _billed(self, agency: Staffed) -> list[Any]:
        found = agency.executive.get("/v1/billables").json()["data"]
        return [
            (each["kind"], each["amount"]["amount_minor"], each["source_id"], each["label"])
            for each in reversed(found)
        ]

    def test_follows_from_the_category_unless_said(self, agency: Staffed) -> None:
        lines = [
            line(1),
            line(1, "influencers"),
            line(1, "production"),
            line(1, "production", pass_through=True),
            line(1, pass_through=False),
        ]

        made = approved(agency, lines=lines)["lines"]

        assert [row["pass_through"] for row in made] == [True, True, False, True, False]
        shown = agency.approver.get(f"/v1/budget-lines/{made[0]['id']}").json()
        assert shown["pass_through"] is True

    def test_is_part_of_what_the_client_approves(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        path = f"/v1/budget-lines/{made['lines'][0]['id']}"

        changed = agency.executive.patch(path, {"pass_through": False})

        assert (changed.status_code, changed.json()["pass_through"]) == (200, False)
        assert budget(agency.executive, made["id"])["status"] == "draft"

    def test_bills_at_cost_what_the_agency_spends_and_takes_back(self, agency: Staffed) -> None:
        media, made = (
            row["id"]
            for row in approved(agency, lines=[line(1_000), line(1_000, "production")])["lines"]
        )

        spent = fact(agency.community, media, 1_200, tax_minor=252).json()["id"]
        expense(agency.community, media, 0 + 1, paid_by="client", already_spent=True, evidence="x")
        expense(agency.community, made, 400)
        agency.strategist.post(
            f"/v1/expenses/{spent}/refund", {"amount_minor": 300, "reason": "Abono"}
        )

        label = {"es": "Paid Media"}
        (first, second) = self._billed(agency)
        assert first == ("pass_through", 1_200, spent, label)
        assert (second[0], second[1], second[3]) == ("pass_through", -300, label)

    def test_bills_when_it_is_posted_and_not_before(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        media = approved(agency, 1_000)["lines"][0]["id"]
        waiting = expense(agency.community, media, 100).json()["id"]
        refused = expense(agency.community, media, 100).json()["id"]

        before = self._billed(agency)
        agency.strategist.post(f"/v1/expenses/{waiting}/approve")
        agency.strategist.post(f"/v1/expenses/{refused}/refuse", {"reason": "No"})

        assert before == []
        assert [row[2] for row in self._billed(agency)] == [waiting]

    def test_tells_the_client_no_supplier(self, agency: Staffed) -> None:
        media = approved(agency, 1_000)["lines"][0]["id"]
        expense(agency.community, media, 100, supplier="Proveedor Secreto", note="Nota interna")

        shown = agency.approver.get("/v1/billables")

        assert "Secreto" not in shown.text
        assert "interna" not in shown.text
