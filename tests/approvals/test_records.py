"""A client's decision that was given by phone: recorded by its lead, told, and contested."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tenants import auth, clock, database
from tests.approvals.asking import Asked, ask, decide, newcomer, set_policy
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of
from tests.files.samples import GIF
from tests.mail.conftest import Sink, text_of
from tests.work import settle

SAID = {
    "outcome": "approved",
    "given_by": "Clara Montes",
    "evidence": "Llamada del lunes a las 10.",
}


def record(person: Person, asked: Asked, **values: Any) -> Any:
    return person.post(f"{asked.path}/record", {**SAID, **values})


def contest(person: Person, asked: Asked) -> Any:
    return person.post(f"{asked.path}/contest", {"reason": "Nadie llamó el lunes."})


def upload(agency: Staffed, audience: str) -> str:
    answer = agency.executive.call(
        "POST",
        "/v1/files",
        data={"client_id": str(agency.client_id), "audience": audience},
        files={"file": ("correo.gif", GIF, "image/gif")},
    )
    return str(done(answer, 201)["id"])


class TestRecord:
    def test_keeps_who_said_it_and_who_recorded_it(self, agency: Staffed) -> None:
        asked = ask(agency)

        (decision,) = done(record(agency.executive, asked))["decisions"]

        assert decision["decided_by_name"] == "Clara Montes"
        assert decision["recorded_by"] == str(agency.executive.membership_id)
        assert decision["contest_until"] is not None
        assert asked.states(agency.approver) == ["active"]
        told = ["approval.opened", "approval.approved", "approval.decision_recorded"]
        assert events_of(agency, asked.approval_id) == told

    def test_takes_a_file_that_the_client_sees_as_evidence(self, agency: Staffed) -> None:
        asked, given = ask(agency), {**SAID}
        del given["evidence"]
        path = f"{asked.path}/record"

        bare = agency.executive.post(path, given)
        hidden = {**given, "evidence_file_id": upload(agency, "internal")}
        unseen = agency.executive.post(path, hidden)
        shown = upload(agency, "client")
        taken = agency.executive.post(path, {**given, "evidence_file_id": shown})

        assert (bare.status_code, unseen.status_code) == (422, 422)
        assert unseen.json()["code"] == "file_not_for_client"
        assert done(taken)["decisions"][0]["evidence_file_id"] == shown

    def test_is_the_leads_alone(self, agency: Staffed) -> None:
        asked = ask(agency)

        assert record(agency.owner, asked).status_code == 403
        assert record(agency.strategist, asked).status_code == 403
        assert record(agency.executive, asked).status_code == 200

    def test_is_refused_where_the_policy_lets_nobody(self, agency: Staffed) -> None:
        set_policy(agency, record_decisions={"allowed": False})
        asked = ask(agency)

        refused = record(agency.executive, asked)

        assert (refused.status_code, refused.json()["code"]) == (403, "recording_not_allowed")
        set_policy(agency)
        assert record(agency.executive, asked).status_code == 200

    @pytest.mark.parametrize(
        ("kind", "total"),
        [("budget", 100_000), ("scope", 180_000), ("change_order", 45_000), ("campaign", 280_000)],
    )
    def test_is_refused_above_the_limit_of_all_it_covers(
        self, agency: Staffed, kind: str, total: int
    ) -> None:
        asked = ask(agency, kind)
        set_policy(agency, record_decisions={"limit_minor": total - 1})
        refused = record(agency.executive, asked)
        set_policy(agency, record_decisions={"limit_minor": total})
        taken = record(agency.executive, asked)

        assert (refused.status_code, refused.json()["code"]) == (409, "record_limit_exceeded")
        assert done(taken)["status"] == "approved"

    def test_is_refused_in_another_currency_than_the_limits(self, agency: Staffed) -> None:
        price = {"amount_minor": 1, "currency": "USD"}
        made = making.submitted(agency, making.line(unit_price=price), currency="USD")
        asked = Asked(made["approval_id"], [])
        set_policy(agency, record_decisions={"limit_minor": 1_000_000})
        refused = record(agency.executive, asked)
        set_policy(agency)

        assert (refused.status_code, refused.json()["code"]) == (409, "record_limit_exceeded")
        assert record(agency.executive, asked).status_code == 200

    def test_counts_as_one_person(self, agency: Staffed) -> None:
        set_policy(agency, client={"quorum": "n", "quorum_count": 2})
        asked = ask(agency)

        first = done(record(agency.executive, asked))
        again = record(agency.executive, asked, given_by="CLARA MONTES")
        second = done(decide(agency.approver, asked))

        assert (first["status"], second["status"]) == ("open", "approved")
        assert (again.status_code, again.json()["code"]) == (409, "already_decided")

    def test_tells_the_client_at_once(self, agency: Staffed, sink: Sink) -> None:
        asked = ask(agency)
        done(record(agency.executive, asked))
        settle()

        letter = sink.to(agency.approver.email)[-1]
        assert "recorded in your name" in str(letter["Subject"])
        assert "Clara Montes approved" in text_of(letter)
        assert "contest it until" in text_of(letter)

    def test_is_not_for_what_is_decided_inside(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency)

        assert record(agency.executive, asked).status_code == 403
        done(decide(agency.strategist, asked))
        assert record(agency.executive, asked).status_code == 200


class TestContest:
    def test_is_kept_and_told_and_undoes_nothing(self, agency: Staffed, sink: Sink) -> None:
        asked = ask(agency)
        done(record(agency.executive, asked))

        answer = done(contest(agency.approver, asked))
        settle()

        (said,) = answer["contests"]
        assert (said["reason"], said["contested_by_name"]) == ("Nadie llamó el lunes.", "Approver")
        assert asked.read(agency.executive)["contests"] == answer["contests"]
        assert answer["status"] == "approved"
        assert asked.states(agency.executive) == ["active"]
        assert events_of(agency, asked.approval_id)[-1] == "approval.contested"
        (letter,) = sink.to(agency.executive.email)
        assert "Contested" in str(letter["Subject"])
        assert "Nadie llamó el lunes." in text_of(letter)

    def test_is_said_once_by_each(self, agency: Staffed) -> None:
        other, asked = newcomer(agency), ask(agency)
        done(record(agency.executive, asked))
        done(contest(agency.approver, asked))

        again = contest(agency.approver, asked)

        assert (again.status_code, again.json()["code"]) == (409, "already_contested")
        assert len(done(contest(other, asked))["contests"]) == 2

    def test_is_the_clients_alone(self, agency: Staffed) -> None:
        asked = ask(agency)
        done(record(agency.executive, asked))

        for person in (agency.owner, agency.executive, agency.viewer):
            assert contest(person, asked).status_code == 403
        assert contest(agency.other_contact, asked).status_code == 404

    def test_is_of_what_was_recorded(self, agency: Staffed) -> None:
        asked = ask(agency)
        done(decide(agency.approver, asked))

        answer = contest(agency.approver, asked)

        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_contest")

    def test_has_the_days_it_had_when_it_was_recorded(self, agency: Staffed) -> None:
        set_policy(agency, record_decisions={"contest_days": 3})
        asked, now = ask(agency), clock.now()
        done(record(agency.executive, asked))
        set_policy(agency)

        with clock.at(now + timedelta(days=4, hours=1)):
            late = contest(agency.approver, asked)
        with clock.at(now + timedelta(days=2, hours=23)):
            in_time = contest(agency.approver, asked)

        assert (late.status_code, late.json()["code"]) == (409, "nothing_to_contest")
        assert in_time.status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            "update approval_contests set reason = 'Nada'",
            "delete from approval_contests",
            "update approval_decisions set outcome = 'rejected'",
            "delete from approval_decisions",
        ],
    )
    def test_and_decisions_are_never_edited(self, agency: Staffed, change: str) -> None:
        asked = ask(agency)
        done(record(agency.executive, asked))
        done(contest(agency.approver, asked))

        with (
            pytest.raises(DBAPIError, match="permission denied"),
            database.agency_session(auth.system(agency.agency_id)) as session,
        ):
            session.connection().execute(text(change))
        assert len(asked.read(agency.executive)["contests"]) == 1
