"""Budgets and their lines, through the API: drafted, proposed, decided on, closed."""

from uuid import UUID

from api.approvals import approvals
from api.budgets import budgets
from tenants import auth, database
from tenants.ids import new_id
from tests.budgets.factories import (
    approved,
    balances,
    budget,
    decide,
    draft,
    enter,
    expense,
    fact,
    line,
    set_agency,
)
from tests.factories import Staffed, events_of

LARGEST = 2**53 - 1


def _mode(agency: Staffed, mode: str) -> None:
    answer = agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": mode})
    assert answer.status_code == 200, answer.text


class TestCreateBudget:
    def test_drafts_it_with_its_lines(self, agency: Staffed) -> None:
        made = draft(agency, 60_000, 40_000)

        assert (made["status"], made["currency"]) == ("draft", "EUR")
        assert [row["planned_minor"] for row in made["lines"]] == [60_000, 40_000]
        assert made["totals"] == {
            "planned_minor": 100_000,
            "allocated_minor": 0,
            "committed_minor": 0,
            "spent_minor": 0,
            "unfunded_minor": 0,
            "available_minor": 0,
        }
        assert events_of(agency, made["id"]) == ["budget.created"]
        assert budget(agency.executive, made["id"]) == made

    def test_refuses_what_does_not_add_up(self, agency: Staffed) -> None:
        body = draft(agency)
        good = {
            "client_id": body["client_id"],
            "name": "Q4",
            "period_start": "2026-10-01",
            "period_end": "2026-12-31",
        }

        def code(**values: object) -> tuple[int, str | None]:
            answer = agency.executive.post("/v1/budgets", {**good, **values})
            return answer.status_code, answer.json().get("code")

        assert code(lines=[line(LARGEST)]) == (201, None)
        assert code(lines=[line(LARGEST), line(1)]) == (422, "plan_too_large")
        assert code(lines=[line(LARGEST + 1)]) == (422, "invalid_request")
        assert code(lines=[line(-1)]) == (422, "invalid_request")
        assert code(lines=[{**line(1), "planned_minor": 1.5}]) == (422, "invalid_request")
        assert code(lines=[line(1)] * 201) == (422, "invalid_request")
        assert code(period_end="2026-09-30") == (422, "period_backwards")
        assert code(currency="XAU") == (422, "invalid_request")

    def test_refuses_who_may_not(self, agency: Staffed, other_agency: Staffed) -> None:
        body = {
            "client_id": str(agency.client_id),
            "name": "Q4",
            "period_start": "2026-10-01",
            "period_end": "2026-12-31",
        }

        def status(person: str, **values: object) -> int:
            answer = getattr(agency, person).post("/v1/budgets", {**body, **values})
            return int(answer.status_code)

        assert status("strategist") == 201
        assert status("community") == status("approver") == 403
        assert status("executive", client_id=str(agency.other_client_id)) == 403
        assert status("executive", client_id=str(other_agency.client_id)) == 404


