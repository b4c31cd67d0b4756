"""What every recipe is made with: things by their operations, people, jobs, files."""

import base64
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from sqlalchemy import text

from tenants import auth, database, jobs
from tests import factories
from tests.factories import Person
from tests.operations import Place

Given = Mapping[str, str]


Step = str | Callable[[Place, Given], Any]


LINE = {
    "label": {"es": "Reels", "en": "Reels"},
    "kind": "reel",
    "measure": "piece",
    "quantity": 100,
    "unit_price": {"amount_minor": 15000, "currency": "EUR"},
    "revision_rounds": 1,
    "due_on": "2026-12-31",
}


BUDGET_LINE = {"category": "paid_media", "label": {"es": "Pauta"}, "planned_minor": 1_000_000}


COLUMNS = [{"header": "Fecha", "means": "date"}, {"header": "Vistas", "means": "views"}]


IBAN = "ES9121000418450200051332"


GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8BQDwAEgAF/pooBPQAAAABJRU5ErkJggg=="
)


numbers = count(1)
LEADS = {"one": "executive", "two": "other_executive"}


def made(place: Place, operation: str, given: Given | None = None) -> str:
    """The id of what an operation makes."""
    return str(place.do(operation, given).json()["id"])


def approver(place: Place) -> Person:
    """Who decides for the client."""
    return place.holder("approvals:decide")


def member(place: Place) -> Person:
    """Somebody new on the staff, with a log-in and no duty."""
    with database.platform_session() as session:
        client = place.agency.owner.client
        return factories.new_person(session, client, place.agency.agency_id, "somebody")


def own_login(person: Person) -> str:
    with database.platform_session() as session:
        login = factories.open_login(
            session, person.user_id, person.agency_id, person.membership_id
        )
    return str(login)


def own_feed(person: Person) -> str:
    return str(person.post("/v1/calendar-feeds", {}).json()["id"])


def job(place: Place) -> str:
    """Jobs are asked for by verbs; nobody posts one."""
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        job = jobs.enqueue(session, "tests.nothing", client_id=place.client_id, shared=True)
        return str(job.id)


def failed_job(place: Place) -> str:
    job_id = job(place)
    fail(job_id)
    return job_id


def fail(job_id: str) -> None:
    with database.platform_session() as session:
        failed = text("update jobs set state = 'failed', finished_at = now() where id = :id")
        session.connection().execute(failed, {"id": job_id})
