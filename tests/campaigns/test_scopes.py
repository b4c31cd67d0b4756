"""Scopes, through the API."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from api.campaigns import scopes
from tenants import auth, clock, database
from tenants.models import ApprovalMode
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of


class TestCreateScope:
    def test_numbers_it_and_adds_its_lines_up(self, agency: Staffed) -> None:
        one = making.scope(agency, making.line(), making.line(quantity=2))
        two = making.scope(agency)

        assert (one["number"], two["number"]) == (1, 2)
        assert one["total"] == {"amount_minor": 14 * 15000, "currency": "EUR"}
        assert [row["position"] for row in one["lines"]] == [1, 2]
        assert events_of(agency, one["id"]) == ["scope.created"]

    def test_gives_each_of_twenty_at_once_its_own_number(self, agency: Staffed) -> None:
        with ThreadPoolExecutor(20) as pool:
            made = list(pool.map(lambda _: making.scope(agency), range(20)))

        assert sorted(row["number"] for row in made) == list(range(1, 21))

    def test_versions_count_up_in_a_campaign(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: making.scope(agency, campaign_id=campaign_id), range(4)))

        assert sorted(row["version_number"] for row in made) == [1, 2, 3, 4]

    def test_refuses_another_currency(self, agency: Staffed) -> None:
        dollars = making.line(unit_price={"amount_minor": 1, "currency": "USD"})
        body = {"client_id": str(agency.client_id), "title": "X", "lines": [dollars]}

        answer = agency.executive.post("/v1/scopes", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "line_currency")

    def test_refuses_a_total_no_number_can_hold(self, agency: Staffed) -> None:
        price = {"amount_minor": 10**12, "currency": "EUR"}
        huge = making.line(quantity=1_000_000, unit_price=price)
        body = {"client_id": str(agency.client_id), "title": "X", "lines": [huge]}

        answer = agency.executive.post("/v1/scopes", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "scope_too_large")

    def test_refuses_another_clients_campaign(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]
        body = {"title": "X", "campaign_id": campaign_id}

        other = {"client_id": str(agency.other_client_id), **body}

        assert agency.owner.post("/v1/scopes", other).status_code == 404
        assert agency.strategist.post("/v1/scopes", other).status_code == 403


class TestDraftLines:
    def test_change_the_total_and_the_scopes_version(self, agency: Staffed) -> None:
        made = making.scope(agency)
        path = f"/v1/scopes/{made['id']}"

        added = done(agency.executive.post(f"{path}/lines", making.line(quantity=1)), 201)
        changed = agency.executive.patch(f"/v1/scope-lines/{added['id']}", {"quantity": 3})
        gone = agency.executive.delete(f"/v1/scope-lines/{made['lines'][0]['id']}")
        read = done(agency.executive.get(path))

        assert (changed.status_code, gone.status_code) == (200, 204)
        assert read["total"]["amount_minor"] == 3 * 15000
        assert [row["quantity"] for row in read["lines"]] == [3]
        assert read["version"] > made["version"]

    def test_keep_one_due_rule(self, agency: Staffed) -> None:
        line_id = making.scope(agency)["lines"][0]["id"]

        changed = done(agency.executive.patch(f"/v1/scope-lines/{line_id}", {"due_days": 10}))
        both = agency.executive.patch(
            f"/v1/scope-lines/{line_id}", {"due_days": 10, "due_on": "2026-12-01"}
        )

        assert (changed["due_on"], changed["due_days"]) == (None, 10)
        assert both.status_code == 422

    def test_refuse_once_submitted(self, agency: Staffed) -> None:
        made = making.submitted(agency)
        line = f"/v1/scope-lines/{made['lines'][0]['id']}"

        answers = [
            agency.executive.patch(f"/v1/scopes/{made['id']}", {"title": "Y"}),
            agency.executive.post(f"/v1/scopes/{made['id']}/lines", making.line()),
            agency.executive.patch(line, {"quantity": 1}),
            agency.executive.delete(line),
        ]

        assert {answer.json()["code"] for answer in answers} == {"scope_not_draft"}


class TestSubmitScope:
    def test_puts_exactly_the_document_to_the_client(self, agency: Staffed) -> None:
        made = making.submitted(agency)

        asked = done(agency.approver.get(f"/v1/approvals/{made['approval_id']}"))

        assert made["status"] == "submitted"
        assert (asked["level"], asked["status"]) == ("client", "open")
        (shown,) = asked["document"]["subjects"]
        assert shown["number"] == made["number"]
        assert shown["lines"][0]["quantity"] == 12
        assert events_of(agency, made["id"]) == ["scope.created", "scope.submitted"]

    def test_refuses_a_scope_without_lines(self, agency: Staffed) -> None:
        made = making.scope(agency)
        agency.executive.delete(f"/v1/scope-lines/{made['lines'][0]['id']}")

        answer = agency.executive.post(f"/v1/scopes/{made['id']}/submit")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_without_lines")

    def test_refuses_a_second_version_while_one_is_open(self, agency: Staffed) -> None:
        campaign_id = making.campaign(agency)["id"]
        made = making.scope(agency, campaign_id=campaign_id)
        making.submitted(agency, campaign_id=campaign_id)

        answer = agency.executive.post(f"/v1/scopes/{made['id']}/submit")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_already_submitted")

    def test_refuses_an_offer_whose_day_has_passed(self, agency: Staffed) -> None:
        made = making.scope(agency, valid_until="2020-01-01")

        answer = agency.executive.post(f"/v1/scopes/{made['id']}/submit")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_expired")

    def test_accepts_at_once_when_nobody_is_to_be_asked(self, agency: Staffed) -> None:
        making.set_mode(agency, ApprovalMode.none)

        made = making.submitted(agency)

        assert (made["status"], made["approval_id"]) == ("accepted", None)
        assert events_of(agency, made["id"])[1:] == ["scope.submitted", "scope.accepted"]

    def test_refuses_who_may_only_read(self, agency: Staffed) -> None:
        made = making.scope(agency)

        assert agency.community.post(f"/v1/scopes/{made['id']}/submit").status_code == 403


class TestDecideScope:
    def test_accepts_as_the_client(self, agency: Staffed) -> None:
        made = making.submitted(agency)

        taken = done(agency.approver.post(f"/v1/scopes/{made['id']}/accept"))

        assert taken["status"] == "accepted"
        assert taken["accepted_at"] is not None
        assert events_of(agency, made["id"])[-1] == "scope.accepted"
        assert making.lot_of(agency, made["id"])["contracted"] == 12
        (decision,) = done(agency.executive.get(f"/v1/approvals/{made['approval_id']}"))[
            "decisions"
        ]
        assert decision["decided_by_name"] == "Approver"
        assert decision["decided_from"] == "testclient"

    def test_never_accepts_as_the_agency(self, agency: Staffed) -> None:
        made = making.submitted(agency)

        for person in (agency.owner, agency.executive, agency.strategist, agency.viewer):
            assert person.post(f"/v1/scopes/{made['id']}/accept").status_code == 403
        assert agency.other_contact.post(f"/v1/scopes/{made['id']}/accept").status_code == 404
        assert done(agency.executive.get(f"/v1/scopes/{made['id']}"))["status"] == "submitted"

    def test_is_hidden_from_the_client_as_a_draft(self, agency: Staffed) -> None:
        made = making.scope(agency)

        assert agency.approver.get(f"/v1/scopes/{made['id']}").status_code == 404
        line_id = made["lines"][0]["id"]
        assert agency.approver.get(f"/v1/scope-lines/{line_id}").status_code == 404

    def test_rejects_with_a_reason(self, agency: Staffed) -> None:
        made = making.submitted(agency)
        path = f"/v1/scopes/{made['id']}/reject"

        bare = agency.approver.post(path, {})
        rejected = done(agency.approver.post(path, {"reason": "Too dear"}))
        late = agency.approver.post(f"/v1/scopes/{made['id']}/accept")

        assert bare.status_code == 422
        assert rejected["status"] == "rejected"
        assert (late.status_code, late.json()["allowed"]) == (409, [])

    def test_rejects_this_version_when_changes_are_asked_for(self, agency: Staffed) -> None:
        made = making.submitted(agency)
        decision = {"outcome": "changes_requested", "reason": "Ten reels will do"}

        done(agency.approver.post(f"/v1/approvals/{made['approval_id']}/decide", decision))
        again = making.scope(agency, copy_of=made["id"])

        assert done(agency.executive.get(f"/v1/scopes/{made['id']}"))["status"] == "rejected"
        assert [row["quantity"] for row in again["lines"]] == [12]

    def test_refuses_after_the_offers_day(self, agency: Staffed) -> None:
        then = datetime.now(UTC) - timedelta(days=9)
        until = (then + timedelta(days=3)).date().isoformat()
        with clock.at(then):
            made = making.submitted(agency, valid_until=until)

        answer = agency.approver.post(f"/v1/scopes/{made['id']}/accept")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_expired")
        assert done(agency.executive.get(f"/v1/scopes/{made['id']}"))["status"] == "submitted"

    def test_settles_accepting_against_withdrawing_once(self, agency: Staffed) -> None:
        for _ in range(5):
            made = making.submitted(agency)
            path = f"/v1/scopes/{made['id']}"
            with ThreadPoolExecutor(2) as pool:
                taken = pool.submit(agency.approver.post, f"{path}/accept")
                back = pool.submit(agency.executive.post, f"{path}/withdraw")

            codes = sorted([taken.result().status_code, back.result().status_code])
            assert codes == [200, 409], (taken.result().text, back.result().text)
            won = "accepted" if taken.result().status_code == 200 else "withdrawn"
            assert done(agency.executive.get(path))["status"] == won
            asked = done(agency.executive.get(f"/v1/approvals/{made['approval_id']}"))
            assert asked["status"] == ("approved" if won == "accepted" else "withdrawn")


class TestNextVersion:
    def test_takes_over_what_the_former_one_counted(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        former = done(agency.executive.get(f"/v1/campaigns/{made['id']}/scope"))
        making.deliverable(agency, former["lines"][0]["id"], units=3)

        draft = making.scope(agency, campaign_id=made["id"], copy_of=former["id"])
        line_id = draft["lines"][0]["id"]
        done(agency.executive.patch(f"/v1/scope-lines/{line_id}", {"quantity": 4}))
        done(agency.executive.post(f"/v1/scopes/{draft['id']}/submit"))
        taken = done(agency.approver.post(f"/v1/scopes/{draft['id']}/accept"))

        old = done(agency.executive.get(f"/v1/scopes/{former['id']}"))
        assert (old["status"], old["superseded_at"] is not None) == ("superseded", True)
        assert taken["lines"][0]["continues"] == former["lines"][0]["id"]
        shown = making.lot_of(agency, taken["id"])
        assert (shown["contracted"], shown["planned"]) == (4, 3)
        # Former lines draw nothing any more; the new ones only what is left.
        old_line = {"line_id": former["lines"][0]["id"]}
        assert agency.community.post("/v1/deliverables", old_line).status_code == 409
        left = agency.community.post("/v1/deliverables", {"line_id": line_id, "units": 2})
        assert (left.status_code, left.json()["available"]) == (409, 1)

    def test_refuses_fewer_units_than_are_at_work(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        former = done(agency.executive.get(f"/v1/campaigns/{made['id']}/scope"))
        making.deliverable(agency, former["lines"][0]["id"], units=3)
        draft = making.scope(agency, campaign_id=made["id"], copy_of=former["id"])
        line_id = draft["lines"][0]["id"]
        done(agency.executive.patch(f"/v1/scope-lines/{line_id}", {"quantity": 2}))
        done(agency.executive.post(f"/v1/scopes/{draft['id']}/submit"))

        answer = agency.approver.post(f"/v1/scopes/{draft['id']}/accept")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_below_work")
        assert done(agency.executive.get(f"/v1/scopes/{former['id']}"))["status"] == "accepted"

    def test_calls_off_the_work_on_lines_it_leaves_out(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        former = done(agency.executive.get(f"/v1/campaigns/{made['id']}/scope"))
        planned = making.deliverable(agency, former["lines"][0]["id"])
        waiting = making.deliverable(agency, former["lines"][0]["id"])
        waiting = making.in_client_review(agency, waiting)

        making.accepted(agency, making.line(quantity=1), campaign_id=made["id"])

        for row in (planned, waiting):
            now = done(agency.community.get(f"/v1/deliverables/{row['id']}"))
            assert now["status"] == "cancelled"
        moot = done(agency.executive.get(f"/v1/approvals/{waiting['approval_id']}"))
        assert moot["status"] == "superseded"

    def test_refuses_one_drafted_from_a_version_that_is_no_longer_it(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        former = done(agency.executive.get(f"/v1/campaigns/{made['id']}/scope"))
        stale = making.scope(agency, campaign_id=made["id"], copy_of=former["id"])
        making.accepted(agency, campaign_id=made["id"], copy_of=former["id"])

        answer = agency.executive.post(f"/v1/scopes/{stale['id']}/submit")

        assert (answer.status_code, answer.json()["code"]) == (409, "scope_outdated")

    def test_is_read_as_of_an_instant(self, agency: Staffed) -> None:
        made = making.active_campaign(agency)
        path = f"/v1/campaigns/{made['id']}/scope"
        former = done(agency.executive.get(path))
        later = making.accepted(agency, campaign_id=made["id"], copy_of=former["id"])

        def at(instant: str) -> Any:
            return agency.approver.get(f"{path}?as_of={instant.replace('+', '%2B')}")

        assert done(agency.approver.get(path))["id"] == later["id"]
        assert done(at(former["accepted_at"]))["id"] == former["id"]
        assert done(at(later["accepted_at"]))["id"] == later["id"]
        before = at("2020-01-01T00:00:00Z")
        assert (before.status_code, before.json()["code"]) == (404, "no_baseline")


class TestExpireScopes:
    def test_lets_offers_go_whose_day_has_passed(self, agency: Staffed) -> None:
        now = datetime.now(UTC)
        until = (now + timedelta(days=3)).date().isoformat()
        made = making.submitted(agency, valid_until=until)
        kept = making.submitted(agency)

        with (
            clock.at(now + timedelta(days=6)),
            database.agency_session(auth.system(agency.agency_id)) as session,
        ):
            gone = scopes.expire(session)

        assert gone == 1
        assert done(agency.executive.get(f"/v1/scopes/{made['id']}"))["status"] == "expired"
        assert done(agency.executive.get(f"/v1/scopes/{kept['id']}"))["status"] == "submitted"
        assert events_of(agency, made["id"])[-1] == "scope.expired"
