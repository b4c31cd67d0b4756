"""Expenses, through the API: posted at once or approved, kept as facts, refunded."""

from typing import Any

from sqlalchemy import text

from tenants import auth, database
from tests.budgets.factories import (
    approved,
    balances,
    enter,
    expense,
    fact,
    set_agency,
    sums,
)
from tests.factories import Staffed, events_of

LARGEST = 2**53 - 1


def _line(agency: Staffed, planned: int = 1_000) -> str:
    line: str = approved(agency, planned)["lines"][0]["id"]
    return line


class TestRequestExpense:
    def test_posts_it_at_once_without_a_threshold(self, agency: Staffed) -> None:
        one = _line(agency)

        answer = expense(
            agency.community,
            one,
            400,
            tax_minor=84,
            document_number="F-2026-31",
            document_date="2026-10-02",
            original={
                "amount_minor": 430,
                "currency": "USD",
                "rate": "0.9302",
                "rate_on": "2026-10-02",
            },
            spent_on="2026-10-03",
        )

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["status"], made["amount_minor"], made["total_minor"]) == ("posted", 400, 484)
        assert (made["original_amount_minor"], made["original_currency"]) == (430, "USD")
        assert made["paid_by"] == "agency"
        assert balances(agency.executive, one) == (1_000, 0, 400, 0)
        entry = agency.executive.get(f"/v1/budget-lines/{one}/entries").json()["data"][0]
        assert (entry["source_type"], entry["source_id"]) == ("expenses", made["id"])
        assert entry["booked_on"] == "2026-10-03"
        assert events_of(agency, made["id"]) == ["expense.posted"]
        assert events_of(agency, one) == ["budget_line.spent"]

    def test_refuses_a_plan_beyond_the_line(self, agency: Staffed) -> None:
        one = _line(agency)

        answer = expense(agency.community, one, 1_001)

        assert (answer.status_code, answer.json()["code"]) == (409, "line_exceeded")
        assert answer.json()["available_minor"] == 1_000
        assert agency.community.get("/v1/expenses").json()["data"] == []
        assert balances(agency.executive, one) == (1_000, 0, 0, 0)

    def test_keeps_a_fact_beyond_the_line_as_unfunded(self, agency: Staffed) -> None:
        one = _line(agency)

        answer = fact(agency.community, one, 1_300)

        assert (answer.status_code, answer.json()["status"]) == (201, "posted")
        assert balances(agency.approver, one) == (1_000, 0, 1_000, 300)
        assert sums(agency, one) == (1_000, 0, 1_000, 300)
        assert events_of(agency, one)[0] == "budget_line.unfunded"
        assert expense(agency.community, one, 1).json()["available_minor"] == 0

    def test_refuses_a_fact_without_evidence(self, agency: Staffed) -> None:
        one = _line(agency)

        bare = fact(agency.community, one, 5_000, evidence=None)
        with_number = fact(agency.community, one, 5_000, evidence=None, document_number="F-1")

        assert (bare.status_code, bare.json()["code"]) == (422, "evidence_required")
        assert with_number.status_code == 201

    def test_uses_up_what_was_set_aside_for_it(self, agency: Staffed) -> None:
        one = _line(agency)
        commitment = enter(agency.strategist, one, "commitment", amount_minor=900).json()["id"]

        part = expense(agency.community, one, 500, commitment_id=commitment)
        beyond = expense(agency.community, one, 501, commitment_id=commitment)
        rest = expense(agency.community, one, 500, commitment_id=commitment)

        assert part.status_code == rest.status_code == 201, rest.text
        assert (beyond.status_code, beyond.json()["available_minor"]) == (409, 500)
        assert balances(agency.executive, one) == (1_000, 0, 1_000, 0)
        assert sums(agency, one) == (1_000, 0, 1_000, 0)

    def test_refuses_what_does_not_fit_together(self, agency: Staffed) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 1_000)["lines"])
        elsewhere = enter(agency.strategist, two, "commitment", amount_minor=9).json()["id"]

        def code(amount: int = 1, **values: Any) -> str:
            return str(expense(agency.community, one, amount, **values).json()["code"])

        assert code(currency="USD") == "currency_differs"
        assert code(LARGEST, tax_minor=1) == "invoice_too_large"
        assert code(LARGEST + 1) == "invalid_request"
        assert code(commitment_id=elsewhere) == "not_a_commitment"
        assert expense(agency.community, elsewhere, 1).json()["code"] == "not_found"

    def test_is_no_business_of_the_client(self, agency: Staffed) -> None:
        made = expense(agency.community, _line(agency), 400).json()

        assert agency.approver.get("/v1/expenses").status_code == 403
        assert agency.approver.get(f"/v1/expenses/{made['id']}").status_code == 403
        assert expense(agency.approver, made["line_id"], 1).status_code == 403
        with database.agency_session(auth.system(agency.agency_id)) as session:
            mine = "has_table_privilege('app_contact', 'expenses', 'select')"
            assert session.connection().execute(text(f"select {mine}")).scalar() is False


