"""What is spent for the client and passed through is billed, and given back with a refund."""

from typing import Any

from tests.budgets.factories import approved, budget, draft, expense, fact, line, set_agency
from tests.factories import Staffed


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
