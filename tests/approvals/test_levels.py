"""Inside first, and only then the client: what the client sees of it, and when."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from tenants import auth, database
from tenants.auth import Actor
from tenants.models import ApprovalMode, MembershipKind
from tenants.outbox import Event
from tenants.permissions import Duty
from tests.approvals import asking
from tests.approvals.asking import KINDS, Asked, ask, decide, set_policy
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of
from tests.mail.conftest import Sink
from tests.work import settle

SHARED = (
    "approvals",
    "approval_subjects",
    "approval_decisions",
    "budgets",
    "budget_lines",
    "campaigns",
    "change_order_lines",
    "change_orders",
    "scope_lines",
    "scopes",
)
INTERNAL = ("approval_levels", "approval_policies")


def seen(agency: Staffed) -> dict[str, int]:
    """How many rows of each table the client's approver is shown by the database itself."""
    approver = Actor(
        "user",
        agency.agency_id,
        "Approver",
        membership_id=agency.approver.membership_id,
        membership=MembershipKind.client_contact,
        duties={agency.client_id: frozenset({Duty.approver})},
    )
    with database.agency_session(approver) as session:
        connection = session.connection()
        return {
            table: connection.execute(text(f"select count(*) from {table}")).scalar_one()
            for table in SHARED
        }


@pytest.fixture(params=KINDS)
def inside(agency: Staffed, request: pytest.FixtureRequest) -> tuple[dict[str, int], Asked]:
    """What the client saw before, and something that is decided on inside first."""
    set_policy(agency, internal_first=True)
    if request.param == "change_order":
        ask(agency, "change_order")  # its scope is in force, and before the client
    before = seen(agency)
    if request.param == "change_order":
        scope = done(agency.executive.get("/v1/scopes"))["data"][0]
        read = done(agency.executive.get(f"/v1/scopes/{scope['id']}"))
        path = f"/v1/change-orders/{asking.draft_order(agency, read)['id']}"
        submitted = done(agency.executive.post(f"{path}/submit"))
        return before, Asked(submitted["approval_id"], [path])
    return before, ask(agency, request.param)


def told_to_client(agency: Staffed, path: str) -> list[str]:
    """The types of the events about one thing that its client may be told of."""
    subject_id = UUID(path.rpartition("/")[2])
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(Event.type).where(
            col(Event.agency_id) == agency.agency_id,
            col(Event.subject_id) == subject_id,
            col(Event.audience) == "client",
        )
        return list(session.exec(query))


class TestInternalFirst:
    def test_shows_the_client_nothing_until_it_is_their_turn(
        self, agency: Staffed, inside: tuple[dict[str, int], Asked]
    ) -> None:
        before, asked = inside

        assert seen(agency) == before
        assert agency.approver.get(asked.path).status_code == 404
        assert decide(agency.approver, asked).status_code == 404
        for path in asked.paths:
            assert agency.approver.get(path).status_code == 404
        listed = done(agency.approver.get("/v1/approvals?include=total&waiting_on=me"))
        assert asked.approval_id not in [each["id"] for each in listed["data"]]
        assert listed["total"] == len(listed["data"])

        advanced = done(decide(agency.strategist, asked))

        assert (advanced["level"], advanced["status"]) == ("client", "open")
        assert asked.read(agency.approver)["content_sha256"] == advanced["content_sha256"]
        assert all(status != "draft" for status in asked.states(agency.approver))
        assert done(decide(agency.approver, asked))["status"] == "approved"
        assert set(asked.states(agency.approver)) <= {"active", "accepted", "approved"}
        told = ["approval.opened", "approval.advanced", "approval.approved"]
        assert events_of(agency, asked.approval_id) == told

    def test_ends_inside_when_it_is_rejected_there(
        self, agency: Staffed, inside: tuple[dict[str, int], Asked]
    ) -> None:
        before, asked = inside

        after = done(decide(agency.strategist, asked, "rejected"))

        assert after["status"] == "rejected"
        assert not [type for path in asked.paths for type in told_to_client(agency, path)]
        assert seen(agency) == before
        for path in asked.paths:
            assert agency.approver.get(path).status_code == 404


class TestDecisions:
    def test_of_the_inside_stay_unseen_afterwards(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency, "campaign")
        done(decide(agency.strategist, asked, reason="Adelante, con reservas."))
        answer = done(decide(agency.approver, asked))

        assert [each["level"] for each in answer["decisions"]] == ["client"]
        ours = asked.read(agency.executive)
        theirs = asked.read(agency.approver)

        assert [each["level"] for each in ours["decisions"]] == ["internal", "client"]
        assert [each["level"] for each in theirs["decisions"]] == ["client"]
        assert len(ours["subjects"]) == len(theirs["subjects"]) == 3
        assert "reservas" not in str(theirs)
        assert (seen(agency)["approval_decisions"], seen(agency)["approval_subjects"]) == (1, 3)

    def test_of_the_inside_are_the_agencys_own(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency, "scope")

        link = agency.executive.post(f"{asked.path}/links", asking.CLARA)
        own = decide(agency.executive, asked)

        assert (link.status_code, link.json()["code"]) == (422, "internal_decision")
        assert own.status_code == 403

    def test_of_the_client_may_be_by_link(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency, "campaign")
        done(decide(agency.strategist, asked))

        answer = asking.decide_by_link(agency, asked, asking.link(agency, asked))

        assert answer.status_code == 303
        assert asked.states(agency.executive) == ["approved", "accepted", "active"]


class TestMail:
    def test_goes_to_each_level_when_it_is_its_turn(self, agency: Staffed, sink: Sink) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency)
        settle()
        first = [len(sink.to(each.email)) for each in (agency.strategist, agency.approver)]
        done(decide(agency.strategist, asked))
        settle()

        assert first == [1, 0]
        assert len(sink.to(agency.approver.email)) == 1
        assert len(sink.to(agency.strategist.email)) == 1


class TestOtherModes:
    @pytest.mark.parametrize("mode", list(ApprovalMode))
    def test_ask_for_what_they_say_alone(self, agency: Staffed, mode: ApprovalMode) -> None:
        set_policy(agency, internal_first=False)
        making.set_mode(agency, mode)
        made: Any = making.scope(agency)
        answer = done(agency.executive.post(f"/v1/scopes/{made['id']}/submit"))

        if mode is ApprovalMode.none:
            assert (answer["status"], answer["approval_id"]) == ("accepted", None)
        else:
            level = "internal" if mode is ApprovalMode.internal else "client"
            read = Asked(str(UUID(answer["approval_id"])), []).read(agency.executive)
            assert (read["level"], read["status"]) == (level, "open")
        assert agency.approver.get(f"/v1/scopes/{made['id']}").status_code == 200
