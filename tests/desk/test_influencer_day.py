"""An influencer's day: all that waits for them, in its place, and nothing of anybody else's."""

from datetime import timedelta
from typing import Any

import pytest

from api.influencers.models import Influencer
from api.proof.looking import LookOutcome
from tenants import auth, clock, database, second_layer
from tests.collaborations import making
from tests.collaborations.making import done
from tests.factories import Person, Staffed
from tests.proof.conftest import network as network
from tests.proof.making import Network, bound, confirm, look

DAY = "/v1/me/influencer-day"
KEYS = {
    "answer": "terms_id",
    "hand_in": "deliverable_id",
    "redo": "deliverable_id",
    "bind": "deliverable_id",
    "mend": "live_post_id",
    "payments": "payable_id",
}


def day(person: Person) -> dict[str, list[str]]:
    """The ids in each part that has any, in its order."""
    found = done(person.get(DAY))
    assert found.keys() == KEYS.keys()
    return {part: [each[KEYS[part]] for each in items] for part, items in found.items() if items}


def piece_of(agency: Staffed, made: dict[str, Any]) -> dict[str, Any]:
    (piece,) = making.pieces_of(agency.influencer, made)
    return piece


def sent_back(agency: Staffed, made: dict[str, Any], outcome: str) -> dict[str, Any]:
    submitted = done(making.submit(agency.influencer, piece_of(agency, made)["id"]), 201)
    done(making.decide(agency.approver, submitted, outcome))
    return dict(submitted)


class TestInfluencerDay:
    def test_follows_a_collaboration_from_its_terms_to_its_payment(
        self, agency: Staffed, network: Network
    ) -> None:
        made = making.invited(agency)
        assert day(agency.influencer) == {}
        said = done(making.offer(agency, made, making.terms(making.budget_line(agency))), 201)
        assert day(agency.influencer) == {"answer": [said["id"]]}
        done(making.accept(agency, made, said))
        assert day(agency.influencer) == {}
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/start"))
        piece = piece_of(agency, made)["id"]
        assert day(agency.influencer) == {"hand_in": [piece]}
        submitted = sent_back(agency, made, "changes_requested")
        assert day(agency.influencer) == {"redo": [piece]}
        (again,) = done(agency.influencer.get(DAY))["redo"]
        assert (again["submission_id"], again["submission_status"]) == (
            submitted["id"],
            "changes_requested",
        )
        submitted = done(making.submit(agency.influencer, piece), 201)
        assert day(agency.influencer) == {}
        done(making.decide(agency.approver, submitted))
        (owed,) = making.payables_of(agency, made)
        assert day(agency.influencer) == {"bind": [piece], "payments": [str(owed.id)]}
        post = bound(agency, piece)
        assert day(agency.influencer) == {"payments": [str(owed.id)]}
        network.outcome = LookOutcome.altered
        look(agency)
        assert day(agency.influencer) == {"mend": [post["id"]], "payments": [str(owed.id)]}
        done(confirm(agency, post, "removed"))
        assert day(agency.influencer)["bind"] == [piece]

    def test_tells_what_was_rejected_from_what_was_taken_back(self, agency: Staffed) -> None:
        made = making.started(agency)
        piece = piece_of(agency, made)["id"]
        submitted = done(making.submit(agency.influencer, piece), 201)
        done(agency.influencer.post(f"/v1/submissions/{submitted['id']}/withdraw"))
        assert day(agency.influencer) == {"hand_in": [piece]}
        sent_back(agency, made, "rejected")
        assert day(agency.influencer) == {"redo": [piece]}

    def test_puts_the_earliest_first_and_says_what_is_late(self, agency: Staffed) -> None:
        days = (30, 10, 20)
        pieces = [making.piece(due_on=making.day(after)) for after in days]
        made = making.started(agency, deliverables=pieces)
        told = done(agency.influencer.get(DAY))["hand_in"]
        assert [each["due_on"] for each in told] == [making.day(after) for after in sorted(days)]
        assert {(each["title"], each["late"]) for each in told} == {(made["title"], False)}
        with clock.at(clock.now() + timedelta(days=15)):
            later = done(agency.influencer.get(DAY))["hand_in"]
        assert [each["late"] for each in later] == [True, False, False]

    def test_is_over_with_the_terms_day(self, agency: Staffed) -> None:
        _, said = making.offered(agency)
        assert day(agency.influencer) == {"answer": [said["id"]]}
        with clock.at(clock.now() + timedelta(days=20)):
            assert day(agency.influencer) == {}

    def test_says_what_is_on_its_way(self, agency: Staffed) -> None:
        made = making.approved(agency)
        (coming,) = done(agency.influencer.get(DAY))["payments"]
        assert coming["collaboration_id"] == made["id"]
        assert coming["amount"] == {"amount_minor": making.FEE, "currency": "EUR"}
        assert coming["status"] == "blocked"

    def test_says_nothing_of_work_that_ended(self, agency: Staffed) -> None:
        made = making.started(agency)
        path = f"/v1/collaborations/{made['id']}/cancel"
        done(agency.executive.post(path, {"reason": "Lluvia."}))
        assert day(agency.influencer) == {}

    @pytest.mark.parametrize("stands", [True, False])
    def test_is_ones_own(
        self,
        agency: Staffed,
        other_agency: Staffed,
        stands: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(second_layer, "on", stands)
        making.offered(agency)
        making.started(agency)
        making.started(agency, "two")
        making.approved(agency)
        assert set(day(agency.influencer)) == {"answer", "hand_in", "bind", "payments"}
        assert day(agency.other_influencer) == {}
        assert day(other_agency.influencer) == {}

    def test_is_empty_for_who_is_not_on_the_roster(self, agency: Staffed) -> None:
        making.offered(agency)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            database.get(session, Influencer, agency.influencer_id).membership_id = None
        assert day(agency.influencer) == {}

    @pytest.mark.parametrize("name", ["owner", "executive", "stranger", "approver", "viewer"])
    def test_is_for_influencers(self, agency: Staffed, name: str) -> None:
        assert agency.people[name].get(DAY).status_code == 403

    def test_leaves_the_staffs_day_empty_for_them(self, agency: Staffed) -> None:
        making.approved(agency)
        assert not any(done(agency.influencer.get("/v1/me/day")).values())
