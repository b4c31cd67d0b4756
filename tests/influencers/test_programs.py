"""Programs and their pipeline: what may follow what, answers by link, what is to be done next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from api.influencers.programs import candidates
from tenants import auth, clock, database
from tests.factories import Staffed, events_of
from tests.influencers.making import done, influencer, refused
from tests.mail.conftest import Sink, text_of
from tests.work import settle

# What may follow what, said a second time.
MOVES: dict[str, dict[str, str]] = {
    "shortlisted": {"invite": "invited", "decline": "declined", "drop": "dropped"},
    "invited": {
        "invite": "invited",
        "accept": "accepted",
        "decline": "declined",
        "drop": "dropped",
    },
    "accepted": {"activate": "active", "drop": "dropped"},
    "active": {"complete": "completed", "drop": "dropped"},
    "completed": {},
    "declined": {"shortlist": "shortlisted"},
    "dropped": {"shortlist": "shortlisted"},
}
STEPS = ("invite", "accept", "decline", "activate", "complete", "drop", "shortlist")
BODIES = {"invite": {"email": "ana@people.example"}, "decline": {}, "drop": {"reason": "No."}}


def program(agency: Staffed, *, open: bool = True, **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "kind": "ambassador",
        "name": "Embajadores de otoño",
        "brief": {"es": "Un reel al mes.", "en": "A reel a month."},
        **values,
    }
    made = done(agency.executive.post("/v1/programs", body), 201)
    if open:
        made = done(agency.executive.post(f"/v1/programs/{made['id']}/activate"))
    return made


def candidate(agency: Staffed, of: dict[str, Any] | None = None, **values: Any) -> Any:
    of = of or program(agency)
    who = influencer(agency, name="Ana Ruiz", email="ana@people.example")
    body = {"program_id": of["id"], "influencer_id": who["id"], **values}
    return done(agency.executive.post("/v1/candidates", body), 201)


def step(agency: Staffed, candidate_id: str, name: str) -> Any:
    return agency.strategist.post(f"/v1/candidates/{candidate_id}/{name}", BODIES.get(name))


def invited(agency: Staffed, candidate_id: str, **values: Any) -> str:
    """The path of an invitation's page."""
    made = done(agency.executive.post(f"/v1/candidates/{candidate_id}/invite", values), 201)
    return f"/join/{made['address'].rpartition('/')[2]}"


def state(agency: Staffed, candidate_id: str) -> str:
    return str(done(agency.community.get(f"/v1/candidates/{candidate_id}"))["status"])


class TestPipeline:
    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(steps=some.lists(some.sampled_from(STEPS), min_size=4, max_size=9))
    def test_takes_every_allowed_step_and_no_other(self, agency: Staffed, steps: list[str]) -> None:
        made = candidate(agency)
        now, told = "shortlisted", ["candidate.shortlisted"]
        for name in steps:
            answer = step(agency, made["id"], name)
            then = MOVES[now].get(name)
            if then is None:
                problem = refused(answer, 409, "move_not_allowed")
                assert set(problem["allowed"]) == set(MOVES[now].values()) - {now}
            else:
                assert answer.is_success, answer.text
                told += [f"candidate.{then}"] if then != now else []
                now = then
            assert state(agency, made["id"]) == now
        assert events_of(agency, made["id"]) == told

    @pytest.mark.parametrize("start", MOVES)
    @pytest.mark.parametrize("name", STEPS)
    def test_is_this_table(self, agency: Staffed, start: str, name: str) -> None:
        made = candidate(agency)
        way = {
            "shortlisted": (),
            "invited": ("invite",),
            "accepted": ("invite", "accept"),
            "active": ("invite", "accept", "activate"),
            "completed": ("invite", "accept", "activate", "complete"),
            "declined": ("decline",),
            "dropped": ("drop",),
        }
        for each in way[start]:
            assert step(agency, made["id"], each).is_success
        answer = step(agency, made["id"], name)
        assert answer.is_success == (name in MOVES[start]), answer.text
        assert state(agency, made["id"]) == MOVES[start].get(name, start)


