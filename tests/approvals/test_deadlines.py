"""By when to answer, who is reminded, and what happens when nobody has answered."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from api.approvals import deadlines, tasks
from api.approvals.models import Approval, Unanswered
from tenants import auth, clock, database
from tenants.jobs import Job
from tests.approvals.asking import (
    KINDS,
    Asked,
    ask,
    decide,
    decide_by_link,
    link,
    newcomer,
    set_policy,
)
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of
from tests.mail.conftest import Sink, text_of
from tests.work import settle

MADRID = ZoneInfo("Europe/Madrid")
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def friday() -> datetime:
    """The next Friday but the present one, at ten in the morning of the client."""
    today = datetime.now(MADRID).date()
    day = today + timedelta(days=(4 - today.weekday()) % 7 + 7)
    return datetime.combine(day, time(10), MADRID).astimezone(UTC)


def at(day: datetime, **later: float) -> Any:
    return clock.at(day + timedelta(**later))


EXPIRING = {"respond_within_days": 1, "after": "expire"}
DEEMING = {"respond_within_days": 1, "after": "deem_approved"}


class TestBusinessDays:
    @given(DAYS, st.integers(1, 60))
    def test_are_counted_one_by_one(self, day: date, count: int) -> None:
        ahead, back = deadlines.counted(day, count), deadlines.counted(day, -count)
        for end, step in ((ahead, 1), (back, -1)):
            assert end.weekday() < 5
            between = range(step, (end - day).days + step, step)
            worked = [day + timedelta(days=each) for each in between]
            assert sum(each.weekday() < 5 for each in worked) == count

    @given(DAYS)
    def test_that_are_none_lead_nowhere(self, day: date) -> None:
        assert deadlines.counted(day, 0) == day


class TestRespondBy:
    def test_is_the_end_of_the_day_where_the_client_is(self, agency: Staffed) -> None:
        set_policy(agency, client={"respond_within_days": 1})
        with clock.at(friday()):
            read = ask(agency).read(agency.approver)

        by = datetime.fromisoformat(read["respond_by"]).astimezone(MADRID)
        monday = friday().astimezone(MADRID).date() + timedelta(days=3)
        assert (by.date(), by.time()) == (monday, time(23, 59, 59))

    def test_is_set_anew_at_each_level(self, agency: Staffed) -> None:
        set_policy(
            agency,
            internal_first=True,
            internal={"respond_within_days": 1},
            client={"respond_within_days": 2},
        )
        with clock.at(friday()):
            asked = ask(agency)
            inside = asked.read(agency.executive)["respond_by"]
        with at(friday(), days=3):
            outside = done(decide(agency.strategist, asked))["respond_by"]

        first, second = map(datetime.fromisoformat, (inside, outside))
        assert (second.astimezone(MADRID).date() - first.astimezone(MADRID).date()).days == 2

    @pytest.mark.parametrize("timed", ["internal", "client"])
    def test_may_be_of_one_level_alone(self, agency: Staffed, timed: str) -> None:
        with clock.at(friday()):
            set_policy(agency, internal_first=True, **{timed: EXPIRING})
            asked = ask(agency)
            inside = asked.read(agency.executive)
            outside = done(decide(agency.strategist, asked))

        for read in (inside, outside):
            assert (read["respond_by"] is not None) is (read["level"] == timed)
            assert read["after"] == ("expire" if read["level"] == timed else "wait")

    def test_that_only_waits_takes_a_late_answer(self, agency: Staffed) -> None:
        set_policy(agency, client={"respond_within_days": 1})
        with clock.at(friday()):
            asked = ask(agency)
        with at(friday(), days=10):
            settle()
            assert done(decide(agency.approver, asked))["status"] == "approved"


class TestRemind:
    others: tuple[Person, ...] = ()
    holder = "nobody"

    def reminded(self, agency: Staffed, sink: Sink) -> list[str]:
        """Whom of the agency's client a reminder went to."""
        said = ("still waits", "sigue esperando")
        letters = [m for m in sink.taken if any(each in str(m["Subject"]) for each in said)]
        ours = {agency.approver.email, *(each.email for each in self.others), self.holder}
        return sorted(to for to in ours for m in letters if to in str(m["To"]))

    def test_goes_to_whoever_has_not_decided(self, agency: Staffed, sink: Sink) -> None:
        """Two business days before Monday is Thursday: past when it was asked."""
        other = newcomer(agency)
        self.others, self.holder = (other,), f"clara.{agency.slug}@cafeaurora.example"
        terms = {"quorum": "n", "quorum_count": 3, "respond_within_days": 1}
        set_policy(agency, client={**terms, "remind_before_days": [2, 0]})
        with clock.at(friday()):
            asked = ask(agency)
            link(agency, asked, email=self.holder)
            done(decide(agency.approver, asked))
            settle()
        with at(friday(), days=2):
            settle()
            assert self.reminded(agency, sink) == []
        with at(friday(), days=3):
            settle()

        assert self.reminded(agency, sink) == sorted([other.email, self.holder])
        (letter,) = [m for m in sink.to(self.holder) if "sigue" in str(m["Subject"])]
        assert "/decide/" in text_of(letter)

    def test_goes_once_however_often_the_job_runs(self, agency: Staffed, sink: Sink) -> None:
        set_policy(agency, client={"respond_within_days": 1, "remind_before_days": [0]})
        with clock.at(friday()):
            ask(agency)
        with at(friday(), days=3):
            with database.agency_session(auth.system(agency.agency_id)) as session:
                query = select(Job).where(col(Job.kind) == deadlines.REMIND)
                job = session.exec(query).one()
            tasks.remind(auth.system(agency.agency_id), job, lambda *_: None)
            settle()

        assert len(self.reminded(agency, sink)) == 1

    @pytest.mark.parametrize("ending", ["decided", "withdrawn"])
    def test_is_void_when_nothing_waits_any_more(
        self, agency: Staffed, sink: Sink, ending: str
    ) -> None:
        set_policy(agency, client={"respond_within_days": 1, "remind_before_days": [0]})
        with clock.at(friday()):
            asked = ask(agency)
            if ending == "decided":
                done(decide(agency.approver, asked))
            else:
                done(agency.executive.post(f"{asked.paths[0]}/withdraw"))
        with at(friday(), days=3):
            settle()

        assert self.reminded(agency, sink) == []


