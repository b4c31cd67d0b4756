"""What a client owes: open items, by age, and its credit."""

import csv
from datetime import timedelta
from io import StringIO

from tenants import clock
from tests.billing.invoicing import done, draft, equipped, issued, line, pay, rate
from tests.factories import Staffed


class TestStatement:
    def test_ages_what_is_open_by_currency(self, agency: Staffed) -> None:
        equipped(agency, terms_days=0)
        vat = rate(agency)
        made = issued(agency, line(100_00, vat))
        issued(agency, line(5_000), currency="JPY")
        done(pay(agency, issued(agency), 130_00), 201)
        draft(agency)
        path = f"/v1/clients/{agency.client_id}/account-statement"

        now = done(agency.approver.get(path))
        later = clock.now() + timedelta(days=20)
        with clock.at(later):
            aged = done(agency.executive.get(path))

        euro, yen = now["accounts"]
        assert (euro["currency"], yen["currency"]) == ("EUR", "JPY")
        assert [item["number"] for item in euro["items"]] == [made["number"]]
        assert (euro["open_minor"], euro["credit_minor"], euro["balance_minor"]) == (
            121_00,
            30_00,
            91_00,
        )
        assert euro["aged"]["not_due_minor"] == 121_00
        assert aged["accounts"][0]["aged"]["days_1_30_minor"] == 121_00
        assert aged["accounts"][0]["items"][0]["days_late"] == 20

    def test_is_its_own_clients(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/account-statement"

        assert agency.other_contact.get(path).status_code == 404
        assert agency.viewer.get(path).status_code == 403
        assert done(agency.owner.get(path))["accounts"] == []

    def test_is_a_table_too(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency, line(12345), currency="KWD")

        answer = agency.approver.get(
            f"/v1/clients/{agency.client_id}/account-statement.csv",
            headers={"Accept-Language": "es"},
        )

        head, row = csv.reader(StringIO(answer.text))
        assert head[:3] == ["número", "fecha", "vencimiento"]
        assert row[0] == made["number"]
        assert row[4:7] == ["KWD", "12.345", "12.345"]