class TestCandidates:
    def test_are_in_a_program_once(self, agency: Staffed) -> None:
        made = candidate(agency)
        body = {"program_id": made["program_id"], "influencer_id": made["influencer_id"]}
        refused(agency.executive.post("/v1/candidates", body), 409, "in_the_program_already")

    def test_are_no_archived_people(self, agency: Staffed) -> None:
        who = influencer(agency)
        done(agency.owner.patch(f"/v1/influencers/{who['id']}", {"status": "archived"}))
        body = {"program_id": program(agency)["id"], "influencer_id": who["id"]}
        refused(agency.executive.post("/v1/candidates", body), 409, "move_not_allowed")

    def test_are_dropped_for_a_reason(self, agency: Staffed) -> None:
        made = candidate(agency)
        path = f"/v1/candidates/{made['id']}/drop"
        refused(agency.executive.post(path, {}), 422, "invalid_request")
        now = done(agency.executive.post(path, {"reason": "Publicidad de otra marca."}))
        assert now["status_reason"] == "Publicidad de otra marca."

    def test_are_behind_their_clients_wall(self, agency: Staffed) -> None:
        made = candidate(agency)
        refused(agency.other_executive.get(f"/v1/candidates/{made['id']}"), 404, "not_found")
        answer = agency.other_executive.post(f"/v1/candidates/{made['id']}/accept")
        refused(answer, 404, "not_found")
        assert done(agency.other_executive.get("/v1/candidates"))["data"] == []

    def test_are_found_by_what_is_due(self, agency: Staffed) -> None:
        of = program(agency)
        soon = candidate(agency, of, next_action="Llamar", next_action_on="2099-03-01")
        candidate(agency, of, next_action_on="2099-04-01")
        dropped = candidate(agency, of, next_action_on="2099-03-01")
        step(agency, dropped["id"], "drop")
        asked = {"program_id": of["id"], "due_before": "2099-03-02"}
        found = done(agency.community.get("/v1/candidates", params=asked))["data"]
        assert [each["id"] for each in found] == [soon["id"]]

    def test_are_seen_to_by_the_staff(self, agency: Staffed) -> None:
        made = candidate(agency)
        owner = {"owner_membership_id": str(agency.approver.membership_id)}
        answer = agency.executive.patch(f"/v1/candidates/{made['id']}", owner)
        refused(answer, 422, "not_of_the_staff")


class TestPrograms:
    def test_end_after_they_start(self, agency: Staffed) -> None:
        made = program(agency, starts_on="2026-11-01")
        path = f"/v1/programs/{made['id']}"
        answer = agency.executive.patch(path, {"ends_on": "2026-10-31"})
        refused(answer, 422, "program_ends_first")
        assert done(agency.executive.get(path)) == made
        done(agency.executive.patch(path, {"ends_on": "2026-11-01", "brief": None}))

    def test_let_nobody_in_before_they_are_open(self, agency: Staffed) -> None:
        made = candidate(agency, program(agency, open=False))
        refused(step(agency, made["id"], "invite"), 409, "program_not_open")
        assert state(agency, made["id"]) == "shortlisted"

    def test_are_closed_for_good(self, agency: Staffed) -> None:
        made = program(agency)
        path = f"/v1/programs/{made['id']}"
        done(agency.executive.post(f"{path}/close"))
        for name in ("activate", "pause", "close"):
            refused(agency.executive.post(f"{path}/{name}"), 409, "move_not_allowed")
        refused(agency.executive.patch(path, {"name": "Otro"}), 409, "move_not_allowed")
        assert events_of(agency, made["id"]) == [
            *("program.created", "program.activated", "program.closed")
        ]

    def test_are_of_a_campaign_of_their_client(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.other_client_id), "name": "Vendimia", "goal": "sales"}
        body |= {"starts_on": "2026-10-01", "ends_on": "2026-12-31"}
        made = agency.owner.post("/v1/campaigns", {**body, "formats": ["launch"]})
        campaign = done(made, 201)["id"]
        answer = agency.owner.patch(
            f"/v1/programs/{program(agency)['id']}", {"campaign_id": campaign}
        )
        refused(answer, 404, "not_found")


