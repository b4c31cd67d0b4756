"""Deliverables and accruals, through the API."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tenants.models import ApprovalMode
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed, events_of
from tests.files.samples import GIF


def _line(agency: Staffed, **values: Any) -> str:
    """The only line of an accepted scope."""
    return str(making.accepted(agency, making.line(**values))["lines"][0]["id"])


class TestBrief:
    def test_says_when_it_will_do_and_what_is_needed(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        brief = {"criteria": {"es": "Logo visible"}, "links": ["https://files.example/logo.svg"]}

        made = making.deliverable(agency, line["id"], **brief)
        path = f"/v1/deliverables/{made['id']}"
        changed = agency.community.patch(path, {"links": [], "criteria": {"es": "Sin texto"}})
        making.in_client_review(agency, made)

        assert {name: made[name] for name in brief} == brief
        assert (done(changed)["links"], changed.json()["criteria"]) == ([], {"es": "Sin texto"})
        approval = done(agency.approver.get(path))["approval_id"]
        (shown,) = done(agency.approver.get(f"/v1/approvals/{approval}"))["document"]["subjects"]
        assert shown["criteria"] == {"es": "Sin texto"}

    def test_takes_addresses_only(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        body = {"line_id": line["id"], "links": ["javascript:alert(1)"]}

        answer = agency.community.post("/v1/deliverables", body)

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/links/0")


class TestFiles:
    def test_of_the_brief_are_shown_to_who_decides(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        logo, other = upload(agency, "client"), upload(agency, "client")

        made = making.deliverable(agency, line["id"], file_ids=[logo])
        path = f"/v1/deliverables/{made['id']}"
        done(agency.community.patch(path, {"file_ids": [logo, other]}))
        making.in_client_review(agency, made)

        assert made["file_ids"] == [logo]
        approval = done(agency.approver.get(path))["approval_id"]
        (shown,) = done(agency.approver.get(f"/v1/approvals/{approval}"))["document"]["subjects"]
        assert shown["file_ids"] == [logo, other]

    def test_that_the_client_may_not_see_are_refused(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        made = making.deliverable(agency, line["id"])
        named = {"file_ids": [upload(agency, "client"), upload(agency, "internal")]}

        answers = [
            agency.community.post("/v1/deliverables", {"line_id": line["id"], **named}),
            agency.community.patch(f"/v1/deliverables/{made['id']}", named),
        ]

        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (422, "file_not_for_client")
            assert answer.json()["errors"][0]["pointer"] == "/file_ids/1"

    def test_of_another_agency_are_unknown(self, agency: Staffed, other_agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        body = {"line_id": line["id"], "file_ids": [upload(other_agency, "client")]}

        assert agency.community.post("/v1/deliverables", body).status_code == 404


def upload(agency: Staffed, audience: str) -> str:
    answer = agency.executive.call(
        "POST",
        "/v1/files",
        data={"client_id": str(agency.client_id), "audience": audience},
        files={"file": ("logo.gif", GIF, "image/gif")},
    )
    return str(done(answer, 201)["id"])


class TestPlanDeliverable:
    def test_draws_its_unit_from_the_lot(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        made = making.deliverable(agency, scope["lines"][0]["id"])

        assert (made["status"], made["due_on"]) == ("planned", "2026-12-31")
        assert made["label"] == {"es": "Reels", "en": "Reels"}
        assert making.lot_of(agency, scope["id"])["planned"] == 1
        assert events_of(agency, made["id"]) == ["deliverable.planned"]

    def test_gives_fifty_at_once_exactly_the_twelve_there_are(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        body = {"line_id": scope["lines"][0]["id"]}

        with ThreadPoolExecutor(50) as pool:
            answers = list(
                pool.map(lambda _: agency.community.post("/v1/deliverables", body), range(50))
            )

        assert Counter(answer.status_code for answer in answers) == {201: 12, 409: 38}
        refused = next(answer.json() for answer in answers if answer.status_code == 409)
        assert (refused["code"], refused["available"]) == ("scope_exhausted", 0)
        assert making.lot_of(agency, scope["id"])["planned"] == 12

    def test_plans_several_or_none(self, agency: Staffed) -> None:
        line_id = _line(agency)
        path = f"/v1/scope-lines/{line_id}/deliverables"

        made = done(agency.community.post(path, {"count": 10}), 201)["data"]
        answer = agency.community.post(path, {"count": 3})

        assert [row["label"]["en"] for row in made][:2] == ["Reels 1/10", "Reels 2/10"]
        assert (answer.status_code, answer.json()["available"]) == (409, 2)
        listed = done(agency.community.get("/v1/deliverables?limit=200"))["data"]
        assert len(listed) == 10

    def test_refuses_before_the_scope_is_accepted(self, agency: Staffed) -> None:
        made = making.submitted(agency)
        body = {"line_id": made["lines"][0]["id"]}

        answer = agency.community.post("/v1/deliverables", body)

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_not_in_force")

    def test_refuses_a_service(self, agency: Staffed) -> None:
        line_id = _line(agency, measure="service_period")

        answer = agency.community.post("/v1/deliverables", {"line_id": line_id})

        assert (answer.status_code, answer.json()["code"]) == (422, "line_without_deliverables")

    def test_counts_days_from_the_clients_day_of_acceptance(self, agency: Staffed) -> None:
        # Half past eleven at night in UTC is tomorrow in Madrid.
        with clock.at(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)):
            scope = making.accepted(agency, making.line(due_on=None, due_days=10))
            made = making.deliverable(agency, scope["lines"][0]["id"])

        assert made["due_on"] == made["original_due_on"] == "2026-12-11"

    def test_asks_for_a_day_when_the_line_has_none(self, agency: Staffed) -> None:
        line_id = _line(agency, due_on=None)

        answer = agency.community.post("/v1/deliverables", {"line_id": line_id})

        assert (answer.status_code, answer.json()["code"]) == (422, "due_day_missing")

    def test_gives_work_to_staff_only(self, agency: Staffed) -> None:
        body = {"line_id": _line(agency), "assignee_id": str(agency.approver.membership_id)}

        answer = agency.community.post("/v1/deliverables", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "assignee_not_staff")

    def test_refuses_who_is_not_on_this_client(self, agency: Staffed) -> None:
        body = {"line_id": _line(agency)}

        assert agency.approver.post("/v1/deliverables", body).status_code == 403
        assert agency.other_executive.post("/v1/deliverables", body).status_code == 404


class TestReviewDeliverable:
    def test_goes_by_both_levels_to_delivery(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        made = making.deliverable(agency, scope["lines"][0]["id"])

        seen = making.in_client_review(agency, made)
        inside = move(agency.strategist, made, "approve")
        approved = done(move(agency.approver, made, "approve"))
        out = done(
            move(
                agency.community,
                made,
                "deliver",
                {
                    "url": "https://instagram.com/p/C1",
                    "network": "Instagram",
                    "published_at": "2026-11-20T09:00:00Z",
                },
            )
        )

        assert (seen["status"], inside.status_code) == ("client_review", 403)
        assert (approved["status"], out["status"]) == ("approved", "delivered")
        assert out["proof_network"] == "Instagram"
        shown = making.lot_of(agency, scope["id"])
        assert (shown["planned"], shown["delivered"]) == (0, 1)
        assert shown["proofs"][0]["url"] == "https://instagram.com/p/C1"
        assert events_of(agency, made["id"]) == [
            "deliverable.planned",
            "deliverable.started",
            "deliverable.submitted",
            "deliverable.internal_review",
            "deliverable.client_review",
            "deliverable.approved",
            "deliverable.delivered",
        ]

    @pytest.mark.parametrize(
        ("mode", "state"),
        [(ApprovalMode.none, "approved"), (ApprovalMode.internal, "internal_review")],
    )
    def test_follows_the_clients_policy(
        self, agency: Staffed, mode: ApprovalMode, state: str
    ) -> None:
        made = making.deliverable(agency, _line(agency))
        making.set_mode(agency, mode)
        done(move(agency.community, made, "start"))

        handed_in = done(move(agency.community, made, "submit", {}))
        if mode is ApprovalMode.internal:
            done(move(agency.strategist, made, "approve"))

        assert handed_in["status"] == state
        final = done(agency.community.get(f"/v1/deliverables/{made['id']}"))
        assert final["status"] == "approved"

    @pytest.mark.parametrize(("locale", "title"), [("es-MX", "Un reel"), ("en-GB", "A reel")])
    def test_is_asked_for_in_the_clients_language(
        self, agency: Staffed, locale: str, title: str
    ) -> None:
        done(agency.owner.patch(f"/v1/clients/{agency.client_id}", {"locale": locale}))
        label = {"es": "Un reel", "en": "A reel"}
        made = making.deliverable(agency, _line(agency), label=label)
        seen = making.in_client_review(agency, made)
        asked = done(agency.approver.get(f"/v1/approvals/{seen['approval_id']}"))
        assert asked["title"] == title

    def test_counts_only_the_rounds_the_client_asked_for(self, agency: Staffed) -> None:
        made = making.deliverable(agency, _line(agency, revision_rounds=1))
        again = {"outcome": "changes_requested", "reason": "Warmer light"}

        def ask_again(inside: bool) -> Any:
            done(move(agency.community, made, "start"))
            row = done(move(agency.community, made, "submit", {}))
            if not inside:
                row = done(move(agency.strategist, made, "approve"))
            person = agency.strategist if inside else agency.approver
            done(person.post(f"/v1/approvals/{row['approval_id']}/decide", again))
            return done(agency.community.get(f"/v1/deliverables/{made['id']}"))

        assert (ask_again(inside=True)["rounds_used"], made["rounds_included"]) == (0, 1)
        assert ask_again(inside=False)["rounds_used"] == 1
        last = ask_again(inside=False)
        assert (last["status"], last["rounds_used"]) == ("changes_requested", 2)
        assert last["rounds_over"] == 1

    def test_does_not_change_once_it_is_delivered(self, agency: Staffed) -> None:
        made = making.delivered(agency, making.deliverable(agency, _line(agency)))

        answer = agency.community.patch(f"/v1/deliverables/{made['id']}", {"label": {"en": "X"}})

        assert (answer.status_code, answer.json()["code"]) == (409, "not_at_work")

    def test_needs_a_proof_to_be_delivered(self, agency: Staffed) -> None:
        made = making.in_client_review(agency, making.deliverable(agency, _line(agency)))
        done(move(agency.approver, made, "approve"))

        bare = move(agency.community, made, "deliver", {"network": "Instagram"})
        odd = move(agency.community, made, "deliver", {"url": "javascript:alert(1)"})

        assert (bare.status_code, odd.status_code) == (422, 422)

    def test_refuses_moves_that_do_not_exist(self, agency: Staffed) -> None:
        made = making.deliverable(agency, _line(agency))

        answer = move(agency.community, made, "deliver", {"url": "https://x.example"})

        assert (answer.status_code, answer.json()["allowed"]) == (409, ["cancelled", "in_progress"])


class TestCancelDeliverable:
    def test_frees_its_unit(self, agency: Staffed) -> None:
        line_id = _line(agency, quantity=1)
        made = making.deliverable(agency, line_id)
        full = agency.community.post("/v1/deliverables", {"line_id": line_id})

        done(move(agency.community, made, "cancel"))

        assert full.status_code == 409
        making.deliverable(agency, line_id)

    def test_takes_its_review_back(self, agency: Staffed) -> None:
        made = making.in_client_review(agency, making.deliverable(agency, _line(agency)))

        done(move(agency.community, made, "cancel"))

        asked = done(agency.executive.get(f"/v1/approvals/{made['approval_id']}"))
        assert asked["status"] == "withdrawn"
        assert move(agency.approver, made, "approve").status_code == 409

    def test_happens_once_against_delivery(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        for _ in range(3):
            made = making.deliverable(agency, scope["lines"][0]["id"])
            making.in_client_review(agency, made)
            done(move(agency.approver, made, "approve"))
            proof = {"url": "https://x.example"}
            with ThreadPoolExecutor(2) as pool:
                out = pool.submit(move, agency.community, made, "deliver", proof)
                off = pool.submit(move, agency.executive, made, "cancel")
            codes = sorted([out.result().status_code, off.result().status_code])
            assert codes == [200, 409], (out.result().text, off.result().text)

        assert making.lot_of(agency, scope["id"])["planned"] == 0


class TestDelayDeliverable:
    def test_says_on_whom_it_waits(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        made = making.deliverable(agency, scope["lines"][0]["id"])

        blocked = done(
            move(agency.community, made, "block", {"cause": "client", "since": "2026-11-01"})
        )
        stuck = move(agency.community, made, "start")
        waiting = done(agency.executive.get("/v1/deliverables?waiting_on=client"))["data"]
        shown = making.lot_of(agency, scope["id"])
        done(move(agency.community, made, "unblock"))
        again = move(agency.community, made, "unblock")

        assert blocked["blocked_since"] == "2026-11-01"
        assert (stuck.status_code, stuck.json()["code"]) == (409, "deliverable_blocked")
        assert [row["id"] for row in waiting] == [made["id"]]
        assert (shown["status"], shown["blocked_cause"]) == ("blocked", "client")
        assert (again.status_code, again.json()["code"]) == (409, "not_blocked")

    def test_keeps_every_date(self, agency: Staffed) -> None:
        made = making.deliverable(agency, _line(agency))
        path = f"/v1/deliverables/{made['id']}"
        later = {"due_on": "2027-01-15", "cause": "third_party", "reason": "The studio is closed"}

        done(move(agency.community, made, "redate", later))
        moved = done(move(agency.community, made, "redate", {**later, "due_on": "2027-01-20"}))

        assert (moved["due_on"], moved["original_due_on"]) == ("2027-01-20", "2026-12-31")
        dates = done(agency.community.get(f"{path}/dates"))["data"]
        assert [(row["old_due_on"], row["new_due_on"]) for row in dates] == [
            ("2026-12-31", "2027-01-15"),
            ("2027-01-15", "2027-01-20"),
        ]
        assert agency.viewer.get(path).status_code == 200
        assert agency.viewer.get(f"{path}/dates").status_code == 403


class TestListDeliverables:
    def test_finds_mine_by_day(self, agency: Staffed) -> None:
        line_id = _line(agency)
        mine = str(agency.community.membership_id)
        late = making.deliverable(agency, line_id, assignee_id=mine, due_on="2026-12-02")
        soon = making.deliverable(agency, line_id, assignee_id=mine, due_on="2026-12-01")
        making.deliverable(agency, line_id, due_on="2026-11-30")

        def listed(query: str) -> list[str]:
            rows = done(agency.community.get(f"/v1/deliverables?{query}"))["data"]
            return [row["id"] for row in rows]

        assert listed("assignee=me") == [soon["id"], late["id"]]
        assert listed("assignee=me&due_before=2026-12-02") == [soon["id"]]
        assert listed(f"assignee={mine}&due_after=2026-12-01") == [late["id"]]
        assert listed("status=cancelled") == []
        assert done(agency.other_contact.get("/v1/deliverables"))["data"] == []


class TestAccruals:
    def test_count_days_of_a_service(self, agency: Staffed) -> None:
        scope = making.accepted(
            agency,
            making.line(kind="community_management", measure="service_period", quantity=31),
            starts_on="2026-10-01",
            ends_on="2026-10-31",
        )
        path = f"/v1/scope-lines/{scope['lines'][0]['id']}/accruals"

        for day in range(1, 32):
            body = {"quantity": 1, "counted_on": f"2026-10-{day:02}"}
            done(agency.community.post(path, body), 201)

        entries = done(agency.approver.get(f"{path}?limit=200"))["data"]
        assert sum(row["quantity"] for row in entries) == 31

    def test_give_more_than_was_sold_only_for_a_reason(self, agency: Staffed) -> None:
        scope = making.accepted(agency, making.line(kind="story", quantity=40))
        path = f"/v1/scope-lines/{scope['lines'][0]['id']}/accruals"
        body = {"quantity": 43, "counted_on": "2026-11-20"}

        bare = agency.community.post(path, body)
        given = done(agency.community.post(path, {**body, "reason": "Live cover of the fair"}), 201)

        assert (bare.status_code, bare.json()["code"]) == (422, "over_service_reason")
        assert bare.json()["available"] == 40
        assert (given["quantity"], given["over_quantity"]) == (43, 3)
        assert events_of(agency, given["id"]) == ["unit_entry.counted"]
        shown = making.lot_of(agency, scope["id"])
        assert (shown["delivered"], shown["contracted"], shown["over_serviced"]) == (43, 40, 3)

    def test_leave_units_at_work_alone(self, agency: Staffed) -> None:
        line_id = _line(agency, quantity=2)
        making.deliverable(agency, line_id)
        body = {"quantity": 2, "counted_on": "2026-11-20"}

        answer = agency.community.post(f"/v1/scope-lines/{line_id}/accruals", body)

        assert (answer.status_code, answer.json()["available"]) == (422, 1)

    def test_are_counted_back_once(self, agency: Staffed) -> None:
        scope = making.accepted(agency, making.line(quantity=5))
        line = f"/v1/scope-lines/{scope['lines'][0]['id']}"
        body = {"quantity": 7, "counted_on": "2026-11-20", "reason": "Gift"}
        wrong = done(agency.community.post(f"{line}/accruals", body), 201)
        path = f"/v1/unit-entries/{wrong['id']}/reverse"

        back = done(agency.community.post(path, {"reason": "Counted twice"}), 201)
        again = agency.community.post(path, {"reason": "Counted twice"})

        assert (back["quantity"], back["over_quantity"]) == (-7, -2)
        assert (again.status_code, again.json()["code"]) == (409, "entry_not_reversible")
        shown = making.lot_of(agency, scope["id"])
        assert (shown["delivered"], shown["over_serviced"]) == (0, 0)
