"""An influencer who logs in sees their own row of the roster, whichever layer holds."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.influencers.models import Influencer
from tenants import auth, database, reads, second_layer
from tenants.errors import NotFound
from tenants.models import Client
from tenants.pages import Listing, PageQuery
from tenants.reads import Lookup
from tenants.shapes import ReadShape
from tests.collaborations.making import offered
from tests.factories import Person, Staffed
from tests.influencers.making import done, refused


class Named(ReadShape):
    name: str


@pytest.fixture
def session(agency: Staffed) -> Iterator[database.Session]:
    """The influencer's."""
    with entered(agency.influencer) as made:
        yield made


def entered(person: Person) -> database.Session:
    token = auth.AccessToken(person.agency_id, person.session_id, person.user_id)
    return database.open_session(token.enter)


def assume(session: database.Session, role: str) -> None:
    """Look as another database role, so that only the second layer is left."""
    session.execute(text("select set_config('role', :role, true)"), {"role": role})


class TestInfluencersSight:
    def test_is_their_own_row(self, agency: Staffed, session: database.Session) -> None:
        assert session.sight.influencer_id == agency.influencer_id
        assert session.scalar(text("select current_user")) == "app_influencer"
        assert session.scalars(text("select id from influencers")).all() == [agency.influencer_id]

    def test_is_nothing_when_they_are_not_on_the_roster(self, agency: Staffed) -> None:
        with database.agency_session(auth.system(agency.agency_id)) as session:
            database.get(session, Influencer, agency.influencer_id).membership_id = None
        with entered(agency.influencer) as session:
            assert session.sight.influencer_id is None
            assert session.scalars(text("select id from influencers")).all() == []

    def test_of_staff_is_no_influencers(self, agency: Staffed) -> None:
        with entered(agency.executive) as session:
            assert session.sight.influencer_id is None
            assert session.scalar(text("select current_setting('app.influencer_id')")) == ""


class TestSecondLayer:
    def test_holds_an_influencer_alone(self, agency: Staffed, session: database.Session) -> None:
        assert session.sight.is_influencer
        assume(session, "app_staff")
        assert len(session.scalars(text("select id from influencers")).all()) == 2
        assert session.exec(select(Influencer.id)).all() == [agency.influencer_id]
        assert session.exec(select(Client.id)).all() == []

    def test_holds_what_is_read_as_json(self, agency: Staffed, session: database.Session) -> None:
        assert session.sight.is_influencer
        assume(session, "app_staff")
        own = Lookup(Influencer, agency.influencer_id).as_json(Named)
        other = Lookup(Influencer, agency.other_influencer_id).as_json(Named)
        assert database_answers(session, own) == b'{"name" : "Influencer"}'
        assert database_answers(session, other) is None

    def test_holds_a_page_that_is_read_as_json(
        self, agency: Staffed, session: database.Session
    ) -> None:
        assert session.sight.is_influencer
        assume(session, "app_staff")
        page = Listing(select(Influencer), Influencer, PageQuery()).as_json(Named)
        shown = json.loads(database_answers(session, page) or b"")["data"]
        assert shown == [{"name": "Influencer"}]

    def test_holds_the_door_to_a_row(self, agency: Staffed, session: database.Session) -> None:
        assert session.sight.is_influencer
        assume(session, "app_staff")
        own = database.get(session, Influencer, agency.influencer_id)
        assert own.id == agency.influencer_id
        with pytest.raises(NotFound):
            database.get(session, Influencer, agency.other_influencer_id)


class TestPolicies:
    """Which hold an influencer alone, with the second layer off, over HTTP."""

    @pytest.fixture(autouse=True)
    def alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(second_layer, "on", False)

    def test_show_their_own_work(self, agency: Staffed) -> None:
        made, said = offered(agency)
        for path in ("", "/terms", "/deliverables"):
            at = f"/v1/collaborations/{made['id']}{path}"
            done(agency.influencer.get(at))
            refused(agency.other_influencer.get(at), 404, "not_found")
        body = {"content_sha256": said["content_sha256"]}
        at = f"/v1/collaborations/{made['id']}/accept"
        refused(agency.other_influencer.post(at, body), 404, "not_found")
        listed = "/v1/collaborations"
        assert len(done(agency.influencer.get(listed))["data"]) == 1
        assert done(agency.other_influencer.get(listed))["data"] == []
        done(agency.influencer.post(at, body))

    def test_show_their_own_profile(self, agency: Staffed) -> None:
        path = "/v1/me/influencer-profile"
        for person, id in (
            (agency.influencer, agency.influencer_id),
            (agency.other_influencer, agency.other_influencer_id),
        ):
            assert done(person.get(path))["id"] == str(id)


def database_answers(session: database.Session, question: object) -> bytes | None:
    try:
        body: bytes = reads.ask_within(session, question).body  # type: ignore[arg-type]
        return body
    except NotFound:
        return None