class TestInvitation:
    @pytest.mark.parametrize("answer", ["accepted", "declined"])
    def test_is_answered_once_without_an_account(
        self, http: TestClient, agency: Staffed, answer: str
    ) -> None:
        made = candidate(agency, program(agency, starts_on="2026-12-01", ends_on="2027-03-01"))
        path = invited(agency, made["id"], message="<b>Nos encanta</b> tu trabajo.")
        page = http.get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "&lt;b&gt;Nos encanta&lt;/b&gt;" in page.text
        assert "Un reel al mes." in page.text
        assert "1 dic 2026" in page.text
        assert "1 mar 2027" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"

        form = {"answer": answer, "reason": "Este año no." if answer == "declined" else ""}
        done_ = http.post(path, data=form, follow_redirects=False)
        assert (done_.status_code, done_.headers["location"]) == (303, path)
        now = done(agency.community.get(f"/v1/candidates/{made['id']}"))
        assert now["status"] == answer
        assert now["status_reason"] == ("Este año no." if answer == "declined" else None)
        assert events_of(agency, made["id"])[-1] == f"candidate.{answer}"
        assert http.post(path, data=form, follow_redirects=False).status_code == 303
        other = {"accepted": "declined", "declined": "accepted"}[answer]
        refused(http.post(path, data={"answer": other}), 409, "answered_otherwise")
        assert state(agency, made["id"]) == answer
        assert http.get(path).status_code == 200

    def test_ends_with_another_with_a_call_and_with_its_time(
        self, http: TestClient, agency: Staffed
    ) -> None:
        made = candidate(agency)
        first = invited(agency, made["id"])
        second = invited(agency, made["id"])
        refused(http.post(first, data={"answer": "accepted"}), 410, "join_link_closed")
        assert http.get(second).status_code == 200
        done(step(agency, made["id"], "accept"))
        refused(http.post(second, data={"answer": "declined"}), 410, "join_link_closed")
        assert state(agency, made["id"]) == "accepted"

    def test_waits_while_its_program_does(self, http: TestClient, agency: Staffed) -> None:
        of = program(agency)
        made = candidate(agency, of)
        path = invited(agency, made["id"])
        done(agency.executive.post(f"/v1/programs/{of['id']}/pause"))
        refused(http.post(path, data={"answer": "accepted"}), 410, "join_over")
        page = http.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 410
        assert "Un reel al mes." not in page.text
        assert state(agency, made["id"]) == "invited"
        done(agency.executive.post(f"/v1/programs/{of['id']}/activate"))
        answer = http.post(path, data={"answer": "accepted"}, follow_redirects=False)
        assert answer.status_code == 303

    @pytest.mark.parametrize("bad", ["x", "join_", "decide_1"])
    def test_is_nobodys_who_guesses(self, http: TestClient, agency: Staffed, bad: str) -> None:
        refused(http.get(f"/join/{bad}"), 404, "join_link_unknown")
        path = invited(agency, candidate(agency)["id"])
        wrong = path[:-4] + ("aaaa" if not path.endswith("aaaa") else "bbbb")
        refused(http.get(wrong), 404, "join_link_unknown")

    def test_needs_an_answer(self, http: TestClient, agency: Staffed) -> None:
        made = candidate(agency)
        path = invited(agency, made["id"])
        refused(http.post(path, data={"answer": "maybe"}), 422, "invalid_request")
        refused(
            http.post(path, data={"answer": "declined", "reason": "x" * 4_001}),
            422,
            "invalid_request",
        )
        assert state(agency, made["id"]) == "invited"

    def test_needs_an_address(self, agency: Staffed) -> None:
        who = influencer(agency)
        body = {"program_id": program(agency)["id"], "influencer_id": who["id"]}
        made = done(agency.executive.post("/v1/candidates", body), 201)
        answer = agency.executive.post(f"/v1/candidates/{made['id']}/invite", {})
        refused(answer, 422, "no_address")
        assert state(agency, made["id"]) == "shortlisted"


DAY = date(2027, 7, 9)
MORNING = datetime(2027, 7, 9, 6, 0, tzinfo=UTC)  # eight in Madrid


class TestReminders:
    def due(self, agency: Staffed, candidate_id: str) -> int:
        return events_of(agency, candidate_id).count("candidate.action_due")

    def test_go_once_on_the_clients_morning(self, agency: Staffed, sink: Sink) -> None:
        """Twice asked for, run twice: told once, to whom it is to do."""
        made = candidate(
            agency,
            next_action="Llamar a Ana.",
            next_action_on=DAY.isoformat(),
            owner_membership_id=str(agency.community.membership_id),
        )
        done(agency.executive.patch(f"/v1/candidates/{made['id']}", {"next_action": "Escribir."}))
        version = done(agency.owner.get(f"/v1/candidates/{made['id']}"))["version"]
        with clock.at(MORNING - timedelta(minutes=1)):
            settle()
        assert self.due(agency, made["id"]) == 0
        for _ in range(2):
            with clock.at(MORNING + timedelta(seconds=1)):
                settle()
            self.run_again(agency, made["id"])
        assert self.due(agency, made["id"]) == 1
        (letter,) = sink.to(agency.community.email)
        assert "Escribir." in text_of(letter)
        assert done(agency.owner.get(f"/v1/candidates/{made['id']}"))["version"] == version

    def run_again(self, agency: Staffed, candidate_id: str) -> None:
        with database.agency_session(auth.system(agency.agency_id)) as session:
            assert candidates.remind(session, UUID(candidate_id), DAY.isoformat()) is None

    @pytest.mark.parametrize("settled", ["moved", "dropped", "done"])
    def test_do_not_go_for_what_is_settled(self, agency: Staffed, settled: str) -> None:
        made = candidate(agency, next_action_on=DAY.isoformat())
        path = f"/v1/candidates/{made['id']}"
        if settled == "dropped":
            done(step(agency, made["id"], "drop"))
        else:
            later = (DAY + timedelta(days=1)).isoformat() if settled == "moved" else None
            done(agency.executive.patch(path, {"next_action_on": later}))
        with clock.at(MORNING + timedelta(seconds=1)):
            settle()
        assert self.due(agency, made["id"]) == 0

    def test_are_beside_the_invitations_letter(self, agency: Staffed, sink: Sink) -> None:
        made = candidate(agency)
        email = f"ana.{agency.slug}@people.example"
        path = invited(agency, made["id"], email=email)
        settle()
        (letter,) = sink.to(email)
        assert path in text_of(letter)