class TestApproveExpense:
    def test_takes_a_second_person_above_the_threshold(self, agency: Staffed) -> None:
        rules = {"settings": {"expense_approval_threshold_minor": 500}}
        assert agency.owner.patch("/v1/agency", rules).status_code == 200
        one = _line(agency)

        small = expense(agency.community, one, 500).json()
        large = expense(agency.community, one, 501)
        waiting = balances(agency.executive, one)
        refused = [
            getattr(agency, name).post(f"/v1/expenses/{large.json()['id']}/approve").status_code
            for name in ("community", "executive", "approver")
        ]
        posted = agency.owner.post(f"/v1/expenses/{large.json()['id']}/approve")

        assert small["status"] == "posted"
        assert (large.status_code, large.json()["status"]) == (201, "pending")
        assert waiting == (1_000, 0, 500, 0)
        assert refused == [403, 403, 403]
        assert (posted.status_code, posted.json()["code"]) == (409, "line_exceeded")
        assert events_of(agency, large.json()["id"]) == ["expense.requested"]

    def test_posts_it_once(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        one = _line(agency)
        made = expense(agency.community, one, 600).json()
        path = f"/v1/expenses/{made['id']}/approve"

        first, second = agency.strategist.post(path), agency.owner.post(path)

        assert (first.status_code, first.json()["status"]) == (200, "posted")
        assert first.json()["decided_by"] == str(agency.strategist.membership_id)
        assert first.json()["self_approved"] is False
        assert (second.status_code, second.json()["allowed"]) == (409, [])
        assert balances(agency.executive, one) == (1_000, 0, 600, 0)
        assert events_of(agency, made["id"]) == ["expense.requested", "expense.posted"]

    def test_refuses_ones_own_while_there_is_somebody_else(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        made = expense(agency.strategist, _line(agency), 600).json()

        answer = agency.strategist.post(f"/v1/expenses/{made['id']}/approve")

        assert (answer.status_code, answer.json()["code"]) == (403, "own_expense")

    def test_waives_it_for_the_only_one_there_is_and_says_so(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        one = _line(agency)
        made = expense(agency.strategist, one, 600).json()
        kept = expense(agency.strategist, one, 100).json()
        _suspend(agency, "owner", "admin")

        waived = agency.strategist.post(f"/v1/expenses/{made['id']}/approve")
        set_agency(agency, four_eyes="required")
        required = agency.strategist.post(f"/v1/expenses/{kept['id']}/approve")

        assert (waived.status_code, waived.json()["self_approved"]) == (200, True), waived.text
        assert (required.status_code, required.json()["code"]) == (403, "own_expense")

    def test_makes_every_expense_wait_in_another_currency(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=500)
        one = approved(agency, 100_000, currency="JPY")["lines"][0]["id"]

        answer = expense(agency.community, one, 1, currency="JPY")

        assert (answer.status_code, answer.json()["status"]) == (201, "pending")

    def test_keeps_a_fact_beyond_the_line(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        one = _line(agency)
        made = fact(agency.community, one, 1_500).json()

        answer = agency.strategist.post(f"/v1/expenses/{made['id']}/approve")

        assert (made["status"], answer.json()["status"]) == ("pending", "posted")
        assert balances(agency.executive, one) == (1_000, 0, 1_000, 500)


class TestRefuseExpense:
    def test_says_why(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        one = _line(agency)
        made = expense(agency.community, one, 600).json()
        path = f"/v1/expenses/{made['id']}"

        silent = agency.strategist.post(f"{path}/refuse", {})
        answer = agency.strategist.post(f"{path}/refuse", {"reason": "Sin factura"})
        late = agency.strategist.post(f"{path}/approve")

        assert silent.status_code == 422
        assert (answer.json()["status"], answer.json()["refusal"]) == ("refused", "Sin factura")
        assert (late.status_code, late.json()["state"]) == (409, "refused")
        assert balances(agency.executive, one) == (1_000, 0, 0, 0)
        assert events_of(agency, made["id"])[-1] == "expense.refused"


class TestRefundExpense:
    def test_reverses_what_was_entered(self, agency: Staffed) -> None:
        one = _line(agency)
        made = expense(agency.community, one, 600).json()
        path = f"/v1/expenses/{made['id']}/refund"

        part = agency.strategist.post(path, {"amount_minor": 200, "reason": "Descuento"})
        beyond = agency.strategist.post(path, {"amount_minor": 401, "reason": "Otro"})
        rest = agency.strategist.post(path, {"reason": "Duplicada"})
        nothing = agency.strategist.post(path, {"reason": "Otra vez"})

        assert (part.status_code, part.json()["refunded_minor"]) == (200, 200), part.text
        assert (beyond.status_code, beyond.json()["refundable_minor"]) == (409, 400)
        assert (rest.status_code, rest.json()["refunded_minor"]) == (200, 600)
        assert (nothing.status_code, nothing.json()["code"]) == (409, "refund_exceeded")
        assert balances(agency.executive, one) == (1_000, 0, 0, 0)
        assert sums(agency, one) == (1_000, 0, 0, 0)
        assert events_of(agency, made["id"])[1:] == ["expense.refunded"] * 2

    def test_takes_back_what_is_unfunded_first(self, agency: Staffed) -> None:
        one = _line(agency)
        older = fact(agency.community, one, 1_100).json()["id"]
        newer = fact(agency.community, one, 400).json()["id"]

        agency.strategist.post(f"/v1/expenses/{newer}/refund", {"reason": "Anulada"})
        first = balances(agency.executive, one)
        agency.strategist.post(
            f"/v1/expenses/{older}/refund", {"amount_minor": 300, "reason": "Abono"}
        )

        refunds = agency.executive.get(f"/v1/budget-lines/{one}/entries?kind=refund").json()
        assert [(row["amount_minor"], row["funded"]) for row in refunds["data"]] == [
            (-200, True),
            (-100, False),
            (-400, False),
        ]
        assert first == (1_000, 0, 1_000, 100)
        assert balances(agency.executive, one) == (1_000, 0, 800, 0)
        assert sums(agency, one) == (1_000, 0, 800, 0)

    def test_makes_room_for_other_facts(self, agency: Staffed) -> None:
        one = _line(agency)
        funded = expense(agency.community, one, 1_000).json()["id"]
        fact(agency.community, one, 700)

        agency.strategist.post(
            f"/v1/expenses/{funded}/refund", {"amount_minor": 600, "reason": "Abono"}
        )

        assert balances(agency.executive, one) == (1_000, 0, 1_000, 100)
        assert sums(agency, one) == (1_000, 0, 1_000, 100)

    def test_refuses_what_was_not_posted(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=0)
        made = expense(agency.community, _line(agency), 600).json()
        path = f"/v1/expenses/{made['id']}/refund"

        pending = agency.strategist.post(path, {"reason": "Pronto"})

        assert (pending.status_code, pending.json()["state"]) == (409, "pending")
        assert agency.community.post(path, {"reason": "Yo"}).status_code == 403


class TestListExpenses:
    def test_filters(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=100)
        made = approved(agency, 1_000, 1_000)
        one, two = (row["id"] for row in made["lines"])
        small = expense(agency.community, one, 100).json()["id"]
        large = expense(agency.community, two, 101).json()["id"]

        def ids(query: str) -> list[str]:
            answer = agency.strategist.get(f"/v1/expenses?{query}")
            return [row["id"] for row in answer.json()["data"]]

        assert ids(f"budget_id={made['id']}") == ids(f"client_id={agency.client_id}")
        assert ids("") == [large, small]
        assert ids("status=pending") == ids(f"line_id={two}") == [large]
        assert ids(f"client_id={agency.other_client_id}") == []
        assert agency.strategist.get(f"/v1/expenses/{small}").json()["id"] == small


def _suspend(agency: Staffed, *names: str) -> None:
    with database.platform_session() as session:
        for name in names:
            session.connection().execute(
                text("update memberships set status = 'suspended' where id = :id"),
                {"id": getattr(agency, name).membership_id},
            )
