"""What follows from a client's decision is the agency's doing, within that client's walls."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from tenants import auth, database, second_layer
from tenants.models import Assignment, Client
from tests.factories import Staffed


@pytest.fixture
def session(agency: Staffed) -> Iterator[database.Session]:
    """The approver's, of client one."""
    person = agency.approver
    token = auth.AccessToken(agency.agency_id, person.session_id, person.user_id)
    with database.open_session(token.enter) as made, made.begin():
        yield made


def _role(session: database.Session) -> object:
    return session.scalar(text("select current_user"))


@pytest.mark.parametrize("stands", [True, False])
class TestActingForAgency:
    def test_reaches_this_client_and_no_other(
        self,
        stands: bool,
        agency: Staffed,
        session: database.Session,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(second_layer, "on", stands)
        with database.acting_for_agency(session, agency.client_id):
            assert _role(session) == "app_scoped"
            assert session.exec(select(Client.id)).all() == [agency.client_id]
            duties = session.exec(select(Assignment.client_id)).all()
        assert set(duties) == {agency.client_id}

    def test_ends_where_it_began(
        self,
        stands: bool,
        agency: Staffed,
        session: database.Session,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(second_layer, "on", stands)
        before = session.sight
        with database.acting_for_agency(session, agency.client_id):
            pass
        assert (_role(session), session.sight) == ("app_contact", before)