class TestExpire:
    @pytest.mark.parametrize(
        ("kind", "states"),
        [
            ("budget", ["draft"]),
            ("scope", ["expired"]),
            ("change_order", ["expired"]),
            ("campaign", ["draft", "expired", "draft"]),
        ],
    )
    def test_moves_all_that_it_covers(
        self, agency: Staffed, sink: Sink, kind: str, states: list[str]
    ) -> None:
        set_policy(agency, client=EXPIRING)
        with clock.at(friday()):
            asked = ask(agency, kind)
        with at(friday(), days=3):
            settle()
            assert asked.read(agency.executive)["status"] == "open"
        with at(friday(), days=4):
            settle()

            assert asked.read(agency.executive)["status"] == "expired"
            assert asked.states(agency.executive) == states
        assert events_of(agency, asked.approval_id) == ["approval.opened", "approval.expired"]
        told = [m for m in sink.to(agency.executive.email) if "Expired" in str(m["Subject"])]
        assert len(told) == 1

    def test_lets_a_deliverable_be_handed_in_again(self, agency: Staffed) -> None:
        (line,) = making.accepted(agency)["lines"]
        set_policy(agency, client=EXPIRING)
        with clock.at(friday()):
            made = making.in_client_review(agency, making.deliverable(agency, line["id"]))
        with at(friday(), days=4):
            settle()
            after = done(agency.community.get(f"/v1/deliverables/{made['id']}"))
            assert (after["status"], after["rounds_used"]) == ("in_progress", 0)
            done(making.move(agency.community, made, "submit", {"url": "https://x.example/2"}))

    def test_refuses_a_late_decision_before_the_job_has_run(self, agency: Staffed) -> None:
        set_policy(agency, client=EXPIRING)
        with clock.at(friday()):
            asked = ask(agency)
            path = link(agency, asked)
        with at(friday(), days=4):
            late = decide(agency.approver, asked)
            by_link = decide_by_link(agency, asked, path)
            assert (late.status_code, late.json()["code"]) == (409, "approval_overdue")
            assert by_link.status_code == 409
            assert asked.read(agency.executive)["decisions"] == []
        with at(friday(), days=3, hours=13, minutes=59):
            assert done(decide(agency.approver, asked))["status"] == "approved"

    def test_is_void_for_what_went_on_meanwhile(self, agency: Staffed) -> None:
        """The clock of the inside does not end what the client is asked."""
        patient = {"respond_within_days": 1}
        set_policy(agency, internal_first=True, internal=EXPIRING, client=patient)
        with clock.at(friday()):
            asked = ask(agency)
            done(decide(agency.strategist, asked))
        with at(friday(), days=10):
            settle()
            assert asked.read(agency.executive)["status"] == "open"
            assert done(decide(agency.approver, asked))["status"] == "approved"


