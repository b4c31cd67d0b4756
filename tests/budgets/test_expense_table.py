"""Expenses as a table: a CSV that closes, for who may read it."""

import csv
from io import StringIO

import pytest

from api.budgets import exports
from tests.budgets.documents import said
from tests.budgets.factories import approved, expense, line, set_agency
from tests.factories import Person, Staffed


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
