"""Rows that are put down: what is written, when, and what is told of it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy.exc
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col, select

from api.clients.models import Contact
from api.clients.networks import Network
from api.strategy.models import Competitor, CompetitorAccount
from tenants import auth, database, outbox, pipeline
from tenants.errors import Conflict
from tenants.models import Agency, Assignment, Client
from tenants.outbox import Event
from tenants.permissions import Duty
from tests.factories import Staffed

Opened = Callable[[], AbstractContextManager[database.Session]]


class Planted(Exception):
    pass


class Taken(Conflict):
    """It is there already."""


@pytest.fixture
def opened(agency: Staffed) -> Opened:
    """A transaction of the agency's own hand."""
    return lambda: database.agency_session(auth.system(agency.agency_id))


@pytest.fixture
def session(opened: Opened) -> Iterator[database.Session]:
    with opened() as made:
        yield made


def _duty(agency: Staffed, **values: Any) -> Assignment:
    own: dict[str, Any] = {"client_id": agency.client_id, "starts_on": date(2031, 1, 1), **values}
    person = agency.executive.membership_id
    return Assignment(membership_id=person, duty=Duty.community_manager, **own)


def _there(session: Session, id: UUID) -> int:
    """Whether the database has it, asked past the ORM and what it would send first."""
    found = session.scalar(text("select count(*) from assignments where id = :id"), {"id": id})
    return int(found or 0)


class TestPutDown:
    def test_is_sent_before_the_next_question(
        self, agency: Staffed, session: database.Session
    ) -> None:
        row = _duty(agency)
        session.add(row)
        outbox.emit(session, "assignment.created", row)
        assert session.info["unsent"]
        assert session.exec(select(Assignment.id).where(col(Assignment.id) == row.id)).all()
        assert not session.info.get("unsent")

    def test_is_sent_before_a_statement_of_ones_own(
        self, agency: Staffed, session: database.Session
    ) -> None:
        row = _duty(agency)
        session.add(row)
        session.put_down()
        asked = pipeline.Statement("select 1 from assignments where id = %(id)s", {"id": row.id})
        assert pipeline.ask_together(session.connection(), [asked]) == [[(1,)]]

    def test_is_sent_under_the_role_that_wrote_it(
        self, agency: Staffed, session: database.Session
    ) -> None:
        row = _duty(agency)
        session.add(row)
        session.put_down()
        with database.acting_for_agency(session, agency.other_client_id):
            assert _there(session, row.id) == 0  # another client's sight
        assert _there(session, row.id) == 1

    def test_travels_with_the_commit(self, agency: Staffed, opened: Opened) -> None:
        row = _duty(agency)
        with opened() as session:
            session.add(row)
            outbox.emit(session, "assignment.created", row)
        with opened() as session:
            assert session.exec(select(Event.type).where(Event.subject_id == row.id)).all() == [
                "assignment.created"
            ]
            assert database.get(session, Assignment, row.id).duty is Duty.community_manager

    def test_is_gone_with_what_fails(self, agency: Staffed, opened: Opened) -> None:
        row = _duty(agency)
        id = row.id

        def failing() -> None:
            with opened() as session:
                session.add(row)
                outbox.emit(session, "assignment.created", row)
                raise Planted

        with pytest.raises(Planted):
            failing()
        with opened() as session:
            assert _there(session, id) == 0
            assert session.exec(select(Event.id).where(Event.subject_id == id)).all() == []

    def test_that_the_database_refuses_at_the_commit_leaves_nothing(
        self, agency: Staffed, opened: Opened
    ) -> None:
        good, bad = _duty(agency), _duty(agency, client_id=UUID(int=7))
        ids = good.id, bad.id
        with pytest.raises(sqlalchemy.exc.IntegrityError), opened() as session:
            session.add_all([good, bad])
        with opened() as session:
            assert [_there(session, id) for id in ids] == [0, 0]

    @pytest.mark.parametrize("many", [3, database.MANY + 1])
    def test_holds_few_rows_and_many(self, many: int, agency: Staffed, opened: Opened) -> None:
        made = [_duty(agency, starts_on=date(2032 + n, 1, 1)) for n in range(many)]
        with opened() as session:
            for row in made:
                row.ends_on = row.starts_on
            session.add_all(made)
        with opened() as session:
            assert sum(_there(session, row.id) for row in made) == many