class TestDeem:
    @pytest.mark.parametrize("kind", KINDS)
    def test_moves_all_as_approved_in_nobodys_name(
        self, agency: Staffed, sink: Sink, kind: str
    ) -> None:
        with clock.at(friday()):
            set_policy(agency, client=DEEMING)
            asked = ask(agency, kind)
            holder = f"clara.{agency.slug}@cafeaurora.example"
            path = link(agency, asked, email=holder)
        with at(friday(), days=4):
            settle()

            read = asked.read(agency.approver)
            (decision,) = read["decisions"]
            assert read["status"] == decision["outcome"] == "approved"
            assert (decision["deemed"], decision["link_id"], decision["recorded_by"]) == (
                True,
                None,
                None,
            )
            assert decision["decided_by_name"] == "Política de aprobación"
            assert set(asked.states(agency.approver)) <= {"active", "accepted", "approved"}
            page = agency.owner.client.get(path).text
            assert "Nadie respondió a tiempo" in page
        told = events_of(agency, asked.approval_id)
        assert told == ["approval.opened", "approval.approved"]
        for person in (agency.executive, agency.approver):
            last = sink.to(person.email)[-1]
            assert "Counts as approved" in str(last["Subject"])
            assert "nobody approved it in person" in text_of(last)
        assert "Cuenta como aprobado" in str(sink.to(holder)[-1]["Subject"])

    def test_is_said_to_who_is_asked(self, agency: Staffed, sink: Sink) -> None:
        set_policy(agency, client=DEEMING)
        with clock.at(friday()):
            asked = ask(agency)
            page = agency.owner.client.get(link(agency, asked)).text
            settle()

        assert "cuenta como aprobado" in page
        (message,) = sink.to(agency.approver.email)
        assert "it counts as approved" in text_of(message)
        assert asked.read(agency.approver)["after"] == "deem_approved"

    def test_does_not_touch_what_was_decided_in_time(self, agency: Staffed) -> None:
        set_policy(agency, client=DEEMING)
        with clock.at(friday()):
            asked = ask(agency)
            done(decide(agency.approver, asked, "rejected"))
        with at(friday(), days=4):
            settle()
            assert asked.read(agency.executive)["status"] == "rejected"

    def test_lets_expire_what_cannot_be_approved_any_more(self, agency: Staffed) -> None:
        """The offer's own day has passed before the policy's has."""
        set_policy(agency, client=DEEMING)
        with clock.at(friday()):
            until = friday().date().isoformat()
            made = making.submitted(agency, valid_until=until)
            asked = Asked(made["approval_id"], [f"/v1/scopes/{made['id']}"])
        with at(friday(), days=4):
            settle()
            assert asked.read(agency.executive)["status"] == "expired"
            assert asked.read(agency.executive)["decisions"] == []
            assert asked.states(agency.executive) == ["expired"]

    def test_needs_no_quorum(self, agency: Staffed) -> None:
        set_policy(agency, client={**DEEMING, "quorum": "n", "quorum_count": 2})
        with clock.at(friday()):
            asked = ask(agency)
            done(decide(agency.approver, asked))
        with at(friday(), days=4):
            settle()
            read = asked.read(agency.executive)
        assert read["status"] == "approved"
        assert [each["deemed"] for each in read["decisions"]] == [False, True]

    def test_is_never_of_the_inside(self, agency: Staffed) -> None:
        """Whatever the application says: the database does not keep such an approval."""
        set_policy(agency, internal_first=True, internal=EXPIRING)
        with clock.at(friday()):
            asked = ask(agency)
        with (
            pytest.raises(IntegrityError, match="only_a_client_is_deemed_to_approve"),
            database.agency_session(auth.system(agency.agency_id)) as session,
        ):
            session.get_one(
                Approval, (agency.agency_id, UUID(asked.approval_id))
            ).after = Unanswered.deem_approved
