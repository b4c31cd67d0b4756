"""Campaigns and their proposals, through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tenants import clock
from tenants.models import ApprovalMode
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of


def _budget(agency: Staffed) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "name": "Otoño",
        "period_start": "2026-10-01",
        "period_end": "2026-12-31",
        "lines": [
            {
                "category": "paid_media",
                "label": {"es": "Pauta", "en": "Ads"},
                "planned_minor": 500000,
            }
        ],
    }
    return done(agency.executive.post("/v1/budgets", body), 201)


def _state(agency: Staffed, path: str) -> Any:
    return done(agency.executive.get(path))["status"]


class TestCreateCampaign:
    def test_drafts_it_with_its_formats_in_order(self, agency: Staffed) -> None:
        made = making.campaign(agency)

        assert (made["status"], made["goal"]) == ("draft", "sales")
        assert made["formats"] == ["ads", "contest", "launch"]
        assert events_of(agency, made["id"]) == ["campaign.created"]

    def test_lets_the_community_manager_draft_and_no_more(self, agency: Staffed) -> None:
        made = making.campaign(agency)
        path = f"/v1/campaigns/{made['id']}"

        assert agency.community.patch(path, {"name": "Invierno"}).status_code == 200
        assert agency.community.post(f"{path}/propose", {}).status_code == 403
        assert agency.community.post(f"{path}/approve").status_code == 403

    def test_refuses_what_makes_no_sense(self, agency: Staffed) -> None:
        body = {
            "client_id": str(agency.client_id),
            "name": "X",
            "goal": "sales",
            "formats": ["ads"],
            "starts_on": "2026-10-01",
            "ends_on": "2026-12-31",
        }

        twice = agency.executive.post("/v1/campaigns", {**body, "formats": ["ads", "ads"]})
        nothing = agency.executive.post("/v1/campaigns", {**body, "formats": []})
        early = agency.executive.post("/v1/campaigns", {**body, "ends_on": "2026-09-30"})

        assert twice.json()["errors"][0]["pointer"] == "/formats"
        assert nothing.status_code == 422
        assert early.json()["code"] == "campaign_ends_too_early"

    def test_refuses_another_clients_contract(self, agency: Staffed) -> None:
        contract = {
            "client_id": str(agency.other_client_id),
            "title": "X",
            "starts_on": "2026-01-01",
        }
        foreign = done(agency.owner.post("/v1/contracts", contract), 201)["id"]
        made = making.campaign(agency)

        answer = agency.owner.patch(f"/v1/campaigns/{made['id']}", {"contract_id": foreign})

        assert answer.status_code == 404


class TestProposeCampaign:
    def test_moves_campaign_scope_and_budget_by_one_decision(self, agency: Staffed) -> None:
        made, budget = making.campaign(agency), _budget(agency)
        scope = making.scope(agency, campaign_id=made["id"])
        path = f"/v1/campaigns/{made['id']}"

        body = {"scope_id": scope["id"], "budget_id": budget["id"]}
        proposed = done(agency.executive.post(f"{path}/propose", body))
        asked = done(agency.approver.get(f"/v1/approvals/{proposed['approval_id']}"))
        approved = done(agency.approver.post(f"{path}/approve"))

        shown = asked["document"]["subjects"]
        assert [each["type"] for each in shown] == ["campaigns", "scopes", "budgets"]
        assert (proposed["status"], approved["status"]) == ("proposed", "approved")
        assert approved["budget_id"] == budget["id"]
        assert _state(agency, f"/v1/scopes/{scope['id']}") == "accepted"
        assert _state(agency, f"/v1/budgets/{budget['id']}") == "active"
        told = ["campaign.created", "campaign.proposed", "campaign.approved"]
        assert events_of(agency, made["id"]) == told

    def test_returns_all_to_be_changed(self, agency: Staffed) -> None:
        made, budget = making.campaign(agency), _budget(agency)
        scope = making.scope(agency, campaign_id=made["id"])
        path = f"/v1/campaigns/{made['id']}"
        body = {"scope_id": scope["id"], "budget_id": budget["id"]}
        proposed = done(agency.executive.post(f"{path}/propose", body))
        decision = {"outcome": "changes_requested", "reason": "Start in November"}

        done(agency.approver.post(f"/v1/approvals/{proposed['approval_id']}/decide", decision))

        assert _state(agency, path) == "draft"
        assert _state(agency, f"/v1/scopes/{scope['id']}") == "rejected"
        assert _state(agency, f"/v1/budgets/{budget['id']}") == "draft"
        assert agency.executive.patch(path, {"starts_on": "2026-11-01"}).status_code == 200

    def test_is_taken_back_whole(self, agency: Staffed) -> None:
        made, budget = making.campaign(agency), _budget(agency)
        scope = making.scope(agency, campaign_id=made["id"])
        path = f"/v1/campaigns/{made['id']}"
        body = {"scope_id": scope["id"], "budget_id": budget["id"]}
        done(agency.executive.post(f"{path}/propose", body))

        alone = agency.executive.post(f"/v1/scopes/{scope['id']}/withdraw")
        done(agency.executive.post(f"{path}/withdraw"))

        assert (alone.status_code, alone.json()["code"]) == (409, "part_of_proposal")
        assert _state(agency, path) == "draft"
        assert _state(agency, f"/v1/scopes/{scope['id']}") == "withdrawn"
        assert _state(agency, f"/v1/budgets/{budget['id']}") == "draft"
        assert agency.approver.post(f"{path}/approve").status_code == 404

    def test_needs_the_right_to_each_part(self, agency: Staffed) -> None:
        made = making.campaign(agency)
        scope = making.scope(agency, campaign_id=made["id"])
        path = f"/v1/campaigns/{made['id']}/propose"

        whole = agency.strategist.post(path, {"scope_id": scope["id"]})
        bare = agency.strategist.post(path, {})

        assert (whole.status_code, bare.status_code) == (403, 200)

    def test_is_approved_at_once_when_nobody_is_to_be_asked(self, agency: Staffed) -> None:
        making.set_mode(agency, ApprovalMode.none)
        made = making.campaign(agency)

        proposed = done(agency.executive.post(f"/v1/campaigns/{made['id']}/propose", {}))

        assert (proposed["status"], proposed["approval_id"]) == ("approved", None)

    def test_is_decided_inside_when_the_policy_says_so(self, agency: Staffed) -> None:
        making.set_mode(agency, ApprovalMode.internal)
        path = f"/v1/campaigns/{making.campaign(agency)['id']}"
        done(agency.executive.post(f"{path}/propose", {}))

        assert agency.approver.post(f"{path}/approve").status_code in (403, 404)
        assert done(agency.strategist.post(f"{path}/approve"))["status"] == "approved"

    def test_freezes_the_campaign(self, agency: Staffed) -> None:
        path = f"/v1/campaigns/{making.campaign(agency)['id']}"
        done(agency.executive.post(f"{path}/propose", {}))

        budget_id = budgets.draft(agency, 100)["id"]
        changed = agency.executive.patch(path, {"budget_id": budget_id})
        again = agency.executive.post(f"{path}/propose", {})

        assert (changed.status_code, changed.json()["code"]) == (409, "campaign_not_draft")
        allowed = ["approved", "cancelled", "draft", "rejected"]
        assert (again.status_code, again.json()["allowed"]) == (409, allowed)

    def test_hides_drafts_from_the_client(self, agency: Staffed) -> None:
        path = f"/v1/campaigns/{making.campaign(agency)['id']}"

        assert agency.approver.get(path).status_code == 404
        done(agency.executive.post(f"{path}/propose", {}))
        assert agency.approver.get(path).status_code == 200
        assert agency.other_contact.get(path).status_code == 404


class TestRunCampaign:
    def test_refuses_to_begin_what_was_not_approved(self, agency: Staffed) -> None:
        path = f"/v1/campaigns/{making.campaign(agency)['id']}"

        answer = agency.executive.post(f"{path}/activate")

        assert (answer.status_code, answer.json()["allowed"]) == (409, ["cancelled", "proposed"])

    def test_stops_the_clocks_while_it_is_held(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        path = f"/v1/campaigns/{made['id']}"
        scope = done(agency.executive.get(f"{path}/scope"))
        planned = making.deliverable(agency, scope["lines"][0]["id"], due_on="2026-12-01")
        with clock.at(datetime.now(UTC) - timedelta(days=9)):
            held = done(agency.executive.post(f"{path}/pause", {"cause": "crisis"}))

        resumed = done(agency.executive.post(f"{path}/resume"))

        assert (held["status"], held["paused_cause"]) == ("paused", "crisis")
        assert (resumed["status"], resumed["paused_on"]) == ("active", None)
        now = done(agency.executive.get(f"/v1/deliverables/{planned['id']}"))
        assert (now["due_on"], now["original_due_on"]) == ("2026-12-10", "2026-12-01")
        dates = done(agency.executive.get(f"/v1/deliverables/{planned['id']}/dates"))
        assert [row["cause"] for row in dates["data"]] == ["crisis"]

    def test_goes_on_only_from_a_pause(self, agency: Staffed) -> None:
        path = f"/v1/campaigns/{making.active_campaign(agency)['id']}"

        assert agency.executive.post(f"{path}/resume").status_code == 409
        assert agency.executive.post(f"{path}/activate").status_code == 409

    def test_finishes_when_its_work_is_done(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        path = f"/v1/campaigns/{made['id']}"
        line_id = done(agency.executive.get(f"{path}/scope"))["lines"][0]["id"]
        planned = making.deliverable(agency, line_id)

        early = agency.executive.post(f"{path}/complete")
        making.delivered(agency, planned)
        finished = done(agency.executive.post(f"{path}/complete"))

        assert (early.status_code, early.json()["code"]) == (409, "work_unfinished")
        assert finished["status"] == "completed"
        after = agency.community.post("/v1/deliverables", {"line_id": line_id})
        assert (after.status_code, after.json()["code"]) == (409, "scope_not_in_force")
        assert agency.executive.post(f"{path}/cancel").status_code == 409


class TestCancelCampaign:
    def test_calls_its_open_work_off_and_lets_its_units_go(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        path = f"/v1/campaigns/{made['id']}"
        scope = done(agency.executive.get(f"{path}/scope"))
        line_id = scope["lines"][0]["id"]
        out = making.delivered(agency, making.deliverable(agency, line_id))
        planned = making.deliverable(agency, line_id)
        waiting = making.in_client_review(agency, making.deliverable(agency, line_id))

        cancelled = done(agency.executive.post(f"{path}/cancel"))

        assert cancelled["status"] == "cancelled"
        states = [
            _state(agency, f"/v1/deliverables/{row['id']}") for row in (out, planned, waiting)
        ]
        assert states == ["delivered", "cancelled", "cancelled"]
        assert events_of(agency, planned["id"])[-1] == "deliverable.cancelled"
        shown = making.lot_of(agency, scope["id"])
        assert (shown["planned"], shown["delivered"]) == (0, 1)
        gone = done(agency.executive.get(f"/v1/campaigns?client_id={agency.client_id}"))
        assert gone["data"] == []

    def test_takes_an_open_proposal_back(self, agency: Staffed) -> None:
        made, budget = making.campaign(agency), _budget(agency)
        scope = making.scope(agency, campaign_id=made["id"])
        path = f"/v1/campaigns/{made['id']}"
        body = {"scope_id": scope["id"], "budget_id": budget["id"]}
        proposed = done(agency.executive.post(f"{path}/propose", body))

        done(agency.executive.post(f"{path}/cancel"))

        asked = done(agency.executive.get(f"/v1/approvals/{proposed['approval_id']}"))
        assert asked["status"] == "superseded"
        assert _state(agency, f"/v1/scopes/{scope['id']}") == "withdrawn"
        assert _state(agency, f"/v1/budgets/{budget['id']}") == "draft"

    def test_ends_what_could_still_be_sold_for_it(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        next_version = making.submitted(agency, campaign_id=made["id"])
        draft = making.scope(agency, campaign_id=made["id"])

        done(agency.executive.post(f"/v1/campaigns/{made['id']}/cancel"))

        assert _state(agency, f"/v1/scopes/{next_version['id']}") == "withdrawn"
        late = agency.executive.post(f"/v1/scopes/{draft['id']}/submit")
        assert (late.status_code, late.json()["code"]) == (409, "campaign_over")
