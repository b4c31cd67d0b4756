"""A collaboration from the shortlist to the contract, and who sees what of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.collaborations import moves
from api.collaborations.models import CollaborationStatus
from api.influencers.models import Influencer, InfluencerStatus
from tenants import auth, clock, database
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    accept,
    broken,
    budget_line,
    campaign,
    contracted,
    day,
    done,
    instalments,
    invited,
    offer,
    offered,
    payables_of,
    piece,
    pieces_of,
    read,
    right,
    shortlisted,
    terms,
)
from tests.factories import Staffed, events_of


def _set_status(agency: Staffed, status: InfluencerStatus) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        database.get(session, Influencer, agency.influencer_id).status = status


def _end_campaign(agency: Staffed, campaign_id: str) -> None:
    done(agency.owner.post(f"/v1/campaigns/{campaign_id}/cancel"))


class TestCreateCollaboration:
    def test_puts_an_influencer_on_the_shortlist(self, agency: Staffed) -> None:
        made = shortlisted(agency)
        assert made["status"] == "shortlisted"
        assert made["influencer_name"] == "Influencer"
        assert events_of(agency, made["id"]) == ["collaboration.shortlisted"]

    def test_may_come_out_of_a_program_of_the_client(self, agency: Staffed) -> None:
        clients = (agency.client_id, agency.other_client_id)
        mine, other = (self._program(agency, each) for each in clients)
        made = shortlisted(agency, program_id=mine)
        assert read(agency.executive, made)["program_id"] == mine
        for program_id, found in ((mine, [made["id"]]), (other, [])):
            page = agency.owner.get("/v1/collaborations", params={"program_id": program_id})
            assert [each["id"] for each in done(page)["data"]] == found
        body = {
            "campaign_id": made["campaign_id"],
            "influencer_id": str(agency.other_influencer_id),
            "title": "Otro",
            "program_id": other,
        }
        assert agency.strategist.post("/v1/collaborations", body).status_code == 404
        refused = done(agency.owner.post("/v1/collaborations", body), 422)
        assert refused["code"] == "other_clients_program"

    def _program(self, agency: Staffed, client_id: Any) -> str:
        body = {"client_id": str(client_id), "kind": "ambassador", "name": "Embajadores"}
        return str(done(agency.owner.post("/v1/programs", body), 201)["id"])

    def test_refuses_a_second_one_on_the_campaign(self, agency: Staffed) -> None:
        made = shortlisted(agency)
        body = {key: made[key] for key in ("campaign_id", "influencer_id", "title")}
        again = agency.executive.post("/v1/collaborations", body)
        assert done(again, 409)["code"] == "already_collaborating"

    def test_refuses_a_campaign_that_is_over(self, agency: Staffed) -> None:
        made = shortlisted(agency)
        _end_campaign(agency, made["campaign_id"])
        body = {
            "campaign_id": made["campaign_id"],
            "influencer_id": str(agency.other_influencer_id),
            "title": "Otro",
        }
        answer = agency.executive.post("/v1/collaborations", body)
        assert done(answer, 409)["code"] == "campaign_over"

    def test_refuses_an_influencer_who_is_archived(self, agency: Staffed) -> None:
        campaign_id = campaign(agency)
        _set_status(agency, InfluencerStatus.archived)
        body = {
            "campaign_id": campaign_id,
            "influencer_id": str(agency.influencer_id),
            "title": "Reel",
        }
        answer = agency.executive.post("/v1/collaborations", body)
        assert done(answer, 409)["code"] == "influencer_unavailable"
        assert agency.executive.get("/v1/collaborations").json()["data"] == []


class TestListCollaborations:
    def test_filters(self, agency: Staffed) -> None:
        made, other = shortlisted(agency), shortlisted(agency, "two")
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/drop", {"reason": "Caro."}))

        def found(query: str) -> list[str]:
            answer = agency.owner.get(f"/v1/collaborations?{query}")
            return [each["id"] for each in done(answer)["data"]]

        assert found("") == [other["id"]]
        assert found("status=dropped") == [made["id"]]
        assert found(f"client_id={other['client_id']}") == [other["id"]]
        assert found(f"campaign_id={made['campaign_id']}&status=dropped") == [made["id"]]
        assert found(f"influencer_id={agency.other_influencer_id}") == []
        assert found(f"due_before={day(121)}") == [other["id"]]
        assert found(f"due_after={day(121)}") == []


class TestSight:
    def test_of_the_influencer_begins_with_the_invitation(self, agency: Staffed) -> None:
        made = shortlisted(agency)
        path = f"/v1/collaborations/{made['id']}"
        assert agency.influencer.get(path).status_code == 404
        done(agency.executive.post(f"{path}/invite"))
        assert read(agency.influencer, made)["status"] == "invited"
        assert agency.other_influencer.get(path).status_code == 404

    def test_of_the_client_begins_with_the_contract_and_is_without_money(
        self, agency: Staffed
    ) -> None:
        made, said = offered(agency)
        path = f"/v1/collaborations/{made['id']}"
        assert agency.approver.get(path).status_code == 404
        done(accept(agency, made, said))
        for contact in (agency.approver, agency.viewer):
            seen = read(contact, made)
            assert seen["status"] == "contracted"
            assert "fee" not in str(seen)
            assert len(pieces_of(contact, made)) == 1
            for internal in ("terms", "instalments", "exclusivities"):
                assert contact.get(f"{path}/{internal}").status_code == 403
        assert agency.other_contact.get(path).status_code == 404

    def test_of_tables_with_money_is_not_the_clients_in_the_database(self, agency: Staffed) -> None:
        contracted(agency)
        token = auth.AccessToken(
            agency.agency_id, agency.approver.session_id, agency.approver.user_id
        )
        for table in ("collaboration_terms", "collaboration_instalments", "exclusivities"):
            with database.open_session(token.enter) as session:
                assert session.sight.is_contact
                with pytest.raises(Exception, match="permission denied"):
                    session.execute(text(f"select * from {table}"))


class TestOfferTerms:
    def test_puts_a_version_before_the_influencer(self, agency: Staffed) -> None:
        made, said = offered(agency)
        assert (said["number"], said["fee_minor"], said["answer"]) == (1, FEE, None)
        assert read(agency.influencer, made)["status"] == "terms_sent"
        seen = done(agency.influencer.get(f"/v1/collaborations/{made['id']}/terms"))["data"]
        assert [each["content_sha256"] for each in seen] == [said["content_sha256"]]
        assert events_of(agency, said["id"]) == ["collaboration_terms.offered"]

    def test_keeps_every_version(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made, first = offered(agency, line_id=line_id)
        path = f"/v1/collaborations/{made['id']}"
        done(agency.influencer.post(f"{path}/negotiate", {"reason": "Es poco."}))
        more = terms(line_id, fee={"currency": "EUR", "fixed_minor": 2 * FEE})
        second = done(offer(agency, made, more), 201)
        assert accept(agency, made, first).json()["code"] == "terms_changed"
        done(accept(agency, made, second))
        seen = done(agency.executive.get(f"{path}/terms"))["data"]
        answers = [(e["number"], e["fee_minor"], e["answer"], e["reason"]) for e in seen]
        assert answers == [(2, 2 * FEE, "accepted", None), (1, FEE, "countered", "Es poco.")]

    def test_refuses_more_than_the_line_has_left(self, agency: Staffed) -> None:
        line_id = budget_line(agency, planned=FEE - 1)
        made = invited(agency)
        problem = done(offer(agency, made, terms(line_id)), 409)
        assert (problem["code"], problem["available_minor"]) == ("line_exceeded", FEE - 1)
        assert read(agency.executive, made)["status"] == "invited"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"fee": {"currency": "EUR"}}, "fee_missing"),
            ({"fee": {"currency": "USD", "fixed_minor": 1}}, "fee_currency_differs"),
            ({"fee": {"currency": "EUR", "commission_bp": 1000}}, "commission_uncapped"),
            ({"fee": {"currency": "EUR", "commission_bp": -5}}, "invalid_request"),
            ({"fee": {"currency": "EUR", "fixed_minor": -1}}, "invalid_request"),
            ({"ends_on": day(-1)}, "window_backwards"),
            ({"rights": [right(ends_on=day(-1))]}, "window_backwards"),
            ({"rights": [right(starts_on=None)]}, "window_incomplete"),
            ({"rights": [right(territories=["QQ"])]}, "invalid_request"),
            ({"rights": [right(deliverable=2)]}, "piece_unknown"),
            ({"deliverables": [piece(due_on=day(61))]}, "due_outside_work"),
            ({"deliverables": []}, "invalid_request"),
            ({"respond_on": day(-1)}, "answer_day_past"),
            ({"budget_line_id": None}, "budget_line_missing"),
            ({"instalments": [{"milestone": "live", "percent": 99}]}, "instalments_uneven"),
            ({"fee": {"currency": "EUR", "per_post_minor": 2**53 - 1}, "deliverables": [
                piece(), piece()]}, "fee_too_large"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )  # fmt: skip
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, values: dict[str, Any], code: str
    ) -> None:
        made = invited(agency)
        answer = offer(agency, made, {**terms(budget_line(agency)), **values})
        assert done(answer, 422)["code"] == code
        assert read(agency.executive, made)["status"] == "invited"
        assert done(agency.executive.get(f"/v1/collaborations/{made['id']}/terms"))["data"] == []

    def test_refuses_another_clients_line(self, agency: Staffed) -> None:
        made = invited(agency)
        answer = agency.owner.post(
            f"/v1/collaborations/{made['id']}/offer", terms(budget_line(agency, "two"))
        )
        assert done(answer, 422)["code"] == "not_this_clients"

    def test_refuses_a_campaign_that_is_over_and_a_collaboration_that_was_declined(
        self, agency: Staffed
    ) -> None:
        line_id = budget_line(agency)
        made, other = invited(agency), invited(agency)
        _end_campaign(agency, made["campaign_id"])
        assert done(offer(agency, made, terms(line_id)), 409)["code"] == "campaign_over"
        path = f"/v1/collaborations/{other['id']}"
        done(agency.influencer.post(f"{path}/decline", {"reason": "No puedo."}))
        problem = done(offer(agency, other, terms(line_id)), 409)
        assert (problem["code"], problem["state"]) == ("move_not_allowed", "declined")


class TestAcceptCollaboration:
    def test_agrees_everything_at_once(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        halves = [
            {"milestone": "contract", "percent": 50},
            {"milestone": "live", "percent": 50},
        ]
        made = contracted(agency, line_id=line_id, instalments=halves, rights=[right()])
        assert made["status"] == "contracted"
        assert balances(agency.executive, line_id) == (1_000_000, FEE // 2, FEE // 2, 0)
        assert [each["status"] for each in pieces_of(agency.influencer, made)] == ["content_due"]
        parts = instalments(agency.influencer, made)
        assert [(e["milestone"], e["amount_minor"], e["status"]) for e in parts] == [
            ("contract", FEE // 2, "earned"),
            ("live", FEE // 2, "planned"),
        ]
        (owed,) = payables_of(agency, made)
        assert (owed.amount_minor, owed.payee_id) == (FEE // 2, agency.influencer_id)
        assert owed.open_gates == ["payee_ready"]
        rights = done(agency.approver.get("/v1/usage-rights"))["data"]
        assert [each["collaboration_id"] for each in rights] == [made["id"]]
        assert events_of(agency, made["id"])[-1] == "collaboration.contracted"
        assert broken(agency) == []

    def test_refuses_other_terms_than_those_that_were_read(self, agency: Staffed) -> None:
        made, said = offered(agency)
        problem = done(accept(agency, made, {**said, "content_sha256": "0" * 64}), 412)
        assert problem["code"] == "terms_changed"
        assert read(agency.executive, made)["status"] == "terms_sent"

    def test_refuses_after_the_day_to_answer_by(self, agency: Staffed) -> None:
        made, said = offered(agency, respond_on=day(3))
        with clock.at(clock.now() + timedelta(days=4)):
            assert done(accept(agency, made, said), 409)["code"] == "terms_expired"

    def test_is_the_influencers_alone(self, agency: Staffed) -> None:
        made, said = offered(agency)
        body = {"content_sha256": said["content_sha256"]}
        path = f"/v1/collaborations/{made['id']}/accept"
        for person in (agency.owner, agency.executive, agency.approver):
            assert person.post(path, body).status_code == 403
        assert agency.other_influencer.post(path, body).status_code == 404

    def test_refuses_what_the_budget_has_no_room_for_any_more(self, agency: Staffed) -> None:
        line_id = budget_line(agency, planned=FEE)
        made, said = offered(agency, line_id=line_id)
        taken = {"kind": "commitment", "amount_minor": 1}
        done(agency.executive.post(f"/v1/budget-lines/{line_id}/entries", taken), 201)
        assert done(accept(agency, made, said), 409)["code"] == "line_exceeded"
        assert read(agency.executive, made)["status"] == "terms_sent"
        assert instalments(agency.executive, made) == []
        seen = done(agency.executive.get(f"/v1/collaborations/{made['id']}/terms"))["data"]
        assert seen[0]["answer"] is None

    def test_happens_once_however_often_it_is_said_at_once(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        contract = [{"milestone": "contract", "percent": 100}]
        made, said = offered(agency, line_id=line_id, instalments=contract)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: accept(agency, made, said), range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE, 0)
        assert len(payables_of(agency, made)) == 1
        assert broken(agency) == []

    def test_never_commits_beyond_the_line_when_many_accept_at_once(self, agency: Staffed) -> None:
        line_id = budget_line(agency, planned=2 * FEE)
        made = [offered(agency, line_id=line_id) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda each: accept(agency, *each), made))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409]
        assert balances(agency.executive, line_id) == (2 * FEE, 2 * FEE, 0, 0)


class TestDeclineAndDrop:
    def test_end_it_with_a_reason(self, agency: Staffed) -> None:
        made, said = offered(agency)
        path = f"/v1/collaborations/{made['id']}"
        done(agency.influencer.post(f"{path}/decline", {"reason": "No bebo café."}))
        assert read(agency.executive, made)["status"] == "declined"
        (seen,) = done(agency.executive.get(f"{path}/terms"))["data"]
        assert (seen["answer"], seen["reason"]) == ("declined", "No bebo café.")
        ending = done(agency.executive.get(f"{path}/ending"))
        assert (ending["status"], ending["reason"]) == ("declined", "No bebo café.")
        assert done(accept(agency, made, said), 409)["code"] == "move_not_allowed"
        other = shortlisted(agency)
        path = f"/v1/collaborations/{other['id']}"
        done(agency.executive.post(f"{path}/drop", {"reason": "Demasiado caro."}))
        assert agency.influencer.get(path).status_code == 404


class TestMoves:
    """The table of moves, against what the document of the domain says."""

    def test_lead_from_the_shortlist_to_the_end(self) -> None:
        way = list(CollaborationStatus)[
            : list(CollaborationStatus).index(CollaborationStatus.completed) + 1
        ]
        for here, then in zip(way, way[1:], strict=False):
            assert then in moves.MOVES[here]

    def test_end_in_four_ways_that_nothing_follows(self) -> None:
        ends = {status for status, after in moves.MOVES.items() if not after}
        assert {end.value for end in ends} == {
            *("completed", "declined", "dropped", "breached", "cancelled")
        }

    @pytest.mark.parametrize(
        ("verb", "body"),
        [
            ("invite", None),
            ("start", None),
            ("complete", None),
            ("cancel", {"reason": "x"}),
            ("breach", {"reason": "x"}),
            ("negotiate", {}),
        ],
    )
    def test_are_refused_out_of_turn(
        self, agency: Staffed, verb: str, body: dict[str, Any] | None
    ) -> None:
        made = shortlisted(agency)
        path = f"/v1/collaborations/{made['id']}"
        if verb == "invite":
            done(agency.executive.post(f"{path}/invite"))
        before = read(agency.executive, made)
        problem = done(agency.executive.post(f"{path}/{verb}", body), 409)
        assert problem["code"] == "move_not_allowed"
        assert read(agency.executive, made) == before
