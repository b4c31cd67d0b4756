"""Editing what an approver was shown takes the request back, and what it covered with it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.approvals.asking import ask, decide, set_policy
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed, events_of

SHOWN: list[dict[str, Any]] = [
    {"label": {"es": "Otro"}},
    {"criteria": {"es": "Sin texto"}},
    {"links": ["https://files.example/otro.svg"]},
]


def _in_review(agency: Staffed) -> Any:
    (line,) = making.accepted(agency)["lines"]
    return making.in_client_review(agency, making.deliverable(agency, line["id"]))


class TestDeliverable:
    @pytest.mark.parametrize("change", SHOWN, ids=lambda each: next(iter(each)))
    def test_goes_back_to_work_from_review(self, agency: Staffed, change: Any) -> None:
        made = _in_review(agency)
        path, approval = f"/v1/deliverables/{made['id']}", f"/v1/approvals/{made['approval_id']}"

        after = done(agency.community.patch(path, change))
        late = agency.approver.post(f"{approval}/decide", {"outcome": "approved"})

        assert (after["status"], after["rounds_used"]) == ("in_progress", 0)
        assert done(agency.approver.get(approval))["status"] == "superseded"
        assert late.status_code == 409
        assert events_of(agency, made["id"])[-2:] == ["deliverable.updated", "deliverable.reopened"]
        assert events_of(agency, made["approval_id"])[-1] == "approval.superseded"

    def test_goes_back_to_work_once_approved_and_needs_another_approval(
        self, agency: Staffed
    ) -> None:
        made = _in_review(agency)
        done(move(agency.approver, made, "approve"))
        path, approval = f"/v1/deliverables/{made['id']}", f"/v1/approvals/{made['approval_id']}"

        after = done(agency.community.patch(path, SHOWN[0]))
        out = move(agency.community, made, "deliver", {"url": "https://x.example/1"})
        done(move(agency.community, made, "submit", {"url": "https://x.example/2"}))
        again = done(move(agency.strategist, made, "approve"))

        assert (after["status"], out.status_code) == ("in_progress", 409)
        assert done(agency.approver.get(approval))["status"] == "approved"
        assert again["status"] == "client_review"
        assert again["approval_id"] != made["approval_id"]

    def test_stays_where_it_is_when_nothing_shown_changes(self, agency: Staffed) -> None:
        made = _in_review(agency)
        path = f"/v1/deliverables/{made['id']}"
        who = {"assignee_id": str(agency.community.membership_id)}

        after = done(agency.community.patch(path, {**who, "label": made["label"]}))

        assert (after["status"], after["assignee_id"]) == ("client_review", who["assignee_id"])
        assert done(move(agency.approver, made, "approve"))["status"] == "approved"

    def test_is_refused_of_a_stale_version_and_takes_nothing_back(self, agency: Staffed) -> None:
        made = _in_review(agency)
        path = f"/v1/deliverables/{made['id']}"

        stale = agency.community.patch(path, SHOWN[0], version=1)

        assert stale.status_code == 412
        assert done(agency.community.get(path))["status"] == "client_review"

    @pytest.mark.parametrize("round", range(5))
    def test_and_a_decision_at_once_leave_one_of_two_ends(
        self, agency: Staffed, round: int
    ) -> None:
        """Never approved with another content than what was decided on."""
        made, start = _in_review(agency), Barrier(2)
        path = f"/v1/deliverables/{made['id']}"

        def edit() -> int:
            start.wait()
            return int(agency.community.patch(path, SHOWN[0]).status_code)

        def approve() -> int:
            start.wait()
            return int(move(agency.approver, made, "approve").status_code)

        with ThreadPoolExecutor(2) as pool:
            edited, decided = pool.submit(edit), pool.submit(approve)

        approval = done(agency.approver.get(f"/v1/approvals/{made['approval_id']}"))["status"]
        assert edited.result() == 200
        assert (decided.result(), approval) in ((200, "approved"), (409, "superseded"))
        assert done(agency.community.get(path))["status"] == "in_progress"


class TestBudget:
    def _edits(self, agency: Staffed, path: str) -> list[Any]:
        budget = done(agency.executive.get(path))
        line = f"/v1/budget-lines/{budget['lines'][0]['id']}"
        return [
            lambda: agency.executive.patch(path, {"name": "Invierno"}),
            lambda: agency.executive.post(f"{path}/lines", budgets.line(1)),
            lambda: agency.executive.patch(line, {"planned_minor": 7}),
            lambda: agency.executive.delete(line),
        ]

    @pytest.mark.parametrize("place", range(4))
    def test_is_a_draft_again(self, agency: Staffed, place: int) -> None:
        asked = ask(agency)

        answer = self._edits(agency, asked.paths[0])[place]()

        assert answer.is_success
        after = done(agency.executive.get(asked.paths[0]))
        assert after["status"] == "draft"
        assert {line["status"] for line in after["lines"]} <= {"draft"}
        assert asked.read(agency.executive)["status"] == "superseded"
        assert agency.approver.get(asked.paths[0]).status_code == 404
        assert decide(agency.approver, asked).status_code == 409
        assert events_of(agency, after["id"])[-1] == "budget.reopened"

    def test_stays_proposed_when_nothing_shown_changes(self, agency: Staffed) -> None:
        asked = ask(agency)
        line = done(agency.executive.get(asked.paths[0]))["lines"][0]["id"]
        campaign = making.campaign(agency)["id"]

        done(agency.executive.patch(asked.paths[0], {"name": "Otoño 2026"}))
        done(agency.executive.patch(f"/v1/budget-lines/{line}", {"campaign_id": campaign}))

        assert asked.read(agency.approver)["status"] == "open"
        assert done(decide(agency.approver, asked))["status"] == "approved"

    def test_can_be_proposed_again(self, agency: Staffed) -> None:
        asked = ask(agency)
        done(agency.executive.patch(asked.paths[0], {"name": "Invierno"}))

        again = done(agency.executive.post(f"{asked.paths[0]}/propose"))

        assert again["approval_id"] != asked.approval_id
        assert done(decide(agency.approver, ask(agency)))["status"] == "approved"

    def test_is_edited_inside_without_the_clients_knowing(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency)
        done(agency.executive.patch(asked.paths[0], {"name": "Invierno"}))

        assert asked.read(agency.executive)["status"] == "superseded"
        assert agency.approver.get(asked.path).status_code == 404


class TestCampaign:
    @pytest.mark.parametrize("what", ["campaign", "budget"])
    def test_takes_the_whole_proposal_back(self, agency: Staffed, what: str) -> None:
        asked = ask(agency, "campaign")
        path = asked.paths[0] if what == "campaign" else asked.paths[2]

        done(agency.executive.patch(path, {"name": "Invierno"}))

        assert asked.states(agency.executive) == ["draft", "withdrawn", "draft"]
        assert asked.read(agency.executive)["status"] == "superseded"
        assert events_of(agency, asked.approval_id)[-1] == "approval.superseded"

    def test_stays_proposed_when_nothing_shown_changes(self, agency: Staffed) -> None:
        asked = ask(agency, "campaign")

        done(agency.executive.patch(asked.paths[0], {"contract_id": None}))

        assert done(decide(agency.approver, asked))["status"] == "approved"


class TestSubmitted:
    @pytest.mark.parametrize(
        ("kind", "code"),
        [("scope", "scope_not_draft"), ("change_order", "change_order_not_draft")],
    )
    def test_documents_never_change(self, agency: Staffed, kind: str, code: str) -> None:
        asked = ask(agency, kind)

        answer = agency.executive.patch(asked.paths[0], {"title": "Otro"})

        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert asked.read(agency.approver)["status"] == "open"


class TestStaleDecision:
    def test_is_refused_by_what_was_seen(self, agency: Staffed) -> None:
        asked = ask(agency)

        answer = decide(agency.approver, asked, content_sha256="0" * 64)

        assert (answer.status_code, answer.json()["code"]) == (412, "content_changed")
        assert asked.read(agency.executive)["decisions"] == []