class TestChange:
    def test_counts_the_version_and_says_when(self, agency: Staffed, opened: Opened) -> None:
        with opened() as session:
            client = database.get(session, Client, agency.client_id)
            version, before = client.version, client.updated_at
            client.name = "Bodegas del Sur"
            session.put_down()
            assert (client.version, client.updated_at > before) == (version + 1, True)
            client.name = "Bodegas del Sur"  # what it is already
            session.put_down()
            assert client.version == version + 1
        with opened() as session:
            client = database.get(session, Client, agency.client_id)
            assert (client.name, client.version) == ("Bodegas del Sur", version + 1)

    def test_that_comes_too_late_fails_and_leaves_nothing(
        self, agency: Staffed, opened: Opened
    ) -> None:
        row = _duty(agency)
        id = row.id

        def coming_late() -> None:
            with opened() as session:
                late = database.get(session, Client, agency.client_id)
                with opened() as other:
                    database.get(other, Client, agency.client_id, lock=True).name = "Primero"
                late.name = "Segundo"
                session.add(row)

        with pytest.raises(StaleDataError):
            coming_late()
        with opened() as session:
            assert database.get(session, Client, agency.client_id).name == "Primero"
            assert _there(session, id) == 0

    def test_of_a_row_read_under_its_lock_is_of_the_newest(
        self, agency: Staffed, opened: Opened
    ) -> None:
        with opened() as session:
            seen = database.get(session, Client, agency.client_id)
            with opened() as other:
                database.get(other, Client, agency.client_id, lock=True).name = "Primero"
            held = database.get(session, Client, agency.client_id, lock=True)
            assert (held is seen, held.name) == (True, "Primero")
            held.sector = {"es": "Vino"}
        with opened() as session:
            client = database.get(session, Client, agency.client_id)
            assert (client.name, client.sector) == ("Primero", {"es": "Vino"})


class TestRefusal:
    def test_of_a_second_one_is_told_where_it_is_awaited(
        self, agency: Staffed, opened: Opened
    ) -> None:
        told: list[Exception] = []

        def twice() -> None:
            with opened() as session:
                competitor = Competitor(client_id=agency.client_id, name="Rival")
                database.add(session, competitor, _account(competitor))
                try:
                    with database.refusing_twice("uq_competitor_accounts_handle", Taken()):
                        session.add(_account(competitor))
                        outbox.emit(session, "competitor.updated", competitor)
                except Taken as refusal:
                    told.append(refusal)
                    raise

        with pytest.raises(Taken):
            twice()
        assert told

    def test_reads_as_the_database_says_it(self, agency: Staffed, opened: Opened) -> None:
        rival = Competitor(client_id=agency.client_id, name="Rival")
        twice = _account(rival), _account(rival)
        with pytest.raises(sqlalchemy.exc.IntegrityError) as failure, opened() as session:
            database.add(session, rival, *twice)
        assert database.is_violation(failure.value, "uq_competitor_accounts_handle")


class TestRead:
    def test_every_type_comes_back_as_the_orm_reads_it(
        self, agency: Staffed, session: database.Session
    ) -> None:
        for model in (Client, Assignment, Contact, Competitor, Event):
            for row in session.exec(select(model).limit(3)).all():
                expected = row.model_dump()
                session.expunge_all()
                assert database.get(session, model, row.id).model_dump() == expected
        assert session.get_one(Agency, agency.agency_id).currency


def _account(competitor: Competitor) -> CompetitorAccount:
    return CompetitorAccount(
        client_id=competitor.client_id,
        competitor_id=competitor.id,
        network=Network.instagram,
        handle="rival",
        handle_key="rival",
    )


class TestChanges:
    def test_of_a_row_that_is_gone_are_told_of_no_other(
        self, agency: Staffed, session: database.Session
    ) -> None:
        """The memory of a row that nobody told of is another's later."""

        def forgotten() -> set[int]:
            days = [date(2031, 1, 1) + timedelta(days=each) for each in range(300)]
            duties = [_duty(agency, starts_on=day, ends_on=day) for day in days]
            database.add(session, *duties)
            return {*map(id, duties)}

        before, kept = forgotten(), []
        gc.collect()
        for _ in range(60_000):  # a process that has run for long has much free memory besides
            row = Contact(client_id=agency.client_id, name="Lola", locale="es")
            kept.append(row)
            if id(row) in before:
                break
        assert id(row) in before
        session.add(row)
        outbox.emit(session, "contact.created", row)

        told = database.last_words(session)[-1].parameters["changed"].obj
        assert not {"duty", "starts_on"} & set(told)