class TestChangeDraft:
    def test_counts_a_new_version_of_the_budget(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        path = f"/v1/budgets/{made['id']}"

        added = agency.strategist.post(f"{path}/lines", line(500, "prizes"))
        changed = agency.strategist.patch(
            f"/v1/budget-lines/{added.json()['id']}", {"planned_minor": 700, "channel": "tiktok"}
        )
        after = budget(agency.executive, made["id"])

        assert (added.status_code, changed.status_code) == (201, 200)
        assert after["version"] == made["version"] + 2
        assert after["totals"]["planned_minor"] == 1_700
        assert events_of(agency, added.json()["id"]) == [
            "budget_line.added",
            "budget_line.updated",
        ]
        listed = agency.executive.get(f"{path}/lines").json()["data"]
        assert [row["id"] for row in listed] == [row["id"] for row in after["lines"]]

    def test_takes_a_line_out(self, agency: Staffed) -> None:
        made = draft(agency, 1_000, 2_000)
        gone = made["lines"][0]["id"]

        answer = agency.strategist.delete(f"/v1/budget-lines/{gone}")

        assert answer.status_code == 204
        assert agency.executive.get(f"/v1/budget-lines/{gone}").status_code == 404
        assert budget(agency.executive, made["id"])["totals"]["planned_minor"] == 2_000
        assert events_of(agency, gone) == ["budget_line.removed"]

    def test_renames_it_once_for_one_etag(self, agency: Staffed) -> None:
        made = draft(agency)
        path = f"/v1/budgets/{made['id']}"

        first = agency.executive.patch(path, {"name": "Q4"}, made["version"])
        second = agency.executive.patch(path, {"name": "Q5"}, made["version"])
        backwards = agency.executive.patch(path, {"period_end": "2026-09-01"})

        assert (first.status_code, first.json()["name"]) == (200, "Q4")
        assert second.status_code == 412
        assert backwards.json()["code"] == "period_backwards"

    def test_deletes_what_nobody_was_asked_about(self, agency: Staffed) -> None:
        fresh, asked = draft(agency, 1_000), draft(agency, 1_000)
        proposed = agency.executive.post(f"/v1/budgets/{asked['id']}/propose").json()
        decide(agency.approver, proposed, "rejected")

        gone = agency.executive.delete(f"/v1/budgets/{fresh['id']}")
        kept = agency.executive.delete(f"/v1/budgets/{asked['id']}")

        assert gone.status_code == 204
        assert agency.executive.get(f"/v1/budgets/{fresh['id']}").status_code == 404
        assert (kept.status_code, kept.json()["code"]) == (409, "already_proposed")

    def test_refuses_once_it_is_active(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        path, one = f"/v1/budgets/{made['id']}", f"/v1/budget-lines/{made['lines'][0]['id']}"

        refused = [
            agency.executive.patch(path, {"name": "X"}),
            agency.executive.delete(path),
            agency.executive.post(f"{path}/lines", line(1)),
            agency.executive.patch(one, {"planned_minor": 1}),
            agency.executive.delete(one),
        ]

        assert [answer.json()["code"] for answer in refused] == ["budget_not_draft"] * 5
        assert {answer.json()["state"] for answer in refused} == {"active"}

    def test_takes_an_empty_line_into_an_active_one(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        path = f"/v1/budgets/{made['id']}/lines"

        empty = agency.strategist.post(path, line(0, "prizes"))
        planned = agency.strategist.post(path, line(5, "prizes"))
        moved = enter(
            agency.strategist,
            made["lines"][0]["id"],
            "transfer",
            to_line_id=empty.json()["id"],
            amount_minor=300,
        )

        assert (empty.status_code, empty.json()["status"]) == (201, "active")
        assert (planned.status_code, planned.json()["code"]) == (409, "budget_not_draft")
        assert moved.status_code == 201, moved.text
        assert balances(agency.approver, empty.json()["id"]) == (300, 0, 0, 0)


class TestProposeBudget:
    def test_asks_the_client_who_activates_it(self, agency: Staffed) -> None:
        made = draft(agency, 60_000, 40_000)

        proposed = agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        approval = agency.approver.get(f"/v1/approvals/{proposed.json()['approval_id']}").json()
        decided = decide(agency.approver, proposed.json(), "approved")
        active = budget(agency.executive, made["id"])

        assert (proposed.status_code, proposed.json()["status"]) == (200, "proposed")
        shown = approval["document"]["subjects"][0]
        assert (shown["planned_minor"], len(shown["lines"])) == (100_000, 2)
        assert decided.status_code == 200, decided.text
        assert active["status"] == "active"
        assert active["totals"]["allocated_minor"] == active["totals"]["available_minor"] == 100_000
        assert {row["status"] for row in active["lines"]} == {"active"}
        assert events_of(agency, made["id"]) == [
            "budget.created",
            "budget.proposed",
            "budget.activated",
        ]

    def test_is_a_draft_again_when_changes_are_asked_for(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        path = f"/v1/budgets/{made['id']}"
        for outcome in ("changes_requested", "rejected"):
            proposed = agency.executive.post(f"{path}/propose").json()
            answer = decide(agency.approver, proposed, outcome)

            assert answer.status_code == 200, answer.text
            assert budget(agency.executive, made["id"])["status"] == "draft"
            assert agency.approver.get(path).status_code == 404
            changed = agency.strategist.patch(
                f"/v1/budget-lines/{made['lines'][0]['id']}", {"planned_minor": 900}
            )
            assert changed.status_code == 200
        assert events_of(agency, made["id"]) == [
            "budget.created",
            "budget.proposed",
            "budget.changes_requested",
            "budget.proposed",
            "budget.rejected",
        ]

    def test_is_withdrawn_before_it_is_decided(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        proposed = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()

        back = agency.executive.post(f"/v1/budgets/{made['id']}/withdraw")
        again = agency.executive.post(f"/v1/budgets/{made['id']}/withdraw")
        late = decide(agency.approver, proposed, "approved")

        assert (back.status_code, back.json()["status"]) == (200, "draft")
        assert (again.status_code, again.json()["allowed"]) == (409, ["proposed"])
        assert late.status_code == 409
        assert events_of(agency, made["id"])[-1] == "budget.withdrawn"

    def test_asks_the_strategist_where_the_client_is_not_asked(self, agency: Staffed) -> None:
        _mode(agency, "internal")
        made = draft(agency, 1_000)

        proposed = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()
        own = decide(agency.executive, proposed, "approved")
        decided = decide(agency.strategist, proposed, "approved")

        assert own.status_code == 403
        assert decided.status_code == 200, decided.text
        assert budget(agency.executive, made["id"])["status"] == "active"

    def test_refuses_a_budget_without_money(self, agency: Staffed) -> None:
        made = draft(agency, 0)

        answer = agency.executive.post(f"/v1/budgets/{made['id']}/propose")

        assert (answer.status_code, answer.json()["code"]) == (409, "empty_budget")
        assert budget(agency.executive, made["id"])["status"] == "draft"

    def test_refuses_who_only_allocates(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)

        answer = agency.strategist.post(f"/v1/budgets/{made['id']}/propose")

        assert answer.status_code == 403


class TestPutForwardTogether:
    """As a campaign does: several things under one decision."""

    def test_moves_all_or_none(self, agency: Staffed) -> None:
        ids = [draft(agency, 1_000)["id"] for _ in range(2)]
        with database.agency_session(auth.system(agency.agency_id)) as session:
            rows = [budgets.put_forward(session, UUID(each)) for each in ids]
            approvals.ask(session, agency.client_id, rows, title="Otoño")

        alone = agency.executive.post(f"/v1/budgets/{ids[0]}/withdraw")
        decided = decide(agency.approver, budget(agency.executive, ids[0]), "approved")

        assert (alone.status_code, alone.json()["code"]) == (409, "proposed_together")
        assert decided.status_code == 200, decided.text
        assert {budget(agency.executive, each)["status"] for each in ids} == {"active"}

    def test_is_taken_back_only_with_its_own_approval(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        proposed = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()

        def take_back(approval_id: UUID) -> str:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                budgets.take_back(session, UUID(made["id"]), approval_id)
            return str(budget(agency.executive, made["id"])["status"])

        assert take_back(new_id()) == "proposed"
        assert take_back(UUID(proposed["approval_id"])) == "draft"


class TestActivateBudget:
    def test_needs_no_decision_where_the_policy_asks_for_none(self, agency: Staffed) -> None:
        _mode(agency, "none")
        made = draft(agency, 1_000)
        path = f"/v1/budgets/{made['id']}/activate"

        first, second = agency.executive.post(path), agency.executive.post(path)

        assert (first.status_code, first.json()["status"]) == (200, "active"), first.text
        assert first.json()["totals"]["allocated_minor"] == 1_000
        assert second.json() == first.json()
        assert events_of(agency, made["id"]).count("budget.activated") == 1

    def test_refuses_to_go_round_the_client(self, agency: Staffed) -> None:
        made = draft(agency, 1_000)
        path = f"/v1/budgets/{made['id']}/activate"

        drafted = agency.executive.post(path)
        agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        proposed = agency.executive.post(path)

        assert (drafted.status_code, drafted.json()["allowed"]) == (409, ["proposed"])
        assert (proposed.status_code, proposed.json()["allowed"]) == (409, ["draft"])


class TestCloseBudget:
    def test_ends_it_for_good(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        one = made["lines"][0]["id"]
        spent = expense(agency.community, one, 400).json()

        answer = agency.executive.post(f"/v1/budgets/{made['id']}/close")
        late = [
            enter(agency.strategist, one, "commitment", amount_minor=1),
            expense(agency.strategist, one, 1),
            fact(agency.strategist, one, 1),
            agency.strategist.post(f"/v1/expenses/{spent['id']}/refund", {"reason": "Mal"}),
        ]

        assert (answer.status_code, answer.json()["status"]) == (200, "closed")
        assert [each.json()["code"] for each in late] == ["budget_not_active"] * 4
        assert balances(agency.executive, one) == (1_000, 0, 400, 0)
        assert events_of(agency, made["id"])[-1] == "budget.closed"
        again = agency.executive.post(f"/v1/budgets/{made['id']}/close")
        assert (again.status_code, again.json()["allowed"]) == (409, [])

    def test_refuses_what_is_not_settled(self, agency: Staffed) -> None:
        set_agency(agency, expense_approval_threshold_minor=5_000)
        made = approved(agency, 1_000, 1_000)
        one, two = (row["id"] for row in made["lines"])
        fact(agency.community, one, 1_300)
        commitment = enter(agency.strategist, two, "commitment", amount_minor=400).json()
        waiting = expense(agency.community, two, 5_001).json()
        path = f"/v1/budgets/{made['id']}/close"

        refused = agency.executive.post(path)
        agency.strategist.post(f"/v1/expenses/{waiting['id']}/refuse", {"reason": "No toca"})
        enter(agency.strategist, two, "release", commitment_id=commitment["id"])
        still = agency.executive.post(path)
        enter(agency.strategist, two, "transfer", to_line_id=one, amount_minor=300)
        closed = agency.executive.post(path)

        assert (refused.status_code, refused.json()["code"]) == (409, "budget_unsettled")
        assert refused.json()["unfunded_minor"] == 300
        assert refused.json()["committed_minor"] == 400
        assert refused.json()["pending_expenses"] == 1
        assert (still.status_code, still.json()["unfunded_minor"]) == (409, 300)
        assert closed.status_code == 200, closed.text


class TestReadBudgets:
    def test_shows_a_client_its_own_and_no_drafts(self, agency: Staffed) -> None:
        made, hidden = approved(agency, 1_000), draft(agency, 2_000)
        path = f"/v1/budgets/{made['id']}"

        seen = agency.approver.get("/v1/budgets").json()["data"]
        lines = agency.approver.get(f"{path}/lines").json()["data"]

        assert [row["id"] for row in seen] == [made["id"]]
        assert seen[0]["totals"]["available_minor"] == 1_000
        assert [row["id"] for row in lines] == [made["lines"][0]["id"]]
        assert agency.approver.get(f"/v1/budgets/{hidden['id']}").status_code == 404
        assert (
            agency.approver.get(f"/v1/budget-lines/{hidden['lines'][0]['id']}").status_code == 404
        )
        assert agency.other_contact.get(path).status_code == 404
        assert agency.stranger.get(path).status_code == 403
        assert agency.viewer.get(path).status_code == 403

    def test_filters_by_client_and_status(self, agency: Staffed) -> None:
        active, drafted = approved(agency, 1_000), draft(agency, 2_000)

        def ids(query: str) -> list[str]:
            return [row["id"] for row in agency.owner.get(f"/v1/budgets?{query}").json()["data"]]

        assert ids("status=active") == [active["id"]]
        assert ids(f"client_id={agency.client_id}") == [drafted["id"], active["id"]]
        assert ids(f"client_id={agency.other_client_id}") == []

    def test_hides_it_from_another_agency(self, agency: Staffed, other_agency: Staffed) -> None:
        made = approved(agency, 1_000)
        one = made["lines"][0]["id"]

        assert other_agency.owner.get(f"/v1/budgets/{made['id']}").status_code == 404
        assert other_agency.owner.post(f"/v1/budgets/{made['id']}/close").status_code == 404
        assert enter(other_agency.owner, one, "commitment", amount_minor=1).status_code == 404
        assert expense(other_agency.owner, one, 1).status_code == 404

    def test_changes_its_etag_with_every_movement(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        path = f"/v1/budgets/{made['id']}"
        etag = agency.executive.get(path).headers["ETag"]

        unchanged = agency.executive.get(path, headers={"If-None-Match": etag})
        expense(agency.community, made["lines"][0]["id"], 1)
        changed = agency.executive.get(path, headers={"If-None-Match": etag})

        assert (unchanged.status_code, changed.status_code) == (304, 200)
